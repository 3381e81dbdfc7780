/** Ask before something is gone for good. */

import { openDialog } from "./dialogs.js";
import { byId } from "./element.js";

/** Resolve with whether the reader wants it. */
export function confirmDeletion(question) {
  byId("confirm-text").textContent = question;
  const dialog = openDialog("confirm-dialog");
  dialog.returnValue = "";
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
    byId("confirm-yes").onclick = () => dialog.close("yes");
  });
}
