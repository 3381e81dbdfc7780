/** One file on its way to its transcript, as a row. */

import { copyOf, make, partsOf } from "../dom/element.js";
import { explain, label, t, tell } from "../dom/speech.js";
import { actionsOf, phaseKey, shareDone } from "../model/jobs.js";
import { writeRoute } from "../model/routes.js";

export class JobRow {
  #offered = "";

  /** @param {{name: string, onAction: (action: string) => void}} options */
  constructor({ name, onAction }) {
    this.element = copyOf("job-template");
    this.parts = partsOf(this.element);
    this.name = name;
    this.parts.name.textContent = name;
    label(this.parts.bar, "job.progress", { name });
    this.parts.actions.addEventListener("click", (event) => {
      const { action } = event.target.closest("[data-action]")?.dataset ?? {};
      if (action && action !== "open") onAction(action);
    });
  }

  /** Show how far it is. */
  show({ phase, sent = 0, progress = 0, id = null, error = null }) {
    const { element, parts } = this;
    const share = shareDone({ phase, sent, progress });
    element.dataset.phase = phase;
    this.#offer(actionsOf(phase), id);
    parts.bar.hidden = error !== null || phase === "complete" || phase === "cancelled";
    if (share === null) parts.bar.removeAttribute("value");
    else parts.bar.value = share;
    if (error) {
      delete parts.status.dataset.t;
      parts.status.textContent = explain(error);
    } else {
      tell(parts.status, phaseKey(phase), { percent: Math.floor(100 * (share ?? 0)) });
    }
    parts.status.classList.toggle("wrong", error !== null);
  }

  /** Offer what can be done; what could be done before keeps its button, and the focus stays in the row. */
  #offer(actions, id) {
    const offered = actions.join(" ");
    if (offered === this.#offered) return;
    this.#offered = offered;
    const { actions: place } = this.parts;
    const hadFocus = place.contains(document.activeElement);
    place.replaceChildren(...actions.map((action) => this.#button(action, id)));
    if (hadFocus) place.firstElementChild?.focus({ preventScroll: true });
  }

  #button(action, id) {
    const key = `job.${action}`;
    if (action === "open") {
      const link = make("a", { className: "plain", href: writeRoute("recordings", id), dataset: { action, t: key } });
      link.textContent = t(key);
      return link;
    }
    return make("button", { className: "plain", type: "button", textContent: t(key), dataset: { action, t: key } });
  }
}
