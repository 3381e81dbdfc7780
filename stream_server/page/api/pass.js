/**
 * The pass: a token that stands for a key for a while (`POST /v1/tokens`).
 *
 * The key itself is shown to the server once and forgotten; the token lies in `sessionStorage`, which ends with the tab.
 */

import { failureOf } from "./failure.js";

const STORED = "stream-server.pass";

/** What the page has views for; of these a pass gets those that the key has. */
const SCOPES = ["transcribe", "usage", "admin"];

/** A pass is renewed when this share of its life is left. */
const RENEW_SHARE = 0.4;

/** So long the server may take to answer: in a network that is cut a request would hang for minutes. */
const ANSWER_MS = 15_000;

/** A pass that could not be renewed is tried again after so long. */
const AGAIN_MS = 5000;

/** Tells of `change`: signed in, renewed, signed out; of `ended`: by itself; of `wanted`: the server asks for one. */
export const passChanges = new EventTarget();

let pass = read();
let renewal = null;
let arrival = null;
let timer = 0;

/** Return whether there is a pass, and when it ends, in milliseconds since 1970. */
export function passState() {
  return pass ? { signedIn: true, endsAt: pass.endsAt } : { signedIn: false, endsAt: 0 };
}

/** Exchange a key for a pass; raises an error with a `code`. */
export async function signIn(key) {
  keep(await exchange(key));
}

/** Forget the pass. */
export function signOut() {
  keep(null);
}

/** Return a token that is good for now, renewed if its end is near; undefined where there is none. */
export async function freshToken() {
  if (pass && Date.now() > pass.endsAt - RENEW_SHARE * pass.lifeMs) await renew();
  return pass?.token;
}

/** Return a token for what goes on: where the pass has ended, ask for a key, and wait until somebody has given it. */
export async function nextToken() {
  for (;;) {
    const token = await freshToken();
    if (token) return token;
    arrival ??= askForKey();
    await arrival;
  }
}

/** Keep renewing while the page is open. */
export function keepFresh() {
  clearTimeout(timer);
  if (!pass) return;
  const due = pass.endsAt - RENEW_SHARE * pass.lifeMs - Date.now();
  timer = setTimeout(() => void renew(), Math.max(due, 1000));
}

async function renew() {
  renewal ??= exchangeOld(pass).finally(() => {
    renewal = null;
  });
  await renewal;
}

/** What becomes of a pass matters as long as nobody has signed out or in meanwhile. */
async function exchangeOld(old) {
  try {
    const next = await exchange(old.token);
    if (pass === old) keep(next);
  } catch (error) {
    if (pass !== old) return;
    if (error.status === 401 || Date.now() >= old.endsAt) return end();
    clearTimeout(timer);
    timer = setTimeout(() => void renew(), AGAIN_MS);
  }
}

async function askForKey() {
  const changed = new Promise((resolve) => passChanges.addEventListener("change", resolve, { once: true }));
  passChanges.dispatchEvent(new Event("wanted"));
  await changed;
  arrival = null;
}

async function exchange(credential) {
  const response = await fetch("/v1/tokens", {
    method: "POST",
    headers: { Authorization: `Bearer ${credential}`, "Content-Type": "application/json" },
    body: JSON.stringify({ scope: SCOPES }),
    signal: AbortSignal.timeout(ANSWER_MS),
  });
  if (!response.ok) throw await failureOf(response);
  const { token, expires_in: seconds } = await response.json();
  // The server's own clock may differ from ours: only how long the pass lives counts.
  return { token, lifeMs: seconds * 1000, endsAt: Date.now() + seconds * 1000 };
}

function keep(next) {
  pass = next;
  if (next) sessionStorage.setItem(STORED, JSON.stringify(next));
  else sessionStorage.removeItem(STORED);
  keepFresh();
  passChanges.dispatchEvent(new Event("change"));
}

function end() {
  keep(null);
  passChanges.dispatchEvent(new Event("ended"));
}

function read() {
  try {
    const stored = JSON.parse(sessionStorage.getItem(STORED) ?? "null");
    return stored && stored.endsAt > Date.now() ? stored : null;
  } catch {
    return null;
  }
}
