/**
 * Who said each word: one of whom nothing is known goes with the word before it, the first with the next; so does one of
 * which nothing is shown.
 *
 * @param {Word[]} words
 * @param {Speaker | null} whole who said most of the utterance
 * @returns {(Speaker | null)[]}
 */
export function speakersOf(words: Word[], whole: Speaker | null): (Speaker | null)[];
/** @import * as wire from "./protocol.js" */
/**
 * @typedef {{ id: number, name: string | null, confidence: number }} Speaker
 *
 * @typedef {object} Word
 * @property {string} text "" if the word is hidden
 * @property {string} spoken as it was said
 * @property {number | null} start seconds; null in partials that are not aligned yet
 * @property {number | null} end
 * @property {number} confidence
 * @property {Speaker | null} speaker
 * @property {boolean} overlap whether somebody else spoke at the same time
 *
 * @typedef {object} Utterance
 * @property {string} utteranceId
 * @property {number} track
 * @property {Speaker | null} speaker who said most of it
 * @property {number} start seconds
 * @property {number} end
 * @property {string} text all of it
 * @property {string} stable what will not change
 * @property {string} tentative what may; "" in a final
 * @property {boolean} final
 * @property {string | null} language
 * @property {Word[]} words the stable ones first
 * @property {number} stableWords how many of them are stable
 *
 * @typedef {object} Turn what one speaker says until somebody else does
 * @property {Speaker | null} speaker
 * @property {number} track
 * @property {number} start
 * @property {number} end
 * @property {string} text
 * @property {string} tentative
 * @property {string[]} utteranceIds
 * @property {boolean} final
 *
 * @typedef {object} SessionPart
 * @property {string | null} sessionId
 * @property {number} originSeconds where its time begins
 * @property {number} firstSpeaker its speaker 1 is this id plus 1
 * @property {string[]} tracks
 */
export class Transcript {
    /** The sessions that it is made of: one, unless one was lost. @returns {readonly SessionPart[]} */
    get parts(): readonly SessionPart[];
    /** What was said, in the order of time; an utterance that changes becomes another object. @returns {readonly Utterance[]} */
    get utterances(): readonly Utterance[];
    /** The ids of all speakers heard. @returns {number[]} */
    get speakers(): number[];
    /** The names of the tracks. @returns {string[]} */
    get tracks(): string[];
    /**
     * Let the next session's time begin at a sample of the first one's clock.
     *
     * @param {number} samples
     */
    shift(samples: number): void;
    /**
     * Take a message in.
     *
     * @param {wire.ServerMessage} message
     * @returns {string | null | undefined} the id of the utterance that is new or different, null if more than one may be,
     *   undefined if nothing is
     */
    apply(message: wire.ServerMessage): string | null | undefined;
    /**
     * What to call a speaker.
     *
     * @param {number | Speaker | null} speaker
     * @param {object} [options]
     * @param {string} [options.fallback] stands before the number of somebody without a name
     * @returns {string} "" for nobody
     */
    speakerName(speaker: number | Speaker | null, { fallback }?: {
        fallback?: string | undefined;
    }): string;
    /**
     * Which session a speaker belongs to, and their id there, for requests to the server.
     *
     * @param {number} id
     * @returns {{ sessionId: string | null, id: number }}
     */
    origin(id: number): {
        sessionId: string | null;
        id: number;
    };
    /**
     * What was said, one entry for each time that somebody has the floor. Nobody is joined to nobody.
     *
     * @param {readonly Utterance[]} [utterances] all, unless given
     * @returns {Turn[]}
     */
    turns(utterances?: readonly Utterance[]): Turn[];
    /** Lines of "Name: text". */
    toText(): string;
    /** @param {{ title?: string, facts?: string[] }} [head] */
    toMarkdown(head?: {
        title?: string;
        facts?: string[];
    }): string;
    /** SubRip. */
    toSrt(): string;
    /** WebVTT. */
    toVtt(): string;
    /** What `JSON.stringify` writes. */
    toJSON(): {
        sessions: SessionPart[];
        tracks: string[];
        speakers: {
            id: number;
            name: string | null;
        }[];
        utterances: readonly Utterance[];
    };
    #private;
}
export type Speaker = {
    id: number;
    name: string | null;
    confidence: number;
};
export type Word = {
    /**
     * "" if the word is hidden
     */
    text: string;
    /**
     * as it was said
     */
    spoken: string;
    /**
     * seconds; null in partials that are not aligned yet
     */
    start: number | null;
    end: number | null;
    confidence: number;
    speaker: Speaker | null;
    /**
     * whether somebody else spoke at the same time
     */
    overlap: boolean;
};
export type Utterance = {
    utteranceId: string;
    track: number;
    /**
     * who said most of it
     */
    speaker: Speaker | null;
    /**
     * seconds
     */
    start: number;
    end: number;
    /**
     * all of it
     */
    text: string;
    /**
     * what will not change
     */
    stable: string;
    /**
     * what may; "" in a final
     */
    tentative: string;
    final: boolean;
    language: string | null;
    /**
     * the stable ones first
     */
    words: Word[];
    /**
     * how many of them are stable
     */
    stableWords: number;
};
/**
 * what one speaker says until somebody else does
 */
export type Turn = {
    speaker: Speaker | null;
    track: number;
    start: number;
    end: number;
    text: string;
    tentative: string;
    utteranceIds: string[];
    final: boolean;
};
export type SessionPart = {
    sessionId: string | null;
    /**
     * where its time begins
     */
    originSeconds: number;
    /**
     * its speaker 1 is this id plus 1
     */
    firstSpeaker: number;
    tracks: string[];
};
import type * as wire from "./protocol.js";
