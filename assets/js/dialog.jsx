// A native modal dialog driven by `open`: the browser traps focus, gives it back, and closes on Escape.
// `opened` counts the times it was asked for: Escape closes it before the server knows, and a quick second
// request can reach us in one update with the answer to the first, in which `open` never changes.
import React, { useEffect, useRef } from "react";

export function Dialog({ open, opened = 0, kind, label, onClose, className = "", children }) {
  const dialog = useRef(null);
  const told = useRef(true);

  useEffect(() => {
    const element = dialog.current;
    if (open && !element.open) {
      element.showModal();
      told.current = false;
    }
    if (!open && element.open) element.close();
  }, [open, opened]);

  const tell = () => {
    if (!told.current) onClose?.();
    told.current = true;
  };
  // The browser's own close event comes a frame later, behind whatever is pressed next; so tell at once.
  const shut = () => {
    tell();
    dialog.current.close();
  };
  const cancelled = (event) => {
    event.preventDefault();
    shut();
  };
  const outside = (event) => event.target === dialog.current && shut();
  return (
    <dialog ref={dialog} className={`${kind} ${className}`} aria-label={label} onCancel={cancelled} onClose={tell} onClick={outside}>
      {open && <div className="dialog-body">{children}</div>}
    </dialog>
  );
}
