// A button with a popover under it: light dismiss and Escape by the browser, placed where there is room.
import React, { useId, useRef } from "react";

const GAP = 4;
const MARGIN = 8;

function place(button, panel) {
  const anchor = button.getBoundingClientRect();
  const box = panel.getBoundingClientRect();
  const below = anchor.bottom + GAP + box.height <= innerHeight - MARGIN;
  const top = below ? anchor.bottom + GAP : Math.max(MARGIN, anchor.top - GAP - box.height);
  const left = anchor.left + box.width <= innerWidth - MARGIN ? anchor.left : anchor.right - box.width;
  panel.style.top = `${top}px`;
  panel.style.left = `${Math.max(MARGIN, left)}px`;
}

function step(panel, direction) {
  const items = [...panel.querySelectorAll("button:not(:disabled), a[href], select, input")];
  const next = items[(items.indexOf(document.activeElement) + direction + items.length) % items.length];
  next?.focus();
}

export function Popover({ label, buttonClass = "", panelClass = "", stays = false, disabled, children }) {
  const button = useRef(null);
  const panel = useRef(null);
  const id = useId();
  const [face, ...items] = React.Children.toArray(children);

  const opened = (event) => {
    const open = event.newState === "open";
    button.current.setAttribute("aria-expanded", String(open));
    if (!open) return;
    place(button.current, panel.current);
    panel.current.querySelector("[autofocus], button:not(:disabled), a[href], select")?.focus({ preventScroll: true });
  };
  const keyed = (event) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    if (event.target.matches("select, input")) return;
    event.preventDefault();
    event.stopPropagation();
    step(panel.current, event.key === "ArrowDown" ? 1 : -1);
  };
  const chosen = (event) => {
    if (!stays && event.target.closest("[data-closes], .menu-item")) panel.current.hidePopover();
  };
  return (
    <>
      <button ref={button} type="button" className={buttonClass} popoverTarget={id} aria-label={label || undefined}
        aria-haspopup="true" aria-expanded="false" disabled={disabled}>
        {face}
      </button>
      <div ref={panel} id={id} popover="auto" className={`popover ${panelClass}`} onToggle={opened} onKeyDown={keyed} onClick={chosen}>
        {items}
      </div>
    </>
  );
}
