// The wall: only the rows in sight are in the page, whatever is behind them. A grid to the keyboard and to readers.
import React, { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { Cell } from "./vault_cell.jsx";
import { besides, cellOf, emptyLayout, grownLayout, rowAt, touched } from "./vault_layout.js";
import { monthWords } from "./vault_query.js";

const AHEAD = 2400; // pixels below the window from which the next page is fetched
const OVERSCAN = 260; // pixels above and below that are drawn too
const MOST_DRAWN = 78; // pictures in the page at once, however high the window
const LONG_PRESS = 450; // milliseconds
const MOVED = 8; // pixels after which a press is a movement

function useWidth(box) {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const watching = new ResizeObserver(([entry]) => setWidth(Math.floor(entry.contentRect.width)));
    watching.observe(box.current);
    return () => watching.disconnect();
  }, [box]);
  return width;
}

/** Rows for all pictures; those laid out before stay while the list only grows. */
function useLayout(items, ended, width, large) {
  const kept = useRef({ items: [], layout: null });
  return useMemo(() => {
    if (!width) return emptyLayout(1, false);
    const before = kept.current;
    const first = before.layout;
    const same = first && first.width === width && before.large === large && before.ended === false && items.length >= before.items.length
      && (before.items.length === 0 || (items[0]?.id === before.items[0].id && items[before.items.length - 1]?.id === before.items.at(-1).id));
    const layout = grownLayout(same ? first : emptyLayout(width, large), items, ended);
    kept.current = { items, layout, large, ended };
    return layout;
  }, [items, ended, width, large]);
}

/** First and last row to draw. */
function windowOf(layout, top, height) {
  const { rows } = layout;
  let first = rowAt(rows, top - OVERSCAN);
  let last = rowAt(rows, top + height + OVERSCAN);
  let drawn = 0;
  const visible = rowAt(rows, top);
  first = Math.min(first, visible);
  for (let row = first; row <= last && row < rows.length; row++) {
    drawn += rows[row].cells?.length ?? 0;
    if (drawn > MOST_DRAWN) {
      if (first < visible) {
        drawn -= rows[first].cells?.length ?? 0;
        first++;
      } else last = row - 1;
    }
  }
  return [first, last];
}

export function Wall({ items, ended, large, selected, onSelect, onOpen, onMore, onDrag, scrollKey, label }) {
  const box = useRef(null);
  const width = useWidth(box);
  const layout = useLayout(items, ended, width, large);
  const [range, setRange] = useState([0, 0]);
  const [focus, setFocus] = useState(0);
  const [marquee, setMarquee] = useState(null);
  const live = useRef({});
  Object.assign(live.current, { items, layout, selected, focus, onSelect, onOpen, onMore, ended }); // what a gesture noted stays

  const look = useCallback(() => {
    const { layout: now, ended: end, onMore: more } = live.current;
    if (!box.current) return;
    const top = -box.current.getBoundingClientRect().top;
    const next = windowOf(now, top, innerHeight);
    setRange((old) => (old[0] === next[0] && old[1] === next[1] ? old : next));
    if (!end && now.height - top - innerHeight < AHEAD) more();
  }, []);

  useEffect(() => {
    let frame = 0;
    const scrolled = () => {
      frame ||= requestAnimationFrame(() => {
        frame = 0;
        look();
      });
    };
    addEventListener("scroll", scrolled, { passive: true });
    addEventListener("resize", scrolled);
    return () => {
      cancelAnimationFrame(frame);
      removeEventListener("scroll", scrolled);
      removeEventListener("resize", scrolled);
    };
  }, [look]);
  useLayoutEffect(look, [layout, look]);
  useEffect(() => setFocus(0), [scrollKey]);

  const show = useCallback((at) => {
    const { layout: now } = live.current;
    const found = cellOf(now.rows, at);
    if (!found) return;
    const row = now.rows[found.row];
    const origin = box.current.getBoundingClientRect().top + scrollY;
    const bar = 140; // pixels of the bars above and below
    if (origin + row.top < scrollY + bar) scrollTo({ top: origin + row.top - bar });
    else if (origin + row.top + row.height > scrollY + innerHeight - bar) scrollTo({ top: origin + row.top + row.height - innerHeight + bar });
    look();
    setFocus(at);
    requestAnimationFrame(() => box.current?.querySelector(`[data-at="${at}"]`)?.focus({ preventScroll: true }));
  }, [look]);

  const cellFrom = (event) => event.target.closest?.("[data-at]");

  const clicked = (event) => {
    const cell = cellFrom(event);
    if (!cell || live.current.pressed) {
      live.current.pressed = false;
      return;
    }
    const at = Number(cell.dataset.at);
    setFocus(at);
    cell.focus({ preventScroll: true });
    if (event.shiftKey) onSelect("range", at);
    else if (event.metaKey || event.ctrlKey || event.target.closest("[data-tick]") || (selected.size && live.current.touch)) onSelect("toggle", at);
    else if (selected.size) onSelect("toggle", at);
    else onOpen(at);
  };

  const keyed = (event) => {
    const cell = cellFrom(event);
    if (!cell || event.altKey) return;
    const at = Number(cell.dataset.at);
    const moves = {
      ArrowLeft: () => Math.max(0, at - 1),
      ArrowRight: () => Math.min(items.length - 1, at + 1),
      ArrowUp: () => besides(layout.rows, at, -1) ?? 0,
      ArrowDown: () => besides(layout.rows, at, 1) ?? items.length - 1,
      Home: () => 0,
      End: () => items.length - 1,
    };
    if (moves[event.key] && !event.ctrlKey && !event.metaKey) {
      const to = moves[event.key]();
      if (event.shiftKey) onSelect("range", to);
      show(to);
    } else if (event.key === "Enter") onOpen(at);
    else if (event.key === " ") onSelect(event.shiftKey ? "range" : "toggle", at);
    else return;
    event.preventDefault();
  };

  // A long press selects, as on every phone; a drag over the ground draws a rectangle.
  const pressed = (event) => {
    const cell = cellFrom(event);
    live.current.touch = event.pointerType === "touch";
    live.current.pressed = false; // no click follows a long press everywhere
    if (cell) cell.draggable = !live.current.touch; // or the browser's own long press takes the finger away
    if (live.current.touch) {
      if (!cell) return;
      const from = [event.clientX, event.clientY];
      const end = () => {
        clearTimeout(timer);
        removeEventListener("pointermove", moved);
        removeEventListener("pointerup", end);
        removeEventListener("pointercancel", end);
      };
      const moved = (now) => Math.hypot(now.clientX - from[0], now.clientY - from[1]) > MOVED && end();
      const timer = setTimeout(() => {
        end();
        live.current.pressed = true;
        navigator.vibrate?.(12);
        onSelect("toggle", Number(cell.dataset.at));
      }, LONG_PRESS);
      addEventListener("pointermove", moved);
      addEventListener("pointerup", end);
      addEventListener("pointercancel", end);
      return;
    }
    if (event.button !== 0 || (cell && !event.shiftKey)) return;
    const place = (now) => {
      const frame = box.current.getBoundingClientRect();
      return [now.clientX - frame.left, now.clientY - frame.top];
    };
    const from = place(event);
    const before = event.shiftKey || event.metaKey || event.ctrlKey ? [...selected] : [];
    let drawn = false;
    const drag = (now) => {
      const to = place(now);
      if (!drawn && Math.hypot(to[0] - from[0], to[1] - from[1]) < MOVED) return;
      drawn = true;
      const area = { left: Math.min(from[0], to[0]), right: Math.max(from[0], to[0]), top: Math.min(from[1], to[1]), bottom: Math.max(from[1], to[1]) };
      setMarquee(area);
      live.current.onSelect("only", touched(live.current.layout.rows, area), before);
    };
    const end = () => {
      removeEventListener("pointermove", drag);
      removeEventListener("pointerup", end);
      setMarquee(null);
      live.current.pressed = drawn && Boolean(cell);
      if (!drawn && !cell) live.current.onSelect("none");
    };
    if (cell) event.preventDefault(); // or the picture would be dragged
    addEventListener("pointermove", drag);
    addEventListener("pointerup", end);
  };

  const dragged = (event) => {
    const cell = cellFrom(event);
    if (!cell || live.current.touch) return event.preventDefault();
    const ids = selected.has(cell.dataset.id) ? [...selected] : [cell.dataset.id];
    event.dataTransfer.setData("application/x-runtz-images", JSON.stringify(ids));
    event.dataTransfer.effectAllowed = "copyMove";
    onDrag(ids.length);
    return undefined;
  };

  const [first, last] = range;
  const drawnRows = layout.rows.slice(first, last + 1);
  const inFocus = focus < items.length ? focus : 0;
  const focusDrawn = drawnRows.some((row) => row.cells?.some((cell) => cell.at === inFocus));
  const reachable = focusDrawn ? inFocus : drawnRows.find((row) => row.cells)?.cells[0].at;
  return (
    <div ref={box} className="wall" role="grid" aria-label={label} aria-multiselectable="true" aria-rowcount={ended ? layout.rows.length : -1} style={{ height: layout.height }}
      data-selecting={selected.size > 0 || undefined} onClick={clicked} onKeyDown={keyed} onPointerDown={pressed} onDragStart={dragged} onDragEnd={() => onDrag(0)}
      onContextMenu={(event) => live.current.touch && event.preventDefault()}>
      {drawnRows.map((row, place) =>
        row.cells ? (
          <div key={items[row.cells[0].at]?.id ?? place} role="row" aria-rowindex={first + place + 1} className="wall-row" style={{ top: row.top, height: row.height }}>
            {row.cells.map((cell) => {
              const item = items[cell.at];
              return item ? (
                <Cell key={item.id} item={item} at={cell.at} left={cell.left} width={cell.width} height={row.height} selected={selected.has(item.id)}
                  focused={cell.at === reachable} picking={selected.size > 0} />
              ) : null;
            })}
          </div>
        ) : (
          <div key={row.month} role="row" aria-rowindex={first + place + 1} className="wall-month" style={{ top: row.top, height: row.height }}>
            <div role="gridcell">
              <h2>{monthWords(row.month)}</h2>
            </div>
          </div>
        ),
      )}
      {marquee && (
        <div className="wall-marquee" aria-hidden="true"
          style={{ left: marquee.left, top: marquee.top, width: marquee.right - marquee.left, height: marquee.bottom - marquee.top }} />
      )}
    </div>
  );
}
