export class LiveCaptions extends HTMLElement {
    static observedAttributes: string[];
    connectedCallback(): void;
    disconnectedCallback(): void;
    attributeChangedCallback(): void;
    /** The client of the session; null before the first. */
    get client(): StreamClient | null;
    /** What was said; null before the first session. */
    get transcript(): import("./transcript.js").Transcript | null;
    /** Begin; browsers want a person's click for it. Rejects with a `StreamError`, which is shown as well. */
    start(): Promise<void>;
    /** End; resolves when the last word is there. */
    stop(): Promise<void>;
    #private;
}
import { StreamClient } from "./client.js";
