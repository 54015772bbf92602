// What a person is writing: kept in this browser, shared by the prompt, the seed, the negative prompt and Run.
import { useSyncExternalStore } from "react";

const PLACE = "runtz.draft";
const EMPTY = { prompt: "", negative: "", negativeOn: false, seed: "", promptId: "", promptName: "", added: "", preset: "" };
const listeners = new Set();
let draft = null;

function stored() {
  try {
    return { ...EMPTY, ...JSON.parse(localStorage.getItem(PLACE) ?? "{}") };
  } catch {
    return EMPTY;
  }
}

function current() {
  draft ??= stored();
  return draft;
}

/** Change some of it; every part of the composer follows. */
export function write(change) {
  draft = { ...current(), ...change };
  try {
    localStorage.setItem(PLACE, JSON.stringify(draft));
  } catch {
    // A full or forbidden store loses the draft on reload, nothing else.
  }
  listeners.forEach((listener) => listener());
}

function subscribe(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const useDraft = () => useSyncExternalStore(subscribe, current, () => EMPTY);

// Runs: one key per intent to run, kept until the server has answered, so that a double click is one job.
const RESEND_AFTER = 10_000; // milliseconds without an answer
let pending = null;
const runners = new Set();

/** Ask for a run with the draft as it stands. False while the same run is on its way. */
export function send(onRun) {
  if (pending && Date.now() - pending.at < RESEND_AFTER) return false;
  pending = { key: pending?.key ?? newKey(), at: Date.now() };
  const { prompt, negative, negativeOn, seed, promptId } = current();
  if (taker?.(current(), pending.key)) return true;
  onRun({ submission_key: pending.key, prompt: stands || prompt, negative: negativeOn ? negative : "", seed, prompt_id: promptId });
  return true;
}

export function answered() {
  pending = null;
}

// Wildcards: how many prompts the draft makes, who runs them all in the place of one job, and why none may run yet.
let times = 1;
let taker = null;
let hindrance = "";
let stands = "";

/** `take(draft, key)` runs the draft and says so; without it a run is one job, of `words` where they are not the draft's.
 *  `why` says why it cannot run. */
export function makesMany(many, take, why = "", words = "") {
  [times, taker, hindrance, stands] = [many, take, why, words];
  listeners.forEach((listener) => listener());
}

export const useHindrance = () => useSyncExternalStore(subscribe, () => hindrance, () => "");

export const useTimes = () => useSyncExternalStore(subscribe, () => times, () => 1);

/** 128 random bits: crypto.randomUUID is missing on plain http beyond localhost. */
export function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function register(runner) {
  runners.add(runner);
  return () => runners.delete(runner);
}

/** What Ctrl+Enter does. */
export function runNow() {
  const [runner] = runners;
  runner?.();
}
