/**
 * @param {string} before
 * @param {string} after
 * @returns {number} of `Break`
 */
export function judge(before: string, after: string): number;
export namespace Break {
    let SENTENCE: number;
    let CLAUSE: number;
    let PHRASE: number;
    let ANYWHERE: number;
    let CLINGING: number;
}
