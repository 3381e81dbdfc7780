// Stream a WAV file to stream-server and print its captions. No dependencies; Node 22 or later, or any browser-like
// runtime with WebSocket.
//
//     node captions.mjs meeting.wav ws://127.0.0.1:8765 [KEY]

/**
 * Send a recording in real time and hand every event to `onEvent`.
 *
 * @param {Uint8Array} audio a WAV, FLAC, MP3, Ogg or WebM recording; the server looks at its first bytes
 * @param {object} options
 * @param {string} options.url the server, for example ws://127.0.0.1:8765
 * @param {string} [options.key] the API key; a browser cannot set headers, so it goes in the first message
 * @param {string[]} [options.tracks] a name for every channel
 * @param {number} [options.channels] how many channels the recording has
 * @param {string} [options.language] a language code; without it the language is detected
 * @param {number} [options.bytesPerSecond] the pace; 0 sends as fast as the server takes it
 * @param {(event: object) => void} options.onEvent receives ready, partial, final, revision, usage, error, closed …
 * @param {typeof WebSocket} [options.WebSocket] a constructor to use instead of the runtime's own
 * @returns {Promise<object>} the closing event
 */
export function streamCaptions(audio, options) {
  const { url, key, tracks, channels = tracks?.length ?? 1, language, bytesPerSecond = 0, onEvent } = options;
  const Socket = options.WebSocket ?? globalThis.WebSocket;
  if (!Socket) throw new Error("this runtime has no WebSocket; pass one as options.WebSocket");
  const socket = new Socket(new URL("/v1/stream", url));

  async function sendAudio() {
    const block = bytesPerSecond > 0 ? Math.ceil(bytesPerSecond / 10) : 65536;
    const started = Date.now();
    for (let sent = 0; sent < audio.length && socket.readyState === 1; sent += block) {
      socket.send(audio.subarray(sent, sent + block));
      const due = bytesPerSecond > 0 ? started + ((sent + block) / bytesPerSecond) * 1000 : 0;
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - Date.now())));
    }
    if (socket.readyState === 1) socket.send(JSON.stringify({ type: "finish" }));
  }

  return new Promise((resolve, reject) => {
    socket.onopen = () => {
      if (key) socket.send(JSON.stringify({ type: "authenticate", key }));
      socket.send(JSON.stringify({ type: "start", audio: { channels }, tracks, language }));
    };
    socket.onmessage = ({ data }) => {
      const event = JSON.parse(data);
      onEvent(event);
      if (event.type === "ready") sendAudio().catch(reject);
      if (event.type === "closed") resolve(event);
    };
    socket.onerror = () => reject(new Error(`no server answers at ${url}`));
    socket.onclose = ({ reason }) => reject(new Error(reason || "the connection was lost"));
  });
}

/** Return the bytes per second that a WAV header states: its byte rate, at offset 28. */
export function wavPace(audio) {
  return new DataView(audio.buffer, audio.byteOffset).getUint32(28, true);
}

/** Return the number of channels that a WAV header states. */
export function wavChannels(audio) {
  return new DataView(audio.buffer, audio.byteOffset).getUint16(22, true);
}

/** Return who said a final: by the name that `names` or the event has, else by number. */
export function speakerName({ speaker, track }, names = new Map()) {
  if (!speaker) return `track ${track + 1}`;
  return names.get(speaker.id) ?? speaker.name ?? `Speaker ${speaker.id}`;
}

async function main([file, url, key]) {
  const { readFile } = await import("node:fs/promises");
  const audio = new Uint8Array(await readFile(file));
  const names = new Map();
  const onEvent = (event) => {
    if (event.type === "partial") process.stdout.write(`\r\x1b[K${event.stable_text} ${event.tentative_text}`);
    if (event.type === "revision") for (const { id, name } of event.names) names.set(id, name);
    if (event.type === "final") console.log(`\r\x1b[K[${event.start_seconds.toFixed(1)}] ${speakerName(event, names)}: ${event.text}`);
    if (event.type === "error") console.error(event.message);
  };
  await streamCaptions(audio, { url, key, channels: wavChannels(audio), bytesPerSecond: wavPace(audio), onEvent });
}

if (globalThis.process?.argv[1]?.endsWith("captions.mjs")) {
  main(process.argv.slice(2)).catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
