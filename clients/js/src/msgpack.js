/**
 * As much of msgpack (https://github.com/msgpack/msgpack/blob/master/spec.md) as the wire needs: what JSON has, and
 * bytes. Extensions and map keys that are no text are refused. Integers beyond 2^53 come back rounded.
 */

/** How deep maps and lists may lie in one another. */
const DEEPEST = 64;

/**
 * @typedef {null | boolean | number | string | Uint8Array | PackedList | PackedMap} Packed
 * @typedef {Packed[]} PackedList
 * @typedef {{ [name: string]: Packed }} PackedMap
 */

/** Bytes are no msgpack, or msgpack that the wire has no use for. */
export class MsgpackError extends Error {}

/**
 * Return a value as msgpack; properties that are undefined are left out.
 *
 * @param {unknown} value null, booleans, numbers, text, bytes, and arrays and plain objects of them
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function packMsgpack(value) {
  const writer = new Writer();
  writer.value(value, 0);
  return writer.taken();
}

/**
 * Return the one value that bytes hold; raises `MsgpackError`.
 *
 * @param {ArrayBuffer | ArrayBufferView} bytes
 * @returns {Packed} bytes inside are views of these
 */
export function unpackMsgpack(bytes) {
  const view = ArrayBuffer.isView(bytes) ? new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength) : new DataView(bytes);
  const reader = new Reader(view);
  try {
    const value = reader.value(0);
    if (reader.at !== view.byteLength) throw new MsgpackError("bytes are left over");
    return value;
  } catch (error) {
    if (error instanceof RangeError || error instanceof TypeError) throw new MsgpackError("the bytes end too early or hold no text", { cause: error });
    throw error;
  }
}

class Writer {
  #bytes = new Uint8Array(256);
  #view = new DataView(this.#bytes.buffer);
  #at = 0;

  taken() {
    return this.#bytes.slice(0, this.#at);
  }

  /**
   * @param {unknown} value
   * @param {number} depth
   */
  value(value, depth) {
    if (depth > DEEPEST) throw new MsgpackError("too deep");
    if (value === null || value === undefined) this.#byte(0xc0);
    else if (typeof value === "boolean") this.#byte(value ? 0xc3 : 0xc2);
    else if (typeof value === "number") this.#number(value);
    else if (typeof value === "string") this.#text(value);
    else if (ArrayBuffer.isView(value)) this.#binary(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
    else if (Array.isArray(value)) {
      this.#head(value.length, 0x90, 16, [0, 0xdc, 0xdd]);
      for (const each of value) this.value(each, depth + 1);
    } else if (typeof value === "object") {
      const entries = Object.entries(value).filter(([, each]) => each !== undefined);
      this.#head(entries.length, 0x80, 16, [0, 0xde, 0xdf]);
      for (const [name, each] of entries) {
        this.#text(name);
        this.value(each, depth + 1);
      }
    } else throw new MsgpackError(`no ${typeof value} can be packed`);
  }

  /** @param {number} value */
  #number(value) {
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) return this.#put(0xcb, 8, (view, at) => view.setFloat64(at, value));
    if (value >= 2 ** 32) return this.#put(0xcf, 8, (view, at) => view.setBigUint64(at, BigInt(value)));
    if (value >= 0) return this.#head(value, 0, 128, [0xcc, 0xcd, 0xce]);
    if (value >= -32) return this.#byte(value & 0xff);
    if (value >= -(2 ** 7)) return this.#put(0xd0, 1, (view, at) => view.setInt8(at, value));
    if (value >= -(2 ** 15)) return this.#put(0xd1, 2, (view, at) => view.setInt16(at, value));
    if (value >= -(2 ** 31)) return this.#put(0xd2, 4, (view, at) => view.setInt32(at, value));
    return this.#put(0xd3, 8, (view, at) => view.setBigInt64(at, BigInt(value)));
  }

  /** @param {string} text */
  #text(text) {
    const bytes = new TextEncoder().encode(text);
    this.#head(bytes.length, 0xa0, 32, [0xd9, 0xda, 0xdb]);
    this.#raw(bytes);
  }

  /** @param {Uint8Array} bytes */
  #binary(bytes) {
    this.#head(bytes.length, 0, 0, [0xc4, 0xc5, 0xc6]);
    this.#raw(bytes);
  }

  /**
   * Write a length, or a number from 0 on: within the type's own byte if it is below `short`, else behind one of three of 1, 2 or 4 bytes; 0
   * where there is none of 1.
   *
   * @param {number} length
   * @param {number} base
   * @param {number} short
   * @param {[number, number, number]} types
   */
  #head(length, base, short, [one, two, four]) {
    if (length < short) this.#byte(base | length);
    else if (one && length < 2 ** 8) this.#put(one, 1, (view, at) => view.setUint8(at, length));
    else if (length < 2 ** 16) this.#put(two, 2, (view, at) => view.setUint16(at, length));
    else this.#put(four, 4, (view, at) => view.setUint32(at, length));
  }

  /** @param {number} byte */
  #byte(byte) {
    this.#room(1);
    this.#bytes[this.#at++] = byte;
  }

  /** @param {Uint8Array} bytes */
  #raw(bytes) {
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  /**
   * @param {number} type
   * @param {number} size
   * @param {(view: DataView, at: number) => void} write
   */
  #put(type, size, write) {
    this.#room(1 + size);
    this.#bytes[this.#at] = type;
    write(this.#view, this.#at + 1);
    this.#at += 1 + size;
  }

  /** @param {number} more */
  #room(more) {
    if (this.#at + more <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#at + more));
    larger.set(this.#bytes);
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}

class Reader {
  at = 0;
  #view;

  /** @param {DataView} view */
  constructor(view) {
    this.#view = view;
  }

  /**
   * @param {number} depth
   * @returns {Packed}
   */
  value(depth) {
    if (depth > DEEPEST) throw new MsgpackError("too deep");
    const type = this.#view.getUint8(this.#skip(1));
    if (type < 0x80) return type;
    if (type < 0x90) return this.#map(type & 0x0f, depth);
    if (type < 0xa0) return this.#list(type & 0x0f, depth);
    if (type < 0xc0) return this.#text(type & 0x1f);
    if (type >= 0xe0) return type - 0x100;
    switch (type) {
      case 0xc0: return null;
      case 0xc2: return false;
      case 0xc3: return true;
      case 0xc4: case 0xc5: case 0xc6: return this.#bytes(this.#length(type - 0xc4));
      case 0xca: return this.#view.getFloat32(this.#skip(4));
      case 0xcb: return this.#view.getFloat64(this.#skip(8));
      case 0xcc: case 0xcd: case 0xce: return this.#length(type - 0xcc);
      case 0xcf: return Number(this.#view.getBigUint64(this.#skip(8)));
      case 0xd0: return this.#view.getInt8(this.#skip(1));
      case 0xd1: return this.#view.getInt16(this.#skip(2));
      case 0xd2: return this.#view.getInt32(this.#skip(4));
      case 0xd3: return Number(this.#view.getBigInt64(this.#skip(8)));
      case 0xd9: case 0xda: case 0xdb: return this.#text(this.#length(type - 0xd9));
      case 0xdc: case 0xdd: return this.#list(this.#length(type - 0xdb), depth);
      case 0xde: case 0xdf: return this.#map(this.#length(type - 0xdd), depth);
      default: throw new MsgpackError(`type ${type} has no place on the wire`);
    }
  }

  /**
   * @param {number} size 0, 1 or 2 for one, two or four bytes
   * @returns {number}
   */
  #length(size) {
    if (size === 0) return this.#view.getUint8(this.#skip(1));
    return size === 1 ? this.#view.getUint16(this.#skip(2)) : this.#view.getUint32(this.#skip(4));
  }

  /** @param {number} length */
  #bytes(length) {
    const at = this.#skip(length);
    return new Uint8Array(this.#view.buffer, this.#view.byteOffset + at, length);
  }

  /** @param {number} length */
  #text(length) {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(this.#bytes(length));
  }

  /**
   * @param {number} length
   * @param {number} depth
   */
  #list(length, depth) {
    /** @type {Packed[]} */
    const list = [];
    for (let index = 0; index < length; index++) list.push(this.value(depth + 1));
    return list;
  }

  /**
   * @param {number} length
   * @param {number} depth
   */
  #map(length, depth) {
    /** @type {[string, Packed][]} */
    const entries = [];
    for (let index = 0; index < length; index++) {
      const name = this.value(depth + 1);
      if (typeof name !== "string") throw new MsgpackError("a map's keys must be text");
      entries.push([name, this.value(depth + 1)]);
    }
    return Object.fromEntries(entries); // defines what it sets: a key "__proto__" is only a key
  }

  /**
   * Step over bytes that must be there and return where they begin.
   *
   * @param {number} bytes
   */
  #skip(bytes) {
    const at = this.at;
    if (at + bytes > this.#view.byteLength) throw new RangeError("the bytes end too early");
    this.at += bytes;
    return at;
  }
}
