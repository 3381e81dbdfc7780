/** @import { Transcript, Utterance, Word } from "./transcript.js" */
/**
 * @typedef {object} SaidWord
 * @property {string} text
 * @property {number} start milliseconds
 * @property {number} end
 * @property {string} speaker what to call them; "" if there is nothing to say
 */
/**
 * @param {Transcript} transcript
 * @returns {string}
 */
export function toText(transcript: Transcript): string;
/**
 * @param {Transcript} transcript
 * @param {{ title?: string, facts?: string[] }} [head]
 * @returns {string}
 */
export function toMarkdown(transcript: Transcript, { title, facts }?: {
    title?: string;
    facts?: string[];
}): string;
/**
 * @param {Transcript} transcript
 * @returns {string}
 */
export function toSrt(transcript: Transcript): string;
/**
 * @param {Transcript} transcript
 * @returns {string}
 */
export function toVtt(transcript: Transcript): string;
/**
 * Return seconds as H:MM:SS.
 *
 * @param {number} seconds
 * @returns {string}
 */
export function clockFace(seconds: number): string;
export type SaidWord = {
    text: string;
    /**
     * milliseconds
     */
    start: number;
    end: number;
    /**
     * what to call them; "" if there is nothing to say
     */
    speaker: string;
};
import type { Transcript } from "./transcript.js";
