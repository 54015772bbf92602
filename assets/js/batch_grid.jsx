// One batch: its counts, what can be done with it, and which rows of the grid are shown.
import React, { useCallback, useEffect, useRef, useState } from "react";
import { Link } from "react-router";
import { ask, dollars, duration, grouped, many, post } from "./batch_api.js";
import { Grid } from "./batch_rows.jsx";
import { TimeAgo } from "./time_ago.jsx";

const CALM = 700; // milliseconds between readings while a batch runs
const FILTERS = [
  ["all", "All"],
  ["ready", "Ready"],
  ["working", "Working"],
  ["failed", "Failed"],
  ["needs_you", "Needs you"],
  ["kept", "Kept"],
];

/** The batch and its grid, read again when `tick` changes, at most every CALM milliseconds. */
function useBatch(batchId, tick) {
  const [batch, setBatch] = useState(null);
  const [missing, setMissing] = useState(false);
  const last = useRef(0);
  const read = useCallback(async () => {
    const answer = await ask(`/api/batches/${batchId}`);
    if (answer.status === 404) setMissing(true);
    if (!answer.problem) setBatch({ ...answer, readAt: Date.now() / 1000 });
  }, [batchId]);
  useEffect(() => {
    if (!batchId) return undefined;
    const wait = Math.max(0, last.current + CALM - Date.now());
    const timer = setTimeout(() => {
      last.current = Date.now();
      read();
    }, wait);
    return () => clearTimeout(timer);
  }, [batchId, tick, read]);
  return [batch, missing, read];
}

function Progress({ batch }) {
  const parts = [
    ["ready", batch.ready],
    ["needs-you", batch.needs_you],
    ["failed", batch.failed + batch.refused],
    ["cancelled", batch.cancelled],
  ];
  const whole = Math.max(1, batch.ready + batch.working + batch.failed + batch.refused + batch.cancelled + batch.needs_you);
  return (
    <div role="progressbar" aria-label="Pictures finished" aria-valuemin={0} aria-valuemax={whole} aria-valuenow={whole - batch.working} className="batch-bar">
      {parts.map(([name, number]) => number > 0 && <i key={name} className={name} style={{ width: `${(100 * number) / whole}%` }} />)}
    </div>
  );
}

function Actions({ batch, act, busy }) {
  const [asking, setAsking] = useState("");
  const box = useRef(null);
  // The button that was pressed may be gone afterwards; then the keyboard goes on from the row of buttons.
  const keepFocus = () => requestAnimationFrame(() => document.activeElement === document.body && box.current?.focus());
  const does = (path, body) => async () => {
    setAsking("");
    await act(path, body);
    keepFocus();
  };
  const stay = () => {
    setAsking("");
    keepFocus();
  };
  const collect = async () => {
    const answer = await ask(`/api/batches/${batch.batch_id}/pictures`);
    if (answer.ids?.length) window.dispatchEvent(new CustomEvent("runtz:collect", { detail: { ids: answer.ids } }));
  };
  const running = batch.working > 0;
  return (
    <div ref={box} tabIndex={-1} role="group" aria-label="What to do with the batch" className="row wrap batch-actions" aria-busy={busy}>
      {running && (
        <button type="button" className={`button small ${batch.state === "paused" ? "primary" : ""}`} onClick={does(batch.state === "paused" ? "resume" : "pause")}>
          {batch.state === "paused" ? "Resume" : "Pause"}
        </button>
      )}
      {running && asking !== "cancel" && <button type="button" className="button small" onClick={() => setAsking("cancel")}>Cancel the rest</button>}
      {asking === "cancel" && running && (
        <>
          <button type="button" className="button small danger" autoFocus onClick={does("cancel")}>
            Cancel {many(batch.working, "picture")}; those sent already may still come
          </button>
          <button type="button" className="button small quiet" onClick={stay}>Keep running</button>
        </>
      )}
      {batch.retriable > 0 && (
        <button type="button" className="button small" onClick={does("retry", { which: "failed" })}>
          Retry {grouped(batch.retriable)} failed · {grouped(batch.retry_credits)} cr
        </button>
      )}
      {batch.cancelled > 0 && !running && (
        <button type="button" className="button small" onClick={does("retry", { which: "cancelled" })}>
          Run the {grouped(batch.cancelled)} cancelled · {grouped(batch.cancelled_credits)} cr
        </button>
      )}
      <span className="grow" />
      {batch.ready > 0 && (
        <>
          <button type="button" className="button small quiet" onClick={collect}>Add to a collection</button>
          <a className="button small quiet" href={`/api/batches/${batch.batch_id}/download`} download>ZIP</a>
        </>
      )}
      <a className="button small quiet" href={`/api/batches/${batch.batch_id}/results.csv`} download>CSV</a>
    </div>
  );
}

function Unsettled({ batch, act }) {
  if (!batch.needs_you) return null;
  return (
    <div className="notice attention" role="status">
      <div className="grow">
        {many(batch.needs_you, "call")} went out and no answer came back. Nothing was charged here and nothing is sent again by itself. Look at the provider's own list: were they billed?
      </div>
      <button type="button" className="button small" onClick={() => act("settle", { said: "billed" })}>All were billed</button>
      <button type="button" className="button small" onClick={() => act("settle", { said: "not_billed" })}>None was billed</button>
    </div>
  );
}

/** `batchId` is the id in the address, `tick` grows whenever something of this person's changed. */
export function BatchPage({ batchId = "", tick = 0 }) {
  const [batch, missing, read] = useBatch(batchId, tick);
  const [which, setWhich] = useState("all");
  const [numbers, setNumbers] = useState([]);
  const [problem, setProblem] = useState("");
  const [asking, setAsking] = useState(null);
  const [busy, setBusy] = useState(false);
  const counts = batch ? `${batch.ready}/${batch.failed}/${batch.refused}/${batch.cancelled}/${batch.needs_you}/${batch.working}/${batch.kept}` : "";

  useEffect(() => {
    if (!batch) return undefined;
    if (which === "all") {
      setNumbers(Array.from({ length: batch.prompts }, (_, place) => place + 1));
      return undefined;
    }
    let mine = true;
    ask(`/api/batches/${batch.batch_id}/rows?which=${which}`).then((answer) => mine && setNumbers(answer.numbers ?? []));
    return () => {
      mine = false;
    };
  }, [which, batch?.batch_id, which === "all" ? "" : counts]);

  if (missing) {
    return (
      <div className="empty">
        <h1 className="title">No such batch</h1>
        <p>It may belong to somebody else, or the address is incomplete. Nothing was run or charged.</p>
        <Link className="button" to="/history">See your history</Link>
      </div>
    );
  }
  if (!batch) return <div className="bone row-bone" aria-hidden="true" />;
  const act = async (path, body = {}) => {
    setBusy(true);
    setProblem("");
    const answer = await post(`/api/batches/${batch.batch_id}/${path}`, body);
    setAsking(answer.confirm ? { ...answer.confirm, path, body } : null);
    if (answer.problem) setProblem(answer.problem);
    await read();
    setBusy(false);
  };
  const words = { running: "Running", paused: "Paused: nothing more is sent", cancelled: "The rest was cancelled", finished: "Finished" }[batch.state];
  return (
    <div className="batch">
      <div className="batch-head">
        <h1 className="title-page" dir="auto">{batch.name}</h1>
        <p className="muted control">
          <span className={batch.state === "running" ? "running" : batch.state === "paused" ? "attention" : ""}>{words}</span>
          {" · "}
          <TimeAgo at={batch.created_at} now={batch.readAt} />
          {` · ${many(batch.prompts, "prompt")} × ${many(batch.models.length, "model")}${batch.samples > 1 ? ` × ${batch.samples} samples` : ""} · ${batch.ratio}`}
        </p>
      </div>
      <section className="panel batch-state" aria-label="Progress">
        <Progress batch={batch} />
        <p role="status" className="batch-counts">
          <b>{batch.summary || "Nothing yet"}</b>
          <span className="muted">
            {` · ${grouped(batch.credits_charged)} cr charged`}
            {batch.credits_held > 0 && `, ${grouped(batch.credits_held)} held`}
            {` · ${dollars(batch.usd_micros)}`}
            {batch.kept > 0 && ` · ${grouped(batch.kept)} kept, ${grouped(Math.round(batch.credits_charged / batch.kept))} cr for each`}
            {batch.working > 0 && batch.state === "running" && ` · ${batch.held_up || `${duration(batch.seconds_left)} left`}`}
          </span>
        </p>
        <Actions batch={batch} act={act} busy={busy} />
      </section>
      <Unsettled batch={batch} act={act} />
      {problem && (
        <div className="notice failed" role="alert">
          <div className="grow">{problem}</div>
          <button type="button" className="button small quiet" onClick={() => setProblem("")}>Dismiss</button>
        </div>
      )}
      {asking && (
        <div className="notice attention" role="alertdialog" aria-label="Run this?">
          <div className="grow">
            It costs <b>{grouped(asking.credits)} credits</b>
            {asking.usd_micros > 0 && ` and about ${dollars(asking.usd_micros)} at the providers`}. Runs above {grouped(asking.above)} credits ask first here.
          </div>
          <button type="button" className="button small" autoFocus onClick={() => act(asking.path, { ...asking.body, confirmed: true })}>Run it</button>
          <button type="button" className="button small quiet" onClick={() => setAsking(null)}>Do not run</button>
        </div>
      )}
      <div className="row gap-4 wrap filters" role="group" aria-label="Which rows">
        {FILTERS.map(([value, label]) => (
          <button key={value} type="button" className={value === "needs_you" && batch.needs_you ? "filter attention" : "filter"} aria-pressed={which === value} onClick={() => setWhich(value)}>
            {label}
          </button>
        ))}
        <span className="small muted">{many(numbers.length, "row")}</span>
      </div>
      {numbers.length ? <Grid batch={batch} numbers={numbers} tick={counts} /> : <p className="muted">No row here.</p>}
    </div>
  );
}
