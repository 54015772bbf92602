// Painting where a picture may change: by mouse, pen or finger, or with arrows and Space.
import React, { useEffect, useRef, useState } from "react";
import { Dialog } from "./dialog.jsx";

const LONGER = 1024; // pixels of the canvas's longer side; brought to the picture's own size when it is sent
const AREAS = { "Left half": [0, 0, 0.5, 1], "Right half": [0.5, 0, 1, 1], "Top half": [0, 0, 1, 0.5], "Bottom half": [0, 0.5, 1, 1], Middle: [0.25, 0.25, 0.75, 0.75], Everything: [0, 0, 1, 1] };

function draw(context, marks) {
  const { width, height } = context.canvas;
  context.globalCompositeOperation = "source-over";
  context.clearRect(0, 0, width, height);
  for (const mark of marks) {
    context.globalCompositeOperation = mark.erase ? "destination-out" : "source-over";
    context.fillStyle = context.strokeStyle = "white";
    if (mark.area) {
      const [left, top, right, bottom] = mark.area;
      context.fillRect(left * width, top * height, (right - left) * width, (bottom - top) * height);
      continue;
    }
    context.lineWidth = mark.size;
    context.lineCap = context.lineJoin = "round";
    context.beginPath();
    context.moveTo(...mark.points[0]);
    mark.points.forEach((point) => context.lineTo(...point));
    if (mark.points.length === 1) context.lineTo(mark.points[0][0] + 0.1, mark.points[0][1]);
    context.stroke();
  }
}

/** The marks as a PNG of the picture's size: white where it may change, black elsewhere. */
function asPicture(canvas, width, height) {
  const whole = document.createElement("canvas");
  [whole.width, whole.height] = [width, height];
  const context = whole.getContext("2d");
  context.fillStyle = "black";
  context.fillRect(0, 0, width, height);
  context.drawImage(canvas, 0, 0, width, height);
  return new Promise((resolve) => whole.toBlob(resolve, "image/png"));
}

/** `children` is the icon of its button; `mask` the address of what was painted before. */
export function MaskPainter({ imageId, url, width, height, mask = "", onPainted, children }) {
  const [open, setOpen] = useState(false);
  const [marks, setMarks] = useState([]);
  const [size, setSize] = useState(80);
  const [erase, setErase] = useState(false);
  const [said, setSaid] = useState("");
  const [problem, setProblem] = useState("");
  const [cursor, setCursor] = useState(null);
  const canvas = useRef(null);
  const stroke = useRef(null);
  const scale = LONGER / Math.max(width, height);
  const [wide, high] = [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];

  useEffect(() => setMarks([]), [imageId]);
  useEffect(() => {
    if (open && canvas.current) draw(canvas.current.getContext("2d"), marks);
  }, [open, marks]);

  const at = (event) => {
    const box = canvas.current.getBoundingClientRect();
    return [((event.clientX - box.left) * wide) / box.width, ((event.clientY - box.top) * high) / box.height];
  };
  const pressed = (event) => {
    event.preventDefault();
    canvas.current.setPointerCapture(event.pointerId);
    stroke.current = { size, erase, points: [at(event)] };
    setMarks((before) => [...before, stroke.current]);
  };
  const moved = (event) => {
    if (!stroke.current) return;
    stroke.current.points.push(at(event));
    draw(canvas.current.getContext("2d"), marks.at(-1) === stroke.current ? marks : [...marks, stroke.current]);
  };
  const released = () => {
    stroke.current = null;
  };
  const undo = () => setMarks((before) => before.slice(0, -1));
  const keyed = (event) => {
    const [x, y] = cursor ?? [wide / 2, high / 2];
    const step = Math.max(8, size / 2);
    const to = { ArrowLeft: [x - step, y], ArrowRight: [x + step, y], ArrowUp: [x, y - step], ArrowDown: [x, y + step] }[event.key];
    if (to) setCursor([Math.min(wide, Math.max(0, to[0])), Math.min(high, Math.max(0, to[1]))]);
    else if (event.key === " " || event.key === "Enter") setMarks((before) => [...before, { size, erase, points: [[x, y]] }]);
    else if (event.key === "[") setSize((now) => Math.max(8, now - 16));
    else if (event.key === "]") setSize((now) => Math.min(320, now + 16));
    else if (event.key.toLowerCase() === "e") setErase((now) => !now);
    else if (event.key.toLowerCase() === "z") undo();
    else return;
    event.preventDefault();
  };
  const send = async () => {
    setProblem("");
    setSaid("Saving");
    try {
      const body = await asPicture(canvas.current, width, height);
      const answer = await fetch(`/api/masks/${imageId}`, { method: "POST", body, headers: { "Content-Type": "image/png" } });
      const told = await answer.json().catch(() => ({}));
      if (!answer.ok) setProblem(told.problem ?? "The mask was not taken; try again.");
      else {
        onPainted(told.id);
        setOpen(false);
      }
    } catch {
      setProblem("The connection broke off. Your marks are still here; save them again.");
    }
    setSaid("");
  };
  const remove = () => {
    setMarks([]);
    onPainted("");
    setOpen(false);
  };
  return (
    <div className="mask-row">
      <button type="button" className="button small" onClick={() => setOpen(true)}>
        {children} {mask ? "Paint again" : "Paint the mask"}
      </button>
      {mask ? <img src={mask} alt="The mask: white may change" className="mask-small" /> : <span className="small muted">Nothing is marked yet: the whole picture may change.</span>}
      <Dialog open={open} kind="modal" className="mask-dialog" label="Paint the mask" onClose={() => setOpen(false)}>
        <h2 className="title-section">Paint what may change</h2>
        <div className="mask-tools" role="group" aria-label="Brush">
          <button type="button" className="button small" aria-pressed={!erase} onClick={() => setErase(false)}>Brush</button>
          <button type="button" className="button small" aria-pressed={erase} onClick={() => setErase(true)}>Eraser</button>
          <label className="mask-size">
            <span className="small">Size</span>
            <input type="range" min="8" max="320" value={size} aria-label="Brush size" onChange={(event) => setSize(Number(event.target.value))} />
          </label>
          <button type="button" className="button small" disabled={!marks.length} onClick={undo}>Undo</button>
          <button type="button" className="button small" disabled={!marks.length} onClick={() => setMarks([])}>Clear</button>
        </div>
        <div className="mask-stage" style={{ aspectRatio: `${wide} / ${high}`, "--shape": wide / high }}>
          <img src={url} alt="" draggable={false} />
          <canvas ref={canvas} width={wide} height={high} tabIndex={0} role="img" data-mask
            aria-label="Canvas: arrows move, Space paints, E switches brush and eraser, Z undoes"
            onPointerDown={pressed} onPointerMove={moved} onPointerUp={released} onPointerCancel={released} onKeyDown={keyed} onFocus={() => setCursor((now) => now ?? [wide / 2, high / 2])} />
          {cursor && <i className="mask-cursor" style={{ left: `${(cursor[0] / wide) * 100}%`, top: `${(cursor[1] / high) * 100}%`, width: `${(size / wide) * 100}%` }} />}
        </div>
        <div className="mask-tools" role="group" aria-label="Mark an area">
          {Object.entries(AREAS).map(([name, area]) => (
            <button key={name} type="button" className="button small" onClick={() => setMarks((before) => [...before, { area, erase }])}>{name}</button>
          ))}
        </div>
        {problem && <p role="alert" className="small failed">{problem}</p>}
        <div className="mask-tools end">
          {mask && <button type="button" className="button small" onClick={remove}>Remove the mask</button>}
          <button type="button" className="button small" onClick={() => setOpen(false)}>Cancel</button>
          <button type="button" className="button primary small" disabled={!marks.length || said !== ""} onClick={send}>{said || "Use this mask"}</button>
        </div>
      </Dialog>
    </div>
  );
}
