// Share links: the dialog that makes one (opened by the event "runtz:share" with { ids }) and the list of one's own.
import React, { useCallback, useEffect, useRef, useState } from "react";
import { Share2 } from "lucide-react";
import { get, post, tell } from "./api.js";
import { CopyButton } from "./copy_button.jsx";
import { Dialog } from "./dialog.jsx";
import { TimeAgo } from "./time_ago.jsx";

const DURATIONS = [["1", "1 day"], ["7", "7 days"], ["30", "30 days"], ["", "Until I revoke it"]];
const STATES = { open: "", expired: "ended", revoked: "revoked", empty: "its pictures were deleted" };

const many = (count, one) => `${count} ${one}${count === 1 ? "" : "s"}`;
const ends = (link, now) => {
  if (!link.expires_at) return "until revoked";
  const hours = Math.max(1, Math.round((link.expires_at - now) / 3600));
  return hours < 48 ? `${many(hours, "hour")} left` : `${Math.round(hours / 24)} days left`;
};

/** One's links, newest first; of one picture when `image` names it. `title` stands above them when there are any. */
export function ShareLinks({ image = "", empty = "", title = "", className = "" }) {
  const [found, setFound] = useState(null);
  const [problem, setProblem] = useState("");
  const read = useCallback(
    () =>
      get(`/api/shares${image ? `?image=${image}` : ""}`).then((answer) => {
        setProblem(answer.ok ? "" : answer.problem);
        if (answer.ok) setFound(answer);
      }),
    [image],
  );
  useEffect(() => {
    read();
    addEventListener("runtz:shared", read);
    return () => removeEventListener("runtz:shared", read);
  }, [read]);
  const revoke = async (link) => {
    const answer = await post(`/api/shares/${link.id}/revoke`);
    if (!answer.ok) setProblem(answer.problem);
    tell("runtz:shared");
  };
  if (problem) return <p role="alert" className="notice failed">{problem}</p>;
  if (!found) return null;
  if (!found.links.length) return empty ? <p className="muted">{empty}</p> : null;
  return (
    <>
      {title && <h2 className="share-title">{title}</h2>}
      <ul className={`share-links ${className}`}>
        {found.links.map((link) => (
          <li key={link.id} data-state={link.state}>
            <span className="share-thumbs" aria-hidden="true">
              {link.thumbs.slice(0, 3).map((thumb) => <img key={thumb} src={thumb} alt="" />)}
            </span>
            <span className="grow">
              <span className="share-what">
                {many(link.image_ids.length, "picture")}, {link.with_prompt ? "with" : "without"} the prompt
              </span>
              <span className="muted small">
                made <TimeAgo at={link.created_at} now={found.now} /> · opened {many(link.opened, "time")} ·{" "}
                {STATES[link.state] || ends(link, found.now)}
              </span>
            </span>
            {(link.state === "open" || link.state === "empty") && (
              <button type="button" className="button small" onClick={() => revoke(link)}>Revoke</button>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}

export function ShareDialog() {
  const [ids, setIds] = useState([]);
  const [open, setOpen] = useState(false);
  const [made, setMade] = useState("");
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);
  const form = useRef(null);
  useEffect(() => {
    const asked = ({ detail }) => {
      setIds(detail.ids ?? []);
      setMade("");
      setProblem("");
      setOpen(true);
    };
    addEventListener("runtz:share", asked);
    return () => removeEventListener("runtz:share", asked);
  }, []);
  const make = async (event) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    const fields = new FormData(form.current);
    const answer = await post("/api/shares/new", { ids, days: fields.get("days"), with_prompt: fields.has("with_prompt") });
    setBusy(false);
    setProblem(answer.ok ? "" : answer.problem);
    if (!answer.ok) return;
    setMade(new URL(answer.path, location.origin).href);
    tell("runtz:shared");
  };
  const what = ids.length === 1 ? "this picture" : `these ${ids.length} pictures`;
  const local = open && /^(localhost|127\.|\[::1\])/.test(location.host);
  return (
    <Dialog open={open} kind="modal" label="Share" onClose={() => setOpen(false)}>
      <h2 className="title-section">Share {what}</h2>
      {made ? (
        <div className="share-made">
          <p>Whoever has this link sees {what}, and nothing else of yours. It is shown only now: copy it.</p>
          <span className="field"><input className="value" readOnly value={made} aria-label="Link" onFocus={(event) => event.target.select()} /></span>
          {local && <p className="notice attention">This address works on this machine only. Start with a public URL to share it with others.</p>}
          <div className="row">
            <CopyButton text={made} className="button">Copy link</CopyButton>
            {typeof navigator !== "undefined" && navigator.share && (
              <button type="button" className="button" onClick={() => navigator.share({ url: made }).catch(() => {})}>
                <Share2 size={16} strokeWidth={1.5} aria-hidden="true" /> Send
              </button>
            )}
            <a className="button quiet" href={made} target="_blank" rel="noreferrer">Look at it</a>
          </div>
        </div>
      ) : (
        <form ref={form} className="share-form" onSubmit={make}>
          <p className="muted">A link that shows {what} to people without an account: read-only, and it can be revoked.</p>
          <label className="labelled">
            <span className="label">Works for</span>
            <span className="field">
              <select name="days" defaultValue="7">
                {DURATIONS.map(([value, words]) => <option key={value} value={value}>{words}</option>)}
              </select>
            </span>
          </label>
          <label className="share-check">
            <input type="checkbox" name="with_prompt" /> Show the prompt too
          </label>
          {problem && <p role="alert" className="notice failed">{problem}</p>}
          <div className="row">
            <button type="submit" className="button primary" aria-busy={busy}>Make link</button>
            <button type="button" className="button quiet" onClick={() => setOpen(false)}>Cancel</button>
          </div>
        </form>
      )}
      {ids.length === 1 && (
        <div className="share-before">
          <ShareLinks image={ids[0]} />
        </div>
      )}
    </Dialog>
  );
}
