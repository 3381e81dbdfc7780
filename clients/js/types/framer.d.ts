/** Long enough to be cheap on the wire, short enough not to be noticed. */
export const FRAME_MS: 20;
/**
 * @typedef {object} Frame
 * @property {Int16Array<ArrayBuffer>} samples channels interleaved
 * @property {number} rms of all channels, 1 is the most
 * @property {number} peak
 */
export class Framer {
    /**
     * @param {object} options
     * @param {number} options.from the rate that comes, Hz
     * @param {number} options.to the rate that goes
     * @param {number} options.channels that go: one is the mean of all that come
     */
    constructor({ from, to, channels }: {
        from: number;
        to: number;
        channels: number;
    });
    /**
     * Return the frames that are complete with these samples.
     *
     * @param {Float32Array[]} inputs a channel each, all of one length; missing ones are silent
     * @returns {Frame[]}
     */
    take(inputs: Float32Array[]): Frame[];
    /**
     * Return what is left; the last frame may be short.
     *
     * @returns {Frame[]}
     */
    flush(): Frame[];
    #private;
}
export type Frame = {
    /**
     * channels interleaved
     */
    samples: Int16Array<ArrayBuffer>;
    /**
     * of all channels, 1 is the most
     */
    rms: number;
    peak: number;
};
