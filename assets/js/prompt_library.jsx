// The prompt library: find, write, version, use. Everything is read and written over the mounted API.
import React, { useCallback, useEffect, useRef, useState } from "react";
import { useNavigate } from "react-router";
import { ask, grouped, many, post } from "./batch_api.js";
import { filled } from "./blanks.js";
import { write } from "./draft.js";
import { PromptForm, WordLists } from "./prompt_forms.jsx";

const SHOWN = 60; // pictures of a prompt at first
const WAIT = 200; // milliseconds after the last key

/** Asks for the variables of a prompt and puts the words into the Studio. */
function Use({ prompt, onDone }) {
  const [values, setValues] = useState({});
  const navigate = useNavigate();
  const take = (event) => {
    event?.preventDefault();
    write({ prompt: filled(prompt.body, values), negative: prompt.negative, negativeOn: Boolean(prompt.negative), promptId: prompt.prompt_id, promptName: prompt.name, added: "", preset: "" });
    onDone();
    navigate("/");
  };
  useEffect(() => {
    if (!prompt.variables.length) take();
  }, []);
  if (!prompt.variables.length) return null;
  return (
    <form className="prompt-use" onSubmit={take}>
      {prompt.variables.map((name, place) => (
        <label key={name} className="labelled">
          <span className="label">{name}</span>
          <span className="field">
            <input autoFocus={place === 0} value={values[name] ?? ""} autoComplete="off" onChange={(event) => setValues({ ...values, [name]: event.target.value })} />
          </span>
        </label>
      ))}
      <div className="row">
        <button type="submit" className="button small">Take to the Studio</button>
        <button type="button" className="button small quiet" onClick={onDone}>Not now</button>
      </div>
    </form>
  );
}

function History({ promptId, onRestore }) {
  const [found, setFound] = useState(null);
  const [all, setAll] = useState(false);
  useEffect(() => {
    ask(`/api/prompts/${promptId}`).then(setFound);
  }, [promptId]);
  if (!found) return <div className="bone row-bone" aria-hidden="true" />;
  if (found.problem) return <p role="alert" className="failed">{found.problem}</p>;
  const { outcome, versions } = found;
  const open = (id) => window.dispatchEvent(new CustomEvent("runtz:lightbox", { detail: { ids: outcome.image_ids, at: id } }));
  return (
    <div className="prompt-history">
      <p className="control">
        {outcome.jobs === 0
          ? "Not run yet. Every picture it makes will stand here."
          : `${many(outcome.jobs, "run")}, ${many(outcome.pictures, "picture")}, ${grouped(outcome.kept)} kept, ${grouped(outcome.credits)} cr`}
        {outcome.kept > 0 && <b>{` · ${grouped(outcome.per_kept)} cr for each kept picture`}</b>}
      </p>
      {outcome.image_ids.length > 0 && (
        <div className="prompt-pictures">
          {(all ? outcome.image_ids : outcome.image_ids.slice(0, SHOWN)).map((id, place) => (
            <button key={id} type="button" aria-label={`Picture ${place + 1}: open`} onClick={() => open(id)}>
              <img src={`/api/images/${id}.webp?w=320`} alt="" loading="lazy" decoding="async" className="thumb" />
            </button>
          ))}
        </div>
      )}
      {outcome.image_ids.length > SHOWN && !all && (
        <button type="button" className="button small quiet" onClick={() => setAll(true)}>Show all {grouped(outcome.image_ids.length)}</button>
      )}
      {versions.length > 1 && (
        <ol className="prompt-versions" aria-label="Versions">
          {versions.map((version, place) => (
            <li key={version.version}>
              <span className="mono muted">v{version.version}</span>
              <span className="grow mono" dir="auto">{version.body}</span>
              {place > 0 && (
                <button type="button" className="button small quiet" onClick={() => onRestore(version)}>
                  Go back to this
                </button>
              )}
            </li>
          ))}
        </ol>
      )}
    </div>
  );
}

function Prompt({ prompt, act }) {
  const [open, setOpen] = useState("");
  const toggle = (what) => setOpen(open === what ? "" : what);
  if (open === "edit") {
    return (
      <li className="panel prompt-card">
        <PromptForm prompt={prompt} onCancel={() => setOpen("")} onSave={async (draft) => (await act.save(draft, prompt)) && setOpen("")} />
      </li>
    );
  }
  return (
    <li className="panel prompt-card" aria-label={prompt.name}>
      <div className="row">
        <h2 className="title-section grow ellipsis" dir="auto">{prompt.name}</h2>
        <button type="button" className={`button small quiet ${prompt.favourite ? "kept" : ""}`} aria-pressed={prompt.favourite} onClick={() => act.favourite(prompt)}>
          {prompt.favourite ? "Favourite" : "Make favourite"}
        </button>
      </div>
      <p className="prompt-body" dir="auto">{prompt.body}</p>
      {prompt.negative && <p className="mono muted" dir="auto">Without: {prompt.negative}</p>}
      {prompt.description && <p className="control muted" dir="auto">{prompt.description}</p>}
      <div className="row wrap gap-4">
        {prompt.tags.map((tag) => (
          <button key={tag} type="button" className="filter" onClick={() => act.tag(tag)}>{tag}</button>
        ))}
        <span className="small muted">
          {`v${prompt.version} · ${prompt.uses ? `used ${many(prompt.uses, "time")}` : "not used yet"}`}
        </span>
      </div>
      {open === "use" && <Use prompt={prompt} onDone={() => setOpen("")} />}
      <div className="row wrap">
        <button type="button" className="button small" onClick={() => toggle("use")}>Use</button>
        <button type="button" className="button small quiet" onClick={() => toggle("edit")}>Edit</button>
        <button type="button" className="button small quiet" aria-expanded={open === "history"} onClick={() => toggle("history")}>Pictures and versions</button>
        <span className="grow" />
        <button type="button" className="button small quiet" onClick={() => act.remove(prompt)}>Delete</button>
      </div>
      {open === "history" && <History promptId={prompt.prompt_id} onRestore={async (version) => (await act.save({ ...prompt, body: version.body, negative: version.negative }, prompt)) && setOpen("")} />}
    </li>
  );
}

/** The page below its heading. */
export function PromptLibrary() {
  const [q, setQ] = useState("");
  const [tag, setTag] = useState("");
  const [favourites, setFavourites] = useState(false);
  const [shown, setShown] = useState({ prompts: null, next: "" });
  const [sides, setSides] = useState({ tags: {}, lists: {}, built_in: {} });
  const [said, setSaid] = useState(null); // {text, tone, undo}
  const [writing, setWriting] = useState(false);
  const [tick, setTick] = useState(0);
  const asked = useRef(0);
  const file = useRef(null);

  const read = useCallback(
    async (before = "") => {
      const mine = ++asked.current;
      const answer = await ask(`/api/prompts?${new URLSearchParams({ q, tag, before, favourites: favourites ? "yes" : "" })}`);
      if (mine !== asked.current) return;
      if (answer.problem) setSaid({ text: answer.problem, tone: "failed" });
      else setShown((old) => ({ prompts: before ? [...old.prompts, ...answer.prompts] : answer.prompts, next: answer.next }));
    },
    [q, tag, favourites],
  );
  useEffect(() => {
    const timer = setTimeout(read, WAIT);
    return () => clearTimeout(timer);
  }, [read, tick]);
  useEffect(() => {
    ask("/api/prompts/sides").then((answer) => !answer.problem && setSides(answer));
  }, [tick]);

  const again = () => setTick((old) => old + 1);
  const tell = (answer, text, undo) => {
    setSaid(answer.problem ? { text: answer.problem, tone: "failed" } : { text, tone: "ok", undo });
    again();
    return !answer.problem;
  };
  const act = {
    save: async (draft, old) =>
      old
        ? tell(await post(`/api/prompts/${old.prompt_id}/change`, draft), draft.body === old.body && draft.negative === old.negative ? "Saved." : "Saved as a new version.")
        : tell(await post("/api/prompts", draft), "Saved."),
    favourite: async (prompt) => tell(await post(`/api/prompts/${prompt.prompt_id}/favourite`, { on: !prompt.favourite }), prompt.favourite ? "No longer a favourite." : "Marked as favourite."),
    remove: async (prompt) => tell(await post(`/api/prompts/${prompt.prompt_id}/delete`), `“${prompt.name}” was deleted; its pictures stay.`, async () => tell(await post("/api/prompts", prompt), "It is back, as version 1.")),
    tag: (name) => setTag(name === tag ? "" : name),
  };
  const bring = async (chosen) => {
    if (!chosen) return;
    const answer = await ask("/api/prompts/import", { raw: await chosen.arrayBuffer() });
    const trouble = answer.problems?.length ? ` ${answer.problems.slice(0, 3).join(" ")}` : "";
    tell(answer, `${many(answer.added ?? 0, "prompt")} added${answer.known ? `, ${grouped(answer.known)} known already` : ""}.${trouble}`);
    file.current.value = "";
  };
  return (
    <div className="library">
      <div className="row wrap library-tools">
        <label className="field grow">
          <span className="hidden">Search your prompts</span>
          <input type="search" value={q} placeholder="Search names, words and tags" onChange={(event) => setQ(event.target.value)} />
        </label>
        <button type="button" className="filter tall" aria-pressed={favourites} onClick={() => setFavourites(!favourites)}>Favourites</button>
        <button type="button" className="button small" aria-label="New prompt" aria-expanded={writing} onClick={() => setWriting(!writing)}>
          New <span className="desk-only">prompt</span>
        </button>
        <button type="button" className="button small quiet" onClick={() => file.current.click()}>Import</button>
        <input ref={file} type="file" className="hidden" tabIndex={-1} accept=".json,.csv,application/json,text/csv" aria-label="File of prompts" onChange={(event) => bring(event.target.files[0])} />
        <a className="button small quiet" href="/api/prompts/export.json" download><span className="desk-only">Export </span>JSON</a>
        <a className="button small quiet" href="/api/prompts/export.csv" download><span className="desk-only">Export </span>CSV</a>
      </div>
      {Object.keys(sides.tags).length > 0 && (
        <div className="row wrap gap-4" role="group" aria-label="Tags">
          {Object.entries(sides.tags).map(([name, prompts]) => (
            <button key={name} type="button" className="filter" aria-pressed={tag === name} onClick={() => act.tag(name)}>
              {name} {prompts}
            </button>
          ))}
        </div>
      )}
      {said && (
        <div className={`notice ${said.tone}`} role={said.tone === "failed" ? "alert" : "status"}>
          <div className="grow">{said.text}</div>
          {said.undo && <button type="button" className="button small" onClick={said.undo}>Undo</button>}
          <button type="button" className="button small quiet" onClick={() => setSaid(null)}>Dismiss</button>
        </div>
      )}
      {writing && (
        <section className="panel prompt-card" aria-label="New prompt">
          <PromptForm onCancel={() => setWriting(false)} onSave={async (draft) => (await act.save(draft)) && setWriting(false)} />
        </section>
      )}
      {shown.prompts === null && <div className="bone row-bone" aria-hidden="true" />}
      {shown.prompts?.length === 0 && !writing && (
        <div className="empty">
          <h2 className="title">{q || tag || favourites ? "No prompt fits" : "No prompts yet"}</h2>
          <p>{q || tag || favourites ? "Other words, or another tag, may find it." : "Save words that worked. Write {subject} for what changes; you are asked when you use it."}</p>
        </div>
      )}
      <ul className="prompt-cards" aria-label="Saved prompts">
        {(shown.prompts ?? []).map((prompt) => (
          <Prompt key={prompt.prompt_id} prompt={prompt} act={act} />
        ))}
      </ul>
      {shown.next && <button type="button" className="button" onClick={() => read(shown.next)}>Older prompts</button>}
      <WordLists sides={sides} tell={tell} />
    </div>
  );
}
