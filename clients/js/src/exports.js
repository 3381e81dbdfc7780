/**
 * A transcript in the forms that people take away, alike to those that the server makes of its records: plain text,
 * Markdown, SubRip and WebVTT. Pure. Only what is final is exported.
 */

import { called, cues, label, lines } from "./cues.js";
import { join } from "./join.js";
import { speakersOf } from "./transcript.js";

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
export function toText(transcript) {
  return paragraphs(said(transcript)).map(({ speaker, text }) => `${speaker ? `${flat(speaker)}: ` : ""}${flat(text)}\n`).join("");
}

/**
 * @param {Transcript} transcript
 * @param {{ title?: string, facts?: string[] }} [head]
 * @returns {string}
 */
export function toMarkdown(transcript, { title = "Transcript", facts = [] } = {}) {
  const parts = [`# ${literal(title)}`];
  if (facts.length) parts.push(facts.map((fact) => `- ${literal(fact)}`).join("\n"));
  for (const { speaker, text, start } of paragraphs(said(transcript))) {
    const face = clockFace(Math.floor(start / 1000));
    parts.push(speaker ? `**${literal(speaker)}** ${face}` : face, literal(text));
  }
  return `${parts.join("\n\n")}\n`;
}

/**
 * @param {Transcript} transcript
 * @returns {string}
 */
export function toSrt(transcript) {
  return cues(said(transcript))
    .map((cue, index) => [index + 1, times(cue, ","), ...lines([label(cue.speaker), ...cue.words]), ""].join("\n"))
    .join("\n");
}

/**
 * @param {Transcript} transcript
 * @returns {string}
 */
export function toVtt(transcript) {
  const blocks = cues(said(transcript)).map((cue) => {
    const [first, ...others] = lines(cue.words).map(escaped);
    return [times(cue, "."), (cue.speaker ? `<v ${escaped(called(cue.speaker))}>` : "") + first, ...others, ""].join("\n");
  });
  return ["WEBVTT\n", ...blocks].join("\n");
}

/**
 * Return what is final, each word with what to call its speaker.
 *
 * @param {Transcript} transcript
 * @returns {SaidWord[][]}
 */
function said(transcript) {
  return transcript.utterances.filter(({ final, text }) => final && text).map((utterance) => {
    const whole = [{ text: utterance.text, start: utterance.start, end: utterance.end, speaker: utterance.speaker }];
    const words = utterance.words.length ? utterance.words : whole;
    const speakers = speakersOf(/** @type {Word[]} */ (words), utterance.speaker);
    return words.flatMap((word, index) => word.text ? [{
      text: word.text,
      start: Math.round((word.start ?? utterance.start) * 1000),
      end: Math.round((word.end ?? utterance.end) * 1000),
      speaker: speakers[index] ? transcript.speakerName(speakers[index]) : trackName(transcript, utterance),
    }] : []);
  });
}

/**
 * @param {Transcript} transcript
 * @param {Utterance} utterance
 */
function trackName({ tracks }, { track }) {
  return tracks.length > 1 ? (tracks[track] ?? "") : "";
}

/** Silence that begins another paragraph, behind a sentence, and how long one may grow; both as the server has them. */
const PARAGRAPH_MS = 2000, PARAGRAPH_CHARACTERS = 500;
const SENTENCE_END = /[.?!…。？！]['"”’»)\]]*$/u;

/**
 * Join what a speaker says until somebody else speaks, or a sentence ends that a pause follows or that is enough. Where
 * an utterance has no marks, its end is its sentence's.
 *
 * @param {SaidWord[][]} utterances
 */
function paragraphs(utterances) {
  /** @type {{ speaker: string, text: string, start: number }[]} */
  const passages = [];
  let length = 0, closed = false, silentFrom = 0;
  for (const words of utterances) {
    const marked = words.some(({ text }) => SENTENCE_END.test(text));
    words.forEach(({ text, start, end, speaker }, index) => {
      const last = passages.at(-1);
      const over = closed && (start - silentFrom >= PARAGRAPH_MS || length > PARAGRAPH_CHARACTERS);
      if (last && last.speaker === speaker && !over) last.text = join([last.text, text]);
      else {
        passages.push({ speaker, text, start });
        length = -1;
      }
      length += [...text].length + 1;
      closed = marked ? SENTENCE_END.test(text) : index === words.length - 1;
      silentFrom = Math.max(silentFrom, end);
    });
  }
  return passages;
}

/**
 * @param {{ start: number, end: number }} cue
 * @param {string} point
 */
function times({ start, end }, point) {
  return `${timestamp(start, point)} --> ${timestamp(end, point)}`;
}

/**
 * @param {number} milliseconds
 * @param {string} point
 */
function timestamp(milliseconds, point) {
  return `${clockFace(milliseconds / 1000).padStart(8, "0")}${point}${String(milliseconds % 1000).padStart(3, "0")}`;
}

/**
 * Return seconds as H:MM:SS.
 *
 * @param {number} seconds
 * @returns {string}
 */
export function clockFace(seconds) {
  const [minutes, rest] = [Math.floor(seconds / 60) % 60, Math.floor(seconds) % 60];
  return `${Math.floor(seconds / 3600)}:${String(minutes).padStart(2, "0")}:${String(rest).padStart(2, "0")}`;
}

/** @param {string} text */
function flat(text) {
  return text.split(/\s+/u).filter(Boolean).join(" ");
}

/**
 * Return text in one line that Markdown shows as it is.
 *
 * @param {string} text
 */
function literal(text) {
  return flat(text).replace(/[\\`*_{}[\]<>&#|~]/g, "\\$&").replace(/^(\d{0,9})([-+=.)])/, "$1\\$2");
}

/** @param {string} text */
function escaped(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
