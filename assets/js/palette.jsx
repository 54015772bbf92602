// The command palette (Ctrl K): pages, actions, and whatever one's words find. One list, worked by keys alone.
import React, { useEffect, useId, useMemo, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { useNavigate } from "react-router";
import { get, tell } from "./api.js";
import { Dialog } from "./dialog.jsx";

const PAUSE = 160; // milliseconds of not typing before the server is asked

// Every page has a palette of its own. One that is open while the page changes goes on in the next: what was typed too.
const going = { open: false, words: "" };

function focusPrompt(go) {
  go("/");
  setTimeout(() => (document.querySelector("#prompt") ?? document.querySelector(".dock-words"))?.focus(), 300);
}

/** Opens the palette from the top bar. */
export function PaletteButton({ className, children }) {
  return (
    <button type="button" className={className} onClick={() => tell("runtz:palette")}>
      {children}
    </button>
  );
}

export function Palette({ pages = [], owner = false }) {
  const go = useNavigate();
  const list = useId();
  const input = useRef(null);
  const [open, setOpen] = useState(going.open);
  const [words, setWords] = useState(going.words);
  const [found, setFound] = useState([]);
  const [at, setAt] = useState(0);
  const [searching, setSearching] = useState(false);

  useEffect(() => {
    // Between the first drawing of this page and its standing here the one before was still listening.
    setOpen(going.open);
    setWords(going.words);
    // At once, focus and all: what is typed right after Ctrl K must not get lost.
    const show = () =>
      flushSync(() => {
        setWords("");
        setFound([]);
        setAt(0);
        setOpen(true);
      });
    const pressed = (event) => {
      if (!(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey || event.key.toLowerCase() !== "k") return;
      event.preventDefault();
      show();
    };
    addEventListener("keydown", pressed);
    addEventListener("runtz:palette", show);
    return () => {
      removeEventListener("keydown", pressed);
      removeEventListener("runtz:palette", show);
    };
  }, []);
  useEffect(() => {
    going.open = open;
    if (open) input.current?.focus();
  }, [open]);
  useEffect(() => {
    const text = words.trim();
    going.words = words;
    setAt(0);
    if (text.length < 2) {
      setFound([]);
      setSearching(false);
      return undefined;
    }
    setSearching(true);
    const stop = new AbortController();
    const timer = setTimeout(async () => {
      const answer = await get(`/api/find?q=${encodeURIComponent(text)}`, stop.signal);
      if (stop.signal.aborted) return;
      setSearching(false);
      setFound(answer.ok ? answer.found : []);
    }, PAUSE);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [words]);

  const entries = useMemo(() => {
    const actions = [
      ["Write a prompt", "Studio", () => focusPrompt(go)],
      ["Show the keys", "?", () => tell("runtz:keys")],
      ["Show the three steps", "Tour", () => tell("runtz:tour")],
      ["Manage share links", "Profile", () => go("/profile#links")],
    ];
    const known = [
      ...pages.filter((page) => owner || !page.owner).map((page) => ({ group: "Go to", words: page.label, note: "", act: () => go(page.route) })),
      ...actions.map(([label, note, act]) => ({ group: "Do", words: label, note, act })),
    ];
    const text = words.trim().toLowerCase();
    const fitting = text ? known.filter((entry) => entry.words.toLowerCase().includes(text)) : known;
    const groups = { picture: "Pictures", job: "Jobs", prompt: "Saved prompts" };
    const things = found.map((one) => ({ group: groups[one.kind], words: one.words, note: one.note, thumb: one.thumb, act: () => go(one.path) }));
    const search = text ? [{ group: "Search", words: `Search the vault for “${words.trim()}”`, note: "", act: () => go(`/vault?show=all&q=${encodeURIComponent(words.trim())}`) }] : [];
    return [...fitting, ...things, ...search];
  }, [words, found, pages, owner]);

  const close = () => {
    going.open = false; // at once: what is chosen may take the whole page away
    setOpen(false);
  };
  const choose = (entry) => {
    close();
    entry?.act();
  };
  const pressed = (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) setAt((place) => (place + step + entries.length) % entries.length);
    else if (event.key === "Enter") choose(entries[at]);
    else return;
    event.preventDefault();
  };
  useEffect(() => {
    document.getElementById(`${list}-${at}`)?.scrollIntoView({ block: "nearest" });
  }, [at, list]);

  return (
    <Dialog open={open} kind="modal" className="jump" label="Search or jump" onClose={close}>
      <input ref={input} className="palette-input" value={words} placeholder="Search or jump" aria-label="Search or jump" role="combobox" aria-expanded="true"
        aria-controls={list} aria-activedescendant={entries.length ? `${list}-${at}` : undefined} aria-autocomplete="list" autoComplete="off" spellCheck={false}
        onChange={(event) => setWords(event.target.value)} onKeyDown={pressed} />
      <div id={list} role="listbox" aria-label="Found" className="palette-list">
        {entries.map((entry, place) => (
          <React.Fragment key={`${entry.group}${entry.words}${place}`}>
            {entries[place - 1]?.group !== entry.group && <div className="palette-group" role="presentation">{entry.group}</div>}
            <div id={`${list}-${place}`} role="option" aria-selected={place === at} className="palette-entry" onMouseMove={() => setAt(place)} onClick={() => choose(entry)}>
              {entry.thumb && <img src={entry.thumb} alt="" />}
              <span className="grow ellipsis">{entry.words}</span>
              <span className="muted small nowrap">{entry.note}</span>
            </div>
          </React.Fragment>
        ))}
      </div>
      <p className="muted small palette-end" role="status">
        {searching ? "Searching…" : entries.length ? "↑ ↓ to choose, Enter to open" : "Nothing found."}
      </p>
    </Dialog>
  );
}
