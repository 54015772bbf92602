// The batch page: many prompts from one of four sources, what is wrong with which line, price and time, and Run.
import React, { useEffect, useRef, useState } from "react";
import { useNavigate } from "react-router";
import { ask, dollars, duration, grouped, many, post } from "./batch_api.js";
import { FileSource, LibrarySource, PasteSource, WildcardSource } from "./batch_sources.jsx";
import { newKey } from "./draft.js";

const SOURCES = [
  ["pasted", "Paste"],
  ["file", "CSV or TSV"],
  ["library", "Prompt library"],
  ["wildcards", "Wildcards"],
];
const SHOWN = 5; // rows of the preview
const NOTES = 8;
const WIDE = [
  ["negative", "Leave out"],
  ["ratio", "Ratio"],
  ["seed", "Seed"],
];
const LATE_EVERY = 2000; // milliseconds between questions while the server is still writing a large batch

function useSettled(value, wait) {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), wait);
    return () => clearTimeout(timer);
  }, [value, wait]);
  return settled;
}

function Notes({ sheet }) {
  const [all, setAll] = useState(false);
  const shown = all ? sheet.notes : sheet.notes.slice(0, NOTES);
  if (!sheet.notes.length) return null;
  return (
    <div className="batch-notes">
      <ul aria-label="What was found in the lines">
        {shown.map((note) => (
          <li key={`${note.line}-${note.text}`} className={note.bad ? "failed" : "muted"}>
            <span className="mono">line {grouped(note.line)}</span> {note.text}
          </li>
        ))}
      </ul>
      {sheet.notes.length > NOTES && (
        <button type="button" className="button small quiet" onClick={() => setAll(!all)}>
          {all ? "Show fewer" : `Show all ${grouped(sheet.notes.length)}`}
        </button>
      )}
    </div>
  );
}

function Preview({ sheet }) {
  const wide = WIDE.filter(([name]) => sheet.rows.some((row) => row[name]));
  return (
    <div className="scrolls" tabIndex={0} role="region" aria-label="The first prompts">
      <table className="batch-preview">
        <thead>
          <tr>
            <th scope="col">Line</th>
            <th scope="col">Prompt</th>
            {wide.map(([name, label]) => (
              <th key={name} scope="col">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {sheet.rows.slice(0, SHOWN).map((row) => (
            <tr key={row.line}>
              <td className="mono muted">{row.line}</td>
              <td dir="auto">{row.prompt}</td>
              {wide.map(([name]) => (
                <td key={name} className="mono">
                  {row[name] ?? ""}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Found({ sheet, leaveOut, setLeaveOut }) {
  const more = sheet.total - sheet.rows.length - sheet.duplicates - sheet.bad;
  return (
    <section className="batch-found" aria-label="What will run">
      <h2 className="title-section">
        {many(sheet.rows.length, "prompt")}
        <span className="muted control">
          {sheet.duplicates > 0 && ` · ${many(sheet.duplicates, "duplicate")} left out`}
          {sheet.encoding !== "UTF-8" && ` · read as ${sheet.encoding}`}
        </span>
      </h2>
      {more > 0 && (
        <p role="status" className="attention">
          There are {grouped(sheet.total)}; a batch takes {grouped(sheet.most)} of yours at once. The first {grouped(sheet.rows.length)} are used.
        </p>
      )}
      <Notes sheet={sheet} />
      {sheet.bad > 0 && sheet.rows.length > 0 && (
        <label className="batch-check">
          <input type="checkbox" checked={leaveOut} onChange={(event) => setLeaveOut(event.target.checked)} />
          Leave out the {many(sheet.bad, "bad line")} and run the others
        </label>
      )}
      {sheet.rows.length > 0 && <Preview sheet={sheet} />}
      {sheet.rows.length > SHOWN && <p className="small muted">and {grouped(sheet.rows.length - SHOWN)} more</p>}
    </section>
  );
}

/** `row` is the composer's row of chips; children are the parts drawn by the server: chips, ratio, samples. */
export function BatchMaker({ row = [], ratio, samples, children }) {
  const [source, setSource] = useState("pasted");
  const [sheet, setSheet] = useState(null);
  const [problem, setProblem] = useState("");
  const [name, setName] = useState("");
  const [negative, setNegative] = useState("");
  const [seed, setSeed] = useState("");
  const [leaveOut, setLeaveOut] = useState(false);
  const [price, setPrice] = useState(null);
  const [asking, setAsking] = useState(null);
  const [sending, setSending] = useState(false);
  const key = useRef(null);
  const navigate = useNavigate();

  // Only in the browser: the page is built without its address.
  useEffect(() => {
    const wanted = new URLSearchParams(location.search).get("from");
    if (SOURCES.some(([known]) => known === wanted)) setSource(wanted);
  }, []);

  const models = row.filter((entry) => entry.on && entry.chip.available).map((entry) => ({ model: entry.chip.model, tier: entry.chip.tier }));
  const order = sheet?.rows.length ? { rows: sheet.rows, models, ratio, samples, source, name, negative, seed: seed === "" ? null : Number(seed) } : null;
  const wanted = useSettled(order && models.length ? JSON.stringify({ ...order, name: "" }) : "", 250);

  useEffect(() => {
    setPrice(null);
    if (!wanted) return undefined;
    let mine = true;
    post("/api/batches/price", JSON.parse(wanted)).then((answer) => mine && setPrice(answer));
    return () => {
      mine = false;
    };
  }, [wanted]);

  const found = (answer) => {
    key.current = null;
    setAsking(null);
    setLeaveOut(false);
    setProblem(answer?.problem ?? "");
    setSheet(answer && !answer.problem ? answer : null);
  };
  const run = async (confirmed = false) => {
    if (sending) return;
    key.current ??= newKey();
    setSending(true);
    setProblem("");
    let answer = { late: true };
    while (answer.late) {
      answer = await post("/api/batches", { ...order, submission_key: key.current, confirmed });
      if (answer.late) await new Promise((resolve) => setTimeout(resolve, LATE_EVERY));
    }
    setSending(false);
    setAsking(answer.confirm ?? null);
    if (answer.batch_id) navigate(`/batches/${answer.batch_id}`);
    else if (!answer.confirm) setProblem(answer.problem);
  };

  const lacks =
    (!order && "Add some prompts") ||
    (!models.length && "Choose a model") ||
    (sheet.bad > 0 && !leaveOut && `${many(sheet.bad, "line")} cannot run`) ||
    (price?.problem && "This cannot run yet") ||
    (price && price.credits > price.available && `Short by ${grouped(price.credits - price.available)} cr`);
  const Source = { pasted: PasteSource, file: FileSource, library: LibrarySource, wildcards: WildcardSource }[source] ?? PasteSource;
  return (
    <div className="batch-maker">
      <div className="filters row gap-4" role="group" aria-label="Where the prompts come from">
        {SOURCES.map(([value, words]) => (
          <button key={value} type="button" className="filter tall" aria-pressed={source === value}
            onClick={() => {
              setSource(value);
              found(null);
            }}>
            {words}
          </button>
        ))}
      </div>
      <section className="panel batch-source" aria-label="Prompts">
        <Source key={source} onFound={found} />
        {sheet && <Found sheet={sheet} leaveOut={leaveOut} setLeaveOut={setLeaveOut} />}
      </section>
      <section className="panel batch-models" aria-label="Models">
        {children}
        <div className="batch-mapping">
          <label className="labelled">
            <span className="label">Leave out, in every picture</span>
            <span className="field">
              <input value={negative} placeholder="text, watermark" onChange={(event) => setNegative(event.target.value)} />
            </span>
          </label>
          <label className="labelled">
            <span className="label">Seed for all</span>
            <span className="field">
              <input className="value" inputMode="numeric" value={seed} placeholder="random" autoComplete="off" onChange={(event) => setSeed(event.target.value.replace(/\D/g, "").slice(0, 10))} />
            </span>
          </label>
          <label className="labelled">
            <span className="label">Name of the batch</span>
            <span className="field">
              <input value={name} maxLength={200} placeholder="The first words, unless you name it" onChange={(event) => setName(event.target.value)} />
            </span>
          </label>
        </div>
      </section>
      {(problem || price?.problem) && (
        <div className="notice failed" role="alert">
          <div className="grow">{problem || price.problem}</div>
        </div>
      )}
      {asking && (
        <div className="notice attention" role="alertdialog" aria-label="Run this?">
          <div className="grow">
            It costs <b>{grouped(asking.credits)} credits</b>
            {asking.usd_micros > 0 && ` and about ${dollars(asking.usd_micros)} at the providers`}. Runs above {grouped(asking.above)} credits ask first here.
          </div>
          <button type="button" className="button small" autoFocus onClick={() => run(true)}>
            Run it
          </button>
          <button type="button" className="button small quiet" onClick={() => setAsking(null)}>
            Do not run
          </button>
        </div>
      )}
      <div className="batch-total">
        <p className="grow muted" role="status">
          {price && !price.problem && (
            <>
              {many(price.prompts, "prompt")} × {many(models.length, "model")}
              {samples > 1 && ` × ${samples} samples`} = <b>{many(price.pictures, "picture")}</b>, {duration(price.seconds)}
            </>
          )}
        </p>
        {lacks ? (
          <button type="button" className="run-button off" disabled>
            <b>{lacks}</b>
          </button>
        ) : (
          <button type="button" className="run-button" aria-busy={sending} disabled={!price} onClick={() => run()}>
            <b>{sending ? "Sending" : `Run ${grouped(sheet.rows.length)}`}</b>
            <i />
            <span className="run-total">{price ? `${grouped(price.credits)} cr · ${dollars(price.usd_micros)}` : "…"}</span>
          </button>
        )}
      </div>
    </div>
  );
}
