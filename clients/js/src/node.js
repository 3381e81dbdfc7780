/** Send sound from a stream of node, such as a microphone's program writes or a file holds. */

/** @import { StreamClient } from "./client.js" */

/**
 * Send raw 16-bit little-endian samples, channels interleaved, as fast as the client takes them; resolves at their end.
 * Bytes may be cut anywhere; half a frame at the very end is left out.
 *
 * @param {Pick<StreamClient, "send" | "drained" | "channels">} client
 * @param {AsyncIterable<Uint8Array>} bytes
 * @returns {Promise<void>}
 */
export async function sendStream(client, bytes) {
  const size = 2 * client.channels;
  let kept = new Uint8Array(0);
  for await (const piece of bytes) {
    const all = new Uint8Array(kept.length + piece.length); // its own memory: samples must lie on even addresses
    all.set(kept);
    all.set(piece, kept.length);
    const whole = all.length - (all.length % size);
    kept = all.slice(whole);
    if (whole && !client.send(new Int16Array(all.buffer, 0, whole / 2))) await client.drained();
  }
}
