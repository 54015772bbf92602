// The grid of a batch: rows prompts, columns models. Only the rows in sight are in the page.
import React, { useEffect, useLayoutEffect, useRef, useState } from "react";
import { Link } from "react-router";
import { ask } from "./batch_api.js";

const AHEAD = 6; // rows kept drawn above and below the window
const AT_ONCE = 40; // rows asked for together
const useBrowserLayout = typeof window === "undefined" ? useEffect : useLayoutEffect;

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

export function Grid({ batch, numbers, tick }) {
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
