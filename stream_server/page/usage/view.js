/** The usage view: how much was used on each day, as a picture and as a table. */

import { ask } from "../api/server.js";
import { byId, make } from "../dom/element.js";
import { explain, pageLanguage, speech, t } from "../dom/speech.js";
import { hoursMinutesSeconds, roundSeconds } from "../model/durations.js";
import { byDay, dayOf, daysUntil, KINDS, sumOf } from "../model/usage.js";
import { drawBars } from "./bars.js";

export class UsageView {
  #rows = [];

  constructor() {
    byId("usage-range").addEventListener("change", () => void this.enter());
    speech.addEventListener("change", () => this.#draw());
    new ResizeObserver(() => this.#drawChart()).observe(byId("usage-chart"));
  }

  /** Show the days that are chosen. */
  async enter() {
    const days = daysUntil(new Date(), Number(byId("usage-range").value));
    const wrong = byId("usage-wrong");
    wrong.hidden = true;
    try {
      const query = new URLSearchParams({ group_by: "day,kind", from_date: days[0], to_date: dayOf(new Date()), format: "json" });
      this.#rows = byDay(await ask(`/v1/usage?${query}`), days);
      this.#draw();
    } catch (error) {
      wrong.textContent = explain(error);
      wrong.hidden = false;
      byId("usage-report").hidden = true;
    }
  }

  #draw() {
    if (this.#rows.length === 0) return;
    const sum = sumOf(this.#rows);
    byId("usage-report").hidden = false;
    byId("usage-total").textContent = hoursMinutesSeconds(sum.total);
    byId("usage-total-text").textContent = t("usage.total", { seconds: roundSeconds(sum.total), count: sum.sessions });
    this.#drawChart();
    const used = this.#rows.filter(({ sessions }) => sessions > 0).reverse();
    byId("usage-rows").replaceChildren(
      ...used.map((row) => rowOf(dayName(row.day, { dateStyle: "medium" }), row)),
      ...(used.length ? [rowOf(t("usage.sum"), sum)] : []),
    );
    byId("usage-table").hidden = used.length === 0;
    byId("usage-empty").hidden = used.length > 0;
  }

  #drawChart() {
    if (this.#rows.length === 0) return;
    drawBars(byId("usage-chart"), this.#rows, { kinds: KINDS, nameOf: (day) => dayName(day, { day: "numeric", month: "short" }) });
  }
}

function dayName(day, options) {
  return new Date(`${day}T00:00Z`).toLocaleDateString(pageLanguage(), { ...options, timeZone: "UTC" });
}

function rowOf(name, { seconds, total, sessions }) {
  return make(
    "tr",
    {},
    make("th", { scope: "row", textContent: name }),
    ...KINDS.map((kind) => make("td", { textContent: hoursMinutesSeconds(seconds[kind]) })),
    make("td", { textContent: hoursMinutesSeconds(total) }),
    make("td", { textContent: roundSeconds(total) }),
    make("td", { textContent: String(sessions) }),
  );
}
