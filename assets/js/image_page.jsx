// The page of one picture: the picture and what is done with it, what it is, and its family as a tree.
import React, { useCallback, useEffect, useState } from "react";
import { Link, useLocation, useNavigate } from "react-router";
import { Columns2, Download, FileCheck2, FolderPlus, GitBranchPlus, Heart, Maximize2, ReceiptText, Share2, Shuffle, Trash2, Undo2 } from "lucide-react";
import { changed, get, post, tell, typing } from "./api.js";
import { Named, altOf, credits, dollars, money, traceOf, waitingWords } from "./facts.jsx";
import { Lineage } from "./lineage.jsx";
import { ShareLinks } from "./sharing.jsx";
import { TimeAgo } from "./time_ago.jsx";
import { Notes } from "./vault_panel.jsx";

function usePicture(id) {
  const [found, setFound] = useState(null);
  const read = useCallback(async () => {
    const answer = await get(`/api/pictures/${id}`);
    setFound({ ...answer, id });
  }, [id]);
  useEffect(() => {
    setFound((before) => (before?.id === id ? before : null));
    read();
    const heard = () => read();
    addEventListener("runtz:changed", heard);
    return () => removeEventListener("runtz:changed", heard);
  }, [read, id]);
  return [found, setFound];
}

function Act({ icon: Icon, letter, children, ...props }) {
  return (
    <button type="button" className="button image-act" {...props}>
      <span className="row"><Icon size={18} strokeWidth={1.5} aria-hidden="true" /><span className="key" aria-hidden="true">{letter}</span></span>
      {children}
    </button>
  );
}

function Gone({ id, problem, note }) {
  const [said, setSaid] = useState("");
  const back = async () => {
    const answer = await post(`/api/pictures/${id}/restore`);
    if (answer.ok) changed([id]);
    else setSaid("It is not in the trash. It may have been deleted for good, or it belongs to somebody else.");
  };
  return (
    <div className="empty">
      <h1 className="title">This picture is not here</h1>
      <p>{problem || "It was deleted, or it belongs to somebody else. Deleted pictures stay in the trash for 30 days."}</p>
      {note && <p role="status" className="notice attention">{note}</p>}
      {said && <p role="alert" className="notice">{said}</p>}
      {!problem && (
        <button type="button" className="button" onClick={back}>
          <Undo2 size={16} strokeWidth={1.5} aria-hidden="true" /> Bring it back from the trash
        </button>
      )}
      <Link className="button quiet" to="/">Go to the Studio</Link>
    </div>
  );
}

function FactsRow({ one }) {
  const facts = [
    ["Pixels", `${one.width}×${one.height}`],
    ["Seed", one.seed],
    ["Time", one.seconds ? `${one.seconds.toFixed(1)} s` : ""],
    ["Tier", one.tier],
    ["This picture", money(one)],
  ];
  return (
    <dl className="image-facts">
      {facts.filter(([, value]) => value).map(([label, value]) => (
        <div key={label}><dt>{label}</dt><dd>{value}</dd></div>
      ))}
    </dl>
  );
}

export function ImagePage({ onReceipt }) {
  const { pathname } = useLocation();
  const id = pathname.replace(/\/+$/, "").split("/").pop();
  const go = useNavigate();
  const [found, setFound] = usePicture(id);
  const [said, setSaid] = useState("");
  const [left, setLeft] = useState(""); // what waits for this picture, once it was deleted
  const one = found?.picture;
  const family = found?.lineage;

  const keep = async () => {
    const kept = !one.kept;
    setFound({ ...found, picture: { ...one, kept } });
    const answer = await post(`/api/pictures/${id}/keep`, { kept });
    setSaid(answer.ok ? "" : answer.problem);
    changed([id]);
  };
  const remove = async () => {
    const answer = await post(`/api/pictures/${id}/delete`);
    if (!answer.ok) return setSaid(answer.problem);
    setLeft(waitingWords(answer.waiting));
    changed([id]);
    return undefined;
  };
  const remix = () => go(`/?remix=${id}`);
  const upscale = () => go(`/?remix=${id}&how=upscale`);
  const look = () => {
    const path = family.nodes.filter((node) => node.on_path && !node.gone).map((node) => node.id);
    tell("runtz:lightbox", { ids: path, at: id });
  };
  const parent = family?.nodes.find((node) => node.current)?.parent;
  const parentThere = parent && !family.nodes.find((node) => node.id === parent)?.gone;
  const acts = {
    k: keep, r: remix, u: upscale, s: () => tell("runtz:share", { ids: [id] }), v: () => tell("runtz:collect", { ids: [id] }), i: one?.call_id && (() => onReceipt(one.call_id)),
    d: () => document.querySelector(".image-acts a[download]")?.click(), Enter: look, c: parentThere && (() => go(`/compare?ids=${parent},${id}`)), Delete: remove,
  };
  useEffect(() => {
    if (!one) return undefined;
    const pressed = (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector("dialog[open]")) return;
      const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
      if (!acts[key] || (key === "Enter" && event.target.closest("a, button"))) return;
      event.preventDefault();
      acts[key]();
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  });

  if (!found) return <div className="image-page"><h1 className="hidden">Picture</h1><div className="bone image-bone" /></div>;
  if (!found.ok) return <Gone id={id} problem={found.status === 404 ? "" : found.problem} note={left} />;
  const trace = traceOf(one.hash);
  return (
    <article className="image-page">
      <div className="image-left">
        <button type="button" className="image-large" aria-label="Look at it, large" onClick={look} style={{ aspectRatio: `${one.width} / ${one.height}`, backgroundImage: trace && `url(${trace})` }}>
          <img key={one.id} src={one.large} alt={altOf(one)} width={one.width} height={one.height} />
        </button>
        <div className="image-acts">
          <Act icon={Heart} letter="K" aria-pressed={one.kept} data-keep="" onClick={keep}>{one.kept ? "Kept" : "Keep"}</Act>
          <Act icon={Shuffle} letter="R" onClick={remix}>Remix</Act>
          <Act icon={Maximize2} letter="U" onClick={upscale}>Upscale</Act>
          <a className="button image-act" href={one.download} download>
            <span className="row"><Download size={18} strokeWidth={1.5} aria-hidden="true" /><span className="key" aria-hidden="true">D</span></span>
            Save
          </a>
          <Act icon={Share2} letter="S" onClick={acts.s}>Share</Act>
          <Act icon={FolderPlus} letter="V" onClick={acts.v}>Collect</Act>
        </div>
        {said && <p role="alert" className="notice failed">{said}</p>}
        <div className="image-notes receipt"><Notes id={id} /></div>
        <div className="image-links"><ShareLinks image={id} title="Links to it" /></div>
      </div>
      <div className="image-right">
        <header className="image-head">
          <h1><Named one={one} /></h1>
          <span className="grow" />
          <TimeAgo at={one.created_at} now={found.now} className="muted" />
        </header>
        {one.prompt && <p className="image-prompt" dir="auto" tabIndex={0}>{one.prompt}</p>}
        {one.negative && <p className="mono muted">Without: {one.negative}</p>}
        <div className="image-told">
          <FactsRow one={one} />
          <span className="grow" />
          {found.credentials && (
            <span className="tag" title="The file carries content credentials (C2PA). This server has not verified them.">
              <FileCheck2 size={14} strokeWidth={1.5} aria-hidden="true" /> C2PA present
            </span>
          )}
          {one.call_id && (
            <button type="button" className="button small" onClick={() => onReceipt(one.call_id)}>
              <ReceiptText size={16} strokeWidth={1.5} aria-hidden="true" /> Receipt <span className="key">I</span>
            </button>
          )}
          {one.job_id && <Link className="button small quiet" to={`/jobs/${one.job_id}`}>Its job</Link>}
          <button type="button" className="button small quiet only-icon" aria-label="Delete" title="Delete (Del)" onClick={remove}>
            <Trash2 size={16} strokeWidth={1.5} aria-hidden="true" />
          </button>
        </div>
        <section className="image-lineage" aria-label="Lineage">
          <div className="image-lineage-head">
            <h2>Lineage</h2>
            <span className="muted desk-only">
              {family.nodes.length} {family.nodes.length === 1 ? "picture" : "pictures"}, {family.providers} {family.providers === 1 ? "provider" : "providers"}
              {family.cut && ", the nearest of more"}
            </span>
            <span className="grow" />
            <span className="muted">to reach this <b className="mono">{credits(family.reach_credits)} · {dollars(family.reach_usd_micros)}</b></span>
            <span className="muted desk-only">whole family <b className="mono">{credits(family.family_credits)}</b></span>
          </div>
          <Lineage family={family} />
          <div className="image-branch">
            {parentThere && (
              <Link className="button small" to={`/compare?ids=${parent},${id}`}>
                <Columns2 size={16} strokeWidth={1.5} aria-hidden="true" /> Compare with where it came from <span className="key">C</span>
              </Link>
            )}
            <Link className="button small" to={`/?remix=${id}`}>
              <GitBranchPlus size={16} strokeWidth={1.5} aria-hidden="true" /> Branch from here <span className="key">R</span>
            </Link>
          </div>
        </section>
      </div>
    </article>
  );
}
