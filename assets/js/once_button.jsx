// A button for what costs money: a double click, or a click while the line is down, is one event with one key.
import React, { useEffect, useRef, useState } from "react";
import { newKey } from "./draft.js";

const RESEND_AFTER = 10_000; // milliseconds

export function OnceButton({ answers, onOnce, className, children }) {
  const key = useRef(null);
  const [waiting, setWaiting] = useState(false);
  useEffect(() => {
    key.current = null;
    setWaiting(false);
  }, [answers]);
  useEffect(() => {
    if (!waiting) return undefined;
    const timer = setTimeout(() => setWaiting(false), RESEND_AFTER);
    return () => clearTimeout(timer);
  }, [waiting]);
  const clicked = () => {
    if (waiting) return;
    key.current ??= newKey();
    setWaiting(true);
    onOnce(key.current);
  };
  return (
    <button type="button" className={className} aria-busy={waiting} onClick={clicked}>
      {children}
    </button>
  );
}
