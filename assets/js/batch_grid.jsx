// One batch: its counts, what can be done with it, and the grid. Only the rows in sight are in the page.
import React, { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import { Link } from "react-router";
import { ask, dollars, duration, grouped, many, post } from "./batch_api.js";
import { TimeAgo } from "./time_ago.jsx";

const AHEAD = 6; // rows kept drawn above and below the window
const AT_ONCE = 40; // rows asked for together
const CALM = 700; // milliseconds between readings while a batch runs
const FILTERS = [
  ["all", "All"],
  ["ready", "Ready"],
  ["working", "Working"],
  ["failed", "Failed"],
  ["needs_you", "Needs you"],
  ["kept", "Kept"],
];
const useBrowserLayout = typeof window === "undefined" ? useEffect : useLayoutEffect;

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

function Cell({ cell, prompt, label, ids }) {
  const open = () => window.dispatchEvent(new CustomEvent("runtz:lightbox", { detail: { ids: ids(), at: cell.image_id } }));
  if (cell.image_id) {
    return (
      <button type="button" className={`batch-cell ${cell.kept ? "is-kept" : ""}`} aria-label={`${label}${cell.kept ? ", kept" : ""}: open`} onClick={open}>
        <img src={cell.thumb} alt={prompt} loading="lazy" decoding="async" />
        {cell.simulated && <span className="batch-simulated" title="simulated" />}
      </button>
    );
  }
  const tone = { queued: "muted", running: "running", unknown: "attention", failed: "failed" }[cell.state] ?? "muted";
  return (
    <span className={`batch-cell words ${tone}`} title={`${label}: ${cell.words}`}>
      <span className="small">{cell.words}</span>
    </span>
  );
}

function Row({ number, row, top, models, ids }) {
  return (
    <div role="row" aria-rowindex={number + 1} className="batch-row" style={{ transform: `translateY(${top}px)` }}>
      <div role="rowheader" className="batch-prompt">
        <span className="mono muted">{number}</span>
        {row && (
          <Link to={`/jobs/${row.job_id}`} dir="auto" title={row.prompt}>
            {row.prompt}
          </Link>
        )}
      </div>
      {models.map((label, place) => (
        <div key={place} role="cell" className="batch-cells">
          {row ? row.cells[place].map((cell) => <Cell key={cell.call_id} cell={cell} prompt={row.prompt} label={label} ids={ids} />) : <span className="batch-cell bone" aria-hidden="true" />}
        </div>
      ))}
    </div>
  );
}

function Grid({ batch, numbers, tick }) {
  const box = useRef(null);
  const [rows, setRows] = useState(new Map());
  const [range, setRange] = useState([0, 12]);
  const [height, setHeight] = useState(132);
  const asked = useRef(0);

  useBrowserLayout(() => {
    const look = () => {
      const high = parseFloat(getComputedStyle(box.current).getPropertyValue("--row")) || 132;
      const above = -box.current.getBoundingClientRect().top;
      const from = Math.max(0, Math.floor(above / high) - AHEAD);
      const upto = Math.min(numbers.length, Math.ceil((above + innerHeight) / high) + AHEAD);
      setHeight(high);
      setRange((old) => (old[0] === from && old[1] === upto ? old : [from, Math.max(from, upto)]));
    };
    look();
    addEventListener("scroll", look, { passive: true });
    addEventListener("resize", look);
    return () => {
      removeEventListener("scroll", look);
      removeEventListener("resize", look);
    };
  }, [numbers.length]);

  const inSight = numbers.slice(range[0], range[1]);
  const key = inSight.join(",");
  useEffect(() => {
    if (!key) return;
    const mine = ++asked.current;
    const wanted = key.split(",");
    const pages = Array.from({ length: Math.ceil(wanted.length / AT_ONCE) }, (_, page) => wanted.slice(page * AT_ONCE, (page + 1) * AT_ONCE));
    Promise.all(pages.map((page) => ask(`/api/batches/${batch.batch_id}/rows?numbers=${page.join(",")}`))).then((answers) => {
      if (mine !== asked.current) return;
      const found = answers.flatMap((answer) => answer.rows ?? []);
      setRows((old) => new Map([...old, ...found.map((row) => [row.number, row])]));
    });
  }, [key, tick, batch.batch_id]);

  const ids = () => inSight.flatMap((number) => rows.get(number)?.cells.flat() ?? []).map((cell) => cell.image_id).filter(Boolean);
  return (
    <div className="batch-scroll" tabIndex={0} role="region" aria-label="Grid, scrolls sideways">
      <div role="table" aria-label="Prompts by models" aria-rowcount={numbers.length + 1} className="batch-grid" style={{ "--models": batch.models.length, "--samples": batch.samples }}>
        <div role="rowgroup">
          <div role="row" aria-rowindex={1} className="batch-row head">
            <div role="columnheader" className="batch-prompt">
              Prompt
            </div>
            {batch.models.map((label, place) => (
              <div key={place} role="columnheader" className={`batch-cells hue-${batch.hues[place]}`}>
                <span className="hue" /> <span className="ellipsis">{label}</span>
              </div>
            ))}
          </div>
        </div>
        <div role="rowgroup" ref={box} className="batch-rows" style={{ height: numbers.length * height }}>
          {inSight.map((number, place) => (
            <Row key={number} number={number} row={rows.get(number)} top={(range[0] + place) * height} models={batch.models} ids={ids} />
          ))}
        </div>
      </div>
    </div>
  );
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
  const does = (path, body) => () => {
    setAsking("");
    act(path, body);
  };
  const collect = async () => {
    const answer = await ask(`/api/batches/${batch.batch_id}/pictures`);
    if (answer.ids?.length) window.dispatchEvent(new CustomEvent("runtz:collect", { detail: { ids: answer.ids } }));
  };
  const running = batch.working > 0;
  return (
    <div className="row wrap batch-actions" aria-busy={busy}>
      {running && batch.state === "running" && <button type="button" className="button small" onClick={does("pause")}>Pause</button>}
      {running && batch.state === "paused" && <button type="button" className="button small primary" onClick={does("resume")}>Resume</button>}
      {running && asking !== "cancel" && <button type="button" className="button small" onClick={() => setAsking("cancel")}>Cancel the rest</button>}
      {asking === "cancel" && running && (
        <>
          <button type="button" className="button small danger" autoFocus onClick={does("cancel")}>
            Cancel {many(batch.working, "picture")}, give {grouped(batch.credits_held)} cr back
          </button>
          <button type="button" className="button small quiet" onClick={() => setAsking("")}>Keep running</button>
        </>
      )}
      {batch.retriable > 0 && (
        <button type="button" className="button small" onClick={does("retry", { which: "failed" })}>
          Retry {grouped(batch.retriable)} failed · {grouped(batch.retry_credits)} cr
        </button>
      )}
      {batch.cancelled > 0 && !running && (
        <button type="button" className="button small" onClick={does("retry", { which: "cancelled" })}>
          Run the {grouped(batch.cancelled)} cancelled
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
    if (!batch) return;
    if (which === "all") setNumbers(Array.from({ length: batch.prompts }, (_, place) => place + 1));
    else ask(`/api/batches/${batch.batch_id}/rows?which=${which}`).then((answer) => setNumbers(answer.numbers ?? []));
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
            {batch.working > 0 && batch.state === "running" && ` · ${duration(batch.seconds_left)} left`}
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
