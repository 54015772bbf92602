// One picture of the wall: its placeholder until it is here, its marks, its caption.
import React, { memo, useState } from "react";
import { Check, Heart, Star, TriangleAlert } from "lucide-react";
import { thumbHashToDataURL } from "thumbhash";

const MOST_TRACES = 600; // of some six kilobytes each

const traces = new Map();

/** The placeholder as an image address; made once, and no more are remembered than some screens show. */
function traceOf(hash) {
  if (!hash) return "";
  let found = traces.get(hash);
  if (found === undefined) {
    try {
      found = `url(${thumbHashToDataURL(Uint8Array.from(atob(hash), (sign) => sign.charCodeAt(0)))})`;
    } catch {
      found = "";
    }
    if (traces.size > MOST_TRACES) traces.clear();
    traces.set(hash, found);
  }
  return found;
}

export const thumbOf = (item) => (item.deleted_at ? `/api/vault/trash/${item.id}` : `/api/images/${item.id}.webp?w=320`);
/** What the picture's marks say to a screen reader. */
function marksOf(item) {
  const marks = [item.kept && "kept", item.rating > 0 && `${item.rating} of 5 stars`, item.damaged && "file damaged"];
  return marks.filter(Boolean).join(", ");
}

export const Cell = memo(function Cell({ item, at, left, width, height, selected, focused, picking }) {
  const [here, setHere] = useState(false);
  const [broken, setBroken] = useState(false);
  return (
    <div role="gridcell" aria-selected={selected} tabIndex={focused ? 0 : -1} data-at={at} data-id={item.id}
      className={`wall-cell hue-${item.hue}`} data-picking={picking || undefined} draggable="true" style={{ left, width, height, backgroundImage: here ? undefined : traceOf(item.hash) }}>
      {item.damaged || broken ? (
        <span className="wall-damaged">
          <TriangleAlert size={18} aria-hidden="true" />
          {item.damaged ? "File damaged" : "Not loaded"}
        </span>
      ) : (
        <img src={thumbOf(item)} alt={item.prompt || item.title} width={Math.round(width)} height={Math.round(height)} decoding="async" draggable="false"
          data-here={here || undefined} ref={(image) => image?.complete && image.naturalWidth && setHere(true)} onLoad={() => setHere(true)} onError={() => setBroken(true)} />
      )}
      <span className="wall-tick" data-tick="">
        <Check size={14} strokeWidth={2.5} aria-hidden="true" />
      </span>
      {item.kept && <Heart className="wall-heart" size={14} aria-hidden="true" />}
      {item.simulated && <span className="wall-simulated">simulated</span>}
      <span className="hidden">{marksOf(item)}</span>
      <span className="wall-caption">
        <b className="ellipsis">{item.title || item.model}</b>
        <span className="ellipsis" aria-hidden={item.title ? undefined : "true"}>
          {item.title ? item.model : item.prompt}
        </span>
        {item.rating > 0 && (
          <span className="wall-stars" aria-hidden="true">
            {Array.from({ length: item.rating }, (_, star) => (
              <Star key={star} size={11} />
            ))}
          </span>
        )}
      </span>
    </div>
  );
});
