/**
 * Return a value as msgpack; properties that are undefined are left out.
 *
 * @param {unknown} value null, booleans, numbers, text, bytes, and arrays and plain objects of them
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function packMsgpack(value: unknown): Uint8Array<ArrayBuffer>;
/**
 * Return the one value that bytes hold; raises `MsgpackError`.
 *
 * @param {ArrayBuffer | ArrayBufferView} bytes
 * @returns {Packed} bytes inside are views of these
 */
export function unpackMsgpack(bytes: ArrayBuffer | ArrayBufferView): Packed;
/**
 * @typedef {null | boolean | number | string | Uint8Array | PackedList | PackedMap} Packed
 * @typedef {Packed[]} PackedList
 * @typedef {{ [name: string]: Packed }} PackedMap
 */
/** Bytes are no msgpack, or msgpack that the wire has no use for. */
export class MsgpackError extends Error {
}
export type Packed = null | boolean | number | string | Uint8Array | PackedList | PackedMap;
export type PackedList = Packed[];
export type PackedMap = {
    [name: string]: Packed;
};
