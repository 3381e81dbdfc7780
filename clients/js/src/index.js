/** Live captions in the browser and in node. */

export { captureDisplay, captureFile, captureMicrophone, captureStream, Capture } from "./capture.js";
export { StreamClient } from "./client.js";
export {
  AuthenticationError,
  BufferFull,
  CaptureError,
  ConfigurationError,
  ConnectionLost,
  QuotaError,
  ServerBusyError,
  SessionLost,
  StreamError,
} from "./errors.js";
export { Resampler } from "./resampler.js";
export { Transcript } from "./transcript.js";

/**
 * @typedef {import("./client.js").ClientOptions} ClientOptions
 * @typedef {import("./protocol.js").StartOptions} StartOptions
 * @typedef {import("./protocol.js").Formatting} Formatting
 */
