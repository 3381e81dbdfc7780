// Stream raw samples with the package and print what became of them as one JSON value.
//
//     node stream_pcm.mjs '{"url": …, "key": …, "file": …, "encoding": "json"}'

import { createReadStream } from "node:fs";

import { StreamClient } from "../../../clients/js/src/index.js";
import { sendStream } from "../../../clients/js/src/node.js";

const { url, key, file, encoding, flush = false, options = {} } = JSON.parse(process.argv[2]);
const client = new StreamClient({ url, key, encoding, options });
const types = [];
for (const type of ["ready", "partial", "final", "usage", "acknowledged", "closed"]) client.on(type, () => types.push(type));
const states = [];
client.on("state", ({ state }) => states.push(state));
await client.start();
await sendStream(client, createReadStream(file));
const flushed = flush ? await client.flush() : null;
const atFlush = client.transcript.toText();
const { closed, usage } = await client.finish();
const { transcript } = client;
console.log(JSON.stringify({ types, states, flushed, atFlush, closed, usage, transcript, srt: transcript.toSrt() }));
