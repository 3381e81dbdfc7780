// Drives @deepgram/sdk 4: `node deepgram_js_4.mjs MODE JOB`; prints what the SDK hands to its user as JSON.
// On Node 22 and later it has a native WebSocket and so sends its key as a subprotocol.
import { createClient, LiveTranscriptionEvents } from "@deepgram/sdk";
import { createReadStream, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const [mode, job] = [process.argv[2], JSON.parse(process.argv[3])];
const client = createClient(job.key, { global: { url: job.url } });

async function live() {
  const told = [];
  const connection = client.listen.live({ model: "nova-2", ...job.options });
  const ended = new Promise((resolve) => {
    connection.on(LiveTranscriptionEvents.Close, (close) => {
      told.push({ event: "close", code: close.code });
      resolve();
    });
  });
  for (const kind of ["Results", "Metadata", "UtteranceEnd", "SpeechStarted"]) {
    connection.on(kind, (message) => told.push(message));
  }
  connection.on(LiveTranscriptionEvents.Error, (error) => told.push({ event: "error", message: String(error.message) }));
  const opened = new Promise((resolve) => connection.on(LiveTranscriptionEvents.Open, resolve));
  await Promise.race([opened, ended]);
  if (connection.isConnected()) {
    told.push({ event: "open" });
    const pcm = readFileSync(job.pcm);
    for (let at = 0; at < pcm.length; at += 3_200) {
      connection.send(pcm.subarray(at, at + 3_200));
      await sleep(30);
    }
    connection.finalize();
    connection.requestClose();
  }
  await ended;
  return told;
}

async function recorded() {
  const source = job.chunked ? createReadStream(job.file) : readFileSync(job.file);
  const { result, error } = await client.listen.prerecorded.transcribeFile(source, { model: "nova-2", ...job.options });
  return error ? { raised: error.constructor.name, status: error.status, message: error.message } : result;
}

console.log(JSON.stringify(await { live, recorded }[mode]()));
process.exit(0);
