/** Sign in with a key, see until when, and sign out. */

import { passChanges, passState, signIn, signOut } from "../api/pass.js";
import { note } from "./announcer.js";
import { openDialog } from "./dialogs.js";
import { byId } from "./element.js";
import { explain, pageLanguage, speech, t, tell } from "./speech.js";

let isWanted = false;
let wasSignedIn = false;

/** Ask for a key whenever the server wants one; `onChange` hears that somebody has signed in or out. */
export function prepareKeyDialog(onChange) {
  wasSignedIn = passState().signedIn;
  byId("account-open").addEventListener("click", () => openDialog(passState().signedIn ? "account-dialog" : "key-dialog"));
  byId("key-form").addEventListener("submit", (event) => {
    event.preventDefault();
    void submit();
  });
  byId("sign-out").addEventListener("click", () => {
    byId("account-dialog").close();
    signOut();
    note("key.signed_out");
  });
  passChanges.addEventListener("wanted", want);
  passChanges.addEventListener("ended", () => {
    note("key.ended");
    want();
  });
  passChanges.addEventListener("change", () => {
    const { signedIn } = passState();
    show();
    if (signedIn !== wasSignedIn) onChange();
    wasSignedIn = signedIn;
  });
  speech.addEventListener("change", show);
  show();
}

function want() {
  isWanted = true;
  show();
  openDialog("key-dialog");
}

async function submit() {
  const [input, button, wrong] = [byId("key-input"), byId("key-submit"), byId("key-error")];
  button.disabled = true;
  wrong.hidden = true;
  try {
    await signIn(input.value.trim());
    byId("key-dialog").close();
  } catch (error) {
    wrong.textContent = explain(error);
    wrong.hidden = false;
  } finally {
    input.value = "";
    button.disabled = false;
  }
}

function show() {
  const { signedIn, endsAt } = passState();
  const button = byId("account-open");
  button.hidden = !signedIn && !isWanted;
  tell(button, signedIn ? "key.status" : "key.sign_in");
  const time = new Date(endsAt).toLocaleTimeString(pageLanguage(), { hour: "2-digit", minute: "2-digit" });
  byId("account-text").textContent = signedIn ? t("key.signed_in", { time }) : "";
}
