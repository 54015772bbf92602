// The one line that says what just happened; it leaves by itself unless the pointer or the focus is on it.
import React, { useEffect, useState } from "react";

const SHOWN = 6000;

export function Toast({ text = "", count = 0 }) {
  const [open, setOpen] = useState(false);
  const [held, setHeld] = useState(false);
  useEffect(() => setOpen(count > 0 && text !== ""), [count, text]);
  useEffect(() => {
    if (!open || held) return undefined;
    const timer = setTimeout(() => setOpen(false), SHOWN);
    return () => clearTimeout(timer);
  }, [open, held, count]);
  return (
    <div role="status" aria-live="polite">
      {open && (
        <div className="toast" onMouseEnter={() => setHeld(true)} onMouseLeave={() => setHeld(false)} onFocus={() => setHeld(true)} onBlur={() => setHeld(false)}>
          <span className="grow">{text}</span>
          <button type="button" className="button small" onClick={() => setOpen(false)}>
            Close
          </button>
        </div>
      )}
    </div>
  );
}
