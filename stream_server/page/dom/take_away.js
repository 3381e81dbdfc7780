/** Copy a transcript, or download it in the form that the reader likes. */

import { fileName, FORMATS } from "../model/files.js";
import { complain, note } from "./announcer.js";
import { make } from "./element.js";
import { t } from "./speech.js";

/**
 * Have a button copy and a menu download.
 *
 * @param {{copy: HTMLElement, menu: HTMLElement, textOf: (format: string) => Promise<string> | string,
 *   titleOf: () => {title: string, moment: Date}}} parts
 */
export function offerToTakeAway({ copy: button, menu, textOf, titleOf }) {
  button.addEventListener("click", () => void copy(() => textOf("txt")));
  menu.querySelector("[data-formats]").replaceChildren(
    ...Object.keys(FORMATS).map((format) =>
      make("button", { type: "button", textContent: t(`take.${format}`), dataset: { format, t: `take.${format}` } }),
    ),
  );
  menu.addEventListener("click", async (event) => {
    const format = event.target.closest("[data-format]")?.dataset.format;
    if (!format) return;
    menu.open = false;
    menu.querySelector("summary").focus();
    try {
      const { title, moment } = titleOf();
      save(new Blob([await textOf(format)], { type: FORMATS[format] }), fileName(title, moment, format));
    } catch (error) {
      complain(error);
    }
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
  document.addEventListener("click", (event) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
}

/** Copy what is given, now or later, and say so. */
export async function copy(textOf) {
  try {
    await copyText(await textOf());
    note("take.copied");
  } catch (error) {
    complain(error);
  }
}

/** Hand a blob to the reader as a file. */
export function save(blob, name) {
  const address = URL.createObjectURL(blob);
  make("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/** Copy text; without a secure address there is no clipboard to write to, so that a selection is copied. */
async function copyText(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = make("textarea", { value: text, className: "unseen" });
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}
