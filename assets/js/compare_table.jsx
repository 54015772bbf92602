// The table under a comparison: what differs between its pictures, row by row.
import React, { useState } from "react";
import { Link } from "react-router";
import { Words } from "./facts.jsx";

const TELLING = ["Prompt", "Text sent", "Tier", "Made by", "Format", "Time", "Price", "Seed", "Without"]; // hidden with the names

export function Table({ table, pictures, hidden, order }) {
  const [open, setOpen] = useState(false);
  const rows = hidden ? table.rows.filter((row) => !TELLING.includes(row.label)) : table.rows;
  const kept = table.equal.length;
  const concealed = table.rows.length - rows.length;
  return (
    <>
      <div className="compare-label compare-count">
        {kept > 0 && <span title={table.equal.join(", ")}>{kept} equal {kept === 1 ? "row" : "rows"} hidden</span>}
        {concealed > 0 && <span>{concealed} hidden with the names</span>}
      </div>
      {pictures.map((one, place) => (
        <div key={one.id} className={`compare-head ${hidden ? "" : `hue-${one.hue}`}`}>
          {!hidden && <span className="hue" />}
          <Link to={`/images/${one.id}`} className="ellipsis">{hidden ? `Picture ${place + 1}` : one.model}</Link>
          {!hidden && one.simulated && <span className="simulated-mark inline">simulated</span>}
        </div>
      ))}
      {rows.map((row) => (
        <React.Fragment key={row.label}>
          <div className="compare-label">
            {row.label === "Prompt" && table.prompts.length > 0 ? (
              <button type="button" className="compare-more" aria-expanded={open} onClick={() => setOpen(!open)}>Prompt, words</button>
            ) : (
              row.label
            )}
          </div>
          {order.map((from) => (
            <div key={from} className="compare-value" title={row.cells[from]} data-differs={row.differs[from] || undefined}>
              {row.differs[from] && <span className="hidden">differs: </span>}
              {row.cells[from] || "–"}
            </div>
          ))}
          {row.label === "Prompt" && open && (
            <>
              <div className="compare-label" />
              {order.map((from) => (
                <div key={from} className="compare-words difference" dir="auto">
                  <Words parts={table.prompts[from]} />
                </div>
              ))}
            </>
          )}
        </React.Fragment>
      ))}
    </>
  );
}
