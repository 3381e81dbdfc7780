// Drive OpenAI's JavaScript SDK: `openai_js_6.mjs MODE JOB`; prints what its users would see.
import fs from "node:fs";
import OpenAI from "openai";
import { OpenAIRealtimeWS } from "openai/realtime/ws";
import { OpenAIRealtimeWebSocket } from "openai/realtime/websocket";

const [mode, told] = process.argv.slice(2);
const job = JSON.parse(told);
const client = new OpenAI({ apiKey: job.key, baseURL: job.url + "/v1", maxRetries: 0, dangerouslyAllowBrowser: true });

async function rest() {
  const ask = (how) =>
    client.audio.transcriptions.create({ file: fs.createReadStream(job.clip), model: "whisper-1", ...how });
  const answers = {};
  for (const form of ["json", "text", "srt", "vtt", "verbose_json", "diarized_json"]) {
    answers[form] = await ask({ response_format: form });
  }
  answers.words = await ask({ response_format: "verbose_json", timestamp_granularities: ["word"] });
  answers.stream = [];
  for await (const event of await ask({ stream: true })) answers.stream.push(event);
  answers.models = [];
  for await (const model of client.models.list()) answers.models.push(model.id);
  return answers;
}

async function refused() {
  const seen = {};
  try {
    await client.audio.transcriptions.create({ file: fs.createReadStream(job.clip), model: "whisper-1" });
  } catch (error) {
    seen.request = { raised: error.constructor.name, status: error.status, code: error.code };
  }
  seen.websocket = await converse(new OpenAIRealtimeWS({ model: "gpt-realtime" }, client), () => {});
  return seen;
}

// Send what `begin` sends, and collect events until the first transcript, an error or the end.
function converse(connection, begin) {
  const events = [];
  return new Promise((resolve) => {
    connection.on("event", (event) => {
      events.push(event);
      if (event.type === "session.created") begin(connection);
      if (event.type.endsWith(".completed")) connection.close();
    });
    connection.on("error", (error) => resolve({ events, error: error.message, code: error.error?.code }));
    const closed = (event) => resolve({ events, closed: typeof event === "number" ? event : event.code });
    if (connection.socket.on) connection.socket.on("close", closed);
    else connection.socket.addEventListener("close", closed);
  });
}

function speak(connection) {
  const input = {
    format: { type: "audio/pcm", rate: 24000 },
    transcription: { model: "gpt-4o-transcribe", language: "en" },
    turn_detection: { type: "server_vad", silence_duration_ms: 400 },
  };
  connection.send({ type: "session.update", session: { type: "transcription", audio: { input } } });
  const pcm = fs.readFileSync(job.pcm);
  for (let at = 0; at < pcm.length; at += 9600) {
    connection.send({ type: "input_audio_buffer.append", audio: pcm.subarray(at, at + 9600).toString("base64") });
  }
}

const modes = {
  rest,
  refused,
  ws: () => converse(new OpenAIRealtimeWS({ model: "gpt-realtime" }, client), speak),
  // the browser's class, on Node's own WebSocket: the key goes among the subprotocols
  websocket: () =>
    converse(new OpenAIRealtimeWebSocket({ model: "gpt-realtime", dangerouslyAllowBrowser: true }, client), speak),
};

console.log(JSON.stringify(await modes[mode]()));
process.exit(0);
