// The usage page's parts that live in the browser: the chart of days, and the account's lines by the page.
import React, { useCallback, useEffect, useRef, useState } from "react";
import { Link } from "react-router";
import { TimeAgo } from "./time_ago.jsx";

const HEIGHT = 228;
const FOOT = 24; // pixels below the bars, for dates
const HEAD = 8;
const EDGE = 40; // pixels left of the bars, for the scale
const LINES = 3;
const grouped = (number) => number.toLocaleString("en");

/** The least round step with which `LINES` lines reach `most`. */
function roundStep(most) {
  const rough = Math.max(most, LINES) / LINES;
  const unit = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 2.5, 5, 10].map((factor) => factor * unit).find((step) => step >= rough && Number.isInteger(step)) ?? 10 * unit;
}

function useWidth() {
  const box = useRef(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const watching = new ResizeObserver(([entry]) => setWidth(Math.floor(entry.contentRect.width)));
    watching.observe(box.current);
    return () => watching.disconnect();
  }, []);
  return [box, width];
}

function Column({ day, x, wide, y }) {
  let below = 0;
  return (
    <g className="chart-day">
      <title>{`${day.label}: ${grouped(day.credits)} credits`}</title>
      {day.parts.map((part) => {
        const top = y(below + part.credits);
        const height = Math.max(1, y(below) - top - 1.5);
        below += part.credits;
        return <rect key={part.label} className={`hue-${part.hue}`} x={x} y={top} width={wide} height={height} rx="1.5" />;
      })}
    </g>
  );
}

/** Credits per day, a colour for each provider; the same as a table for those who cannot or would not see it. */
export function DayChart({ days = [], series = [], label }) {
  const [box, width] = useWidth();
  const most = Math.max(...days.map((day) => day.credits), 0);
  const step = roundStep(most);
  const y = (credits) => HEIGHT - FOOT - ((HEIGHT - FOOT - HEAD) * credits) / (step * LINES);
  const pitch = (width - EDGE) / Math.max(days.length, 1);
  const wide = Math.max(2, Math.min(24, pitch * 0.64));
  const every = Math.max(1, Math.ceil(64 / Math.max(pitch, 1)));
  return (
    <div className="chart" ref={box}>
      {width > 0 && (
        <svg width={width} height={HEIGHT} role="img" aria-label={label}>
          {Array.from({ length: LINES + 1 }, (_, number) => (
            <g key={number}>
              <line className={number ? "chart-line" : "chart-floor"} x1={EDGE} x2={width} y1={y(number * step)} y2={y(number * step)} />
              <text className="chart-words" x={EDGE - 8} y={y(number * step) + 4} textAnchor="end">
                {grouped(number * step)}
              </text>
            </g>
          ))}
          {days.map((day, number) => (
            <Column key={day.label} day={day} x={EDGE + pitch * number + (pitch - wide) / 2} wide={wide} y={y} />
          ))}
          {days.map((day, number) =>
            (days.length - 1 - number) % every === 0 ? (
              <text key={day.label} className="chart-words" textAnchor={number === days.length - 1 ? "end" : "middle"} y={HEIGHT - 6}
                x={number === days.length - 1 ? width : EDGE + pitch * (number + 0.5)}>
                {day.label}
              </text>
            ) : null,
          )}
        </svg>
      )}
      <details className="chart-table">
        <summary>As a table</summary>
        <div className="scrolls" tabIndex={0} role="region" aria-label={`${label}, as a table`}>
          <table>
            <thead>
              <tr>
                <th scope="col">Day</th>
                {series.map((one) => (
                  <th key={one.label} scope="col">
                    {one.label}
                  </th>
                ))}
                <th scope="col">Together</th>
              </tr>
            </thead>
            <tbody>
              {days.map((day) => (
                <tr key={day.label}>
                  <th scope="row">{day.label}</th>
                  {series.map((one) => (
                    <td key={one.label}>{grouped(day.parts.find((part) => part.label === one.label)?.credits ?? 0)}</td>
                  ))}
                  <td>{grouped(day.credits)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </div>
  );
}

const FILTERS = [
  ["all", "All"],
  ["charged", "Charged"],
  ["released", "Released"],
  ["needs_you", "Needs you"],
];

async function fetchLines(which, before) {
  const answer = await fetch(`/api/usage/lines?${new URLSearchParams(before ? { which, before } : { which })}`);
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

/** Lines of one filter, read by the page; `tick` says that something changed. */
function useLines(which, tick) {
  const [shown, setShown] = useState({ lines: [], next: "", now: 0, state: "loading" });
  const asked = useRef(0);
  const read = useCallback(
    async (before) => {
      const mine = ++asked.current;
      try {
        const page = await fetchLines(which, before);
        if (mine !== asked.current) return;
        setShown((old) => ({ ...page, lines: before ? [...old.lines, ...page.lines] : page.lines, state: "here" }));
      } catch {
        if (mine === asked.current) setShown((old) => ({ ...old, state: "failed" }));
      }
    },
    [which],
  );
  useEffect(() => {
    read("");
  }, [read, tick]);
  return [shown, read];
}

const signed = (credits) => (credits > 0 ? `+${grouped(credits)}` : grouped(credits).replace("-", "−"));

function Line({ line, now, balances }) {
  const words = line.job_id ? <Link to={`/jobs/${line.job_id}`}>{line.what}</Link> : line.what;
  return (
    <tr className={line.hue ? `hue-${line.hue}` : undefined}>
      <td className="when muted">
        <TimeAgo at={line.at} now={now} />
      </td>
      <td className="what">
        <span className="row">
          {line.thumb ? (
            <Link to={`/images/${line.image_id}`} aria-label={`The picture of: ${line.what}`} className="line-thumb">
              <img src={line.thumb} alt="" loading="lazy" decoding="async" />
            </Link>
          ) : (
            <span className="line-thumb none" />
          )}
          {line.hue && <span className="hue" />}
          <span className="ellipsis">{words}</span>
          {line.simulated && <span className="simulated-mark inline">simulated</span>}
          {line.own_key && <span className="tag small-tag">own key</span>}
        </span>
      </td>
      <td className={`outcome ${line.tone}`}>{line.tone === "attention" ? <a href="#unsettled">{line.outcome}</a> : line.outcome}</td>
      <td className="number muted">{line.cost}</td>
      <td className={line.credits > 0 ? "number ok" : "number"}>{signed(line.credits)}</td>
      {balances && <td className="number muted balance">{line.balance === null ? "" : grouped(line.balance)}</td>}
    </tr>
  );
}

/** Every line of the account, newest first, thirty at a time. `unsettled` is how many wait for the person. */
export function Entries({ tick = 0, unsettled = 0, children }) {
  const [which, setWhich] = useState("all");
  const [{ lines, next, now, state }, read] = useLines(which, tick);
  const balances = which === "all";
  return (
    <>
      <div className="lines-head">
        <h2 className="title-section grow">Entries</h2>
        <div className="row gap-4 filters" role="group" aria-label="Which entries">
          {FILTERS.map(([name, words]) => (
            <button key={name} type="button" className={name === "needs_you" && unsettled ? "filter attention" : "filter"} aria-pressed={which === name}
              onClick={() => setWhich(name)}>
              {words}
              {name === "needs_you" && unsettled ? ` ${unsettled}` : ""}
            </button>
          ))}
        </div>
        {children}
      </div>
      {state === "failed" && (
        <p role="alert" className="lines-note failed">
          The entries could not be read. <button type="button" className="button small" onClick={() => read("")}>Try again</button>
        </p>
      )}
      {state === "here" && lines.length === 0 && <p className="lines-note muted">Nothing here yet.</p>}
      {state === "loading" && <div className="bone lines-bone" aria-hidden="true" />}
      {lines.length > 0 && (
        <table className="account-lines" aria-label="Entries">
          <thead>
            <tr>
              <th scope="col">When</th>
              <th scope="col">What</th>
              <th scope="col">Outcome</th>
              <th scope="col" className="number">Provider cost</th>
              <th scope="col" className="number">Credits</th>
              {balances && <th scope="col" className="number balance">Balance</th>}
            </tr>
          </thead>
          <tbody>
            {lines.map((line) => (
              <Line key={line.id} line={line} now={now} balances={balances} />
            ))}
          </tbody>
        </table>
      )}
      {next && (
        <button type="button" className="button lines-more" onClick={() => read(next)}>
          Older entries
        </button>
      )}
    </>
  );
}
