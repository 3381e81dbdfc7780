// What the worklet finds around it; TypeScript's own libraries leave it out.

declare abstract class AudioWorkletProcessor {
  readonly port: MessagePort;
  abstract process(inputs: Float32Array[][], outputs: Float32Array[][]): boolean;
}

declare const sampleRate: number;

declare function registerProcessor(name: string, processor: new (options: any) => AudioWorkletProcessor): void;
