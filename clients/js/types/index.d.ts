export { StreamClient } from "./client.js";
export { Resampler } from "./resampler.js";
export { Transcript } from "./transcript.js";
export type ClientOptions = import("./client.js").ClientOptions;
export type StartOptions = import("./protocol.js").StartOptions;
export type Formatting = import("./protocol.js").Formatting;
export { captureDisplay, captureFile, captureMicrophone, captureStream, Capture } from "./capture.js";
export { AuthenticationError, BufferFull, CaptureError, ConfigurationError, ConnectionLost, QuotaError, ServerBusyError, SessionLost, StreamError } from "./errors.js";
