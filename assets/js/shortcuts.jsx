// The list of keys: "?" opens it anywhere but where one types.
import React, { useEffect, useState } from "react";
import { Dialog } from "./dialog.jsx";

export function Shortcuts({ children }) {
  const [open, setOpen] = useState(false);
  useEffect(() => {
    const pressed = (event) => {
      if (event.key !== "?" || event.target.closest?.("input, textarea, select")) return;
      event.preventDefault();
      setOpen(true);
    };
    const asked = () => setOpen(true);
    addEventListener("keydown", pressed);
    addEventListener("runtz:keys", asked);
    return () => {
      removeEventListener("keydown", pressed);
      removeEventListener("runtz:keys", asked);
    };
  }, []);
  return (
    <Dialog open={open} kind="modal" className="keys" label="Keys" onClose={() => setOpen(false)}>
      <h2 className="title-section">Keys</h2>
      <div className="key-columns">{children}</div>
      <button type="button" className="button" onClick={() => setOpen(false)}>
        Close
      </button>
    </Dialog>
  );
}
