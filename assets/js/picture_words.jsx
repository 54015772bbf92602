// From a picture to words: choose one of your own, have it described, take its prompt, or use it as reference.
import React, { useEffect, useState } from "react";
import { useNavigate } from "react-router";
import { ask, post } from "./batch_api.js";
import { write } from "./draft.js";

export function PictureWords() {
  const [shown, setShown] = useState(null);
  const [chosen, setChosen] = useState("");
  const [found, setFound] = useState(null);
  const navigate = useNavigate();
  useEffect(() => {
    ask("/api/presets/pictures").then((answer) => setShown(answer.pictures ?? []));
  }, []);
  const choose = async (id) => {
    setChosen(id);
    setFound(null);
    setFound(await post("/api/presets/describe", { image_id: id }));
  };
  const take = (prompt) => {
    write({ prompt, promptId: "", promptName: "", added: "", preset: "" });
    document.getElementById("prompt")?.focus();
  };
  if (shown === null) return <div className="bone row-bone" aria-hidden="true" />;
  if (!shown.length) return <p className="muted control">You have no pictures yet. Run something first, then start from what it made.</p>;
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
          <div className="row wrap">
            <button type="button" className="button small" onClick={() => take(found.prompt)}>Take these words</button>
            {found.made_from && <button type="button" className="button small" onClick={() => take(found.made_from)}>Take the prompt it was made with</button>}
            <button type="button" className="button small quiet" onClick={() => navigate(`/?remix=${chosen}`)}>Use it as reference</button>
          </div>
        </div>
      )}
    </div>
  );
}
