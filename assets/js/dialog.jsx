// A native modal dialog driven by `open`: the browser traps focus, gives it back, and closes on Escape.
import React, { useEffect, useRef } from "react";

export function Dialog({ open, kind, label, onClose, className = "", children }) {
  const dialog = useRef(null);

  useEffect(() => {
    const element = dialog.current;
    if (open && !element.open) element.showModal();
    if (!open && element.open) element.close();
  }, [open]);

  const closed = () => open && onClose?.();
  const outside = (event) => event.target === dialog.current && dialog.current.close();
  return (
    <dialog ref={dialog} className={`${kind} ${className}`} aria-label={label} onClose={closed} onClick={outside}>
      {open && <div className="dialog-body">{children}</div>}
    </dialog>
  );
}
