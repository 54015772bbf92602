// The comparison: two to six pictures under one view, with picks, a loupe, a slider for two and the table of what
// differs. What is compared stands in the address, so a comparison can be kept, sent and come back to.
import React, { useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { Link, useLocation, useNavigate } from "react-router";
import { ArrowLeft, Blend, Check, Columns3, EyeOff, Eye, Lock, Maximize, Search, Share2, SquareSplitHorizontal, ZoomIn } from "lucide-react";
import { get, post, tell, typing } from "./api.js";
import { Pane, Split, Whole } from "./compare_pane.jsx";
import { Table } from "./compare_table.jsx";
import { WHOLE, fullZoom, keyed, mostZoom, placed, settled, zoomedAt } from "./zoom.js";

const MODES = [["side", "Side by side", Columns3], ["slider", "Slider", SquareSplitHorizontal], ["overlay", "Overlay", Blend]];

const shuffled = (list) => {
  const left = [...list];
  return list.map(() => left.splice(Math.floor(Math.random() * left.length), 1)[0]);
};

function useCompared(search) {
  const [found, setFound] = useState(null);
  const ids = useMemo(() => [...new Set((new URLSearchParams(search).get("ids") ?? "").split(",").filter(Boolean))].slice(0, 6), [search]);
  const key = [...ids].sort().join(",");
  useEffect(() => {
    let here = true;
    const read = () =>
      get(`/api/compare?ids=${ids.join(",")}`).then((answer) => here && setFound({ ...answer, asked: ids }));
    read();
    const changed = ({ detail }) => detail.ids.some((id) => ids.includes(id)) && read();
    addEventListener("runtz:changed", changed);
    return () => {
      here = false;
      removeEventListener("runtz:changed", changed);
    };
  }, [key]);
  return found;
}

function Nothing({ found }) {
  const deleted = found.missing > 0;
  return (
    <div className="empty">
      <h1 className="title">{deleted ? "Too few of these pictures are left" : "Choose pictures to compare"}</h1>
      <p>
        {found.problem ||
          (deleted
            ? `${found.missing} of them ${found.missing === 1 ? "was" : "were"} deleted, so there is nothing to set side by side. Pictures in the trash can be brought back for 30 days.`
            : "A comparison takes two to six pictures: press C on a card in the Studio, or select pictures in the vault.")}
      </p>
      <Link className="button" to="/">Go to the Studio</Link>
    </div>
  );
}

export function Compare() {
  const { search } = useLocation();
  const found = useCompared(search);
  if (!found) return <div className="compare" aria-busy="true"><h1 className="hidden">Compare</h1><div className="bone compare-bone" /></div>;
  if (!found.ok || found.pictures.length < 2) return <Nothing found={found} />;
  return <Panes found={found} key={[...found.asked].sort().join()} />;
}

function Panes({ found }) {
  const go = useNavigate();
  const root = useRef(null);
  const [order, setOrder] = useState(() => found.pictures.map((_, place) => place));
  const [view, setViewState] = useState(WHOLE);
  const [size, setSize] = useState({ width: 1, height: 1 });
  const [cursor, setCursor] = useState(null);
  const [loupe, setLoupe] = useState(false);
  const [mode, setMode] = useState("side");
  const [split, setSplit] = useState(50);
  const [hidden, setHidden] = useState(false);
  const [active, setActive] = useState(0);
  const [verdicts, setVerdicts] = useState(found.verdicts);
  const [said, setSaid] = useState("");
  const [held, setHeld] = useState(false);
  const latest = useRef(view);
  latest.current = view;

  // Pictures may have been deleted since; the order names places in what is left.
  const places = order.filter((place) => place < found.pictures.length);
  const pictures = places.map((place) => found.pictures[place]);
  const first = pictures[0];
  const two = pictures.length === 2 && mode !== "side";
  const verdict = verdicts[hidden ? "blind" : "named"];
  const setView = (next) => {
    latest.current = next;
    setViewState(next);
  };
  const watching = useRef(null);
  const measure = useMemo(() => (pane) => {
    watching.current?.disconnect();
    watching.current = new ResizeObserver(([entry]) => setSize({ width: entry.contentRect.width, height: entry.contentRect.height }));
    watching.current.observe(pane);
    return undefined;
  }, []);
  useEffect(() => () => watching.current?.disconnect(), []);

  const leave = () => (window.history.length > 1 ? go(-1) : go("/"));
  const pick = async (outcome, place) => {
    const chosen = outcome === "pick" ? pictures[place]?.id : "";
    if (outcome === "pick" && !chosen) return;
    const back = verdict && verdict.outcome === outcome && verdict.chosen === chosen;
    const which = hidden ? "blind" : "named";
    const before = verdicts;
    setVerdicts({ ...verdicts, [which]: back ? undefined : { outcome, chosen } });
    setSaid(back ? "Taken back" : { pick: `Picked ${place + 1}`, none: "None picked", tie: "A tie" }[outcome]);
    const answer = await post("/api/verdicts", { ids: pictures.map((one) => one.id), outcome: back ? "" : outcome, chosen, blind: hidden });
    if (answer.ok) return;
    setVerdicts(before);
    setSaid(answer.status === 404 ? "One of these pictures was deleted. Nothing was noted; reload the page." : answer.problem);
  };
  const swap = (by) => {
    const to = active + by;
    if (to < 0 || to >= places.length) return;
    const next = [...places];
    [next[active], next[to]] = [next[to], next[active]];
    setOrder(next);
    setActive(to);
    go(`?ids=${next.map((place) => found.pictures[place].id).join(",")}`, { replace: true });
  };
  const flip = (by) => setActive((place) => Math.min(pictures.length - 1, Math.max(0, place + by)));
  const hide = () => {
    setOrder(hidden ? found.pictures.map((_, place) => place) : shuffled(places));
    setHidden(!hidden);
    setSaid(hidden ? "Names shown" : "Names hidden and the order shuffled; picks now count as blind");
  };
  const share = () => tell("runtz:share", { ids: pictures.map((one) => one.id) });

  useLayoutEffect(() => {
    const pressed = (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector("dialog[open]")) return;
      const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
      const onRange = event.target.matches?.("input[type=range]");
      const acts = {
        0: () => pick("none"), t: () => pick("tie"), l: () => setLoupe((on) => !on), b: hide, s: share, Escape: leave,
        ArrowLeft: onRange ? null : () => swap(-1), ArrowRight: onRange ? null : () => swap(1),
        " ": event.target.closest?.("button, a") ? null : () => setHeld(true),
      };
      if (/^[1-6]$/.test(key)) pick("pick", Number(key) - 1);
      else if (acts[key]) acts[key]();
      else {
        const next = keyed(key, latest.current, size, first);
        if (!next) return;
        setView(next);
      }
      event.preventDefault();
    };
    const released = (event) => event.key === " " && setHeld(false);
    addEventListener("keydown", pressed);
    addEventListener("keyup", released);
    return () => {
      removeEventListener("keydown", pressed);
      removeEventListener("keyup", released);
    };
  });

  const shown = held ? WHOLE : view;
  const percent = Math.round(placed(shown, size, first).scale * 100);
  const most = mostZoom(size, first);
  const slide = (value) => setView(settled({ ...latest.current, zoom: Math.exp((Number(value) / 100) * Math.log(most)) }, size, first));
  const slider = Math.round((Math.log(view.zoom) / Math.log(most || 2)) * 100) || 0;
  const zoomTo = (zoom) => setView(zoomedAt(latest.current, zoom, { x: latest.current.x, y: latest.current.y }, size, first));
  const act = { view: () => latest.current, setView, setCursor, flip, activate: setActive };
  const state = { view: shown, cursor, loupe, mapOn: two ? 0 : active };
  const common = (one, place) => ({
    one, place, size, state, act, hidden, active: place === active, chosen: verdict?.outcome === "pick" && verdict.chosen === one.id,
    measure: place === 0 ? measure : undefined,
  });

  return (
    <div ref={root} className="compare" data-count={pictures.length} data-active={active} style={{ "--panes": two ? 1 : pictures.length }}>
      <div className="compare-bar">
        <button type="button" className="button small quiet only-icon" aria-label="Leave the comparison" title="Leave (Esc)" onClick={leave}>
          <ArrowLeft size={18} strokeWidth={1.5} aria-hidden="true" />
        </button>
        <h1>Compare {pictures.length}</h1>
        <p className="muted desk-only ellipsis grow">
          {pictures.every((one) => one.job_id === first.job_id && one.job_id) ? `Job ${first.short_id} · ` : ""}
          {hidden ? "names hidden, so picks count as blind" : "names visible, so picks count apart from blind ones"}
        </p>
        <span className="grow phone-only" />
        {pictures.length === 2 && (
          <div className="compare-modes" role="radiogroup" aria-label="How to show them">
            {MODES.map(([name, words, Icon]) => (
              <button key={name} type="button" role="radio" aria-checked={mode === name} aria-label={words} onClick={() => setMode(name)}>
                <Icon size={14} strokeWidth={1.5} aria-hidden="true" />
                <span className="desk-only">{words}</span>
              </button>
            ))}
          </div>
        )}
        <span className="pill" title="All pictures are zoomed and moved together">
          <Lock size={14} strokeWidth={1.5} aria-hidden="true" />
          <span className="amount">{percent} %</span>
          <span className="desk-only">locked</span>
        </span>
        <button type="button" className="button small desk-only" aria-pressed={hidden} onClick={hide}>
          {hidden ? <Eye size={16} strokeWidth={1.5} aria-hidden="true" /> : <EyeOff size={16} strokeWidth={1.5} aria-hidden="true" />}
          {hidden ? "Show names" : "Hide names"} <span className="key">B</span>
        </button>
        <button type="button" className="button small only-icon quiet" aria-label="Share this comparison" title="Share (S)" onClick={share}>
          <Share2 size={16} strokeWidth={1.5} aria-hidden="true" />
        </button>
      </div>
      {found.missing > 0 && (
        <p className="notice attention" role="status">
          {found.missing === 1 ? "One picture of this comparison was deleted." : `${found.missing} pictures of this comparison were deleted.`} The rest stands as it was.
        </p>
      )}
      <p className="hidden" role="status">{said}</p>
      <div className="compare-grid">
        <div className="compare-tools desk-only">
          <button type="button" className="button small" onClick={() => setView(WHOLE)}><Maximize size={16} strokeWidth={1.5} aria-hidden="true" />Fit <span className="key">F</span></button>
          <button type="button" className="button small" onClick={() => zoomTo(fullZoom(size, first))}><ZoomIn size={16} strokeWidth={1.5} aria-hidden="true" />100 % <span className="key">Z</span></button>
          <button type="button" className="button small" aria-pressed={loupe} onClick={() => setLoupe(!loupe)}><Search size={16} strokeWidth={1.5} aria-hidden="true" />Loupe <span className="key">L</span></button>
          <label className="compare-zoom">
            <span className="mono">{Math.round(most * placed(WHOLE, size, first).fit * 100)} %</span>
            <input type="range" min="0" max="100" value={slider} aria-label="Zoom" onChange={(event) => slide(event.target.value)} />
            <span className="mono">fit</span>
          </label>
        </div>
        {two ? (
          <Pane key={first.id} {...common(first, 0)}>
            <Whole one={first} view={shown} size={size} />
            <Whole one={pictures[1]} view={shown} size={size} className="upper"
              style={mode === "slider" ? { clipPath: `inset(0 0 0 ${split}%)` } : { opacity: split / 100 }} />
            {mode === "slider" && <Split at={split} onMoved={setSplit} />}
            <span className="pane-number second">2</span>
            <input type="range" className="pane-range" min="0" max="100" value={split} onChange={(event) => setSplit(Number(event.target.value))}
              aria-label={mode === "slider" ? "Where picture 1 ends and picture 2 begins" : "How much of picture 2 lies over picture 1"} />
          </Pane>
        ) : (
          pictures.map((one, place) => <Pane key={one.id} {...common(one, place)} />)
        )}
      </div>
      <div className="compare-flip phone-only" role="group" aria-label="Pictures">
        {pictures.map((one, place) => (
          <button key={one.id} type="button" aria-current={place === active} aria-label={`Picture ${place + 1}${hidden ? "" : `, ${one.model}`}`} onClick={() => setActive(place)}>
            <img src={one.thumb} alt="" /><b aria-hidden="true">{place + 1}</b>
          </button>
        ))}
      </div>
      <div className="compare-aids phone-only" role="group" aria-label="Looking closer">
        <button type="button" className="button small" onClick={() => setView(WHOLE)}>Fit</button>
        <button type="button" className="button small" onClick={() => zoomTo(fullZoom(size, first))}>100 %</button>
        <button type="button" className="button small" aria-pressed={loupe} onClick={() => setLoupe(!loupe)}>Loupe</button>
        <button type="button" className="button small" aria-pressed={hidden} onClick={hide}>{hidden ? "Show names" : "Hide names"}</button>
      </div>
      <div className="compare-table" style={{ "--panes": pictures.length }}>
        <Table table={found.differences} pictures={pictures} hidden={hidden} order={places} />
      </div>
      <div className="compare-keys desk-only">
        <span role="group" aria-label="Pick">
          {pictures.map((one, place) => (
            <button key={one.id} type="button" className="key" aria-label={`Pick ${place + 1}`} aria-pressed={verdict?.chosen === one.id} onClick={() => pick("pick", place)}>{place + 1}</button>
          ))} pick
        </span>
        <button type="button" aria-pressed={verdict?.outcome === "none"} onClick={() => pick("none")}><kbd className="key">0</kbd> none</button>
        <button type="button" aria-pressed={verdict?.outcome === "tie"} onClick={() => pick("tie")}><kbd className="key">T</kbd> tie</button>
        <span><kbd className="key">Z</kbd> 100 %</span>
        <span><kbd className="key">Space</kbd> hold for the whole</span>
        <span><kbd className="key">←</kbd><kbd className="key">→</kbd> swap</span>
        <span className="grow ellipsis">{said || (verdict && { pick: "Picked", none: "None picked", tie: "A tie" }[verdict.outcome])}</span>
        <span><kbd className="key">Esc</kbd> leave</span>
      </div>
      <div className="compare-votes phone-only">
        <button type="button" className="button" aria-pressed={verdict?.outcome === "none"} onClick={() => pick("none")}>None</button>
        <button type="button" className="button" aria-pressed={verdict?.outcome === "tie"} onClick={() => pick("tie")}>Tie</button>
        <button type="button" className="button primary" onClick={() => pick("pick", active)}>
          <Check size={16} strokeWidth={1.5} aria-hidden="true" />
          {verdict?.chosen === pictures[active]?.id ? `Picked ${active + 1}` : `Pick ${active + 1}`}
        </button>
      </div>
    </div>
  );
}
