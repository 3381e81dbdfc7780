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
export function sendStream(client: Pick<StreamClient, "send" | "drained" | "channels">, bytes: AsyncIterable<Uint8Array>): Promise<void>;
import type { StreamClient } from "./client.js";
