// The vault: search, rail, wall, selection and what is done to it. The address holds the filters, the server the rest.
import React, { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useLocation, useNavigate } from "react-router";
import { ArrowUp } from "lucide-react";
import { get, tell, typing } from "./api.js";
import { Dialog } from "./dialog.jsx";
import { waitingWords } from "./facts.jsx";
import { BulkBar, Stars, Toast } from "./vault_bar.jsx";
import { change, useCount, usePictures, useRail } from "./vault_data.js";
import { useDeeds } from "./vault_deeds.js";
import { Bones, Empty } from "./vault_empty.jsx";
import { Chips, Head, MoreHead, SearchBar, countWords } from "./vault_head.jsx";
import { ManageDialog } from "./vault_manage.jsx";
import { Panel } from "./vault_panel.jsx";
import { grouped, monthWords, pictures, readQuery, writeQuery } from "./vault_query.js";
import { Rail } from "./vault_rail.jsx";
import { useSelection } from "./vault_selection.js";
import { Wall } from "./vault_wall.jsx";

const NOTHING_ASKED = {};
const LARGE = "runtz.vault.large";

/** The filters, read from the address and written there without a navigation of the app. */
function useQuery() {
  const location = useLocation();
  const [query, setQuery] = useState(null); // until the page is alive: built pages know no address
  useEffect(() => setQuery(readQuery(location.search)), [location.search, location.key]);
  const write = useCallback((next) => {
    const search = writeQuery(next);
    history.replaceState(history.state, "", `${window.location.pathname}${search}`);
    setQuery(readQuery(search));
  }, []);
  return [query, write];
}

function postForm(action, fields) {
  const form = Object.assign(document.createElement("form"), { method: "post", action, hidden: true });
  for (const [name, value] of Object.entries(fields)) form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
  document.body.append(form);
  form.submit();
  form.remove();
}

export function Vault({ tick = 0 }) {
  const [address, setQuery] = useQuery();
  const ready = address !== null;
  const query = address ?? NOTHING_ASKED;
  const found = usePictures(query, tick, ready);
  const [rail, readRail, railProblem] = useRail(query.show, tick, ready);
  const counted = useCount(query, found, rail);
  const [selected, onSelect] = useSelection(found.items);
  const [panel, setPanel] = useState("");
  const [managing, setManaging] = useState(null);
  const [sheet, setSheet] = useState(false);
  const [dragging, setDragging] = useState(0);
  const [asking, setAsking] = useState(null); // "erase" or "rate"
  const [large, setLarge] = useState(false);
  const navigate = useNavigate();
  const wall = useRef(null);
  const show = query.show ?? "kept";

  useEffect(() => setLarge(localStorage.getItem(LARGE) === "1"), []);
  const chooseLarge = (wanted) => {
    setLarge(wanted);
    localStorage.setItem(LARGE, wanted ? "1" : "");
  };
  const onQuery = useCallback(
    (next) => {
      setQuery(next);
      onSelect("none");
      scrollTo({ top: 0 });
    },
    [setQuery, onSelect],
  );

  const { drop, mend, read, items } = found;
  const { said, setSaid, act, undo, onDrop, onMake, onCover } = useDeeds({ found, readRail, onSelect, show });
  const ids = useMemo(() => [...selected], [selected]);
  const chosen = useMemo(() => items.filter((item) => selected.has(item.id)), [items, selected]);
  const onAct = useCallback(
    (action) => {
      const focused = document.activeElement?.closest?.("[data-id]")?.dataset.id;
      const on = ids.length ? ids : focused ? [focused] : [];
      if (!on.length) return;
      if (action === "collect") tell("runtz:collect", { ids: on });
      else if (action === "move") tell("runtz:collect", { ids: on, from: query.collection[0] });
      else if (action === "tag") tell("runtz:tag", { ids: on });
      else if (action === "compare") on.length >= 2 && on.length <= 6 && navigate(`/compare?ids=${on.join(",")}`);
      else if (action === "download") postForm("/api/exports", { ids: on.join(",") });
      else if (action === "details") setPanel(on[0]);
      else if (action === "cover") onCover(on[0], query.collection[0]);
      else if (action === "take_out") act("take", on, { shelf: "collection", shelf_id: query.collection[0] }, "Taken out of the collection.").then((done) => done && (drop(on), onSelect("none")));
      else if (action === "erase") change("waiting", on).then((answer) => setAsking({ action, ids: on, waiting: answer.ok ? answer.waiting : 0 }));
      else if (action === "rate") setAsking({ action, ids: on });
      else if (action === "toggle") {
        const allKept = on.every((id) => items.find((item) => item.id === id)?.kept);
        act(allKept ? "let_go" : "keep", on);
      } else act(action, on);
    },
    [ids, items, act, drop, navigate, onCover, onSelect, query.collection],
  );

  const selectAll = useCallback(async () => {
    const all = await get(`/api/vault/ids?${found.search}`);
    if (!all.ok) return setSaid({ words: all.problem, tone: "failed" });
    onSelect("ids", all.ids);
    if (all.more) setSaid({ words: `The first ${grouped(all.ids.length)} are selected; that is as many as can be changed at once.` });
    return undefined;
  }, [found.search, onSelect]);

  useEffect(() => {
    const keys = { v: "collect", g: "tag", c: "compare", d: "download", i: "details", k: "toggle", Delete: "throw_away" };
    const pressed = (event) => {
      if (typing(event.target) || document.querySelector("dialog[open]") || event.altKey) return;
      const held = event.ctrlKey || event.metaKey;
      const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
      if (held && key === "a") selectAll();
      else if (held && key === "z") undo();
      else if (held) return;
      else if (key === "Escape" && selected.size) onSelect("none");
      else if (keys[key] && (show !== "trash" || key === "i") && (selected.size || event.target.closest?.("[data-id]"))) onAct(keys[key]);
      else return;
      event.preventDefault();
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, [selected, onAct, onSelect, selectAll, undo, show]);

  const onManage = useCallback((shelf, one) => setManaging({ shelf, id: one?.id ?? "" }), []);
  const open = (at) => (show === "trash" ? onSelect("toggle", at) : tell("runtz:lightbox", { ids: items.map((item) => item.id), at: items[at].id }));
  const saved = useCallback((id, values) => mend([id], values), [mend]);
  const gone = useCallback(() => setSaid(null), []);

  const side = rail ? (
    <Rail rail={rail} query={query} onQuery={onQuery} onDrop={onDrop} onMake={onMake} onManage={onManage} />
  ) : railProblem ? (
    <p className="rail-note failed">{railProblem}</p>
  ) : (
    <div className="bone rail-bone" aria-hidden="true" />
  );
  return (
    <div className="vault" data-dragging={dragging || undefined}>
      <nav className="vault-rail" aria-label="Filters" data-drop={dragging > 0 || undefined}>
        {side}
      </nav>
      <Dialog open={sheet} kind="modal" label="Filters" onClose={() => setSheet(false)} className="rail-sheet">
        <div className="rail-scroll">
          <MoreHead query={query} onQuery={onQuery} />
          {side}
        </div>
        <button type="button" className="button" onClick={() => setSheet(false)}>
          {`Show ${countWords(query, rail, found, counted)}`}
        </button>
      </Dialog>
      <section className="vault-main" aria-label="Pictures" ref={wall}>
        <SearchBar query={query} rail={rail} onQuery={onQuery} onFilters={() => setSheet(true)} />
        <div className="vault-chips phone-chips phone-only">
          <Chips query={query} rail={rail} onQuery={onQuery} />
        </div>
        <Head query={query} rail={rail} found={found} counted={counted} onQuery={onQuery} large={large} onLarge={chooseLarge} />
        {found.corrected && (
          <p className="vault-said">
            {"Nothing for “"}
            {query.q}
            {"”. This is "}
            <button type="button" onClick={() => onQuery({ ...query, q: found.corrected })}>
              {found.corrected}
            </button>
            .
          </p>
        )}
        {query.at && (
          <p className="vault-said">
            {`From ${monthWords(query.at)} on back.`}{" "}
            <button type="button" onClick={() => onQuery({ ...query, at: "" })}>
              Back to the newest
            </button>
          </p>
        )}
        {found.fresh > 0 && (
          <button type="button" className="button small fresh" onClick={() => (scrollTo({ top: 0 }), read())}>
            <ArrowUp size={14} aria-hidden="true" />
            {found.fresh === 1 ? "1 new picture" : `${found.fresh} new pictures`}
          </button>
        )}
        {found.state === "failed" && (
          <div role="alert" className="empty">
            <h2 className="title">The pictures could not be read</h2>
            <p>{found.problem}</p>
            <div className="row">
              <button type="button" className="button" onClick={read}>
                Try again
              </button>
              <button type="button" className="button quiet" onClick={() => onQuery({})}>
                Start over
              </button>
            </div>
          </div>
        )}
        {found.state === "loading" && <Bones />}
        {found.state === "here" && items.length === 0 && <Empty query={query} rail={rail} onQuery={onQuery} />}
        {items.length > 0 && (
          <Wall items={items} ended={!found.next} large={large} selected={selected} onSelect={onSelect} onOpen={open} onMore={found.more} onDrag={setDragging}
            scrollKey={found.search} label={show === "trash" ? "Pictures in the trash" : "Pictures"} />
        )}
        {found.state !== "failed" && found.problem && (
          <p role="alert" className="vault-said failed">
            {found.problem}{" "}
            <button type="button" onClick={found.more}>
              Try again
            </button>
          </p>
        )}
      </section>
      {selected.size > 0 && (
        <BulkBar items={chosen} count={selected.size} inTrash={show === "trash"} inCollection={query.collection?.length === 1} more={Boolean(found.next) || items.length > selected.size}
          onAct={onAct} onClear={() => onSelect("none")} onAll={selectAll} />
      )}
      <Toast said={said} onUndo={undo} onGone={gone} />
      <Panel id={panel} tick={tick} onClose={() => setPanel("")} onSaved={saved} />
      <ManageDialog asking={managing} rail={rail} onClose={() => setManaging(null)}
        onChanged={(action, one) => {
          readRail();
          if (action === "remove" || action === "merge") onQuery({ ...query, tag: (query.tag ?? []).filter((id) => id !== one.id), collection: (query.collection ?? []).filter((id) => id !== one.id) });
          if (managing?.id && action !== "rename") setManaging(null);
        }} />
      <Dialog open={asking?.action === "erase"} kind="modal" label="Delete for good" onClose={() => setAsking(null)}>
        <h2 className="title-section">{`Delete ${pictures(asking?.ids.length ?? 0)} for good?`}</h2>
        <p className="muted">The files are removed from the disk. What they cost stays in the books, and this cannot be undone.</p>
        {asking?.waiting > 0 && <p className="notice attention">{waitingWords(asking.waiting)}</p>}
        <div className="row">
          <span className="grow" />
          <button type="button" className="button" onClick={() => setAsking(null)}>
            Keep them
          </button>
          <button type="button" className="button danger" onClick={() => (act("erase", asking.ids), setAsking(null))}>
            Delete for good
          </button>
        </div>
      </Dialog>
      <Dialog open={asking?.action === "rate"} kind="modal" label="Rate" onClose={() => setAsking(null)}>
        <h2 className="title-section">{`Rate ${pictures(asking?.ids.length ?? 0)}`}</h2>
        <Stars value={0} onRate={(rating) => (act("rate", asking.ids, { rating }), setAsking(null))} />
      </Dialog>
    </div>
  );
}
