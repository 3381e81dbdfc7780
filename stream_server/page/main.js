/** The page: its language, its look, the key, and which view is shown. */

import { keepFresh } from "./api/pass.js";
import { ask } from "./api/server.js";
import { prepareDialogs } from "./dom/dialogs.js";
import { byId } from "./dom/element.js";
import { prepareKeyDialog } from "./dom/key_dialog.js";
import { prepareSpeakerDialog } from "./dom/speaker_dialog.js";
import { pageLanguage, show, speak, t } from "./dom/speech.js";
import { choose } from "./dom/theme.js";
import { LiveView } from "./live/view.js";
import { readRoute, VIEWS } from "./model/routes.js";
import { RecordingsView } from "./recordings/view.js";
import { SpeakersView } from "./speakers/view.js";
import { UsageView } from "./usage/view.js";

choose(byId("theme-select"));
show();
byId("language-select").value = pageLanguage();
byId("language-select").addEventListener("change", (event) => {
  speak(event.target.value);
  nameDocument();
});
prepareDialogs();
prepareSpeakerDialog();

const views = {
  live: new LiveView(),
  recordings: new RecordingsView(),
  speakers: new SpeakersView(),
  usage: new UsageView(),
};
let current = null;

prepareKeyDialog(() => fill());
keepFresh();
addEventListener("hashchange", () => {
  enter();
  byId("content").focus({ preventScroll: true });
});
enter();
// Whether the server wants a key is told by its first answer.
void ask("/v1/records?limit=1").catch(() => {});
document.body.dataset.ready = "";

function enter() {
  const { view } = readRoute(location.hash);
  if (current !== view) views[current]?.leave?.();
  current = view;
  for (const name of VIEWS) {
    document.querySelector(`[data-view="${name}"]`).hidden = name !== view;
    const link = document.querySelector(`[data-to="${name}"]`);
    if (name === view) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  nameDocument();
  scrollTo(0, 0);
  fill();
}

/** Have the view show what is there for whoever has signed in, or out. */
function fill() {
  const { view, item } = readRoute(location.hash);
  void views[view].enter(item);
}

function nameDocument() {
  document.title = `${t(`nav.${readRoute(location.hash).view}`)} – stream-server`;
}
