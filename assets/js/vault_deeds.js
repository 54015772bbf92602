// What is done to pictures in the vault: shown at once, said in the toast, and taken back from there.
import { useCallback, useEffect, useState } from "react";
import { waitingWords } from "./facts.jsx";
import { change, makeShelf, shelve } from "./vault_data.js";
import { pictures } from "./vault_query.js";

const DONE = {
  keep: (count) => `${pictures(count)} kept.`,
  let_go: (count) => `${pictures(count)} no longer kept.`,
  throw_away: (count) => `${pictures(count)} moved to the trash.`,
  restore: (count) => `${pictures(count)} taken out of the trash.`,
  erase: (count) => `${pictures(count)} deleted for good.`,
  rate: (count) => `${pictures(count)} rated.`,
};
const UNDO = { keep: "let_go", let_go: "keep", throw_away: "restore", restore: "throw_away" };

/** Deeds for the pictures of `found`; `said` is the toast. */
export function useDeeds({ found, readRail, onSelect, show }) {
  const { mend, drop, read } = found;
  const [said, setSaid] = useState(null);
  const leaving = (action) => action === "throw_away" || action === "restore" || action === "erase" || (action === "let_go" && show === "kept");
  const act = useCallback(
    async (action, ids, more = {}, words = null) => {
      if (!ids.length) return null;
      if (action === "keep" || action === "let_go") mend(ids, { kept: action === "keep" });
      if (action === "rate") mend(ids, { rating: more.rating });
      const answer = await change(action, ids, more);
      if (!answer.ok) {
        setSaid({ words: answer.problem, tone: "failed" });
        read();
        return null;
      }
      if (leaving(action)) {
        drop(ids);
        onSelect("none");
      }
      setSaid({ words: [words ?? DONE[action]?.(answer.changed.length) ?? "Done.", waitingWords(answer.waiting)].join(" ").trim(), undo: answer.changed.length && UNDO[action] ? { action: UNDO[action], ids: answer.changed } : null });
      readRail();
      return answer;
    },
    [mend, drop, read, readRail, onSelect, show],
  );
  const undo = useCallback(async () => {
    const back = said?.undo;
    setSaid(null);
    if (!back) return;
    let answer = await change(back.action, back.ids, back.more);
    if (answer.ok && back.also) answer = await change(back.also.action, back.also.ids, back.also.more);
    setSaid({ words: answer.ok ? "Taken back." : answer.problem, tone: answer.ok ? "" : "failed" });
    read();
    readRail();
  }, [said, read, readRail]);

  // Put somewhere in the dialog: the rail counts anew, and the toast takes it back.
  useEffect(() => {
    const shelved = ({ detail }) => {
      readRail();
      const { shelf, changed, left = [] } = detail;
      const done = left.length ? "moved to" : detail.taken ? "taken out of" : shelf === "tag" ? "tagged" : "put into";
      const back = left.length ? { action: "put", ids: left, more: { shelf, shelf_id: detail.from } } : undefined;
      if (left.length) {
        drop(left);
        onSelect("none");
      }
      if (changed.length || left.length)
        setSaid({
          words: `${pictures(left.length || changed.length)} ${done} “${detail.name}”.`,
          undo: changed.length ? { action: detail.taken ? "put" : "take", ids: changed, more: { shelf, shelf_id: detail.id }, also: back } : back,
        });
    };
    const elsewhere = () => readRail();
    addEventListener("runtz:shelved", shelved);
    addEventListener("runtz:changed", elsewhere);
    return () => {
      removeEventListener("runtz:shelved", shelved);
      removeEventListener("runtz:changed", elsewhere);
    };
  }, [readRail, drop, onSelect]);

  const onDrop = useCallback((kind, one, dropped) => {
    if (kind === "keep" || kind === "throw_away") return act(kind, dropped);
    const shelf = kind === "tag" ? { shelf: "tag", shelf_id: one.value } : { shelf: "collection", shelf_id: one.id };
    const place = `“${one.name ?? one.label}”`;
    const wordsOf = (count) => (count ? `${pictures(count)} ${kind === "tag" ? "tagged" : "put into"} ${place}.` : `Already ${kind === "tag" ? "tagged" : "in"} ${place}.`);
    return change("put", dropped, shelf).then((answer) => {
      readRail();
      setSaid({
        words: answer.ok ? wordsOf(answer.changed.length) : answer.problem,
        tone: answer.ok ? "" : "failed",
        undo: answer.ok && answer.changed.length ? { action: "take", ids: answer.changed, more: shelf } : null,
      });
    });
  }, [act, readRail]);
  const onMake = useCallback(async (shelf, name) => {
    const made = await makeShelf(shelf, name);
    if (!made.ok) setSaid({ words: made.problem, tone: "failed" });
    readRail();
  }, [readRail]);
  const onCover = useCallback(async (image_id, collection) => {
    const answer = await shelve("collection", collection, "cover", { image_id });
    setSaid(answer.ok ? { words: "The collection is shown by this picture now." } : { words: answer.problem, tone: "failed" });
    readRail();
  }, [readRail]);
  return { said, setSaid, act, undo, onDrop, onMake, onCover };
}
