export class Resampler {
    /**
     * @param {number} from Hz
     * @param {number} to Hz
     */
    constructor(from: number, to: number);
    /**
     * Return the samples that are complete with these; over time there are as many as the rates say.
     *
     * @param {Float32Array} input
     * @returns {Float32Array<ArrayBuffer>}
     */
    process(input: Float32Array): Float32Array<ArrayBuffer>;
    /**
     * Return what is left once the sound has ended; then it begins anew.
     *
     * @returns {Float32Array<ArrayBuffer>}
     */
    flush(): Float32Array<ArrayBuffer>;
    #private;
}
