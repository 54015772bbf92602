// Three steps for people who are new here: in the empty Studio, and in a dialog on request ("runtz:tour").
// Skipping is remembered in this browser. The pictures were drawn by the simulator.
import React, { useEffect, useState } from "react";
import { tell } from "./api.js";
import { Dialog } from "./dialog.jsx";

const TOLD = "runtz.toured";
const STEPS = [
  ["One prompt, every model at once", "Write what you want to see, choose models, press Run. Each answers on its own card as soon as it is done, with its price. Without a key a model is simulated: real waits, drawn pictures, $0.", "/examples/harbour.webp"],
  ["Set them side by side", "Press C on a card: pictures are zoomed and moved together, what differs stands in a table, keys 1 to 6 pick. K keeps a picture, R makes the next one from it.", "/examples/dunes.webp"],
  ["Nothing is ever lost", "Every picture is stored on this server as it came, with its receipt. The vault finds it again by a word, a colour or a date, and each picture knows what it was made from and what that cost.", "/examples/lighthouse.webp"],
];

function Steps({ onEnd, ending }) {
  const [at, setAt] = useState(0);
  const [title, words, picture] = STEPS[at];
  const last = at === STEPS.length - 1;
  return (
    <div className="tour">
      <img key={picture} src={picture} alt="" width="320" height="427" />
      <div className="tour-words">
        <p className="muted small" role="status">Step {at + 1} of {STEPS.length}</p>
        <h2 className="title">{title}</h2>
        <p>{words}</p>
        <div className="row wrap">
          <button type="button" className="button" disabled={at === 0} onClick={() => setAt(at - 1)}>Back</button>
          <button type="button" className="button" onClick={() => (last ? onEnd() : setAt(at + 1))}>{last ? ending : "Next"}</button>
          {!last && <button type="button" className="button quiet" onClick={onEnd}>Skip</button>}
        </div>
      </div>
    </div>
  );
}

/** In the page, until it was seen or skipped in this browser. */
export function Tour() {
  const [shown, setShown] = useState(false);
  useEffect(() => setShown(!localStorage.getItem(TOLD)), []);
  const end = () => {
    localStorage.setItem(TOLD, "yes");
    setShown(false);
    document.querySelector("#prompt")?.focus();
  };
  return shown ? <Steps onEnd={end} ending="Write a prompt" /> : null;
}

export function TourDialog() {
  const [open, setOpen] = useState(false);
  useEffect(() => {
    const asked = () => setOpen(true);
    addEventListener("runtz:tour", asked);
    return () => removeEventListener("runtz:tour", asked);
  }, []);
  const end = () => setOpen(false);
  return (
    <Dialog open={open} kind="modal" className="tour-dialog" label="Three steps" onClose={end}>
      <Steps onEnd={end} ending="Done" />
    </Dialog>
  );
}

export function TourItem({ className, children }) {
  return (
    <button type="button" className={className} onClick={() => tell("runtz:tour")}>
      {children}
    </button>
  );
}
