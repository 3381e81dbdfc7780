/** What is chosen before a session: the source, the language and the options. */

import { languageChoices, languagesOf } from "../model/languages.js";
import { byId, make } from "../dom/element.js";
import { pageLanguage, speech, t, tell } from "../dom/speech.js";
import { TextPanel } from "../dom/text_panel.js";

const STORED = "stream-server.live";

/** Make the form ready; `onStart` gets the wish when somebody starts. */
export function prepareSetup(onStart) {
  const form = byId("live-setup");
  const text = new TextPanel(byId("live-text"));
  recall(form);
  form.addEventListener("change", () => showSource(form));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (form.elements.source.value === "file" && byId("file-input").files.length === 0) return byId("file-input").click();
    const formatting = text.read();
    if (formatting === null) return;
    remember(form);
    onStart(wishOf(form, formatting));
  });
  if (!window.isSecureContext) refuseMicrophones(form);
  else navigator.mediaDevices?.addEventListener("devicechange", () => void listDevices());
  showSource(form);
  void listDevices();
  void offerLanguages();
}

/** Show the devices by name: browsers tell names once somebody has allowed the microphone. */
export async function listDevices() {
  const devices = (await navigator.mediaDevices?.enumerateDevices().catch(() => [])) ?? [];
  const select = byId("device-select");
  const chosen = select.value;
  const inputs = devices.filter(({ kind, deviceId }) => kind === "audioinput" && deviceId && deviceId !== "default");
  select.replaceChildren(
    tell(make("option", { value: "" }), "live.device.default"),
    ...inputs.map(({ deviceId, label }, index) =>
      make("option", { value: deviceId, textContent: label || t("live.device.unnamed", { number: index + 1 }) }),
    ),
  );
  select.value = inputs.some(({ deviceId }) => deviceId === chosen) ? chosen : "";
}

/** Offer the languages of the server's model wherever the page asks for one. */
async function offerLanguages() {
  const told = await fetch("/health/ready").then((response) => response.json()).catch(() => ({}));
  const codes = languagesOf(told);
  const offer = () => {
    const choices = languageChoices(codes, { language: pageLanguage(), preferred: navigator.languages });
    for (const select of document.querySelectorAll("select[data-languages]")) {
      const chosen = select.value || select.dataset.recalled || "";
      const options = choices.map(({ code, name }) => make("option", { value: code, textContent: name }));
      const detected = tell(make("option", { value: "" }), "live.language.auto");
      select.replaceChildren(...(codes.length > 1 ? [detected] : []), ...options);
      if (codes.includes(chosen)) select.value = chosen;
    }
  };
  offer();
  speech.addEventListener("change", offer);
}

function wishOf(form, formatting) {
  return {
    source: form.elements.source.value,
    deviceId: byId("device-select").value,
    file: byId("file-input").files[0],
    reduceNoise: byId("noise").checked,
    options: {
      ...(byId("spoken-language").value ? { language: byId("spoken-language").value } : {}),
      ...(byId("meeting-id").value.trim() ? { meeting_id: byId("meeting-id").value.trim() } : {}),
      diarize: byId("diarize").checked,
      keep_audio: byId("keep-audio").checked,
      formatting,
    },
  };
}

function showSource(form) {
  for (const part of form.querySelectorAll("[data-source]")) {
    part.hidden = part.dataset.source !== form.elements.source.value;
  }
}

function refuseMicrophones(form) {
  for (const input of form.querySelectorAll("[name=source]:not([value=file])")) input.disabled = true;
  form.elements.source.value = "file";
  byId("insecure").hidden = false;
  const say = () => {
    byId("insecure-then").textContent = t("live.insecure.then", { address: `https://${location.host}/` });
  };
  say();
  speech.addEventListener("change", say);
}

function remember(form) {
  const kept = {
    source: form.elements.source.value,
    language: byId("spoken-language").value,
    diarize: byId("diarize").checked,
    noise: byId("noise").checked,
  };
  localStorage.setItem(STORED, JSON.stringify(kept));
}

function recall(form) {
  try {
    const kept = JSON.parse(localStorage.getItem(STORED) ?? "{}");
    form.elements.source.value = kept.source ?? "microphone";
    byId("spoken-language").dataset.recalled = kept.language ?? "";
    byId("diarize").checked = kept.diarize ?? true;
    byId("noise").checked = kept.noise ?? true;
  } catch {
    // What an older page has written is not worth a word.
  }
}
