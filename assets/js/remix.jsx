// The strip of pictures that go in: bringing them, how far from them, styles, what changed in the words.
import React, { useEffect, useRef, useState } from "react";
import { newKey, useDraft, write } from "./draft.js";
import { listen, sendPictures } from "./upload.js";
export { MaskPainter } from "./mask_painter.jsx";

const STYLES = ["watercolour", "ink drawing", "oil painting", "35 mm film photo", "isometric illustration", "paper cut-out", "pixel art", "charcoal sketch"];
const NEWEST = 24;

/** Files by button, drop or paste, and a list of one's newest pictures. */
export function PictureSource({ onPut }) {
  const file = useRef(null);
  const panel = useRef(null);
  const [said, setSaid] = useState("");
  const [problems, setProblems] = useState([]);
  const [newest, setNewest] = useState(null);
  const take = async (files) => {
    setProblems([]);
    const { ids, problems: refused } = await sendPictures(files, setSaid);
    setProblems(refused);
    if (ids.length) onPut(ids);
  };
  const latest = useRef(take);
  latest.current = take;
  useEffect(() => listen((files) => latest.current(files)), []);
  const show = async () => {
    const answer = await fetch("/api/vault/page?show=all").catch(() => null);
    const found = answer?.ok ? await answer.json() : { items: [] };
    setNewest(found.items.slice(0, NEWEST));
  };
  const chosen = (event) => {
    take(event.target.files);
    event.target.value = "";
  };
  return (
    <div className="remix-source">
      <button type="button" className="button small" onClick={() => file.current.click()} disabled={said !== ""}>
        {said || "Upload"}
      </button>
      <input ref={file} type="file" hidden multiple accept="image/png,image/jpeg,image/webp,image/avif" aria-label="Pictures to upload" onChange={chosen} />
      <button type="button" className="button small" aria-expanded={newest !== null} onClick={() => (newest === null ? show() : setNewest(null))}>
        Yours
      </button>
      <span className="small muted desk-only">or drop, or paste</span>
      <span role="status" className="hidden">{said}</span>
      {problems.length > 0 && (
        <div role="alert">
          <ul className="small failed remix-problems">
            {problems.map((problem) => (
              <li key={problem}>{problem}</li>
            ))}
          </ul>
        </div>
      )}
      {newest !== null && (
        <div ref={panel} className="remix-newest" role="group" aria-label="Your newest pictures">
          {newest.length === 0 && <p className="small muted">There are no pictures here yet. Upload one, or run a prompt first.</p>}
          {newest.map((one) => (
            <button key={one.id} type="button" aria-label={`Put in: ${one.title || one.prompt || "picture"}`.slice(0, 90)}
              onClick={() => { onPut([one.id]); setNewest(null); }}>
              <img src={`/api/images/${one.id}.webp?w=320`} alt="" loading="lazy" />
            </button>
          ))}
        </div>
      )}
    </div>
  );
}

/** While the strip is closed: pictures dropped or pasted open it. */
export function DropAnywhere({ onPut, onRefused }) {
  const take = async (files) => {
    const { ids, problems } = await sendPictures(files, () => {});
    if (ids.length) onPut(ids);
    if (problems.length) onRefused(problems[0]);
  };
  const latest = useRef(take);
  latest.current = take;
  useEffect(() => listen((files) => latest.current(files)), []);
  return null;
}

// A comma or a full stop behind a word is one of its own: put there, it does not change the word.
const WORD = /[,.;:!?]+(?=\s|$)|(?:(?![,.;:!?]+(?:\s|$))\S)+/g;
const CLOSING = /^[,.;:!?]+$/;

function wordsOf(text) {
  return text.match(WORD) ?? [];
}

/** The longest common run of words, as a list of [kind, word]. */
export function difference(before, after) {
  const [old, now] = [wordsOf(before).slice(0, 400), wordsOf(after).slice(0, 400)];
  const length = Array.from({ length: old.length + 1 }, () => new Uint16Array(now.length + 1));
  for (let i = old.length - 1; i >= 0; i--)
    for (let j = now.length - 1; j >= 0; j--)
      length[i][j] = old[i] === now[j] ? length[i + 1][j + 1] + 1 : Math.max(length[i + 1][j], length[i][j + 1]);
  const found = [];
  let [i, j] = [0, 0];
  while (i < old.length || j < now.length) {
    if (i < old.length && j < now.length && old[i] === now[j]) found.push(["same", old[i++], j++]);
    else if (j < now.length && (i === old.length || length[i][j + 1] > length[i + 1][j])) found.push(["added", now[j++]]);
    else found.push(["removed", old[i++]]);
  }
  return found;
}

/** What differs from the words of the picture it starts from. */
export function RemixDiff({ parent }) {
  const { prompt } = useDraft();
  const words = difference(parent, prompt);
  const changed = words.filter(([kind]) => kind !== "same").length;
  return (
    <p className="remix-diff mono small" aria-label="Difference to the prompt it starts from">
      {changed === 0 ? (
        <span className="muted">Same words as the picture it starts from.</span>
      ) : (
        words.map(([kind, word], place) => {
          const Mark = kind === "added" ? "ins" : kind === "removed" ? "del" : "span";
          return <React.Fragment key={place}>{place > 0 && !CLOSING.test(word) && " "}<Mark>{word}</Mark></React.Fragment>;
        })
      )}
    </p>
  );
}

/** One click puts a style behind the parent's words, in place of the last one. */
export function StyleRow({ parent }) {
  const { prompt } = useDraft();
  const chosen = (style) => write({ prompt: `${parent.replace(/[.,\s]+$/, "")}, as ${style}` });
  return (
    <div className="remix-styles" role="group" aria-label="Styles">
      {STYLES.map((style) => (
        <button key={style} type="button" className="remix-style" aria-pressed={prompt.endsWith(`, as ${style}`)} onClick={() => chosen(style)}>
          {style}
        </button>
      ))}
    </div>
  );
}

/** From "hardly any change" to "anything goes"; the server hears of it when the hand is still. */
export function Strength({ value, onChosen }) {
  const [shown, setShown] = useState(value);
  const timer = useRef(0);
  useEffect(() => setShown(value), [value]);
  const moved = (event) => {
    const wanted = event.target.value;
    setShown(Number(wanted));
    clearTimeout(timer.current);
    timer.current = setTimeout(() => onChosen(wanted), 250);
  };
  return (
    <label className="remix-strength">
      <span>Close</span>
      <input type="range" min="1" max="100" value={shown} aria-label="How far from the picture" aria-valuetext={`${shown} of 100`} onChange={moved} />
      <span>Free</span>
      <output className="mono">{shown}</output>
    </label>
  );
}

/** `answers` counts the server's answers, as at Run: the same click is the same job. */
export function OfferButton({ model, tier, answers, disabled = false, onChosen, className = "", children }) {
  const pending = useRef(null);
  const [sending, setSending] = useState(false);
  useEffect(() => {
    pending.current = null;
    setSending(false);
  }, [answers]);
  const clicked = () => {
    if (sending) return;
    pending.current ??= newKey();
    setSending(true);
    onChosen(model, tier, pending.current);
  };
  return (
    <button type="button" className={className} disabled={disabled} aria-busy={sending} onClick={clicked}>
      {children}
    </button>
  );
}
