// What the vault knows of the server: pages of the wall as they are scrolled to, the rail, and changes with undo.
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { changed as tellChanged, get, post } from "./api.js";
import { asked, cursorBelow, isNarrowed, monthOf, today, zone } from "./vault_query.js";

const EMPTY = { items: [], next: "", state: "loading", corrected: "", ms: 0, fresh: 0, problem: "" };

/** The wall's pictures for a query: page by page, brought up to date when `tick` says that something changed. */
export function usePictures(query, tick, ready) {
  const [shown, setShown] = useState(EMPTY);
  const latest = useRef(shown);
  latest.current = shown;
  const search = asked(query);
  const start = query.at ? cursorBelow(query.at) : "";
  const running = useRef(null);

  const fetchPage = useCallback(
    async (after, signal) => {
      const page = await get(`/api/vault/page?${search}${after ? `&after=${after}` : ""}`, signal);
      return page.ok ? { ...page, items: page.items.map((item) => ({ ...item, month: monthOf(item.at) })) } : page;
    },
    [search],
  );

  const read = useCallback(async () => {
    running.current?.abort();
    const stop = new AbortController();
    running.current = stop;
    const page = await fetchPage(start, stop.signal);
    if (stop.signal.aborted) return;
    running.current = null;
    if (!page.ok) setShown({ ...EMPTY, state: "failed", problem: page.status === 404 ? "This address asks for something the vault does not know." : page.problem });
    else setShown({ ...EMPTY, ...page, state: "here" });
  }, [fetchPage, start]);

  useEffect(() => {
    if (!ready) return undefined;
    setShown((old) => ({ ...old, state: old.items.length ? "changing" : "loading" }));
    read();
    return () => running.current?.abort();
  }, [read, ready]);

  const more = useCallback(async () => {
    const { next, state } = latest.current;
    if (!next || state !== "here" || running.current) return;
    const stop = new AbortController();
    running.current = stop;
    const page = await fetchPage(next, stop.signal);
    if (stop.signal.aborted) return;
    running.current = null;
    if (!page.ok) setShown((old) => ({ ...old, problem: page.problem }));
    else setShown((old) => ({ ...old, items: [...old.items, ...page.items], next: page.next, problem: "" }));
  }, [fetchPage]);

  // What others did (a picture arrived, another tab kept one) is seen in the first page; what is below waits.
  const refresh = useCallback(async () => {
    const page = await fetchPage(start);
    if (!page.ok || latest.current.state !== "here") return;
    setShown((old) => {
      const now = new Map(page.items.map((item) => [item.id, item]));
      const known = new Set(old.items.map((item) => item.id));
      const fresh = page.items.filter((item) => !known.has(item.id)).length;
      if (fresh === 0 || scrollY < 240) {
        const rest = old.items.slice(0).filter((item) => !now.has(item.id));
        const end = page.next ? old.items.findIndex((item) => item.id === page.items.at(-1)?.id) : old.items.length;
        const gone = new Set(old.items.slice(0, end + 1).filter((item) => !now.has(item.id)).map((item) => item.id));
        if (fresh && end < 0) return { ...EMPTY, ...page, state: "here" };
        return { ...old, items: [...page.items, ...rest.filter((item) => !gone.has(item.id))], next: page.next ? old.next || page.next : "", fresh: 0 };
      }
      return { ...old, items: old.items.map((item) => now.get(item.id) ?? item), fresh };
    });
  }, [fetchPage, start]);

  // A change that is told while something is being read waits for its turn: the answer may be older than it.
  const seen = useRef(tick);
  useEffect(() => {
    if (shown.state !== "here" || seen.current === tick || running.current) return;
    seen.current = tick;
    refresh();
  }, [tick, refresh, shown]);

  const mend = useCallback((ids, values) => {
    const wanted = new Set(ids);
    setShown((old) => ({ ...old, items: old.items.map((item) => (wanted.has(item.id) ? { ...item, ...values } : item)) }));
  }, []);
  const drop = useCallback((ids) => {
    const wanted = new Set(ids);
    setShown((old) => ({ ...old, items: old.items.filter((item) => !wanted.has(item.id)) }));
  }, []);
  return useMemo(() => ({ ...shown, read, more, mend, drop, search }), [shown, read, more, mend, drop, search]);
}

/** Collections, tags, facets and months with their counts. */
export function useRail(show, tick, ready) {
  const [rail, setRail] = useState(null);
  const [problem, setProblem] = useState("");
  const asking = useRef(0);
  const read = useCallback(async () => {
    const mine = ++asking.current;
    const [found, made] = await Promise.all([
      get(`/api/vault/rail?show=${show || "kept"}&zone=${zone()}`),
      get(`/api/vault/count?${asked({ show: "all", from: today() })}`),
    ]);
    if (mine !== asking.current) return; // a later question has its own answer
    if (found.ok) setRail({ ...found, today: made.ok ? made.pictures : null });
    setProblem(found.ok ? "" : found.problem);
  }, [show]);
  useEffect(() => {
    if (ready) read();
  }, [read, tick, ready]);
  return [rail, read, problem];
}

/** How many pictures fit, asked when what is loaded does not say it; null until it is known. */
export function useCount(query, found, rail) {
  const [count, setCount] = useState(null);
  const search = asked({ ...query, q: found.corrected || query.q });
  const wanted = Boolean(rail) && found.state === "here" && isNarrowed(query) && Boolean(found.next || query.at);
  useEffect(() => setCount(null), [search]);
  useEffect(() => {
    if (!wanted) return undefined;
    const stop = new AbortController();
    get(`/api/vault/count?${search}`, stop.signal).then((answer) => !stop.signal.aborted && answer.ok && setCount(answer));
    return () => stop.abort();
  }, [search, wanted, rail]);
  return count;
}

/** Change many pictures; answers what the server said. */
export async function change(action, ids, more = {}) {
  const said = await post("/api/vault/change", { action, ids, ...more });
  if (said.ok && said.changed?.length) tellChanged(said.changed);
  return said;
}

export const shelve = (shelf, id, action, more = {}) => post(`/api/vault/shelves/${id}`, { shelf, action, ...more });
export const makeShelf = (shelf, name) => post("/api/vault/shelves", { shelf, name });
