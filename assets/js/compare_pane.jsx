// One pane of a comparison: a picture under the view that all panes share.
import React, { useEffect, useRef } from "react";
import { Check } from "lucide-react";
import { altOf, traceOf } from "./facts.jsx";
import { useSharp } from "./sharp.js";
import { fractionAt, placed, useGestures } from "./zoom.js";

const LOUPE = 220; // pixels across
const ABOVE = 130; // pixels that the loupe stands above a finger, which would hide it

/** One picture where the shared view puts it; its original is fetched when its pixels can be seen. */
export function Whole({ one, view, size, className = "", style }) {
  const { scale, left, top } = placed(view, size, one);
  const drawn = useSharp(one, scale);
  const box = { width: one.width * scale, height: one.height * scale, transform: `translate(${left}px, ${top}px)` };
  const trace = traceOf(one.hash);
  return (
    <div className={`pane-picture ${className}`} style={style}>
      {trace && <img src={trace} alt="" draggable="false" style={box} />}
      <img src={drawn} alt={altOf(one)} draggable="false" style={box} />
    </div>
  );
}

/** The line between two pictures, drawn along by mouse or finger; the range below it is for keys. */
export function Split({ at, onMoved }) {
  const line = useRef(null);
  const latest = useRef(onMoved);
  latest.current = onMoved;
  useEffect(() => {
    const drawn = line.current;
    const down = (event) => {
      event.stopPropagation(); // or the pane would take the drag for its own
      drawn.setPointerCapture(event.pointerId);
    };
    const moved = (event) => {
      if (!drawn.hasPointerCapture(event.pointerId)) return;
      event.stopPropagation();
      const { left, width } = drawn.parentElement.getBoundingClientRect();
      latest.current(Math.round(Math.min(100, Math.max(0, ((event.clientX - left) / width) * 100))));
    };
    drawn.addEventListener("pointerdown", down);
    drawn.addEventListener("pointermove", moved);
    return () => {
      drawn.removeEventListener("pointerdown", down);
      drawn.removeEventListener("pointermove", moved);
    };
  }, []);
  return <i ref={line} className="pane-split" style={{ left: `${at}%` }} aria-hidden="true" />;
}

function Loupe({ one, at, size, view }) {
  const { scale, left, top } = placed(view, size, one);
  const ratio = globalThis.devicePixelRatio || 1;
  const [wide, high] = [one.width / ratio, one.height / ratio];
  const style = {
    left: left + at.x * one.width * scale,
    top: Math.max(at.touch ? LOUPE / 2 : -LOUPE, top + at.y * one.height * scale - (at.touch ? ABOVE : 0)),
    backgroundImage: `url("${one.original}")`,
    backgroundSize: `${wide}px ${high}px`,
    backgroundPosition: `${LOUPE / 2 - at.x * wide}px ${LOUPE / 2 - at.y * high}px`,
  };
  return <div className="pane-loupe" style={style} aria-hidden="true" />;
}

/** A picture with its number, name, pick, cross, loupe and map; it is moved by wheel, drag and pinch. */
export function Pane({ one, place, size, state, act, hidden, chosen, active, measure, children }) {
  const pane = useRef(null);
  const { view, cursor, loupe } = state;
  useGestures(pane, {
    read: () => ({ view: act.view(), picture: one }),
    write: act.setView,
    onSwipe: (direction) => direction !== "down" && act.flip(direction === "next" ? 1 : -1),
    onTap: () => act.activate(place),
    pointing: loupe,
  });
  useEffect(() => measure?.(pane.current), [measure]);
  const moved = (event) => {
    const touch = event.pointerType === "touch";
    if (touch && !loupe) return;
    act.setCursor({ ...fractionAt(act.view(), pane.current.getBoundingClientRect(), one, event.clientX, event.clientY), touch });
  };
  const { scale, left, top } = placed(view, size, one);
  const inside = cursor && cursor.x >= 0 && cursor.x <= 1 && cursor.y >= 0 && cursor.y <= 1;
  const cross = inside && { left: left + cursor.x * one.width * scale, top: top + cursor.y * one.height * scale };
  const zoomed = view.zoom > 1.001;
  const seen = zoomed && {
    left: `${(-left / (one.width * scale)) * 100}%`,
    top: `${(-top / (one.height * scale)) * 100}%`,
    width: `${Math.min(1, size.width / (one.width * scale)) * 100}%`,
    height: `${Math.min(1, size.height / (one.height * scale)) * 100}%`,
  };
  return (
    <div ref={pane} className={`pane ${hidden ? "" : `hue-${one.hue}`}`} data-chosen={chosen || undefined} data-active={active || undefined} data-zoomed={zoomed || undefined}
      role="group" aria-label={`Picture ${place + 1}${hidden ? "" : `, ${one.model}`}${chosen ? ", picked" : ""}`}
      onPointerDown={moved} onPointerMove={moved} onPointerEnter={() => act.activate(place)} onPointerLeave={() => act.setCursor(null)}>
      {children ?? <Whole one={one} view={view} size={size} />}
      <span className="pane-number">{place + 1}</span>
      {!hidden && <span className="pane-name phone-only ellipsis">{one.model}</span>}
      {chosen && <span className="pane-picked"><Check size={14} strokeWidth={1.5} aria-hidden="true" />pick</span>}
      {cross && !loupe && <span className="pane-cross" style={cross} aria-hidden="true" />}
      {inside && loupe && <Loupe one={one} at={cursor} size={size} view={view} />}
      {zoomed && place === state.mapOn && (
        <span className="pane-map" aria-hidden="true" style={{ aspectRatio: `${one.width} / ${one.height}` }}>
          <img src={one.thumb} alt="" />
          <i style={{ left: seen.left, top: seen.top, width: seen.width, height: seen.height }} />
        </span>
      )}
    </div>
  );
}
