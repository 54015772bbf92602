// What a picture is, said in a few lines: shared by the lightbox, the comparison and the page of a picture.
import React from "react";
import { thumbHashToDataURL } from "thumbhash";

export const credits = (amount) => `${amount.toLocaleString("en")} cr`;
export const dollars = (micros) => (micros ? `$${(micros / 1e6).toFixed(3)}` : "$0");
export const money = (one) => (one.call_id ? `${credits(one.credits)} · ${dollars(one.usd_micros)}` : "free");
export const altOf = (one) => one.prompt || `${one.model}, ${one.width}×${one.height}`;

/** What deleting does to pictures that are being made from the deleted ones; "" for none. */
export const waitingWords = (count) => {
  if (!count) return "";
  return count === 1 ? "One picture is being made from it: if it was not sent yet, it ends without cost." : `${count} pictures are being made from it: those not sent yet end without cost.`;
};

const KINDS = { upscale: "upscaled", generate: "" };

export function traceOf(hash) {
  if (!hash || typeof atob === "undefined") return "";
  try {
    return thumbHashToDataURL(Uint8Array.from(atob(hash), (sign) => sign.charCodeAt(0)));
  } catch {
    return "";
  }
}

export function Named({ one, hidden = false, name = "Hidden" }) {
  if (hidden) return <span className="named ellipsis">{name}</span>;
  return (
    <span className={`named hue-${one.hue}`}>
      <span className="hue" />
      <b className="ellipsis">{one.model}</b>
      {KINDS[one.kind] && <span className="tag">{KINDS[one.kind]}</span>}
      {one.simulated && <span className="simulated-mark inline">simulated</span>}
    </span>
  );
}

const LINES = [
  ["Pixels", (one) => `${one.width}×${one.height}`],
  ["Ratio", (one) => one.ratio],
  ["Tier", (one) => one.tier],
  ["Seed", (one) => one.seed],
  ["Time", (one) => (one.seconds ? `${one.seconds.toFixed(1)} s` : "")],
  ["This picture", money],
  ["File", (one) => `${one.format}, ${(one.size / 1e6).toFixed(2)} MB`],
  ["Made", (one) => new Date(one.created_at * 1000).toLocaleString()],
];

export function Facts({ one }) {
  return (
    <dl className="lines">
      {LINES.map(([label, read]) => [label, read(one)])
        .filter(([, value]) => value)
        .map(([label, value]) => (
          <React.Fragment key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </React.Fragment>
        ))}
    </dl>
  );
}

/** Words of a difference: the same, inserted (underlined) or deleted (struck). */
export function Words({ parts, only = false }) {
  const shown = only ? parts.filter((part) => part.kind !== "same") : parts;
  return shown.map((part, place) => {
    const gap = only && place ? " " : "";
    const text = only ? part.text.trim() : part.text;
    if (part.kind === "added") return <React.Fragment key={place}>{gap}<ins>{text}</ins></React.Fragment>;
    if (part.kind === "removed") return <React.Fragment key={place}>{gap}<del>{text}</del></React.Fragment>;
    return <span key={place}>{text}</span>;
  });
}
