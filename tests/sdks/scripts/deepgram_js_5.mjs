// Drives @deepgram/sdk 5: `node deepgram_js_5.mjs MODE JOB`; prints what the SDK hands to its user as JSON.
import { DeepgramClient } from "@deepgram/sdk";
import { createReadStream, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const [mode, job] = [process.argv[2], JSON.parse(process.argv[3])];
const client = new DeepgramClient({ apiKey: job.key, baseUrl: job.url });

async function live() {
  const told = [];
  const socket = await client.listen.v1.connect({ model: "nova-3", Authorization: `Token ${job.key}`, ...job.options });
  const ended = new Promise((resolve) => {
    socket.on("open", () => told.push({ event: "open" }));
    socket.on("message", (message) => told.push(message));
    socket.on("error", (error) => {
      told.push({ event: "error", message: error.message });
      resolve();
    });
    socket.on("close", (close) => {
      told.push({ event: "close", code: close.code });
      if (close.code === 1000 && told.some((each) => each.event === "open")) resolve();
    });
  });
  socket.connect();
  if (job.fails) {
    await Promise.race([ended, sleep(20_000)]);
    socket.close();
    return told;
  }
  await socket.waitForOpen();
  const pcm = readFileSync(job.pcm);
  for (let at = 0; at < pcm.length; at += 3_200) {
    socket.sendMedia(pcm.subarray(at, at + 3_200));
    await sleep(30);
  }
  socket.sendFinalize({ type: "Finalize" });
  socket.sendCloseStream({ type: "CloseStream" });
  await ended;
  await sleep(2_500); // a client that is not content connects again within two seconds
  return told;
}

async function recorded() {
  const source = job.chunked ? createReadStream(job.file) : readFileSync(job.file);
  return await client.listen.v1.media.transcribeFile(source, { model: "nova-3", ...job.options });
}

try {
  console.log(JSON.stringify(await { live, recorded }[mode]()));
} catch (error) {
  console.log(JSON.stringify({ raised: error.constructor.name, status: error.statusCode, body: error.body }));
}
process.exit(0);
