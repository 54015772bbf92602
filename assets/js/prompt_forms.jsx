// The forms of the prompt library: one prompt, and the word lists that wildcards name.
import React, { useState } from "react";
import { post } from "./batch_api.js";

/** `prompt` is what is edited; without one it is a new one. */
export function PromptForm({ prompt, onSave, onCancel }) {
  const [draft, setDraft] = useState({ name: "", body: "", negative: "", description: "", favourite: false, ...prompt, tags: (prompt?.tags ?? []).join(", ") });
  const [saving, setSaving] = useState(false);
  const set = (name) => (event) => setDraft({ ...draft, [name]: event.target.value });
  const submit = async (event) => {
    event.preventDefault();
    setSaving(true);
    await onSave({ ...draft, tags: draft.tags.split(",").map((tag) => tag.trim()).filter(Boolean) });
    setSaving(false);
  };
  return (
    <form className="stack" onSubmit={submit}>
      <label className="labelled">
        <span className="label">Prompt</span>
        <textarea autoFocus className="batch-text" rows={4} dir="auto" value={draft.body} onChange={set("body")} />
        <span className="help">{"{subject}"} is asked when you use it; {"{red|green}"} and __list__ make several.</span>
      </label>
      <div className="batch-mapping">
        <label className="labelled">
          <span className="label">Name</span>
          <span className="field">
            <input value={draft.name} maxLength={120} placeholder="The first words" onChange={set("name")} />
          </span>
        </label>
        <label className="labelled">
          <span className="label">Leave out</span>
          <span className="field">
            <input value={draft.negative} onChange={set("negative")} />
          </span>
        </label>
        <label className="labelled">
          <span className="label">Tags</span>
          <span className="field">
            <input value={draft.tags} placeholder="night, harbour" onChange={set("tags")} />
          </span>
        </label>
      </div>
      <label className="labelled">
        <span className="label">Description</span>
        <span className="field">
          <input value={draft.description} maxLength={2000} onChange={set("description")} />
        </span>
      </label>
      <div className="row">
        <button type="submit" className="button small" disabled={saving || !draft.body.trim()}>Save</button>
        <button type="button" className="button small quiet" onClick={onCancel}>Cancel</button>
      </div>
    </form>
  );
}

/** One's own lists and those that come with the product. */
export function WordLists({ sides, tell }) {
  const [name, setName] = useState("");
  const [words, setWords] = useState("");
  const known = { ...sides.built_in, ...sides.lists };
  const choose = (chosen) => {
    setName(chosen);
    setWords((known[chosen] ?? []).join("\n"));
  };
  const save = async (event) => {
    event.preventDefault();
    if (tell(await post("/api/lists", { name, words }), `Write __${name}__ in a prompt to use the list.`)) choose("");
  };
  const remove = async () => {
    if (tell(await post("/api/lists", { name, words: "" }), "The list was deleted.")) choose("");
  };
  return (
    <details className="panel word-lists">
      <summary className="title-section fold">Word lists</summary>
      <p className="control muted">{"__colours__ in a prompt stands for each word of the list in turn. Change one and it is yours."}</p>
      <div className="row wrap gap-4" role="group" aria-label="Lists">
        {Object.keys(known).map((one) => (
          <button key={one} type="button" className="filter" aria-pressed={one === name} onClick={() => choose(one)}>
            {one}
            {one in sides.lists ? "" : " (built in)"}
          </button>
        ))}
      </div>
      <form className="stack" onSubmit={save}>
        <label className="labelled">
          <span className="label">Name of the list</span>
          <span className="field">
            <input value={name} maxLength={60} onChange={(event) => setName(event.target.value)} />
          </span>
        </label>
        <label className="labelled">
          <span className="label">Words, one on each line</span>
          <textarea className="batch-text" rows={5} value={words} onChange={(event) => setWords(event.target.value)} />
        </label>
        <div className="row">
          <button type="submit" className="button small" disabled={!name.trim() || !words.trim()}>Save the list</button>
          {name in sides.lists && <button type="button" className="button small quiet" onClick={remove}>Delete the list</button>}
        </div>
      </form>
    </details>
  );
}
