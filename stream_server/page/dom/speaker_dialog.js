/** Ask who somebody is: a new name, or the same person as another. */

import { mergeSpeakers, renameSpeaker } from "../api/server.js";
import { note } from "./announcer.js";
import { openDialog } from "./dialogs.js";
import { byId, make } from "./element.js";
import { explain, t } from "./speech.js";
import { calledName } from "./turn_list.js";

let asked = null;

/** Have the dialog save what it is told. */
export function prepareSpeakerDialog() {
  byId("speaker-form").addEventListener("submit", (event) => {
    event.preventDefault();
    void save();
  });
  byId("speaker-same").addEventListener("change", () => {
    byId("speaker-name").disabled = byId("speaker-same").value !== "";
  });
}

/**
 * Open the dialog.
 *
 * @param {{recordId: string, speaker: number, speakers: {id: number, name: string | null}[],
 *   onSaved: (change: {name: string | null, into: number | null}) => void}} about
 *   `speakers` are all that are known in the record
 */
export function askWho(about) {
  asked = about;
  const { speaker, speakers } = about;
  const name = speakers.find(({ id }) => id === speaker)?.name ?? "";
  byId("speaker-name").value = name;
  byId("speaker-name").disabled = false;
  byId("speaker-name").placeholder = calledName(speaker, null);
  byId("speaker-error").hidden = true;
  byId("speaker-same").replaceChildren(
    make("option", { value: "", textContent: t("speaker.same.none") }),
    ...speakers
      .filter(({ id }) => id !== speaker)
      .map(({ id, name: other }) => make("option", { value: String(id), textContent: calledName(id, other) })),
  );
  openDialog("speaker-dialog");
  byId("speaker-name").select();
}

async function save() {
  const { recordId, speaker, speakers, onSaved } = asked;
  const into = byId("speaker-same").value === "" ? null : Number(byId("speaker-same").value);
  const name = byId("speaker-name").value.trim() || null;
  try {
    if (into === null) {
      await renameSpeaker(recordId, speaker, name);
      note("speaker.renamed", { name: calledName(speaker, name) });
    } else {
      await mergeSpeakers(recordId, speaker, into);
      note("speaker.merged", { name: calledName(into, speakers.find(({ id }) => id === into)?.name) });
    }
  } catch (error) {
    byId("speaker-error").textContent = explain(error);
    byId("speaker-error").hidden = false;
    return;
  }
  byId("speaker-dialog").close();
  onSaved({ name, into });
}
