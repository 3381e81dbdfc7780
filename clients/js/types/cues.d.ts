/**
 * Return cues that are divided well and stand as long as they are read.
 *
 * @param {SaidWord[][]} utterances
 * @returns {Cue[]}
 */
export function cues(utterances: SaidWord[][]): Cue[];
/**
 * Return a speaker's name in one line of which it leaves room.
 *
 * @param {string} speaker
 */
export function called(speaker: string): string;
/**
 * Return what stands before the words of somebody; "" for nobody.
 *
 * @param {string} speaker
 */
export function label(speaker: string): string;
/**
 * Return one line if the words fit in it, else the best two; as many as they need if they fit into no two.
 *
 * @param {string[]} texts
 * @returns {string[]}
 */
export function lines(texts: string[]): string[];
export type Cue = {
    speaker: string;
    words: string[];
    start: number;
    end: number;
};
import type { SaidWord } from "./exports.js";
