// One picture in full: title, rating, notes, tags, collections, colours, and others like it.
import React, { useCallback, useEffect, useState } from "react";
import { Link } from "react-router";
import { ExternalLink, FolderPlus, Plus, X } from "lucide-react";
import { changed as tellChanged, get, tell } from "./api.js";
import { change } from "./vault_data.js";
import { thumbOf } from "./vault_cell.jsx";
import { grouped } from "./vault_query.js";
import { Written } from "./vault_written.jsx";
import { Dialog } from "./dialog.jsx";

const dollars = (micros) => (micros ? `$${(micros / 1e6).toFixed(3)}` : "$0");

/** The details of a picture, read again when `tick` changes. */
function useDetails(id, tick) {
  const [details, setDetails] = useState(null);
  const [problem, setProblem] = useState("");
  const read = useCallback(async () => {
    if (!id) return null;
    const found = await get(`/api/vault/items/${id}`);
    setProblem(found.ok ? "" : found.status === 404 ? "This picture is gone: it was deleted for good." : found.problem);
    if (found.ok) setDetails(found);
    return found.ok ? found : null;
  }, [id]);
  useEffect(() => {
    setDetails((old) => (old?.item.id === id ? old : null));
    read();
  }, [read, id, tick]);
  return [details, read, problem, setDetails];
}

function Shelved({ shelf, title, shelves, id, onDone, icon: Icon }) {
  const take = async (one) => {
    const said = await change("take", [id], { shelf, shelf_id: one.id });
    if (said.ok) onDone();
  };
  return (
    <section>
      <h3>{title}</h3>
      <div className="row wrap gap-4">
        {shelves.map((one) => (
          <span key={one.id} className="tag">
            {one.name}
            <button type="button" aria-label={`Remove ${one.name}`} onClick={() => take(one)}>
              <X size={12} aria-hidden="true" />
            </button>
          </span>
        ))}
        <button type="button" className="tag add-tag" onClick={() => tell(shelf === "tag" ? "runtz:tag" : "runtz:collect", { ids: [id] })}>
          <Icon size={12} aria-hidden="true" />
          Add
        </button>
      </div>
    </section>
  );
}

function Alike({ id, onShow }) {
  const [items, setItems] = useState(null);
  useEffect(() => {
    let wanted = true;
    setItems(null);
    get(`/api/vault/like/${id}`).then((found) => wanted && setItems(found.ok ? found.items.slice(0, 12) : []));
    return () => {
      wanted = false;
    };
  }, [id]);
  if (items === null) return <div className="bone alike-bone" aria-hidden="true" />;
  if (!items.length) return <p className="muted small">Nothing like it yet.</p>;
  return (
    <ul className="alike">
      {items.map((item) => (
        <li key={item.id}>
          <button type="button" aria-label={`Open ${item.title || item.prompt || item.model}`} onClick={() => onShow(items.map((one) => one.id), item.id)}>
            <img src={thumbOf(item)} alt={item.prompt} loading="lazy" decoding="async" />
          </button>
        </li>
      ))}
    </ul>
  );
}

function Fact({ label, children }) {
  return (
    <>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </>
  );
}

/** Title, rating, notes, tags and collections of a picture, on a page of its own. */
export function Notes({ id }) {
  const [version, setVersion] = useState(0);
  const [details, read, problem] = useDetails(id, version);
  const again = useCallback(() => setVersion((count) => count + 1), []);
  useEffect(() => {
    addEventListener("runtz:shelved", again);
    return () => removeEventListener("runtz:shelved", again);
  }, [again]);
  if (problem) return <p role="alert" className="failed">{problem}</p>;
  if (!details) return null;
  return (
    <>
      <Written key={details.item.id} details={details} onSaved={() => {}} read={read} />
      <Shelved shelf="tag" title="Tags" shelves={details.tags} id={id} icon={Plus} onDone={again} />
      <Shelved shelf="collection" title="Collections" shelves={details.collections} id={id} icon={FolderPlus} onDone={again} />
    </>
  );
}

/** The drawer beside the wall. `onSaved(id, values)` keeps the wall in step. */
export function Panel({ id, tick, onClose, onSaved }) {
  const [version, setVersion] = useState(0);
  const [details, read, problem] = useDetails(id, `${tick}.${version}`);
  useEffect(() => {
    const shelved = () => setVersion((count) => count + 1);
    addEventListener("runtz:shelved", shelved);
    return () => removeEventListener("runtz:shelved", shelved);
  }, []);
  const saved = useCallback(
    (values) => {
      const { notes: _, ...shown } = values;
      onSaved(id, shown);
      tellChanged([id]);
    },
    [id, onSaved],
  );
  const show = (ids, at) => tell("runtz:lightbox", { ids, at });
  return (
    <Dialog open={Boolean(id)} kind="drawer" label="Title, notes and more" onClose={onClose} className="vault-panel">
      <header>
        <h2 className="grow">{details?.item.title || "Picture"}</h2>
        <button type="button" className="button quiet small only-icon" aria-label="Close" onClick={onClose}>
          <X size={18} aria-hidden="true" />
        </button>
      </header>
      <div className="receipt panel-body">
        {problem && (
          <p role="alert" className="failed">
            {problem}
          </p>
        )}
        {!details && !problem && <div className="bone panel-bone" aria-hidden="true" />}
        {details && (
          <>
            <button type="button" className="panel-picture" aria-label="Open in the lightbox" onClick={() => show([details.item.id], details.item.id)}>
              <img src={thumbOf(details.item)} alt={details.prompt} width={details.item.w} height={details.item.h} />
            </button>
            <Written key={details.item.id} details={details} onSaved={saved} read={read} />
            <Shelved shelf="tag" title="Tags" shelves={details.tags} id={details.item.id} icon={Plus} onDone={() => setVersion((count) => count + 1)} />
            <Shelved shelf="collection" title="Collections" shelves={details.collections} id={details.item.id} icon={FolderPlus} onDone={() => setVersion((count) => count + 1)} />
            {details.palette.length > 0 && (
              <section>
                <h3>Colours</h3>
                <div className="palette">
                  {details.palette.map((colour) => (
                    <span key={colour} style={{ background: colour }} title={colour} />
                  ))}
                </div>
              </section>
            )}
            <section>
              <h3>More like this</h3>
              <Alike id={details.item.id} onShow={show} />
            </section>
            <dl className="lines">
              <Fact label="Model">{[details.item.model, details.tier].filter(Boolean).join(", ")}</Fact>
              <Fact label="Pixels">{`${details.item.w}×${details.item.h}, ${details.ratio}`}</Fact>
              <Fact label="Price">{`${grouped(details.item.credits)} cr · ${dollars(details.usd_micros)}`}</Fact>
              <Fact label="Made">{new Date(details.item.at * 1000).toLocaleString()}</Fact>
              {details.prompt && <Fact label="Prompt">{details.prompt}</Fact>}
            </dl>
            <Link to={`/images/${details.item.id}`} className="button">
              <ExternalLink size={16} aria-hidden="true" />
              Open its page
            </Link>
          </>
        )}
      </div>
    </Dialog>
  );
}
