// A family of pictures as a tree: thumbnails in columns, lines between them with what changed, money under each.
// On a phone only the way to the picture is shown, and the rest is counted. Two marked pictures can be compared.
import React, { useEffect, useRef, useState } from "react";
import { Link, useNavigate } from "react-router";
import { Columns2 } from "lucide-react";
import { Words, credits, traceOf } from "./facts.jsx";

const [COLUMN, ROW, TALL, EDGE] = [324, 184, 144, 24]; // pixels
const GONE = { trash: "deleted, in the trash", erased: "deleted for good", elsewhere: "not here" };
const [HERE, TRASH] = ["", "trash"]; // what has a page: one in the trash is brought back there
const KINDS = { again: "elsewhere" }; // as the button is called
const kindOf = (node) => KINDS[node.kind] ?? node.kind;
const opens = (node) => (node.gone === HERE || node.gone === TRASH) && !node.current;
const shapeOf = (node) => {
  const width = Math.min(176, Math.max(64, (node.width / node.height) * TALL));
  return { width, height: Math.min(TALL, width * (node.height / node.width)) };
};
const faceOf = (node) => ({ ...shapeOf(node), marginTop: (TALL - shapeOf(node).height) / 2 });
const placeOf = (node) => ({ left: EDGE + node.column * COLUMN, top: EDGE + node.row * ROW });

function Face({ node }) {
  if (node.gone) return <span className="node-gone">{GONE[node.gone]}</span>;
  const trace = traceOf(node.hash);
  return <img src={node.thumb} alt={node.prompt || node.model} loading="lazy" style={trace ? { backgroundImage: `url(${trace})` } : undefined} />;
}

function Edges({ nodes, byId }) {
  const lines = [];
  for (const node of nodes) {
    for (const [from, first] of [[node.parent, true], ...node.others.map((other) => [other, false])]) {
      const parent = byId.get(from);
      if (!parent) continue;
      const [a, b] = [placeOf(parent), placeOf(node)];
      const [x1, y1] = [a.left + shapeOf(parent).width, a.top + TALL / 2];
      const [x2, y2] = [b.left, b.top + TALL / 2];
      const turn = a.left + Math.max(shapeOf(parent).width + 20, 140);
      const bend = Math.sign(y2 - y1) * Math.min(10, Math.abs(y2 - y1) / 2);
      const path = y1 === y2 ? `M${x1} ${y1}H${x2}` : `M${x1} ${y1}H${turn - 10}Q${turn} ${y1} ${turn} ${y1 + bend}V${y2 - bend}Q${turn} ${y2} ${turn + 10} ${y2}H${x2}`;
      lines.push(<path key={`${from}${node.id}`} d={path} data-path={(first && node.on_path && parent.on_path) || undefined} data-further={!first || undefined} />);
    }
  }
  return lines;
}

export function Lineage({ family }) {
  const box = useRef(null);
  const line = useRef(null);
  const go = useNavigate();
  const [marked, setMarked] = useState([]);
  const [whole, setWhole] = useState(false); // on a phone, where the way alone stands at first
  const byId = new Map(family.nodes.map((node) => [node.id, node]));
  const current = family.nodes.find((node) => node.current);
  useEffect(() => {
    setMarked([]);
    const { left, top } = placeOf(current);
    box.current.scrollTo({ left: left - box.current.clientWidth / 2, top: top - box.current.clientHeight / 2 + TALL / 2 });
    line.current.scrollTo({ left: line.current.querySelector("[data-current]").offsetLeft - line.current.clientWidth / 2 });
  }, [current.id, whole]);
  const mark = (id) => setMarked((before) => (before.includes(id) ? before.filter((other) => other !== id) : [...before.slice(-1), id]));
  const width = EDGE * 2 + (family.columns - 1) * COLUMN + 190;
  const height = EDGE * 2 + family.rows * ROW - 16;
  const way = family.nodes.filter((node) => node.on_path);
  const rest = family.nodes.length - way.length;
  return (
    <>
      <div ref={box} className="lineage desk-only" data-asked={whole || undefined} tabIndex={0} role="group" aria-label="Family tree">
        <div className="lineage-sheet" style={{ width, height }}>
          <svg width={width} height={height} aria-hidden="true"><Edges nodes={family.nodes} byId={byId} /></svg>
          {family.nodes.map((node) => (
            <div key={node.id} className={`node hue-${node.hue}`} style={{ ...placeOf(node), width: shapeOf(node).width }} data-path={node.on_path || undefined} data-current={node.current || undefined}>
              {node.parent && (
                <span className="node-edge" style={{ right: "calc(100% + 8px)", width: COLUMN - 176 - 16 }} title={node.prompt}>
                  <b>{kindOf(node)}</b> <Words parts={node.change} only />
                </span>
              )}
              {opens(node) ? (
                <Link className="node-face" style={faceOf(node)} to={`/images/${node.id}`} title={node.prompt}><Face node={node} /></Link>
              ) : (
                <span className="node-face" style={faceOf(node)} title={node.prompt} aria-current={node.current || undefined}><Face node={node} /></span>
              )}
              <span className="node-foot">
                <span className="ellipsis">{node.model}</span>
                <span className="mono" title={`${credits(node.credits)} for this picture`}>{credits(node.reach_credits)}</span>
              </span>
              {!node.gone && family.nodes.length > 1 && (
                <span className="node-tools">
                  <button type="button" className="node-mark" aria-pressed={marked.includes(node.id)} aria-label={`Mark ${node.model}, ${credits(node.reach_credits)}, for comparing`} title="Mark for comparing" onClick={() => mark(node.id)}>
                    <Columns2 size={14} strokeWidth={1.5} aria-hidden="true" />
                  </button>
                </span>
              )}
            </div>
          ))}
        </div>
      </div>
      {marked.length > 0 && (
        <div className="lineage-marked" role="status">
          {marked.length < 2 ? "Mark one more point to compare the two." : (
            <button type="button" className="button small" onClick={() => go(`/compare?ids=${marked.join(",")}`)}>
              <Columns2 size={16} strokeWidth={1.5} aria-hidden="true" /> Compare the two marked
            </button>
          )}
        </div>
      )}
      <ol ref={line} className="lineage-way phone-only">
        {way.map((node) => (
          <li key={node.id} className={`hue-${node.hue}`} data-current={node.current || undefined}>
            {opens(node) ? <Link to={`/images/${node.id}`} className="node-face"><Face node={node} /></Link> : <span className="node-face"><Face node={node} /></span>}
            <b className="ellipsis">{node.model}</b>
            <span className="muted small ellipsis">{node.parent ? (node.change.length ? <Words parts={node.change} only /> : kindOf(node)) : "first"}</span>
            <span className="mono">{credits(node.reach_credits)}</span>
          </li>
        ))}
        {rest > 0 && (
          <li className="lineage-rest">
            <button type="button" className="node-face" aria-expanded={whole} aria-label={whole ? "Less: the way only" : `+${rest} ${rest === 1 ? "picture" : "pictures"}: the whole tree`} onClick={() => setWhole(!whole)}>
              {whole ? "Less" : `+${rest}`}
            </button>
            <span className="muted small" aria-hidden="true">{whole ? "the way only" : "the whole tree"}</span>
          </li>
        )}
      </ol>
    </>
  );
}
