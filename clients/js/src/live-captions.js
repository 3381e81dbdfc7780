/**
 * `<live-captions>`: a button, and under it what is being said. Importing this defines the element.
 *
 *     <live-captions server="https://captions.example" token-url="/my/token" language="id"></live-captions>
 *
 * Works under a strict Content-Security-Policy: no inline script, no inline style. What was said is text, never markup,
 * and each piece of it is isolated, so that characters which turn the direction of writing turn nothing around them.
 */

import { captureDisplay, captureMicrophone } from "./capture.js";
import { StreamClient } from "./client.js";
import { styles } from "./live-captions-style.js";

/** @import { Capture } from "./capture.js" */
/** @import { Turn } from "./transcript.js" */

/** @type {Record<string, Record<string, string>>} */
const WORDS = {
  en: { start: "Start captions", stop: "Stop captions", captions: "Captions", speaker: "Speaker", idle: "", connecting: "Connecting …", open: "Listening", reconnecting: "Connection lost, trying again …", finishing: "Finishing …", closed: "Stopped" },
  id: { start: "Mulai takarir", stop: "Hentikan takarir", captions: "Takarir", speaker: "Pembicara", idle: "", connecting: "Menghubungkan …", open: "Mendengarkan", reconnecting: "Koneksi terputus, mencoba lagi …", finishing: "Menyelesaikan …", closed: "Berhenti" },
};

/** How many colours the style sheet has for speakers. */
const COLOURS = 8;

const Base = globalThis.HTMLElement ?? /** @type {typeof HTMLElement} */ (class {}); // so that a server that renders pages can import this

export class LiveCaptions extends Base {
  static observedAttributes = ["lang", "hide-controls"];

  #log = this.#part("div", "log");
  #live = this.#part("div", "live");
  #button = /** @type {HTMLButtonElement} */ (this.#part("button", "button"));
  #level = /** @type {HTMLMeterElement} */ (this.#part("meter", "level"));
  #status = this.#part("span", "status");
  #controls = this.#part("div", "controls");
  /** @type {StreamClient | null} */
  #client = null;
  /** @type {Capture | null} */
  #capture = null;
  /** @type {object | null} what `start` began and nothing has ended since, the question for permission included */
  #run = null;
  #drawing = false;

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [styles()];
    this.#button.type = "button";
    this.#button.addEventListener("click", () => void this.#toggle());
    this.#level.setAttribute("aria-hidden", "true");
    this.#status.setAttribute("role", "status");
    this.#log.setAttribute("role", "log"); // what is final is read out; what may still change is not
    this.#log.setAttribute("aria-live", "polite");
    this.#log.tabIndex = 0;
    this.#controls.append(this.#button, this.#level, this.#status);
    root.append(this.#controls, this.#log, this.#live);
  }

  connectedCallback() {
    this.#label();
  }

  disconnectedCallback() {
    queueMicrotask(() => {
      if (!this.isConnected) void this.stop().catch(() => this.#client?.abort()); // moved elements go on
    });
  }

  attributeChangedCallback() {
    this.#label();
  }

  /** The client of the session; null before the first. */
  get client() {
    return this.#client;
  }

  /** What was said; null before the first session. */
  get transcript() {
    return this.#client?.transcript ?? null;
  }

  /** Begin; browsers want a person's click for it. Rejects with a `StreamError`, which is shown as well. */
  async start() {
    if (this.#run) return;
    const run = (this.#run = {});
    this.#label();
    try {
      await this.#begin(run);
    } catch (error) {
      if (this.#run === run) {
        this.#release();
        this.#fail(/** @type {Error} */ (error));
      }
      throw error;
    }
  }

  /** End; resolves when the last word is there. */
  async stop() {
    const client = this.#client;
    const capture = this.#capture;
    await this.#release();
    if (capture) await client?.finish();
  }

  /** Listen no more; resolves when the last of what was heard is handed on. */
  async #release() {
    const capture = this.#capture;
    this.#run = this.#capture = null;
    this.#level.value = 0;
    this.#label();
    await capture?.stop();
  }

  /** @param {object} run */
  async #begin(run) {
    const listen = this.getAttribute("source") === "display" ? captureDisplay : captureMicrophone;
    const capture = await listen();
    if (this.#run !== run) return capture.stop(); // stopped, or taken out of the page, while the person was asked
    this.#capture = capture;
    const client = (this.#client = this.#open());
    const current = () => this.#capture === capture; // what comes of stopping is not of interest
    capture.on("level", ({ rms }) => current() && (this.#level.value = Math.min(1, rms * 4)));
    capture.on("error", (error) => current() && this.#fail(error));
    capture.on("ended", ({ reason }) => reason === "track_ended" && current() && void this.stop().catch(() => {})); // shown by the client's own event
    capture.pipeTo(client);
    await client.start();
  }

  #open() {
    const language = this.getAttribute("language");
    const client = new StreamClient({
      url: this.getAttribute("server") ?? new URL(import.meta.url).origin,
      token: () => this.#token(),
      options: { ...(language ? { language } : {}), ...(this.hasAttribute("diarize") ? { diarize: true } : {}) },
    });
    client.on("state", ({ state, reason }) => {
      if (this.#client !== client) return; // another has begun
      if (state === "closed" && this.#capture) void this.#release();
      this.#status.textContent = reason && state !== "reconnecting" ? reason.message : (this.#words[state] ?? "");
      this.#tell("state", { state, reason });
    });
    client.on("error", (error) => this.#fail(error));
    client.on("transcript", ({ transcript }) => {
      this.#draw();
      this.#tell("captions", { transcript });
    });
    return client;
  }

  async #token() {
    const from = this.getAttribute("token-url");
    if (!from) return this.getAttribute("token") ?? "";
    const answer = await fetch(new URL(from, this.baseURI), { method: "POST", credentials: "same-origin" });
    if (!answer.ok) throw new Error(`no token: status ${answer.status}`);
    return /** @type {string} */ ((await answer.json()).token);
  }

  async #toggle() {
    try {
      await (this.#run ? this.stop() : this.start());
    } catch {
      // shown already
    }
  }

  /** Draw soon: several messages that come at once cost one drawing. */
  #draw() {
    if (this.#drawing) return;
    this.#drawing = true;
    setTimeout(() => {
      this.#drawing = false;
      const { transcript } = this;
      if (!transcript) return;
      const { scrollTop, clientHeight, scrollHeight } = this.#log;
      const follows = scrollTop + clientHeight >= scrollHeight - 8;
      const { utterances } = transcript;
      this.#rows(this.#log, transcript.turns(utterances.filter(({ final }) => final)));
      this.#rows(this.#live, transcript.turns(utterances.filter(({ final }) => !final)));
      if (follows) this.#log.scrollTop = this.#log.scrollHeight;
    }, 30);
  }

  /**
   * Show turns, and touch only what is different.
   *
   * @param {HTMLElement} place
   * @param {Turn[]} turns
   */
  #rows(place, turns) {
    turns.forEach((turn, index) => {
      const row = place.children[index] ?? place.appendChild(this.#row());
      const [speaker, text, tentative] = /** @type {HTMLElement[]} */ ([...row.children]);
      if (speaker) speaker.dataset["colour"] = String(turn.speaker ? ((turn.speaker.id - 1) % COLOURS) + 1 : 0);
      write(speaker, this.#who(turn));
      write(text, turn.text);
      write(tentative, turn.tentative);
    });
    while (place.children.length > turns.length) place.lastElementChild?.remove();
  }

  #row() {
    const row = this.#part("p", "turn");
    row.append(this.#part("bdi", "speaker"), this.#part("bdi", "text"), this.#part("bdi", "tentative"));
    return row;
  }

  /** @param {Turn} turn */
  #who({ speaker, track }) {
    const { transcript } = this;
    if (!transcript) return "";
    if (speaker) return transcript.speakerName(speaker, { fallback: this.#words["speaker"] ?? "" });
    return transcript.tracks.length > 1 ? (transcript.tracks[track] ?? "") : "";
  }

  #label() {
    const words = this.#words;
    this.#button.textContent = (this.#run ? words["stop"] : words["start"]) ?? "";
    this.#controls.hidden = this.hasAttribute("hide-controls");
    this.#log.setAttribute("aria-label", words["captions"] ?? "");
  }

  get #words() {
    const language = this.closest?.("[lang]")?.getAttribute("lang")?.slice(0, 2) ?? "en";
    return /** @type {Record<string, string>} */ (WORDS[language] ?? WORDS["en"]);
  }

  /** @param {Error} error */
  #fail(error) {
    this.#status.textContent = error.message;
    this.#tell("error", error);
  }

  /**
   * @param {string} type
   * @param {unknown} detail
   */
  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
  }

  /**
   * @param {string} tag
   * @param {string} part by which the page can style it
   * @returns {HTMLElement}
   */
  #part(tag, part) {
    const element = document.createElement(tag);
    element.setAttribute("part", part);
    if (tag === "bdi") element.dir = "auto";
    return element;
  }
}

/**
 * Show a text; where it only grew, add what is new and leave the rest alone, or it would be read aloud again.
 *
 * @param {HTMLElement | undefined} element
 * @param {string} text
 */
function write(element, text) {
  const shown = element?.textContent ?? "";
  if (text === shown) return;
  if (shown && text.startsWith(shown)) element?.append(text.slice(shown.length));
  else element?.replaceChildren(text);
}

if (globalThis.customElements && !customElements.get("live-captions")) customElements.define("live-captions", LiveCaptions);
