// The parts of the writing panel that know what is being typed.
import React, { useEffect, useRef, useState } from "react";
import { useDraft, write } from "./draft.js";
import { useGrowing } from "./growing.js";

const REST = 700; // milliseconds without a key until the price is asked anew
const GIVE_UP = 10_000; // milliseconds after which an unanswered button can be pressed again

const sent = ({ prompt, negative, negativeOn }) => ({ prompt, negative: negativeOn ? negative : "" });

export function DraftButton({ answers, onAct, children }) {
  const draft = useDraft();
  const [sending, setSending] = useState(false);
  useEffect(() => setSending(false), [answers]);
  useEffect(() => {
    if (!sending) return undefined;
    const timer = setTimeout(() => setSending(false), GIVE_UP);
    return () => clearTimeout(timer);
  }, [sending]);
  const act = () => {
    setSending(true);
    onAct(sent(draft));
  };
  return (
    <button type="button" className="button small" disabled={!draft.prompt.trim() || sending} aria-busy={sending} onClick={act}>
      {children}
    </button>
  );
}

export function VersionBox({ model, text, label, onEdit }) {
  const [words, setWords] = useState(text);
  const area = useGrowing(words);
  useEffect(() => setWords(text), [text]);
  return (
    <textarea ref={area} className="craft-box" dir="auto" rows={4} value={words} aria-label={label} spellCheck="true"
      onChange={(event) => setWords(event.target.value)} onBlur={() => words !== text && onEdit(model, words)} />
  );
}

export function StaleNote({ idea, onPrice, children }) {
  const draft = useDraft();
  const stale = draft.prompt.trim() !== idea;
  useEffect(() => {
    if (!stale) return undefined;
    const timer = setTimeout(() => onPrice?.(sent(draft)), REST);
    return () => clearTimeout(timer);
  }, [draft.prompt, stale]);
  return stale ? <>{children}</> : null;
}

export function TakeNegatives({ words, onTake }) {
  const { negative, negativeOn } = useDraft();
  const before = useRef({ negative: "", negativeOn: false });
  const taken = negativeOn && negative.trim() === words;
  const act = () => {
    const next = taken ? before.current : { negative: words, negativeOn: true };
    if (!taken) before.current = { negative, negativeOn };
    write(next);
    onTake?.(next.negativeOn ? next.negative : "");
  };
  return (
    <button type="button" className="button small quiet" aria-pressed={taken} onClick={act}>
      {taken ? "Left out" : "Leave these out"}
    </button>
  );
}
