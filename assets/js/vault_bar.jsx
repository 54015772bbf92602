// What is done to a selection, in one bar, and the toast that takes it back.
import React, { useEffect, useState } from "react";
import { BookImage, Columns2, Download, FolderInput, FolderMinus, FolderPlus, Heart, HeartOff, Info, Star, Tag, Trash2, Undo2, X } from "lucide-react";
import { bytes, grouped } from "./vault_query.js";

const SHOWN = 8000; // milliseconds that a toast stays

function Act({ icon: Icon, label, hotkey, words, onClick, danger, disabled }) {
  return (
    <button type="button" className={`button small quiet bulk-act ${danger ? "danger" : ""}`} title={label} aria-label={words ? undefined : label} aria-keyshortcuts={hotkey} disabled={disabled} onClick={onClick}>
      <Icon size={16} aria-hidden="true" />
      {words && <span className="desk-only">{words}</span>}
      {hotkey && words && (
        <span className="key desk-only" aria-hidden="true">
          {hotkey}
        </span>
      )}
    </button>
  );
}

/** One bar for the selection. `items` are those of it that are loaded; `count` is all of it. */
export function BulkBar({ items, count, inTrash, inCollection, more, onAct, onClear, onAll }) {
  const allKept = items.length > 0 && items.every((item) => item.kept);
  const credits = items.reduce((sum, item) => sum + item.credits, 0);
  const size = items.reduce((sum, item) => sum + item.bytes, 0);
  const whole = items.length === count;
  return (
    <div className="bulk-bar" role="toolbar" aria-label="Selected pictures">
      <b className="bulk-count">{grouped(count)}<span className="desk-only"> selected</span></b>
      {whole && <span className="mono muted desk-only">{`${grouped(credits)} cr · ${bytes(size)}`}</span>}
      {more && (
        <button type="button" className="bulk-all desk-only" onClick={onAll}>
          Select all
        </button>
      )}
      <i className="desk-only" />
      <div className="bulk-acts">
        {inTrash ? (
          <>
            <Act icon={Undo2} label="Take out of the trash" words="Restore" onClick={() => onAct("restore")} />
            <Act icon={Trash2} label="Delete for good" words="Delete for good" danger onClick={() => onAct("erase")} />
          </>
        ) : (
          <>
            <Act icon={allKept ? HeartOff : Heart} label={allKept ? "Stop keeping" : "Keep"} words={allKept ? "Let go" : "Keep"} hotkey="K" onClick={() => onAct(allKept ? "let_go" : "keep")} />
            <Act icon={FolderPlus} label="Add to a collection" words="Add to…" hotkey="V" onClick={() => onAct("collect")} />
            {inCollection && count === 1 && <Act icon={BookImage} label="Use as the collection's cover" onClick={() => onAct("cover")} />}
            {inCollection && <Act icon={FolderInput} label="Move to another collection" onClick={() => onAct("move")} />}
            {inCollection && <Act icon={FolderMinus} label="Take out of this collection" onClick={() => onAct("take_out")} />}
            <Act icon={Tag} label="Tag" words="Tag" hotkey="G" onClick={() => onAct("tag")} />
            <Act icon={Columns2} label={count > 6 || count < 2 ? "Compare takes 2 to 6 pictures" : "Compare"} words="Compare" hotkey="C" disabled={count < 2 || count > 6} onClick={() => onAct("compare")} />
            <Act icon={Download} label="Download as a ZIP" words="Zip" hotkey="D" onClick={() => onAct("download")} />
            {count === 1 && <Act icon={Info} label="Title, notes and more" hotkey="I" onClick={() => onAct("details")} />}
            {count > 1 && <Act icon={Star} label="Rate" onClick={() => onAct("rate")} />}
            <Act icon={Trash2} label="Move to the trash" onClick={() => onAct("throw_away")} />
          </>
        )}
      </div>
      <i className="desk-only" />
      <Act icon={X} label="Clear the selection" onClick={onClear} />
    </div>
  );
}

/** What has just been done, with the way back while there is one. */
export function Toast({ said, onUndo, onGone }) {
  const [held, setHeld] = useState(false);
  useEffect(() => {
    if (!said || held) return undefined;
    const timer = setTimeout(onGone, SHOWN);
    return () => clearTimeout(timer);
  }, [said, held, onGone]);
  return (
    <div role="status" aria-live="polite" className="toast-place">
      {said && (
        <div className={`toast ${said.tone ?? ""}`} onPointerEnter={() => setHeld(true)} onPointerLeave={() => setHeld(false)}>
          <span className="grow">{said.words}</span>
          {said.undo && (
            <button type="button" className="button small" onClick={onUndo}>
              <Undo2 size={14} aria-hidden="true" />
              Undo
            </button>
          )}
          <button type="button" className="field-icon" aria-label="Dismiss" onClick={onGone}>
            <X size={14} aria-hidden="true" />
          </button>
        </div>
      )}
    </div>
  );
}

/** One to five; the same again takes it away, and so does a word unless it is `plain`. */
export function Stars({ value, onRate, label = "Rating", plain = false }) {
  return (
    <div className="stars" role="radiogroup" aria-label={label}>
      {[1, 2, 3, 4, 5].map((star) => (
        <button key={star} type="button" role="radio" aria-checked={value === star} aria-label={star === 1 ? "1 star" : `${star} stars`} data-on={star <= value || undefined}
          onClick={() => onRate(star === value ? 0 : star)}>
          <Star size={18} aria-hidden="true" />
        </button>
      ))}
      {value > 0 && !plain && (
        <button type="button" className="stars-none" onClick={() => onRate(0)}>
          None
        </button>
      )}
    </div>
  );
}
