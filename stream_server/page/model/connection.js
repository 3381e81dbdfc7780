/** What a live session's state means to a reader: a tone for the mark, a sentence's key, and its values. */

import { roundSeconds } from "./durations.js";

/** Lag below this is what recognition takes anyway, and not worth a word. */
export const NOTABLE_LAG_MS = 2500;

/**
 * @param {{state: string, lagMs?: number | null, bufferedSeconds?: number, lacksKey?: boolean}} session `lacksKey`: the
 *   pass that it began with has ended
 * @returns {{tone: "quiet" | "busy" | "live" | "behind" | "broken", key: string, values: Record<string, string>}}
 */
export function describeConnection({ state, lagMs = null, bufferedSeconds = 0, lacksKey = false }) {
  switch (state) {
    case "connecting":
      return { tone: "busy", key: "live.state.connecting", values: {} };
    case "open":
      return (lagMs ?? 0) > NOTABLE_LAG_MS
        ? { tone: "behind", key: "live.state.behind", values: { seconds: roundSeconds(lagMs / 1000) } }
        : { tone: "live", key: "live.state.live", values: {} };
    case "reconnecting":
      return {
        tone: "broken",
        key: lacksKey ? "live.state.keyless" : "live.state.reconnecting",
        values: { seconds: String(Math.round(bufferedSeconds)) },
      };
    case "finishing":
      return { tone: "busy", key: "live.state.finishing", values: {} };
    case "closed":
      return { tone: "quiet", key: "live.state.closed", values: {} };
    default:
      return { tone: "quiet", key: "live.state.idle", values: {} };
  }
}

/** The last words are usually there after so long; whoever waits longer may want to go. */
export const USUAL_END_MS = 5000;

/**
 * Return which button a session offers.
 *
 * @param {{state: string, endingMs: number | null}} session since when somebody has pressed Stop, null if nobody has
 * @returns {"stop" | "finishing" | "give_up" | "again"}
 */
export function offeredBy({ state, endingMs }) {
  if (state === "closed") return "again";
  if (endingMs === null) return state === "finishing" ? "finishing" : "stop";
  return state === "reconnecting" || endingMs > USUAL_END_MS ? "give_up" : "finishing";
}

/** Tell whether leaving now would lose something. */
export function isRunning(state) {
  return ["connecting", "open", "reconnecting", "finishing"].includes(state);
}
