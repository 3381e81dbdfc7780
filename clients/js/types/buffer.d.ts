export class SoundBuffer {
    /** @param {number} channels */
    constructor(channels: number);
    /** The first frame that is kept. */
    start: number;
    /** The first frame that was not sent on this connection. */
    unsent: number;
    /** The frame behind the last. */
    end: number;
    /** How many frames are kept. */
    get length(): number;
    /** How many blocks are kept, which is what memory follows. */
    get blocks(): number;
    /**
     * Keep a copy of samples, channels interleaved.
     *
     * @param {Int16Array} samples
     */
    append(samples: Int16Array): void;
    /**
     * Return the next unsent samples, at most up to a frame, and count them as sent; null if there are none.
     *
     * @param {number} [until]
     * @returns {Int16Array<ArrayBuffer> | null}
     */
    take(until?: number): Int16Array<ArrayBuffer> | null;
    /**
     * Forget what lies before a frame.
     *
     * @param {number} frame
     */
    acknowledge(frame: number): void;
    /**
     * Send again from a frame on; false if some of that is forgotten or was never there.
     *
     * @param {number} frame
     * @returns {boolean}
     */
    rewind(frame: number): boolean;
    #private;
}
