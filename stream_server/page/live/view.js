/** The live view: from the form to captions, and to the end of the session. */

import { nextToken, passState } from "../api/pass.js";
import { announce, complain, note } from "../dom/announcer.js";
import { byId } from "../dom/element.js";
import { askWho } from "../dom/speaker_dialog.js";
import { explain, t, tell } from "../dom/speech.js";
import { offerToTakeAway } from "../dom/take_away.js";
import { calledName, TurnList } from "../dom/turn_list.js";
import { isRunning } from "../model/connection.js";
import { transcriptAs } from "../model/files.js";
import { writeRoute } from "../model/routes.js";
import { revisionOf } from "../model/speakers.js";
import { layTurns, saidIn } from "../model/turns.js";
import { Bar } from "./bar.js";
import { Follower } from "./follow.js";
import { LiveSession, openSource } from "./session.js";
import { listDevices, prepareSetup } from "./setup.js";

export class LiveView {
  #session = null;
  #isDrawing = false;

  constructor() {
    this.bar = new Bar();
    this.follower = new Follower(byId("jump"), byId("live-turns"));
    this.turns = new TurnList(byId("live-turns"), {
      onSpeaker: (speaker) => this.#askWho(speaker),
    });
    prepareSetup((wish) => void this.#start(wish));
    byId("stop").addEventListener("click", () => void this.#stop());
    byId("give-up").addEventListener("click", () => note("live.given_up", { seconds: Math.ceil(this.#session.giveUp()) }));
    byId("again").addEventListener("click", () => this.#reset());
    offerToTakeAway({
      copy: byId("copy"),
      menu: byId("download"),
      textOf: (format) => transcriptAs(this.#session.client.transcript, format),
      titleOf: () => ({ title: byId("meeting-id").value, moment: this.#session.startedAt }),
    });
    addEventListener("beforeunload", (event) => {
      if (this.#session && isRunning(this.#session.client.state)) event.preventDefault();
    });
  }

  /** The reader comes to this view. */
  enter() {
    this.follower.show(this.#session !== null);
  }

  /** The reader goes elsewhere; the session goes on. */
  leave() {
    this.follower.show(false);
  }

  async #start(wish) {
    const [button, wrong] = [byId("start"), byId("live-error")];
    wrong.hidden = true;
    button.disabled = true;
    tell(button, "live.starting");
    try {
      const capture = await openSource(wish);
      void listDevices();
      const token = passState().signedIn ? nextToken : undefined;
      const session = new LiveSession(capture, { options: wish.options, token });
      this.#show(session);
      await session.start();
    } catch (error) {
      this.#reset();
      wrong.textContent = explain(error);
      wrong.hidden = false;
    } finally {
      button.disabled = false;
      tell(button, "live.start");
    }
  }

  async #stop() {
    try {
      await this.#session.stop();
    } catch (error) {
      if (error.code !== "aborted") complain(error);
    }
  }

  #show(session) {
    this.#session = session;
    this.turns.render([]);
    byId("live-setup").hidden = true;
    byId("live-session").hidden = false;
    this.#showEmpty();
    this.bar.begin(session);
    this.follower.show(!byId("live-session").closest("[data-view]").hidden);
    this.follower.resume();
    const { client } = session;
    client.on("transcript", ({ transcript, utteranceId }) => {
      this.#drawSoon();
      this.#announce(transcript, utteranceId);
    });
    client.on("state", () => this.#showEmpty());
    client.on("resumed", ({ recognised_again: again }) => note(again ? "live.recovered.again" : "live.recovered"));
    client.on("session_lost", () => note("live.lost"));
    client.on("unprotected", () => note("live.unprotected"));
    client.on("ready", ({ session_id: id }) => {
      byId("open-record").href = writeRoute("recordings", id);
      client.on("error", complain);
    });
    session.capture.on("error", (error) => {
      if (isRunning(client.state)) complain(error);
    });
    byId("stop").focus({ preventScroll: true });
  }

  #reset() {
    this.#session = null;
    byId("live-setup").hidden = false;
    byId("live-session").hidden = true;
    byId("jump").hidden = true;
    this.follower.show(false);
    byId("start").focus({ preventScroll: true });
  }

  #drawSoon() {
    if (this.#isDrawing) return;
    this.#isDrawing = true;
    requestAnimationFrame(() => {
      this.#isDrawing = false;
      if (!this.#session) return;
      this.turns.render(layTurns(this.#session.client.transcript.utterances));
      this.#showEmpty();
    });
  }

  #showEmpty() {
    const { state, transcript } = this.#session.client;
    const empty = byId("live-empty");
    empty.hidden = transcript.utterances.length > 0;
    if (!empty.hidden) tell(empty, state === "closed" ? "live.empty.closed" : "live.empty");
  }

  /** Of who speaks, the transcript knows more than a message: who was renamed, and who came after a session was lost. */
  #announce({ utterances }, id) {
    const utterance = utterances.findLast(({ utteranceId }) => utteranceId === id);
    if (!utterance?.final) return;
    for (const { speaker, name, text } of saidIn(utterance)) {
      announce(speaker === null ? text : t("live.said_by", { name: calledName(speaker, name), text }));
    }
  }

  /** Speakers of a session that was lost belong to that one's record: only those of one record can be one person. */
  #askWho(speaker) {
    const { transcript } = this.#session.client;
    const { sessionId: recordId, id } = transcript.origin(speaker);
    const names = new Map(layTurns(transcript.utterances).map((turn) => [turn.speaker, turn.name]));
    const speakers = transcript.speakers
      .map((each) => ({ name: names.get(each) ?? null, ...transcript.origin(each) }))
      .filter(({ sessionId }) => sessionId === recordId);
    const onSaved = ({ name, into }) => this.#revise(speaker, { name, into: into === null ? null : into + speaker - id });
    askWho({ recordId, speaker: id, speakers, onSaved });
  }

  /** A session that is over hears nothing more from the server. */
  #revise(speaker, change) {
    const { client } = this.#session;
    client.transcript.apply(revisionOf(change, speaker, client.transcript.parts.at(-1)?.firstSpeaker));
    this.#drawSoon();
  }
}
