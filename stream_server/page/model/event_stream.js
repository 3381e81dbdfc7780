/** Read server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html) from text as it comes. */

export class EventReader {
  #rest = "";

  /**
   * Take text; return the events that it completes.
   *
   * @param {string} text
   * @returns {{event: string, data: string}[]}
   */
  read(text) {
    this.#rest += text;
    const blocks = this.#rest.split(/\r?\n\r?\n/);
    this.#rest = blocks.pop();
    return blocks.map(eventOf).filter((event) => event !== null);
  }
}

function eventOf(block) {
  let event = "message";
  const data = [];
  for (const line of block.split(/\r?\n/)) {
    const [, field, value] = /^([^:]*):? ?(.*)$/.exec(line);
    if (field === "event") event = value;
    if (field === "data") data.push(value);
  }
  return data.length ? { event, data: data.join("\n") } : null;
}
