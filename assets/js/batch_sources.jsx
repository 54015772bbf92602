// Where the prompts of a batch come from. Each tells `onFound` what the server made of it: rows, notes, columns.
import React, { useEffect, useRef, useState } from "react";
import { ask, grouped, post } from "./batch_api.js";
import { variablesOf } from "./blanks.js";

const WAIT = 300; // milliseconds after the last key
const MOST_BYTES = 16 * 1024 * 1024;
const FIELDS = [
  ["prompt", "Prompt"],
  ["negative", "Leave out"],
  ["ratio", "Ratio"],
  ["seed", "Seed"],
];

/** Calls `read` a moment after `value` last changed; only the newest answer counts. */
function useReading(value, read, onFound) {
  const newest = useRef(0);
  useEffect(() => {
    const mine = ++newest.current;
    if (!value) {
      onFound(null);
      return undefined;
    }
    const timer = setTimeout(async () => {
      const answer = await read();
      if (mine === newest.current) onFound(answer);
    }, WAIT);
    return () => clearTimeout(timer);
  }, [value]);
}

export function PasteSource({ onFound }) {
  const [text, setText] = useState("");
  useReading(text.trim() && text, () => ask("/api/batches/read?kind=pasted", { raw: text }), onFound);
  return (
    <label className="labelled">
      <span className="label">Prompts, one on each line</span>
      <textarea className="batch-text" rows={8} dir="auto" value={text} spellCheck="true"
        placeholder={"a lighthouse in fog, long exposure\na red kite over a grey sea\ntwo candles on a windowsill, macro"} onChange={(event) => setText(event.target.value)} />
    </label>
  );
}

function Mapping({ sheet, mapping, setMapping, heading, setHeading }) {
  return (
    <div className="batch-mapping">
      {FIELDS.map(([field, words]) => (
        <label key={field} className="labelled">
          <span className="label">{words}</span>
          <span className="field">
            <select value={mapping[field] ?? ""} onChange={(event) => setMapping({ ...mapping, [field]: event.target.value === "" ? undefined : Number(event.target.value) })}>
              {field !== "prompt" && <option value="">not in the sheet</option>}
              {sheet.columns.map((column, place) => (
                <option key={place} value={place}>
                  {column || `Column ${place + 1}`}
                </option>
              ))}
            </select>
          </span>
        </label>
      ))}
      <label className="batch-check">
        <input type="checkbox" checked={heading} onChange={(event) => setHeading(event.target.checked)} />
        The first line holds headings
      </label>
    </div>
  );
}

export function FileSource({ onFound }) {
  const [file, setFile] = useState(null);
  const [sheet, setSheet] = useState(null);
  const [over, setOver] = useState(false);
  const newest = useRef(0);
  const input = useRef(null);

  const read = async (chosen, mapping, heading) => {
    const mine = ++newest.current;
    if (chosen.size > MOST_BYTES) {
      onFound({ problem: `${chosen.name} is larger than ${MOST_BYTES / 1024 / 1024} MB; split it. Nothing was read.` });
      return;
    }
    const asked = new URLSearchParams({ kind: "file" });
    Object.entries(mapping ?? {}).forEach(([field, place]) => place !== undefined && asked.set(field, place));
    if (heading !== undefined) asked.set("heading", heading ? "yes" : "no");
    const answer = await ask(`/api/batches/read?${asked}`, { raw: await chosen.arrayBuffer() });
    if (mine !== newest.current) return;
    setSheet(answer.problem ? null : answer);
    onFound(answer);
  };
  const choose = (chosen) => {
    if (!chosen) return;
    setFile(chosen);
    read(chosen);
  };
  const dropped = (event) => {
    event.preventDefault();
    setOver(false);
    choose(event.dataTransfer.files[0]);
  };
  return (
    <div className="stack">
      <div className="drop" data-over={over || undefined} onDragOver={(event) => (event.preventDefault(), setOver(true))} onDragLeave={() => setOver(false)} onDrop={dropped}>
        <p>{file ? <b>{file.name}</b> : "Drop a sheet here"}</p>
        <p className="small muted">CSV, TSV or plain text, in UTF-8, UTF-16 or Latin-1, up to 16 MB. Nothing runs before you have seen it.</p>
        <button type="button" className="button small" onClick={() => input.current.click()}>
          {file ? "Choose another file" : "Choose a file"}
        </button>
        <input ref={input} type="file" className="hidden" tabIndex={-1} accept=".csv,.tsv,.txt,text/csv,text/tab-separated-values,text/plain" aria-label="Sheet"
          onChange={(event) => choose(event.target.files[0])} />
      </div>
      {sheet && (
        <Mapping sheet={sheet} mapping={sheet.mapping} heading={sheet.has_heading} setMapping={(mapping) => read(file, mapping, sheet.has_heading)}
          setHeading={(heading) => read(file, undefined, heading)} />
      )}
    </div>
  );
}

/** A field for each name; several lines in one are all made. */
function Variables({ names, values, setValues }) {
  if (!names.length) return null;
  return (
    <div className="batch-mapping" role="group" aria-label="Variables">
      {names.map((name) => (
        <label key={name} className="labelled">
          <span className="label">{name}, one on each line</span>
          <textarea className="batch-text" rows={3} dir="auto" value={values[name] ?? ""} onChange={(event) => setValues({ ...values, [name]: event.target.value })} />
        </label>
      ))}
    </div>
  );
}

export function WildcardSource({ onFound }) {
  const [template, setTemplate] = useState("");
  const [values, setValues] = useState({});
  const names = variablesOf(template);
  const asked = template.trim() ? JSON.stringify({ template, values }) : "";
  useReading(asked, () => post("/api/batches/expand", JSON.parse(asked)), onFound);
  return (
    <div className="stack">
      <label className="labelled">
        <span className="label">Template</span>
        <textarea className="batch-text" rows={4} dir="auto" value={template} placeholder="a {red|green} kite over __places__, {subject} in front" onChange={(event) => setTemplate(event.target.value)} />
        <span className="help">
          {"{red|green}"} takes each in turn, __places__ each word of a list, {"{subject}"} each line you write below. All are combined.
        </span>
      </label>
      <Variables names={names} values={values} setValues={setValues} />
    </div>
  );
}

export function LibrarySource({ onFound }) {
  const [shown, setShown] = useState(null);
  const [chosen, setChosen] = useState(() => new Set());
  const [q, setQ] = useState("");
  useEffect(() => {
    ask(`/api/prompts?${new URLSearchParams({ q })}`).then((answer) => setShown(answer.problem ? [] : answer.prompts));
  }, [q]);
  const [names, setNames] = useState([]);
  const [values, setValues] = useState({});
  const asked = chosen.size ? JSON.stringify({ prompt_ids: [...chosen], values }) : "";
  useReading(asked, () => post("/api/batches/library", JSON.parse(asked)), (answer) => {
    if (!answer?.problem) setNames(answer?.variables ?? []);
    onFound(answer);
  });
  const toggle = (id) => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    setChosen(next);
  };
  return (
    <div className="stack">
      <label className="labelled">
        <span className="label">Search your prompts</span>
        <span className="field">
          <input type="search" value={q} onChange={(event) => setQ(event.target.value)} />
        </span>
      </label>
      {shown?.length === 0 && <p className="muted">{q ? "No saved prompt has these words." : "Your library is empty. Save prompts on the Prompts page first."}</p>}
      <ul className="library-pick">
        {(shown ?? []).map((prompt) => (
          <li key={prompt.prompt_id}>
            <label className="batch-check">
              <input type="checkbox" checked={chosen.has(prompt.prompt_id)} onChange={() => toggle(prompt.prompt_id)} />
              <span className="grow">
                <b>{prompt.name}</b> <span className="mono muted">{prompt.body.slice(0, 140)}</span>
              </span>
            </label>
          </li>
        ))}
      </ul>
      {chosen.size > 0 && <p className="small muted">{grouped(chosen.size)} chosen</p>}
      <Variables names={names} values={values} setValues={setValues} />
    </div>
  );
}
