/** What files are called that a reader takes away. */

/** The forms of a transcript, and what a browser calls them. */
export const FORMATS = {
  txt: "text/plain",
  md: "text/markdown",
  srt: "application/x-subrip",
  vtt: "text/vtt",
  json: "application/json",
};

/** Return a name without characters that file systems refuse: "Rapat 3" of 27 November at 9:05 as vtt. */
export function fileName(title, moment, format) {
  const two = (number) => String(number).padStart(2, "0");
  const day = `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`;
  const plain = title.replace(/[\p{C}\\/:*?"<>|]+/gu, " ").replace(/\s+/g, " ").trim().slice(0, 60);
  return `${plain || "captions"} ${day} ${two(moment.getHours())}${two(moment.getMinutes())}.${format}`;
}

/** Return a transcript of the package in a form. */
export function transcriptAs(transcript, format) {
  switch (format) {
    case "md":
      return transcript.toMarkdown();
    case "srt":
      return transcript.toSrt();
    case "vtt":
      return transcript.toVtt();
    case "json":
      return JSON.stringify(transcript, null, 2);
    default:
      return transcript.toText();
  }
}
