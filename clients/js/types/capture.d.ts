/**
 * @typedef {object} Sink
 * @property {(frame: import("./framer.js").Frame) => void} frame
 * @property {(reason: CaptureEvents["ended"]["reason"]) => void} ended
 * @property {(devices: MediaDeviceInfo[]) => void} devices
 * @property {(interrupted: boolean) => void} interrupted
 *
 * @typedef {object} Source
 * @property {MediaStream | null} stream
 * @property {(sink: Sink) => void} begin
 * @property {() => Promise<void>} stop
 * @property {(room: () => Promise<void>) => Promise<void>} [run] for sources that must be asked
 */
/**
 * Listen to a microphone.
 *
 * @param {CaptureOptions & MicrophoneOptions} [options]
 * @returns {Promise<Capture>}
 * @throws {CaptureError}
 */
export function captureMicrophone(options?: CaptureOptions & MicrophoneOptions): Promise<Capture>;
/**
 * Listen to a tab or the system, as far as the browser lets the person choose its sound. The picture is not used.
 *
 * @param {CaptureOptions & { audio?: MediaTrackConstraints }} [options]
 * @returns {Promise<Capture>}
 * @throws {CaptureError}
 */
export function captureDisplay(options?: CaptureOptions & {
    audio?: MediaTrackConstraints;
}): Promise<Capture>;
/**
 * Listen to a stream of yours; it is not stopped with the capture.
 *
 * @param {MediaStream} stream
 * @param {CaptureOptions} [options]
 * @returns {Promise<Capture>}
 * @throws {CaptureError}
 */
export function captureStream(stream: MediaStream, options?: CaptureOptions): Promise<Capture>;
/**
 * Read a recording that the browser can decode. It lies in memory as a whole; long ones are better uploaded. Nothing
 * happens until `pipeTo`.
 *
 * @param {Blob} file
 * @param {CaptureOptions & { realTime?: boolean }} [options] `realTime`: as if it were spoken now, else as fast as the
 *   client takes it
 * @returns {Promise<Capture>}
 * @throws {CaptureError}
 */
export function captureFile(file: Blob, { sampleRate, channels, realTime }?: CaptureOptions & {
    realTime?: boolean;
}): Promise<Capture>;
/**
 * Sound that is being captured. Until `pipeTo`, it is measured and not kept.
 *
 * @extends {Emitter<CaptureEvents>}
 */
export class Capture extends Emitter<CaptureEvents> {
    /**
     * @param {Source} source
     * @param {number} sampleRate
     * @param {number} channels
     */
    constructor(source: Source, sampleRate: number, channels: number);
    /** @readonly */
    readonly sampleRate: number;
    /** @readonly */
    readonly channels: number;
    /** The stream that is listened to; null for files. */
    get stream(): MediaStream | null;
    /**
     * Send everything from now on to a client. If it can keep no more, what is heard meanwhile is left out: an `error`
     * (`BufferFull`) says so when that begins, and `gap` when it ends.
     *
     * @param {Pick<StreamClient, "send" | "drained">} client
     * @returns {() => void} ends it
     */
    pipeTo(client: Pick<StreamClient, "send" | "drained">): () => void;
    /** Stop; resolves when the last sample has been handed on. */
    stop(): Promise<void>;
    #private;
}
export type Sink = {
    frame: (frame: import("./framer.js").Frame) => void;
    ended: (reason: CaptureEvents["ended"]["reason"]) => void;
    devices: (devices: MediaDeviceInfo[]) => void;
    interrupted: (interrupted: boolean) => void;
};
export type Source = {
    stream: MediaStream | null;
    begin: (sink: Sink) => void;
    stop: () => Promise<void>;
    /**
     * for sources that must be asked
     */
    run?: (room: () => Promise<void>) => Promise<void>;
};
export type CaptureOptions = {
    /**
     * of what comes out; 16000 unless given
     */
    sampleRate?: number;
    /**
     * that come out; one, the mean of all, unless given
     */
    channels?: number;
    /**
     * where worklet.js is, if a bundler has moved it: its neighbours must lie beside it
     */
    workletUrl?: string | URL;
};
export type MicrophoneOptions = {
    /**
     * as `navigator.mediaDevices.enumerateDevices()` has it
     */
    deviceId?: string;
    /**
     * true unless given
     */
    echoCancellation?: boolean;
    /**
     * true unless given
     */
    noiseSuppression?: boolean;
    /**
     * true unless given
     */
    autoGainControl?: boolean;
};
export type CaptureEvents = {
    /**
     * 50 times a second
     */
    level: {
        rms: number;
        peak: number;
    };
    samples: Int16Array<ArrayBuffer>;
    ended: {
        reason: "stopped" | "track_ended" | "file_ended" | "failed";
    };
    /**
     * microphones came or went
     */
    devicechange: {
        devices: MediaDeviceInfo[];
    };
    /**
     * the system took the sound away, or gave it back
     */
    interrupted: {
        interrupted: boolean;
    };
    /**
     * so much was left out because the client could keep no more; it takes sound again
     */
    gap: {
        seconds: number;
    };
    error: Error;
};
import { Emitter } from "./emitter.js";
import type { StreamClient } from "./client.js";
