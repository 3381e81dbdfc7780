// Build a transcript of messages and print its forms as one JSON value.
//
//     node exports.mjs MESSAGES.json

import { readFileSync } from "node:fs";

import { Transcript } from "../../../clients/js/src/index.js";

const transcript = new Transcript();
for (const message of JSON.parse(readFileSync(process.argv[2], "utf8"))) transcript.apply(message);
console.log(JSON.stringify({ txt: transcript.toText(), md: transcript.toMarkdown(), srt: transcript.toSrt(), vtt: transcript.toVtt() }));
