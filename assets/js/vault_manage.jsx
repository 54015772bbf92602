// Renaming, merging and removing tags and collections.
import React, { useEffect, useRef, useState } from "react";
import { Merge, Trash2 } from "lucide-react";
import { Dialog } from "./dialog.jsx";
import { shelve } from "./vault_data.js";
import { grouped } from "./vault_query.js";

function Line({ shelf, one, others, onChanged }) {
  const [name, setName] = useState(one.name);
  const [problem, setProblem] = useState("");
  const [taken, setTaken] = useState(null);
  const [asking, setAsking] = useState(false);
  const refused = useRef("");
  useEffect(() => setName(one.name), [one.name]);
  const act = async (action, more) => {
    const said = await shelve(shelf, one.id, action, more);
    setProblem(said.ok ? "" : said.problem);
    setTaken(said.taken_by ?? null);
    if (action === "rename") refused.current = said.ok ? "" : more.name;
    if (said.ok) onChanged(action, one);
  };
  const sent = (event) => {
    event?.preventDefault();
    if (name.trim() && name.trim() !== one.name && name !== refused.current) act("rename", { name });
  };
  return (
    <li className="manage-line">
      <form className="row" onSubmit={sent}>
        <span className="field grow">
          <input value={name} aria-label={`Name of ${one.name}`} maxLength={60} autoComplete="off" onChange={(event) => setName(event.target.value)} onBlur={() => sent()} />
          <span className="mono muted">{grouped(one.count)}</span>
        </span>
        {others.length > 0 && (
          <span className="field manage-merge" title="Merge into another">
            <Merge size={14} aria-hidden="true" />
            <select aria-label={`Merge ${one.name} into`} value="" onChange={(event) => event.target.value && act("merge", { into: event.target.value })}>
              <option value="">Merge into…</option>
              {others.map((other) => (
                <option key={other.id} value={other.id}>
                  {other.name}
                </option>
              ))}
            </select>
          </span>
        )}
        <button type="button" className="button quiet small only-icon danger" aria-label={`Remove ${one.name}`} title="Remove; pictures stay" onClick={() => setAsking(true)}>
          <Trash2 size={16} aria-hidden="true" />
        </button>
      </form>
      {asking && (
        <div className="notice attention">
          <span className="grow">{`Remove “${one.name}”? Its pictures stay in the vault.`}</span>
          <button type="button" className="button small danger" onClick={() => act("remove")}>
            Remove
          </button>
          <button type="button" className="button small" onClick={() => setAsking(false)}>
            Keep it
          </button>
        </div>
      )}
      {problem && (
        <div role="alert" className="notice attention">
          <span className="grow">{problem}</span>
          {taken && (
            <button type="button" className="button small" onClick={() => act("merge", { into: taken })}>
              Merge them
            </button>
          )}
        </div>
      )}
    </li>
  );
}

/** `asking` is { shelf, id }; without an id every tag or collection is listed. */
export function ManageDialog({ asking, rail, onClose, onChanged }) {
  const all =
    asking?.shelf === "tag"
      ? (rail?.tags ?? []).map((tag) => ({ id: tag.value, name: tag.label, count: tag.count })).sort((one, other) => one.name.localeCompare(other.name))
      : (rail?.collections ?? []);
  const shown = !asking ? [] : asking.id ? all.filter((one) => one.id === asking.id) : all;
  const title = asking?.shelf === "tag" ? "Tags" : "Collection";
  return (
    <Dialog open={asking !== null} kind="modal" label={title} onClose={onClose}>
      <h2 className="title-section">{title}</h2>
      <ul className="manage-list">
        {shown.map((one) => (
          <Line key={one.id} shelf={asking.shelf} one={one} others={all.filter((other) => other.id !== one.id)} onChanged={onChanged} />
        ))}
      </ul>
      {shown.length === 0 && <p className="muted">Nothing left here.</p>}
      <div className="row">
        <span className="grow" />
        <button type="button" className="button" onClick={onClose}>
          Done
        </button>
      </div>
    </Dialog>
  );
}
