// What the signs in a prompt stand for, said before anything runs: wildcards make several prompts, variables are asked.
import React, { useEffect, useRef, useState } from "react";
import { useNavigate } from "react-router";
import { grouped, many, post } from "./batch_api.js";
import { filled, isUnbalanced, variablesOf } from "./blanks.js";
import { answered, makesMany, write } from "./draft.js";

const WAIT = 350; // milliseconds after the last key
const LATE_EVERY = 2000;

/** What the draft's wildcards make, asked a moment after the last key: {pending} until then, null for one plain prompt. */
export function useWildcards(prompt) {
  const [found, setFound] = useState({ of: "" });
  const possible = /\{[^{}]*\|[^{}]*\}|__[\w-]+__|\\[{}|_]/.test(prompt) || isUnbalanced(prompt);
  useEffect(() => {
    if (!possible) return undefined;
    let mine = true;
    const timer = setTimeout(async () => {
      const answer = await post("/api/batches/expand", { template: prompt });
      if (mine) setFound({ ...answer, of: prompt });
    }, WAIT);
    return () => {
      mine = false;
      clearTimeout(timer);
    };
  }, [prompt, possible]);
  if (!possible) return null;
  if (found.of !== prompt) return { pending: true };
  return found.problem || found.total > 1 || stands(found, prompt) ? found : null;
}

/** What one prompt is sent as, where its signs stand for something else: a list of one word, or `\\{`. */
const stands = (found, prompt) => (found?.rows?.length === 1 && found.rows[0].prompt !== prompt.trim() ? found.rows[0].prompt : "");

/** Why nothing can run as the draft stands, for the Run button; "" when it can. */
function hindrance(found, pictures) {
  if (found?.pending) return "Counting the prompts";
  if (found?.too_many) return "Too many prompts";
  return found?.rows?.length > 1 && pictures ? "Pictures or wildcards" : "";
}

export function Wildcards({ found, prompt, row, ratio, samples, credits, pictures, drafted }) {
  const [problem, setProblem] = useState("");
  const [asking, setAsking] = useState(null);
  const navigate = useNavigate();
  const runs = found?.rows?.length ?? 0;
  const models = row.filter((entry) => entry.on && entry.chip.available).map((entry) => ({ model: entry.chip.model, tier: entry.chip.tier }));

  const run = async (draft, key, confirmed) => {
    setProblem("");
    const order = {
      rows: found.rows, models, ratio, samples, source: "wildcards", name: draft.prompt.slice(0, 200), submission_key: key, confirmed,
      negative: draft.negativeOn ? draft.negative : "", seed: draft.seed === "" ? null : Number(draft.seed),
    };
    let answer = { late: true };
    while (answer.late) {
      answer = await post("/api/batches", order);
      if (answer.late) await new Promise((resolve) => setTimeout(resolve, LATE_EVERY));
    }
    answered();
    setAsking(answer.confirm ? { ...answer.confirm, draft, key } : null);
    if (answer.batch_id) navigate(`/batches/${answer.batch_id}`);
    else if (!answer.confirm) setProblem(answer.problem);
  };
  const latest = useRef(run);
  latest.current = run;
  const hindered = hindrance(found, pictures);
  const words = stands(found, prompt);
  useEffect(() => {
    makesMany(runs > 1 ? runs : 1, runs > 1 ? (draft, key) => (latest.current(draft, key, false), true) : null, hindered, words);
    return () => makesMany(1, null);
  }, [runs, hindered, words]);

  if (found?.problem) {
    return (
      <p className="attention control" role="status">
        {found.problem} {!found.too_many && "Run sends the words as they stand."}
      </p>
    );
  }
  if (!found || found.pending) return null;
  if (words) {
    return (
      <p className="wildcards" role="status">
        <span>
          Sent as: <span className="mono">{words}</span>
        </span>
      </p>
    );
  }
  return (
    <div className="wildcards" role="status">
      <span>
        <b>{many(found.total, "prompt")}</b> × {many(models.length, "model")}, {grouped(credits * runs)} cr together. First:{" "}
        <span className="mono">{found.rows[0].prompt}</span>
      </span>
      {pictures && <span className="attention">Pictures go into one prompt at a time. Close the pictures, or write the prompt without wildcards.</span>}
      {drafted && !pictures && <span className="muted">The versions below are for one prompt; each of these runs as you wrote it.</span>}
      {problem && <span className="failed" role="alert">{problem}</span>}
      {asking && (
        <span className="row wrap">
          It costs {grouped(asking.credits)} credits; runs above {grouped(asking.above)} ask first here.
          <button type="button" className="button small" onClick={() => run(asking.draft, asking.key, true)}>Run it</button>
          <button type="button" className="button small quiet" onClick={() => setAsking(null)}>Do not run</button>
        </span>
      )}
    </div>
  );
}

/** Asks for the variables of the draft; nobody has to answer. */
export function Blanks({ prompt }) {
  const [values, setValues] = useState({});
  const names = variablesOf(prompt);
  if (!names.length) return null;
  const put = (event) => {
    event.preventDefault();
    write({ prompt: filled(prompt, values) });
    setValues({});
    document.getElementById("prompt")?.focus();
  };
  const signs = names.map((name) => `{${name}}`).join(", ");
  return (
    <form className="prompt-use" aria-label="Variables of the prompt" onSubmit={put}>
      {names.map((name) => (
        <label key={name} className="labelled">
          <span className="label">{name}</span>
          <span className="field">
            <input value={values[name] ?? ""} autoComplete="off" onChange={(event) => setValues({ ...values, [name]: event.target.value })} />
          </span>
        </label>
      ))}
      <div className="row wrap">
        <button type="submit" className="button small" disabled={!names.some((name) => values[name]?.trim())}>Put in</button>
        <span className="small muted" role="status">Until then Run sends {signs} as {names.length > 1 ? "they stand" : "it stands"}.</span>
      </div>
    </form>
  );
}
