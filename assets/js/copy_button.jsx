// A button that copies a text and says so for a moment.
import React, { useEffect, useState } from "react";

const SHOWN = 1600;

async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = Object.assign(document.createElement("textarea"), { value: text }); // plain http on a network address
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
  return undefined;
}

/** `path` copies this site's address with that path; `text` copies the text itself. */
export function CopyButton({ text = "", path = "", said = "Copied", className, label, hotkey, children }) {
  const [done, setDone] = useState(false);
  useEffect(() => {
    if (!done) return undefined;
    const timer = setTimeout(() => setDone(false), SHOWN);
    return () => clearTimeout(timer);
  }, [done]);
  const clicked = () => copy(path ? new URL(path, location.origin).href : text).then(() => setDone(true), () => {});
  return (
    <button type="button" className={className} aria-label={label} title={label} data-key={hotkey} data-done={done || undefined} onClick={clicked}>
      {children}
      <span role="status" className={done ? "copied" : "hidden"}>
        {done ? said : ""}
      </span>
    </button>
  );
}
