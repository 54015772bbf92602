// The picture in the lightbox: zoomed and moved by wheel, drag, pinch, double click and keys; flicked to the next.
import React, { useEffect, useRef, useState } from "react";
import { altOf, traceOf } from "./facts.jsx";
import { useSharp } from "./sharp.js";
import { WHOLE, fullZoom, keyed, placed, useGestures, zoomedAt } from "./zoom.js";

export function Stage({ one, onSwipe, viewRef, setZoomed }) {
  const pane = useRef(null);
  const [view, setView] = useState(WHOLE);
  const [size, setSize] = useState({ width: 1, height: 1 });
  const latest = useRef(view);
  latest.current = view;
  const write = (next) => {
    latest.current = next;
    setView(next);
    setZoomed(next.zoom > 1.001);
  };
  viewRef.current = { key: (name) => {
    const next = keyed(name, latest.current, size, one);
    if (next) write(next);
    return Boolean(next);
  } };

  useEffect(() => {
    const watching = new ResizeObserver(([entry]) => setSize({ width: entry.contentRect.width, height: entry.contentRect.height }));
    watching.observe(pane.current);
    return () => watching.disconnect();
  }, []);
  useEffect(() => {
    write(WHOLE);
  }, [one.id]);
  useGestures(pane, { read: () => ({ view: latest.current, picture: one }), write, onSwipe });
  const doubled = (event) => {
    const box = pane.current.getBoundingClientRect();
    const { scale, left, top } = placed(latest.current, box, one);
    const at = { x: (event.clientX - box.left - left) / (one.width * scale), y: (event.clientY - box.top - top) / (one.height * scale) };
    write(latest.current.zoom > 1.001 ? WHOLE : zoomedAt(latest.current, Math.max(fullZoom(box, one), 2), at, box, one));
  };
  const { scale, left, top } = placed(view, size, one);
  const drawn = useSharp(one, scale);
  const trace = traceOf(one.hash);
  const box = { width: one.width * scale, height: one.height * scale, transform: `translate(${left}px, ${top}px)` };
  return (
    <div ref={pane} className="lightbox-stage" data-zoomed={view.zoom > 1.001 || undefined} onDoubleClick={doubled}>
      {trace && <img className="lightbox-picture" src={trace} alt="" draggable="false" style={box} />}
      <img key={one.id} className="lightbox-picture" src={drawn} alt={altOf(one)} draggable="false" style={box} data-lightbox={one.id} />
    </div>
  );
}
