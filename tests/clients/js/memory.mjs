// A long session against the server in memory: print what is kept as it goes on, as one JSON value. The server writes 40
// words a second, so that a minute here is a quarter of an hour of speech.
//
//     node --expose-gc memory.mjs MINUTES

import { StreamClient } from "../../../clients/js/src/index.js";
import { FakeServer, sound } from "../../../clients/js/test/fake-server.js";

/** A list that forgets its beginning: the server's memory is not what is measured. */
class Tail {
  length = 0;
  #kept = [];

  push(value) {
    this.#kept.push(value);
    this.length++;
    if (this.#kept.length > 64_000) this.#kept.splice(0, 32_000);
  }

  at(index) {
    return this.#kept.at(index < 0 ? index : index - this.length);
  }
}

const server = new FakeServer();
const client = new StreamClient({ url: "http://host", WebSocket: server.WebSocket });
await client.start();
const [session] = server.sessions.values();
session.audio = new Tail();
session.durable = new Tail();
const samples = [];
let [sent, mostBuffered] = [0, 0];
for (let second = 1; second <= Number(process.argv[2]) * 60; second++) {
  for (let frame = 0; frame < 50; frame++, sent += 320) client.send(sound(sent, sent + 320));
  mostBuffered = Math.max(mostBuffered, client.bufferedSeconds);
  while (client.bufferedSeconds >= 0.5) await new Promise((resolve) => setImmediate(resolve));
  if (second % 60) continue;
  for (let round = 0; round < 3; round++) await new Promise((resolve) => setImmediate(resolve)); // answers that are on their way
  globalThis.gc();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  const words = client.transcript.utterances.reduce((sum, utterance) => sum + utterance.words.length, 0);
  samples.push({ words, heapBytes: heapUsed, soundBytes: arrayBuffers });
}
client.abort();
console.log(JSON.stringify({ samples, mostBuffered }));
