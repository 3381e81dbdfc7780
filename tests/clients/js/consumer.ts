// A strict program that uses all of the package: it is type-checked, not run.

import {
  AuthenticationError,
  BufferFull,
  captureDisplay,
  captureFile,
  captureMicrophone,
  captureStream,
  type Formatting,
  StreamClient,
  StreamError,
  Transcript,
} from "stream-server-client";
import { LiveCaptions } from "stream-server-client/live-captions";
import { sendStream } from "stream-server-client/node";

const formatting: Formatting = {
  numbers: false,
  repairs: false,
  vocabulary: [{ text: "Meemo", sounds_like: ["mimo"] }, { text: "Prosa" }],
  replace: [{ find: "bos", replace: "Bu Ani" }],
  redact: ["card", "names"],
  redact_names: ["Ana"],
};
// @ts-expect-error there is no such secret
const unknown: Formatting = { redact: ["passwords"] };
console.log(unknown);

const client = new StreamClient({
  url: new URL("https://host"),
  token: async () => "token",
  options: { language: "id", diarize: true, meeting_id: "m-1", formatting },
  encoding: "msgpack",
});

const unsubscribe: () => void = client.on("final", ({ text, words, speaker }) => {
  const said: string = text + words.map((word) => word.text).join() + (speaker?.name ?? "");
  document.title = said;
});
client.on("partial", ({ stable_text, tentative_text }) => console.log(stable_text, tentative_text));
client.on("state", ({ state, reason, retryInMs }) => console.log(state === "open", reason?.code, retryInMs?.toFixed()));
client.on("transcript", ({ transcript, utteranceId }) => console.log(transcript.turns().map((turn) => turn.tentative), utteranceId));
client.on("error", (error) => console.log(error.retryAfterSeconds?.toFixed()));
client.on("session_lost", ({ error, fromSeconds }) => console.log(error.message, fromSeconds + 1));
// @ts-expect-error there is no such event
client.on("finall", () => {});
// @ts-expect-error a rate is a number
new StreamClient({ url: "https://host", sampleRate: "16000" });

export async function run(file: File, stream: MediaStream): Promise<string> {
  const { sample_rate } = await client.start();
  const captures = [
    await captureMicrophone({ sampleRate: sample_rate, echoCancellation: false, deviceId: "default" }),
    await captureDisplay({ audio: { channelCount: 2 } }),
    await captureStream(stream),
    await captureFile(file, { realTime: true }),
  ];
  for (const capture of captures) {
    capture.on("level", ({ rms, peak }) => console.log(rms + peak));
    capture.pipeTo(client);
    await capture.stop();
  }
  try {
    if (!client.send(new Int16Array(320))) await client.drained();
    await sendStream(client, (async function* () { yield new Uint8Array(2); })());
    const { at_seconds } = await client.flush();
    const { closed, usage } = await client.finish();
    console.log(at_seconds, closed.close_code, usage?.session_seconds);
  } catch (error) {
    if (error instanceof BufferFull || error instanceof AuthenticationError) throw error;
    if (error instanceof StreamError) console.log(error.code, error.closeCode);
  }
  unsubscribe();
  const element = document.querySelector<LiveCaptions>("live-captions");
  await element?.start();
  const transcript: Transcript = client.transcript;
  return transcript.toSrt() + transcript.toVtt() + transcript.toText() + transcript.toMarkdown({ title: "Meeting" });
}
