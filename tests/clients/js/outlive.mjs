// Stream raw samples as they would be spoken, four times as fast, to a server that is killed meanwhile; print what became of them.
//
//     node outlive.mjs '{"url": …, "file": …}'

import { readFileSync } from "node:fs";

import { StreamClient } from "../../../clients/js/src/index.js";

const { url, file } = JSON.parse(process.argv[2]);
const bytes = readFileSync(file);
const samples = new Int16Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
const client = new StreamClient({ url });
const told = { resumed: 0, session_lost: 0 };
for (const type of Object.keys(told)) client.on(type, () => told[type]++);
await client.start();
for (let at = 0; at < samples.length; at += 1600) {
  client.send(samples.subarray(at, at + 1600));
  await new Promise((resolve) => setTimeout(resolve, 25));
}
const { closed, usage } = await client.finish();
console.log(JSON.stringify({ ...told, closed, usage, utterances: client.transcript.utterances }));
