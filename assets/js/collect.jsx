// Putting pictures into a collection, or tagging them: one dialog for the whole app, opened by the events
// "runtz:collect" and "runtz:tag" with { ids }. With `from`, a collection's id, they are moved out of that one.
import React, { useEffect, useRef, useState } from "react";
import { Check, Folder, Plus, Tag } from "lucide-react";
import { Link } from "react-router";
import { changed as tellChanged, get, post } from "./api.js";
import { Dialog } from "./dialog.jsx";

const WORDS = {
  collection: { title: "Add to a collection", one: "collection", find: "Find or name a collection", none: "No collection yet. Name the first one above." },
  tag: { title: "Tag", one: "tag", find: "Find or name a tag", none: "No tag yet. Name the first one above." },
};

const counted = (count) => (count === 1 ? "1 picture" : `${count.toLocaleString("en")} pictures`);

/** Dialog mounted once. It says "runtz:shelved" with { shelf, id, name, changed, left } when something was put somewhere. */
export function CollectDialog() {
  const [asking, setAsking] = useState(null); // { shelf, ids, from }
  const [opened, setOpened] = useState(0);
  const [shelves, setShelves] = useState([]);
  const [text, setText] = useState("");
  const [inside, setInside] = useState({});
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);
  const input = useRef(null);

  useEffect(() => {
    const ask = (shelf) => (event) => {
      const ids = event.detail?.ids ?? [];
      if (!ids.length) return;
      setAsking({ shelf, ids, from: event.detail.from ?? "" });
      setOpened((count) => count + 1);
      setText("");
      setInside({});
      setProblem("");
      get("/api/vault/rail?show=all").then((rail) => {
        if (!rail.ok) return setProblem(rail.problem);
        return setShelves(shelf === "tag" ? rail.tags.map((tag) => ({ id: tag.value, name: tag.label, count: tag.count })) : rail.collections);
      });
    };
    const [collect, tag] = [ask("collection"), ask("tag")];
    addEventListener("runtz:collect", collect);
    addEventListener("runtz:tag", tag);
    return () => {
      removeEventListener("runtz:collect", collect);
      removeEventListener("runtz:tag", tag);
    };
  }, []);
  useEffect(() => {
    if (asking) input.current?.focus();
  }, [asking, opened]);

  const close = () => setAsking(null);
  const words = { ...WORDS[asking?.shelf ?? "collection"], ...(asking?.from && { title: "Move to a collection" }) };
  const typed = text.trim().toLowerCase();
  const found = shelves.filter((one) => one.id !== asking?.from && one.name.toLowerCase().includes(typed));
  const exact = shelves.find((one) => one.name.toLowerCase() === typed);

  const put = async (one, name) => {
    setBusy(true);
    const removing = one && inside[one.id];
    const said = await post("/api/vault/change", { action: removing ? "take" : "put", shelf: asking.shelf, ids: asking.ids, ...(one ? { shelf_id: one.id } : { name }) });
    setBusy(false);
    if (!said.ok) return setProblem(said.problem);
    setProblem("");
    setText("");
    setInside((old) => ({ ...old, [said.shelf_id]: !removing }));
    if (!one) setShelves((old) => [{ id: said.shelf_id, name, count: said.changed.length }, ...old.filter((known) => known.id !== said.shelf_id)]);
    let left = [];
    if (asking.from && !removing && asking.from !== said.shelf_id) {
      const taken = await post("/api/vault/change", { action: "take", shelf: asking.shelf, ids: asking.ids, shelf_id: asking.from });
      if (taken.ok) left = taken.changed;
      else setProblem(taken.problem);
    }
    if (said.changed.length) tellChanged(said.changed);
    dispatchEvent(new CustomEvent("runtz:shelved", { detail: { shelf: asking.shelf, id: said.shelf_id, name: one?.name ?? name, changed: said.changed, taken: removing, left, from: asking.from } }));
    if (asking.from) close();
    else input.current?.focus(); // the button that was pressed may be gone
    return undefined;
  };
  const sent = (event) => {
    event.preventDefault();
    if (busy || !typed) return;
    const only = exact ?? (found.length === 1 ? found[0] : null);
    put(only, only ? "" : text.trim());
  };
  const there = asking?.shelf === "collection" && Object.keys(inside).findLast((id) => inside[id]);
  const Icon = asking?.shelf === "tag" ? Tag : Folder;
  return (
    <Dialog open={asking !== null} opened={opened} kind="modal" label={words.title} onClose={close} className="collect">
      <h2 className="title-section">{words.title}</h2>
      <p className="muted small">{counted(asking?.ids.length ?? 0)}</p>
      <form onSubmit={sent} className="collect-find">
        <span className="field">
          <input ref={input} value={text} onChange={(event) => setText(event.target.value)} placeholder={words.find} aria-label={words.find} maxLength={60} autoComplete="off" />
        </span>
        {typed && !exact && (
          <button type="button" className="button" disabled={busy} onClick={() => put(null, text.trim())}>
            <Plus size={16} aria-hidden="true" />
            New {words.one}
          </button>
        )}
      </form>
      {problem && (
        <p role="alert" className="failed small">
          {problem}
        </p>
      )}
      <ul className="collect-list" aria-label={asking?.shelf === "tag" ? "Tags" : "Collections"}>
        {found.map((one) => (
          <li key={one.id}>
            <button type="button" className="menu-item" aria-pressed={Boolean(inside[one.id])} disabled={busy} onClick={() => put(one)}>
              {inside[one.id] ? <Check size={16} className="ok" aria-hidden="true" /> : <Icon size={16} aria-hidden="true" />}
              <span className="grow ellipsis">{one.name}</span>
              <span className="mono muted">{inside[one.id] ? "added" : one.count.toLocaleString("en")}</span>
            </button>
          </li>
        ))}
      </ul>
      {shelves.length === 0 && !typed && <p className="muted small">{words.none}</p>}
      <div className="row">
        <span className="grow" />
        {there && (
          <Link className="button quiet" to={`/vault?show=all&collection=${there}`} onClick={close}>
            Open it in the Vault
          </Link>
        )}
        <button type="button" className="button" onClick={close}>
          Done
        </button>
      </div>
    </Dialog>
  );
}

/** A button of a card: opens the dialog for its picture. */
export function CollectButton({ image, className, label, hotkey, children }) {
  const clicked = () => dispatchEvent(new CustomEvent("runtz:collect", { detail: { ids: [image] } }));
  return (
    <button type="button" className={className} aria-label={label} title={label} data-key={hotkey} onClick={clicked}>
      {children}
    </button>
  );
}
