/** How loud it is, now and in the seconds before: bars on a canvas, and a number for those who do not see them. */

const BARS = 40;

/** What is quieter shows as a dot; speech at an arm's length is about half way up to full scale. */
const QUIETEST_DBFS = -60;
const CURVE = 1.8;

const MIN_INTERVAL_MS = 60;

export class LevelMeter {
  #levels = new Array(BARS).fill(0);
  #last = 0;
  #stillness = matchMedia("(prefers-reduced-motion: reduce)");

  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.canvas = canvas;
  }

  /** Show another measurement; `rms` is from 0 to 1. */
  add(rms, now = performance.now()) {
    const level = Math.max(0, 1 - (20 * Math.log10(Math.max(rms, 1e-6))) / QUIETEST_DBFS) ** CURVE;
    if (now - this.#last < MIN_INTERVAL_MS) {
      this.#levels[BARS - 1] = Math.max(this.#levels[BARS - 1], level);
      return;
    }
    this.#last = now;
    this.#levels.push(level);
    this.#levels.shift();
    this.#draw();
  }

  /** Show silence. */
  clear() {
    this.#levels.fill(0);
    this.#draw();
  }

  #draw() {
    const { canvas } = this;
    const context = canvas.getContext("2d");
    const levels = this.#stillness.matches ? new Array(BARS).fill(this.#levels[BARS - 1]) : this.#levels;
    const step = canvas.width / BARS;
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.fillStyle = getComputedStyle(canvas).color;
    levels.forEach((level, index) => {
      const height = Math.max(4, level * canvas.height);
      context.fillRect(index * step + 1, (canvas.height - height) / 2, step - 2, height);
    });
    canvas.setAttribute("aria-valuenow", String(Math.round(100 * this.#levels[BARS - 1])));
  }
}
