/** Lengths and positions of time as people read them. Seconds in, text out. */

/** Return H:MM:SS, as an invoice has it: 0:00:09, 12:05:00. Part of a second is cut off. */
export function hoursMinutesSeconds(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 3600)}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
}

/** Return a position in a recording: 0:09, 12:05, from an hour on 1:00:00. */
export function position(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  return whole < 3600 ? `${Math.floor(whole / 60)}:${two(whole % 60)}` : hoursMinutesSeconds(whole);
}

/** Return seconds as a bare number with at most one place: "4", "0.5". */
export function roundSeconds(seconds) {
  return String(Math.round(seconds * 10) / 10);
}

function two(number) {
  return String(number).padStart(2, "0");
}
