// Title, notes and rating of a picture. What is written is saved as one goes; when another tab was quicker, both
// versions are shown and nothing is lost.
import React, { useCallback, useEffect, useRef, useState } from "react";
import { post } from "./api.js";
import { Stars } from "./vault_bar.jsx";

const PAUSE = 900; // milliseconds of not typing after which a text is saved

function Conflict({ mine, theirs, onMine, onTheirs }) {
  return (
    <div role="alert" className="notice attention conflict">
      <div className="grow">
        <p>Changed in another tab while you wrote. Nothing of yours is lost.</p>
        {["title", "notes"].filter((name) => mine[name] !== undefined && mine[name] !== theirs[name]).map((name) => (
          <dl key={name}>
            <dt>{name === "title" ? "Title there" : "Notes there"}</dt>
            <dd>{theirs[name] || "empty"}</dd>
            <dt>Yours</dt>
            <dd>{mine[name] || "empty"}</dd>
          </dl>
        ))}
        <div className="row wrap">
          <button type="button" className="button small" onClick={onMine}>
            Keep mine
          </button>
          <button type="button" className="button small" onClick={onTheirs}>
            Take theirs
          </button>
        </div>
      </div>
    </div>
  );
}

/** Title, notes and rating as fields; `details` are as last read. */
export function Written({ details, onSaved, read }) {
  const { item } = details;
  const [title, setTitle] = useState(item.title);
  const [notes, setNotes] = useState(details.notes);
  const [rating, setRating] = useState(item.rating);
  const [state, setState] = useState("");
  const [conflict, setConflict] = useState(null);
  const base = useRef({ version: item.version, title: item.title, notes: details.notes, rating: item.rating });
  const waiting = useRef(null);
  const now = useRef({});
  now.current = { title, notes, rating };

  const pending = () => {
    const values = {};
    for (const name of ["title", "notes", "rating"]) if (now.current[name] !== base.current[name]) values[name] = now.current[name];
    return values;
  };
  const queue = useRef(Promise.resolve());
  const save = useCallback(() => {
    clearTimeout(waiting.current);
    queue.current = queue.current.then(async () => {
      const values = pending();
      if (!Object.keys(values).length) return;
      setState("Saving…");
      const said = await post(`/api/vault/items/${item.id}/edit`, { version: base.current.version, ...values });
      if (said.ok) {
        base.current = { ...base.current, ...values, version: said.version };
        setState("Saved");
        onSaved({ ...values, version: said.version });
      } else if (said.status === 409) {
        const theirs = await read();
        if (!theirs) return;
        setState("");
        setConflict({ mine: values, theirs: { title: theirs.item.title, notes: theirs.notes, rating: theirs.item.rating, version: theirs.item.version } });
      } else setState(said.problem);
    });
    return queue.current;
  }, [item.id, onSaved, read]);

  // Somebody else changed it and nothing is being written here: show theirs.
  useEffect(() => {
    if (item.version === base.current.version || conflict || Object.keys(pending()).length) return;
    base.current = { version: item.version, title: item.title, notes: details.notes, rating: item.rating };
    setTitle(item.title);
    setNotes(details.notes);
    setRating(item.rating);
  }, [item.version, item.title, item.rating, details.notes, conflict]);
  useEffect(() => () => void save(), [save]);

  const later = () => {
    clearTimeout(waiting.current);
    waiting.current = setTimeout(save, PAUSE);
  };
  const settle = (mine) => {
    base.current = { ...conflict.theirs };
    if (!mine) {
      setTitle(conflict.theirs.title);
      setNotes(conflict.theirs.notes);
      setRating(conflict.theirs.rating);
      now.current = conflict.theirs;
      onSaved(conflict.theirs);
    }
    setConflict(null);
    if (mine) save();
  };
  return (
    <>
      {conflict && <Conflict {...conflict} onMine={() => settle(true)} onTheirs={() => settle(false)} />}
      <label className="labelled">
        <span className="label">Title</span>
        <span className="field">
          <input value={title} maxLength={120} placeholder="Untitled" onChange={(event) => (setTitle(event.target.value), later())} onBlur={save} />
        </span>
      </label>
      <Stars value={rating}
        onRate={(stars) => {
          setRating(stars);
          now.current.rating = stars;
          save();
        }} />
      <label className="labelled">
        <span className="label">Notes</span>
        <textarea className="notes" rows={4} value={notes} maxLength={8000} onChange={(event) => (setNotes(event.target.value), later())} onBlur={save} />
      </label>
      <p role="status" className="muted small notes-state">
        {state}
      </p>
    </>
  );
}
