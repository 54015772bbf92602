// The lightbox: pictures one at a time over the whole window. Opened anywhere on a page by the event "runtz:lightbox"
// with { ids, at }; what was focused before gets the focus back.
import React, { useCallback, useEffect, useRef, useState } from "react";
import { Link, useNavigate } from "react-router";
import { ChevronLeft, ChevronRight, Columns2, Download, FolderPlus, Heart, Info, Share2, Shuffle, Trash2, Undo2, X } from "lucide-react";
import { changed, get, post, tell, typing } from "./api.js";
import { Facts, Named, waitingWords } from "./facts.jsx";
import { Stage } from "./lightbox_stage.jsx";
import { Stars } from "./vault_bar.jsx";

const AROUND = 30; // pictures described to either side of the one shown
const MOST_COMPARED = 6;
const UNDO_SHOWN = 10_000; // milliseconds

/** Facts by id, fetched in stretches around the picture that is shown. */
function useFacts(ids, at) {
  const [facts, setFacts] = useState({});
  const [problem, setProblem] = useState("");
  const known = useRef({});
  known.current = facts;
  useEffect(() => {
    if (!ids.length) return undefined;
    const near = ids.slice(Math.max(0, at - AROUND), at + AROUND + 1);
    if (known.current[ids[at]] !== undefined && near.slice(0, 5).every((id) => id in known.current)) return undefined;
    const stop = new AbortController();
    get(`/api/pictures?ids=${near.join(",")}`, stop.signal).then((answer) => {
      if (stop.signal.aborted) return;
      if (!answer.ok) return setProblem(answer.problem);
      setProblem("");
      const gone = Object.fromEntries(near.map((id) => [id, null]));
      setFacts((before) => ({ ...before, ...gone, ...Object.fromEntries(answer.pictures.map((one) => [one.id, one])) }));
    });
    return () => stop.abort();
  }, [ids, at]);
  const mend = useCallback((id, values) => setFacts((before) => ({ ...before, [id]: before[id] && { ...before[id], ...values } })), []);
  return [facts, mend, problem];
}

function Action({ icon: Icon, name, letter, pressed, ...props }) {
  return (
    <button type="button" className="action" aria-label={name} title={letter ? `${name} (${letter})` : name} aria-pressed={pressed} {...props}>
      <Icon size={18} strokeWidth={1.5} aria-hidden="true" />
      <span className="key" aria-hidden="true">{letter}</span>
    </button>
  );
}

export function Lightbox() {
  const dialog = useRef(null);
  const view = useRef(null);
  const middle = useRef(null);
  const go = useNavigate();
  const [ids, setIds] = useState([]);
  const [at, setAt] = useState(0);
  const [open, setOpen] = useState(false);
  const [details, setDetails] = useState(false);
  const [marked, setMarked] = useState([]);
  const [removed, setRemoved] = useState(null); // { id, place, words } of the last one deleted
  const [said, setSaid] = useState("");
  const [zoomed, setZoomed] = useState(false);
  const [facts, mend, problem] = useFacts(ids, at);
  const one = facts[ids[at]];

  useEffect(() => {
    const asked = ({ detail }) => {
      const wanted = detail.ids?.length ? [...new Set(detail.ids)] : [];
      if (!wanted.length) return;
      setIds(wanted);
      setAt(Math.max(0, wanted.indexOf(detail.at)));
      setMarked([]);
      setRemoved(null);
      setSaid("");
      setOpen(true);
    };
    addEventListener("runtz:lightbox", asked);
    return () => removeEventListener("runtz:lightbox", asked);
  }, []);
  useEffect(() => {
    if (open && !dialog.current.open) {
      dialog.current.showModal();
      middle.current?.focus(); // not a button: what is looked at is the picture
    }
    if (!open && dialog.current.open) dialog.current.close();
  }, [open]);
  useEffect(() => {
    if (!removed) return undefined;
    const timer = setTimeout(() => setRemoved(null), UNDO_SHOWN);
    return () => clearTimeout(timer);
  }, [removed]);
  // The neighbours are fetched before they are asked for.
  useEffect(() => {
    if (!open) return;
    for (const id of [ids[at + 1], ids[at - 1]]) if (facts[id]) new Image().src = facts[id].large;
  }, [open, at, ids, facts]);

  const close = () => setOpen(false);
  const step = (by) => {
    setAt((place) => Math.min(ids.length - 1, Math.max(0, place + by)));
    setSaid("");
  };
  const leave = (path) => {
    close();
    go(path);
  };
  const failed = (answer) => setSaid(answer.status === 404 ? "This picture is no longer here." : answer.problem);

  const keep = async () => {
    const kept = !one.kept;
    mend(one.id, { kept });
    const answer = await post(`/api/pictures/${one.id}/keep`, { kept });
    if (!answer.ok) {
      mend(one.id, { kept: !kept });
      return failed(answer);
    }
    setSaid(kept ? "Kept" : "No longer kept");
    changed([one.id]);
    return undefined;
  };
  const rate = async (stars) => {
    const [before, rating] = [one.rating, stars === one.rating ? 0 : stars];
    mend(one.id, { rating });
    const answer = await post("/api/vault/change", { action: "rate", ids: [one.id], rating });
    if (!answer.ok) {
      mend(one.id, { rating: before });
      return failed(answer);
    }
    setSaid(rating ? `${rating} of 5 stars` : "No rating");
    changed([one.id]);
    return undefined;
  };
  const remove = async () => {
    const [id, place] = [one.id, at];
    const answer = await post(`/api/pictures/${id}/delete`);
    if (!answer.ok) return failed(answer);
    setIds((before) => before.filter((other) => other !== id));
    setMarked((before) => before.filter((other) => other !== id));
    setAt(Math.max(0, Math.min(place, ids.length - 2)));
    setRemoved({ id, place, words: waitingWords(answer.waiting) });
    changed([id]);
    return undefined;
  };
  const undo = async () => {
    const { id, place } = removed;
    const answer = await post(`/api/pictures/${id}/restore`);
    if (!answer.ok) return failed(answer);
    setIds((before) => [...before.slice(0, place), id, ...before.slice(place)]);
    setAt(place);
    setRemoved(null);
    setSaid("Brought back");
    changed([id]);
    return undefined;
  };
  const compare = () => {
    if (!marked.length && ids.length >= 2 && ids.length <= MOST_COMPARED) return leave(`/compare?ids=${ids.join(",")}`);
    if (marked.includes(one.id)) return setMarked(marked.filter((id) => id !== one.id));
    if (marked.length === MOST_COMPARED) return setSaid(`A comparison takes up to ${MOST_COMPARED} pictures.`);
    return setMarked([...marked, one.id]);
  };
  const share = () => tell("runtz:share", { ids: [one.id] });
  const collect = () => tell("runtz:collect", { ids: [one.id] });
  const remix = () => leave(`/?remix=${one.id}`);

  const pressed = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const acts = {
      ArrowRight: () => step(1), ArrowLeft: () => step(-1), Home: () => setAt(0), End: () => setAt(ids.length - 1),
      k: one && keep, v: one && collect, r: one && remix, c: one && compare, s: one && share, Delete: one && remove,
      i: () => setDetails(!details), u: removed && undo,
      d: () => dialog.current.querySelector("a[download]")?.click(),
    };
    if (one && /^[0-5]$/.test(key)) acts[key] = () => rate(Number(key));
    const done = acts[key] ? (acts[key](), true) : Boolean(one && view.current?.key(key));
    if (done) event.preventDefault();
    if (done || key !== "Escape") event.stopPropagation();
  };
  const swiped = (direction) => (direction === "down" ? close() : step(direction === "next" ? 1 : -1));

  return (
    <dialog ref={dialog} className="lightbox" aria-label="Picture" onClose={close} onKeyDown={pressed}>
      {open && (
        <div className="lightbox-body" data-details={details || undefined}>
          <header className="lightbox-top">
            <span className="mono muted">{ids.length ? `${at + 1} of ${ids.length}` : ""}</span>
            <span className="grow">{one && <Named one={one} />}</span>
            {marked.length > 0 && (
              <button type="button" className="button small" disabled={marked.length < 2} onClick={() => leave(`/compare?ids=${marked.join(",")}`)}>
                <Columns2 size={16} strokeWidth={1.5} aria-hidden="true" />
                {marked.length < 2 ? "Mark one more" : `Compare ${marked.length}`}
              </button>
            )}
            <button type="button" className="button quiet small only-icon" aria-label="Close" title="Close (Esc)" onClick={close}>
              <X size={18} strokeWidth={1.5} aria-hidden="true" />
            </button>
          </header>
          <div ref={middle} className="lightbox-middle" tabIndex={-1}>
            {one && <Stage one={one} onSwipe={swiped} viewRef={view} setZoomed={setZoomed} />}
            {one === null && <p className="lightbox-gone">This picture was deleted.</p>}
            {one === undefined && problem && <p className="lightbox-gone">{problem}</p>}
            {!ids.length && <p className="lightbox-gone">That was the last one.</p>}
            {!zoomed && at > 0 && (
              <button type="button" className="lightbox-turn before" aria-label="Picture before" onClick={() => step(-1)}>
                <ChevronLeft size={28} strokeWidth={1.5} aria-hidden="true" />
              </button>
            )}
            {!zoomed && at < ids.length - 1 && (
              <button type="button" className="lightbox-turn next" aria-label="Next picture" onClick={() => step(1)}>
                <ChevronRight size={28} strokeWidth={1.5} aria-hidden="true" />
              </button>
            )}
            <div className="lightbox-said" role="status">
              {removed ? (
                <>
                  <span>In the trash for 30 days. {removed.words}</span>
                  <button type="button" className="button small" onClick={undo}>
                    <Undo2 size={16} strokeWidth={1.5} aria-hidden="true" /> Undo <span className="key">U</span>
                  </button>
                </>
              ) : (
                said && <span>{said}</span>
              )}
            </div>
          </div>
          {details && one && (
            <aside className="lightbox-details" aria-label="Details" tabIndex={0}>
              {one.prompt && <p className="lightbox-prompt" dir="auto">{one.prompt}</p>}
              <Facts one={one} />
              <Link className="button" to={`/images/${one.id}`} onClick={close}>Lineage, notes and receipt</Link>
              {one.job_id && <Link className="button quiet" to={`/jobs/${one.job_id}`} onClick={close}>Its job</Link>}
            </aside>
          )}
          {one && (
            <footer className="lightbox-foot">
              <p className="lightbox-caption ellipsis desk-only" dir="auto">{one.prompt}</p>
              <Stars value={one.rating} onRate={rate} label="Rating, keys 1 to 5" plain />
              <div className="lightbox-actions">
                <span className="keep-action">
                  <Action icon={Heart} name={one.kept ? "Stop keeping" : "Keep"} letter="K" pressed={one.kept} onClick={keep} />
                </span>
                <Action icon={FolderPlus} name="Add to a collection" letter="V" onClick={collect} />
                <Action icon={Shuffle} name="Remix" letter="R" onClick={remix} />
                <Action icon={Columns2} name={marked.includes(one.id) ? "Leave out of the comparison" : "Compare"} letter="C" pressed={marked.includes(one.id)} onClick={compare} />
                <Action icon={Share2} name="Share" letter="S" onClick={share} />
                <a className="action" href={one.download} download aria-label="Download the original" title="Download the original (D)">
                  <Download size={18} strokeWidth={1.5} aria-hidden="true" />
                  <span className="key" aria-hidden="true">D</span>
                </a>
                <Action icon={Info} name="Details" letter="I" pressed={details} onClick={() => setDetails(!details)} />
                <Action icon={Trash2} name="Delete" title="Delete (Del)" onClick={remove} />
              </div>
            </footer>
          )}
        </div>
      )}
    </dialog>
  );
}
