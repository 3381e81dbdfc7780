/** Dialogs: the browser keeps the focus inside and gives it back; a click beside one closes it. */

import { byId } from "./element.js";

/** Have every dialog close by its buttons and by a click beside it. */
export function prepareDialogs() {
  for (const dialog of document.querySelectorAll("dialog")) {
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog && isBeside(dialog, event)) dialog.close();
      if (event.target.closest("[data-close]")) dialog.close();
    });
  }
}

/** Open a dialog unless it is open. */
export function openDialog(id) {
  const dialog = byId(id);
  if (!dialog.open) dialog.showModal();
  return dialog;
}

function isBeside(dialog, { clientX, clientY }) {
  const box = dialog.getBoundingClientRect();
  return clientX < box.left || clientX > box.right || clientY < box.top || clientY > box.bottom;
}
