// Talking to the mounted API from scripts: JSON in, JSON out, and one sentence when nothing came back.
const SILENT = "The server did not answer. Nothing was changed; try again in a moment.";

async function answered(sent) {
  let answer;
  try {
    answer = await sent;
  } catch {
    return { ok: false, status: 0, problem: SILENT };
  }
  if (answer.status === 401) location.assign(`/welcome?next=${encodeURIComponent(location.pathname)}`);
  const text = await answer.text();
  try {
    return { ok: answer.ok, status: answer.status, ...JSON.parse(text) };
  } catch {
    return { ok: answer.ok, status: answer.status, problem: answer.ok ? "" : text || SILENT };
  }
}

export const get = (path, signal) => answered(fetch(path, { headers: { Accept: "application/json" }, signal }));

export const post = (path, body = {}) =>
  answered(fetch(path, { method: "POST", headers: { Accept: "application/json", "Content-Type": "application/json" }, body: JSON.stringify(body) }));

/** Says something to another part of the page, e.g. tell("runtz:lightbox", { ids, at }). */
export const tell = (name, detail) => dispatchEvent(new CustomEvent(name, { detail }));

/** Pictures were changed; whoever shows them may read them again. */
export const changed = (ids) => tell("runtz:changed", { ids });

export const typing = (target) => Boolean(target?.closest?.("input:not([type=range]):not([type=checkbox]), textarea, select, [contenteditable]"));
