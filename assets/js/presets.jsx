// Below the prompt box: presets with their questions, mood tags, suggestions, wildcards, and the way to the library.
import React, { useEffect, useRef, useState } from "react";
import { ask, post } from "./batch_api.js";
import { useDraft, write } from "./draft.js";
import { OwnPresets, Questions } from "./preset_forms.jsx";
import { suggest, taken } from "./suggestions.js";
import { Blanks, Wildcards, useWildcards } from "./wildcards.jsx";

/** `text` with `words` at its end in the place of `before`, which may have been typed over meanwhile. */
function exchanged(text, before, words) {
  const trimmed = text.trimEnd();
  const kept = before && trimmed.endsWith(before) ? trimmed.slice(0, -before.length).replace(/[,\s]+$/, "") : trimmed;
  if (!words) return kept;
  return kept ? `${kept.replace(/[,\s]+$/, "")}, ${words}` : words;
}

function usePanel(known) {
  const [panel, setPanel] = useState({ presets: [], moods: [], suggestions: {}, phrases: [] });
  const read = () => ask("/api/presets").then((answer) => !answer.problem && setPanel(answer));
  // A visitor without a session is on the way out: nothing is asked for until the page knows its person.
  useEffect(() => {
    if (known) read();
  }, [known]);
  return [panel, read];
}

/** Tab takes the first suggestion, ↑ in the empty box brings back what was run before. */
function useKeys(suggestions, take, dismiss) {
  const state = useRef({});
  state.current = { suggestions, take, dismiss };
  const recall = useRef({ list: null, at: -1, put: "" });
  useEffect(() => {
    const step = async (box, by) => {
      const known = recall.current;
      known.list ??= (await ask("/api/prompts/recent")).prompts ?? [];
      const at = Math.max(-1, Math.min(known.list.length - 1, known.at + by));
      recall.current = { ...known, at, put: known.list[at] ?? "" };
      write({ prompt: recall.current.put, promptId: "", promptName: "", added: "", preset: "" });
    };
    const keyed = (event) => {
      if (event.target.id !== "prompt" || event.isComposing) return;
      const { suggestions: shown, take: takes, dismiss: away } = state.current;
      const mods = event.ctrlKey || event.metaKey || event.altKey || event.shiftKey;
      if (event.key === "Tab" && !mods && shown.sure && shown.words.length) {
        event.preventDefault();
        event.stopPropagation();
        takes(shown.words[0]);
      } else if (event.key === "Escape" && shown.words.length) {
        event.stopPropagation();
        away();
      } else if ((event.key === "ArrowUp" || event.key === "ArrowDown") && !mods) {
        const { value } = event.target;
        const recalling = recall.current.at >= 0 && value === recall.current.put;
        if (value !== "" && !recalling) return;
        if (event.key === "ArrowDown" && !recalling) return;
        event.preventDefault();
        if (value === "") recall.current = { list: null, at: -1, put: "" };
        step(event.target, event.key === "ArrowUp" ? 1 : -1);
      }
    };
    document.addEventListener("keydown", keyed, true);
    return () => document.removeEventListener("keydown", keyed, true);
  }, []);
}

function Moods({ moods, prompt }) {
  const toggle = (mood) => {
    const parts = prompt.split(",").map((part) => part.trim()).filter(Boolean);
    const at = parts.indexOf(`${mood} mood`);
    if (at >= 0) parts.splice(at, 1);
    else parts.push(`${mood} mood`);
    write({ prompt: parts.join(", ") });
  };
  return (
    <div className="row wrap gap-4" role="group" aria-label="Mood">
      {moods.map((mood) => (
        <button key={mood} type="button" className="filter" aria-pressed={taken(prompt, `${mood} mood`)} onClick={() => toggle(mood)}>
          {mood}
        </button>
      ))}
    </div>
  );
}

/** `row` is the composer's row of chips, `credits` what one prompt costs on it. */
export function PresetPanel({ row = [], ratio, samples, credits, pictures = false, drafted = "", children }) {
  const draft = useDraft();
  const [panel, reread] = usePanel(row.length > 0);
  const [open, setOpen] = useState("");
  const [dismissed, setDismissed] = useState("");
  const [said, setSaid] = useState("");
  const wild = useWildcards(draft.prompt);
  const chosen = panel.presets.find((preset) => preset.preset_id === draft.preset);
  const suggestions = dismissed === draft.prompt ? { words: [], sure: false, cut: "" } : suggest(draft.prompt, panel);
  const take = (words) => {
    write({ prompt: `${draft.prompt.slice(0, draft.prompt.length - suggestions.cut.length)}${words}, ` });
    document.getElementById("prompt")?.focus();
  };
  useKeys(suggestions, take, () => setDismissed(draft.prompt));

  const choose = (id) => {
    const preset = panel.presets.find((one) => one.preset_id === id);
    if (id === "reference") {
      setOpen("picture");
      return;
    }
    write({ preset: id, added: preset?.words ?? "", prompt: exchanged(draft.prompt, draft.added, preset?.words ?? "") });
    setOpen(preset?.questions.length ? "questions" : "");
  };
  const save = async () => {
    const answer = await post("/api/prompts", { name: "", body: draft.prompt, negative: draft.negativeOn ? draft.negative : "" });
    setSaid(answer.problem ?? "Saved to your prompts.");
    if (answer.prompt_id) write({ promptId: answer.prompt_id, promptName: "" });
  };
  const toggle = (what) => setOpen(open === what ? "" : what);
  return (
    <div className="presets">
      <div className="row wrap gap-4 presets-line">
        <label className="field small-field">
          <span className="label">Preset</span>
          <select value={chosen ? chosen.preset_id : ""} onChange={(event) => choose(event.target.value)}>
            <option value="">none</option>
            <option value="reference">Reference image…</option>
            {panel.presets.map((preset) => (
              <option key={preset.preset_id} value={preset.preset_id}>
                {preset.name}
                {preset.own ? " (yours)" : ""}
              </option>
            ))}
          </select>
        </label>
        {chosen?.questions.length > 0 && <button type="button" className="filter tall" aria-expanded={open === "questions"} onClick={() => toggle("questions")}>Questions</button>}
        <button type="button" className="filter tall" aria-expanded={open === "mood"} onClick={() => toggle("mood")}>Mood</button>
        <button type="button" className="filter tall" aria-expanded={open === "picture"} onClick={() => toggle("picture")}>From a picture</button>
        <button type="button" className="filter tall" aria-expanded={open === "own"} onClick={() => toggle("own")}>Your presets</button>
        {draft.prompt.trim() && <button type="button" className="filter tall" onClick={save}>Save prompt</button>}
        {draft.promptId && draft.promptName && (
          <span className="tag">
            From “{draft.promptName}”
            <button type="button" className="field-icon" aria-label="No longer count as this saved prompt" onClick={() => write({ promptId: "", promptName: "" })}>×</button>
          </span>
        )}
        {said && <span role="status" className="small muted">{said}</span>}
      </div>
      {suggestions.words.length > 0 && (
        <div className="row wrap gap-4 suggestions" role="group" aria-label="Suggestions">
          {suggestions.words.map((words, place) => (
            <button key={words} type="button" className="filter" onMouseDown={(event) => event.preventDefault()} onClick={() => take(words)}>
              {words}
              {place === 0 && suggestions.sure && <span className="key">Tab</span>}
            </button>
          ))}
        </div>
      )}
      <Blanks prompt={draft.prompt} />
      <Wildcards found={wild} prompt={draft.prompt} row={row} ratio={ratio} samples={samples} credits={credits} pictures={pictures} drafted={drafted !== "" && drafted === draft.prompt.trim()} />
      {open === "mood" && <Moods moods={panel.moods} prompt={draft.prompt} />}
      {open === "questions" && chosen && (
        <Questions preset={chosen} onWrite={(idea) => (write({ prompt: exchanged(idea, "", chosen.words), added: chosen.words }), setOpen(""))} />
      )}
      {open === "own" && <OwnPresets presets={panel.presets.filter((preset) => preset.own)} draft={draft} onChanged={reread} />}
      {open === "picture" && React.Children.toArray(children)}
    </div>
  );
}
