// The parts of the composer that must answer while one types.
import React, { useEffect, useRef, useState } from "react";
import { answered as serverAnswered, register, runNow, send, useDraft, useHindrance, useTimes, write } from "./draft.js";
import { useGrowing } from "./growing.js";

const MAX_SEED = 2 ** 31 - 1;
const grouped = (number) => number.toLocaleString("en");

function runKeys(event) {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  runNow();
}

/** `fill` is JSON from the server that replaces the draft ("run these words again"), once. */
export function PromptBox({ limit, fill = "", onFilled, placeholder }) {
  const { prompt } = useDraft();
  const area = useGrowing(prompt);
  useEffect(() => {
    if (!fill) return;
    write(JSON.parse(fill));
    onFilled?.();
    area.current.focus({ preventScroll: true });
    const strip = area.current.closest(".composer").querySelector(".remix"); // stands above the words and belongs to them
    (strip ?? area.current).scrollIntoView({ block: "center" });
  }, [fill]);
  const near = prompt.length > limit * 0.9;
  return (
    <div className="prompt">
      <textarea ref={area} id="prompt" rows={1} dir="auto" value={prompt} placeholder={placeholder} aria-label="Prompt" autoComplete="off" spellCheck="true"
        aria-describedby={near ? "prompt-count" : undefined} onChange={(event) => write({ prompt: event.target.value })} onKeyDown={runKeys} />
      {near && (
        <span id="prompt-count" role="status" className={`small ${prompt.length > limit ? "failed" : "muted"}`}>
          {grouped(prompt.length)} of {grouped(limit)} characters
        </span>
      )}
    </div>
  );
}

export function NegativeBox({ limit }) {
  const { negative, negativeOn } = useDraft();
  const area = useRef(null);
  const wasOn = useRef(negativeOn);
  useEffect(() => {
    if (negativeOn && !wasOn.current && document.activeElement?.dataset.negative) area.current.focus();
    wasOn.current = negativeOn;
  }, [negativeOn]);
  if (!negativeOn) return null;
  return (
    <label className="negative">
      <span className="muted small">Leave out</span>
      <textarea ref={area} rows={1} dir="auto" value={negative} maxLength={limit} placeholder="text, watermark, extra fingers" onKeyDown={runKeys}
        onChange={(event) => write({ negative: event.target.value })} />
    </label>
  );
}

export function NegativeToggle({ className = "", children }) {
  const { negativeOn } = useDraft();
  return (
    <button type="button" className={className} aria-pressed={negativeOn} data-negative onClick={() => write({ negativeOn: !negativeOn })}>
      {children}
    </button>
  );
}

/** `children` is the picture of the dice. */
export function SeedField({ className = "", children }) {
  const { seed } = useDraft();
  const typed = (event) => {
    const digits = event.target.value.replace(/\D/g, "").slice(0, 10);
    write({ seed: digits === "" ? "" : String(Math.min(Number(digits), MAX_SEED)) });
  };
  return (
    <span className={className}>
      <label className="label" htmlFor="seed">
        Seed
      </label>
      <input id="seed" className="value" inputMode="numeric" value={seed} placeholder="random" autoComplete="off" onChange={typed} onKeyDown={runKeys} />
      <button type="button" className="field-icon" aria-label="Throw the dice for a seed" title="Throw the dice"
        onClick={() => write({ seed: String(Math.floor(Math.random() * 100_000)) })}>
        {children}
      </button>
    </span>
  );
}

function missing({ prompt, limit, blocked, credits, available }) {
  if (!prompt.trim()) return ["Write a prompt"];
  const over = prompt.length - limit;
  if (over > 0) return ["Shorten the prompt", over === 1 ? "1 character too many" : `${grouped(over)} characters too many`];
  if (blocked) return [blocked];
  if (credits > available) return [`Short by ${grouped(credits - available)} cr`, `needs ${grouped(credits)}, has ${grouped(available)}`];
  return null;
}

/** Run with its live total; when it cannot run it says what is missing. `answers` counts the server's answers. */
export function RunButton({ count: each, credits: creditsEach, usdMicros: usdEach, available, blocked = "", limit, answers, onRun, compact = false, className = "", children }) {
  const { prompt } = useDraft();
  const times = useTimes();
  const [count, credits, usdMicros] = [each * times, creditsEach * times, usdEach * times];
  const [sending, setSending] = useState(false);
  const hindrance = useHindrance();
  const lacks = missing({ prompt, limit, blocked: blocked || hindrance, credits, available });
  const start = () => {
    if (lacks || !send(onRun)) return;
    setSending(true);
  };
  const latest = useRef(start);
  latest.current = start;

  useEffect(() => (compact ? undefined : register(() => latest.current())), [compact]);
  useEffect(() => {
    serverAnswered();
    setSending(false);
  }, [answers]);
  useEffect(() => {
    if (!sending) return undefined;
    const timer = setTimeout(() => setSending(false), 10_000);
    return () => clearTimeout(timer);
  }, [sending]);

  const money = usdMicros ? `$${(usdMicros / 1e6).toFixed(3)}` : "$0";
  if (lacks) {
    return (
      <button type="button" className={`run-button off ${className}`} disabled>
        <b>{lacks[0]}</b>
        {lacks[1] && !compact && (
          <>
            <i />
            <span className="run-total">{lacks[1]}</span>
          </>
        )}
      </button>
    );
  }
  return (
    <button type="button" className={`run-button ${className}`} onClick={start} aria-busy={sending} data-run>
      <b>{sending ? "Sending" : `Run ${count}`}</b>
      {!compact && <i />}
      <span className="run-total">{compact ? `${grouped(credits)} cr` : `${grouped(credits)} cr · ${money}`}</span>
      {children}
    </button>
  );
}

/** The composer: in the page on a desk, on a phone a sheet that the dock opens. */
export function ComposerSheet({ title, models, ratio, samples, asked = 0, children }) {
  const { prompt } = useDraft();
  const [open, setOpen] = useState(false);
  const sheet = useRef(null);
  const opener = useRef(null);
  const [body, dockRun] = React.Children.toArray(children);

  useEffect(() => {
    if (asked) setOpen(true);
  }, [asked]);
  useEffect(() => {
    if (!open) return undefined;
    sheet.current.querySelector("#prompt")?.focus();
    return () => opener.current?.focus({ preventScroll: true });
  }, [open]);
  const keyed = (event) => {
    if (!open) return;
    if (event.key === "Escape" && !event.target.closest("[popover], dialog")) setOpen(false);
    if (event.key !== "Tab") return;
    const stops = [...sheet.current.querySelectorAll("button:not(:disabled), input, textarea, select")].filter((stop) => stop.offsetParent);
    const edge = event.shiftKey ? stops[0] : stops.at(-1);
    if (document.activeElement !== edge) return;
    event.preventDefault();
    (event.shiftKey ? stops.at(-1) : stops[0]).focus();
  };
  const ran = (event) => event.target.closest("[data-run]") && setOpen(false);
  return (
    <>
      <div className="composer-dim phone-only" data-open={open || undefined} onClick={() => setOpen(false)} />
      <section ref={sheet} className="composer panel" aria-label={title} aria-modal={open || undefined} role={open ? "dialog" : undefined}
        data-open={open || undefined} onKeyDown={keyed} onClick={ran}>
        <button type="button" className="sheet-handle phone-only" aria-label="Close the composer" onClick={() => setOpen(false)} />
        {body}
      </section>
      <div className="dock">
        <button ref={opener} type="button" className="dock-words" onClick={() => setOpen(true)} aria-expanded={open}>
          <span className="dock-prompt ellipsis" dir="auto">{prompt || "Write a prompt"}</span>
          <span className="small muted">
            {models} {models === 1 ? "model" : "models"} · {ratio} · {samples} {samples === 1 ? "sample" : "samples"}
          </span>
          <span className="hidden">Open the composer</span>
        </button>
        {dockRun}
      </div>
    </>
  );
}

/** A button that puts an example into the prompt box. */
export function Example({ prompt, className, children }) {
  const clicked = () => {
    write({ prompt });
    document.getElementById("prompt")?.focus();
  };
  return (
    <button type="button" className={className} onClick={clicked}>
      {children}
    </button>
  );
}
