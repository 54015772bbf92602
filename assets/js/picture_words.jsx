// From a picture to words: choose one of your own, have it described, take its prompt, or use it as reference.
import React, { useEffect, useRef, useState } from "react";
import { useNavigate } from "react-router";
import { ask, post } from "./batch_api.js";
import { write } from "./draft.js";

const EVERY = 700; // milliseconds

export function PictureWords() {
  const [shown, setShown] = useState(null);
  const [chosen, setChosen] = useState("");
  const [found, setFound] = useState(null);
  const [bought, setBought] = useState(null);
  const newest = useRef(0);
  const navigate = useNavigate();
  useEffect(() => {
    ask("/api/presets/pictures").then((answer) => setShown(answer.pictures ?? []));
  }, []);
  const choose = async (id) => {
    setChosen(id);
    newest.current += 1;
    setFound(null);
    setBought(null);
    setFound(await post("/api/presets/describe", { image_id: id }));
  };
  // A text model takes seconds; the answer is asked for until it is there or another picture is chosen.
  const buy = async (confirmed) => {
    const mine = ++newest.current;
    let answer = await post("/api/presets/describe/ask", { image_id: chosen, confirmed });
    while (mine === newest.current) {
      setBought(answer);
      if (answer.state !== "waiting") return;
      await new Promise((resolve) => setTimeout(resolve, EVERY));
      answer = await ask(`/api/presets/described/${answer.call_id}`);
    }
  };
  const take = (prompt) => {
    write({ prompt, promptId: "", promptName: "", added: "", preset: "" });
    document.getElementById("prompt")?.focus();
  };
  if (shown === null) return <div className="bone row-bone" aria-hidden="true" />;
  if (!shown.length) return <p className="muted control">You have no pictures yet. Run something first, or add one of your own by Pictures below; it can also be dropped or pasted here.</p>;
  return (
    <div className="picture-words">
      <div className="prompt-pictures" role="group" aria-label="Your newest pictures">
        {shown.map((one, place) => (
          <button key={one.image_id} type="button" aria-pressed={one.image_id === chosen} aria-label={one.prompt ? `Picture of: ${one.prompt.slice(0, 80)}` : `Picture ${place + 1}`} onClick={() => choose(one.image_id)}>
            <img src={one.thumb} alt="" loading="lazy" decoding="async" className="thumb" />
          </button>
        ))}
      </div>
      {found?.problem && <p role="alert" className="failed control">{found.problem}</p>}
      {found && !found.problem && (
        <div className="stack">
          <p className="control" role="status">
            <span className="mono">{found.prompt}</span>
            <br />
            <span className="small muted">{found.said}</span>
          </p>
          {bought && (
            <p className={bought.problem || bought.state === "failed" ? "failed control" : "control"} role="status">
              {bought.prompt && (
                <>
                  <span className="mono">{bought.prompt}</span>
                  <br />
                </>
              )}
              <span className="small muted">{bought.said}</span>
              {bought.problem}
              {bought.confirm && `It costs ${bought.confirm.credits} credits; runs above ${bought.confirm.above} ask first here.`}
            </p>
          )}
          <div className="row wrap">
            {bought?.prompt && <button type="button" className="button small" onClick={() => take(bought.prompt)}>Take the description</button>}
            {found.offer.model && !bought?.prompt && (
              <button type="button" className="button small" aria-busy={bought?.state === "waiting"} disabled={bought?.state === "waiting"} onClick={() => buy(Boolean(bought?.confirm))}>
                {bought?.confirm ? "Describe it" : `Ask ${found.offer.label}${found.offer.simulated ? " (simulated)" : ""} · ${found.offer.credits} cr`}
              </button>
            )}
            <button type="button" className="button small" onClick={() => take(found.prompt)}>{bought?.prompt ? "Take the measured words" : "Take these words"}</button>
            {found.made_from && <button type="button" className="button small" onClick={() => take(found.made_from)}>Take the prompt it was made with</button>}
            <button type="button" className="button small quiet" onClick={() => navigate(`/?remix=${chosen}`)}>Use it as reference</button>
          </div>
        </div>
      )}
    </div>
  );
}
