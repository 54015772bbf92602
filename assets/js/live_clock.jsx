// What runs inside an unfinished card: stage, seconds, the line with its tick at the usual time, four segments.
// It says how long, never how much: nobody knows the percentage.
import React, { useEffect, useRef } from "react";
import { everyTick, learn, now as serverNow } from "./clock.js";

const STAGES = ["waiting", "sent", "rendering", "saving"];
const SHORTEST_SCALE = 30; // seconds the line spans at least
const SLOW = 1.5; // times the usual: from here the card says so in words
const percent = (part, whole) => Math.min(100, (100 * part) / whole);

export function LiveClock({ startedAt, now, usual = 0, stage, partial = 0, partials = 0, retrying = false, note = "" }) {
  const root = useRef(null);
  const seconds = useRef(null);
  const line = useRef(null);
  const tick = useRef(null);

  useEffect(() => learn(now), [now]);
  useEffect(() => {
    const card = root.current.closest("[data-call-id]");
    const draw = () => {
      const elapsed = Math.max(0, serverNow() - startedAt);
      const scale = Math.max(SHORTEST_SCALE, 1.25 * elapsed, 1.25 * usual);
      seconds.current.textContent = elapsed.toFixed(1);
      line.current.style.transform = `translateX(${percent(elapsed, scale) - 100}%)`;
      if (tick.current) tick.current.style.left = `${percent(usual, scale)}%`;
      root.current.toggleAttribute("data-late", usual > 0 && elapsed > usual);
      card?.toggleAttribute("data-slow", usual > 0 && elapsed > SLOW * usual);
    };
    const stop = everyTick(draw);
    return () => {
      stop();
      card?.removeAttribute("data-slow");
    };
  }, [startedAt, usual]);

  const reached = STAGES.indexOf(stage);
  const words = [retrying ? "trying again" : stage, partial > 0 && stage === "rendering" ? `, partial ${partial} of ${partials}` : ""];
  return (
    <div className="clock" ref={root}>
      <div className="clock-stage display">
        {words}
        <span className="when-slow">, slow</span>
      </div>
      <div className="clock-seconds" role="timer" aria-live="off">
        <span ref={seconds}>0.0</span>
        <small>s</small>
      </div>
      <div className="gauge" aria-hidden="true">
        <div className="gauge-line">
          <i ref={line} />
        </div>
        {usual > 0 && (
          <div className="gauge-tick" ref={tick}>
            <span>usual {usual < 1 ? usual.toFixed(1) : Math.round(usual)} s</span>
          </div>
        )}
      </div>
      {note ? (
        <p className="clock-note attention">{note}</p>
      ) : (
        <ol className="stages" aria-hidden="true">
          {STAGES.map((name, place) => (
            <li key={name} className={place < reached ? "past" : place === reached ? "now" : ""}>
              {name}
            </li>
          ))}
        </ol>
      )}
    </div>
  );
}
