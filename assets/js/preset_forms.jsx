// The forms below the prompt box: a preset's questions, and presets of one's own.
import React, { useState } from "react";
import { post } from "./batch_api.js";

const EMPTY = { name: "", words: "", questions: "" };

/** The answers, each in the form its question gives it, as one idea. */
export function written(preset, answers) {
  return preset.questions
    .map((question, place) => [question, (answers[place] ?? "").trim().replace(/[.,\s]+$/, "")])
    .filter(([, answer]) => answer)
    .map(([question, answer]) => (question.form ?? "{}").replace("{}", answer))
    .join(", ");
}

export function Questions({ preset, onWrite }) {
  const [answers, setAnswers] = useState({});
  const idea = written(preset, answers);
  return (
    <div className="preset-questions" role="group" aria-label={`${preset.name}: questions`}>
      {preset.questions.map((question, place) => (
        <label key={question.ask} className="labelled">
          <span className="label">{question.ask}</span>
          <span className="field">
            <input value={answers[place] ?? ""} placeholder={question.hint} autoComplete="off" onChange={(event) => setAnswers({ ...answers, [place]: event.target.value })}
              onKeyDown={(event) => event.key === "Enter" && idea && (event.preventDefault(), onWrite(idea))} />
          </span>
        </label>
      ))}
      <div className="row">
        <button type="button" className="button small" disabled={!idea} onClick={() => onWrite(idea)}>Write the idea</button>
        <span className="small muted" role="status">{idea || "Answer what matters; the rest may stay empty."}</span>
      </div>
    </div>
  );
}

export function OwnPresets({ presets, draft, onChanged }) {
  const [form, setForm] = useState({ ...EMPTY, words: draft.prompt });
  const [editing, setEditing] = useState("");
  const [problem, setProblem] = useState("");
  const set = (name) => (event) => setForm({ ...form, [name]: event.target.value });
  const edit = (preset) => {
    setEditing(preset.preset_id);
    setForm({ name: preset.name, words: preset.words, questions: preset.questions.map((one) => one.ask).join("\n") });
  };
  const done = async (answer) => {
    setProblem(answer.problem ?? "");
    if (answer.problem) return;
    setEditing("");
    setForm(EMPTY);
    await onChanged();
  };
  const save = async () => {
    const questions = form.questions.split("\n").filter((line) => line.trim()).map((line) => ({ ask: line.trim(), hint: "" }));
    await done(await post(editing ? `/api/presets/${editing}/change` : "/api/presets", { name: form.name, words: form.words, questions }));
  };
  return (
    <div className="preset-questions" role="group" aria-label="Your presets">
      {presets.length > 0 && (
        <ul className="own-presets">
          {presets.map((preset) => (
            <li key={preset.preset_id} className="row">
              <span className="grow ellipsis"><b>{preset.name}</b> <span className="mono muted">{preset.words}</span></span>
              <button type="button" className="button small quiet" aria-label={`Edit ${preset.name}`} onClick={() => edit(preset)}>Edit</button>
              <button type="button" className="button small quiet" aria-label={`Delete ${preset.name}`} onClick={async () => done(await post(`/api/presets/${preset.preset_id}/delete`))}>Delete</button>
            </li>
          ))}
        </ul>
      )}
      <label className="labelled">
        <span className="label">Name of the preset</span>
        <span className="field"><input value={form.name} maxLength={60} onChange={set("name")} /></span>
      </label>
      <label className="labelled">
        <span className="label">What it adds</span>
        <span className="field"><input value={form.words} maxLength={1000} placeholder="dusk, long exposure, 24 mm lens" onChange={set("words")} /></span>
      </label>
      <label className="labelled">
        <span className="label">Questions it asks, one on each line</span>
        <textarea className="batch-text" rows={2} value={form.questions} onChange={set("questions")} />
      </label>
      {problem && <p role="alert" className="failed control">{problem}</p>}
      <div className="row">
        <button type="button" className="button small" disabled={!form.name.trim()} onClick={save}>{editing ? "Save the preset" : "Make a preset"}</button>
        {editing && <button type="button" className="button small quiet" onClick={() => done({})}>Cancel</button>}
        <span className="small muted">Only you see it.</span>
      </div>
    </div>
  );
}
