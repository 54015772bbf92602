// What is chosen in the wall: by clicks, ranges, rectangles, or all of it.
import { useCallback, useRef, useState } from "react";

/** What is chosen: ids, and the picture from which a range begins. */
export function useSelection(items) {
  const [selected, setSelected] = useState(() => new Set());
  const anchor = useRef(0);
  const latest = useRef(items);
  latest.current = items;
  const onSelect = useCallback((how, at, before = []) => {
    const known = latest.current;
    setSelected((old) => {
      if (how === "none") return old.size ? new Set() : old;
      if (how === "ids") return new Set(at);
      if (how === "only") return new Set([...before, ...at.map((place) => known[place]?.id).filter(Boolean)]);
      const next = new Set(old);
      if (how === "range") {
        const [from, to] = [Math.min(anchor.current, at), Math.max(anchor.current, at)];
        for (const item of known.slice(from, to + 1)) next.add(item.id);
        return next;
      }
      anchor.current = at;
      const id = known[at]?.id;
      if (!id) return old;
      if (!next.delete(id)) next.add(id);
      return next;
    });
  }, []);
  return [selected, onSelect];
}
