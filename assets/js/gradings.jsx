// Old gradings: every prompt that was marked, with the trail of its totals; opened, with all its rounds.
import React, { useCallback, useEffect, useState } from "react";
import { useNavigate } from "react-router";
import { ask } from "./batch_api.js";
import { write } from "./draft.js";
import { TimeAgo } from "./time_ago.jsx";

function Round({ round, onTake }) {
  return (
    <li className="craft-round">
      <div className="row wrap gap-4">
        <span className="muted small">{`Round ${round.number}`}</span>
        {round.graded ? <b className="mono">{round.total}</b> : <span className="attention small">{round.waiting ? "waiting" : "not graded"}</span>}
        {round.best && <span className="tag">best</span>}
        <span className="grow" />
        <button type="button" className="button small quiet" aria-label={`Take to the Studio: round ${round.number}`} onClick={() => onTake(round.prompt)}>
          Take to the Studio
        </button>
      </div>
      <p className="craft-idea" dir="auto">{round.prompt}</p>
      {round.graded && <p className="small mono muted">{round.parts.map((part) => `${part.name} ${part.points}/${part.most}`).join(" · ")}</p>}
      {round.notes && <p className="small">{round.notes}</p>}
      {round.lost_text && <p className="small attention">{round.lost_text}</p>}
      {round.problem && <p className="small attention">{round.problem}</p>}
    </li>
  );
}

function Rounds({ gradingId }) {
  const [found, setFound] = useState(null);
  const navigate = useNavigate();
  useEffect(() => {
    ask(`/api/gradings/${gradingId}`).then(setFound);
  }, [gradingId]);
  const take = (prompt) => {
    write({ prompt, promptId: "", promptName: "", added: "", preset: "" });
    navigate("/");
  };
  if (!found) return <div className="bone row-bone" aria-hidden="true" />;
  if (found.problem) return <p role="alert" className="failed">{found.problem}</p>;
  return (
    <>
      {found.ended && <p className="small muted">{found.ended}</p>}
      <ol className="grading-rounds">
        {found.rounds.map((round) => (
          <Round key={round.number} round={round} onTake={take} />
        ))}
      </ol>
    </>
  );
}

function Line({ one, now }) {
  const [open, setOpen] = useState(false);
  return (
    <li className="grading">
      <button type="button" className="grading-line fold" aria-expanded={open} onClick={() => setOpen(!open)}>
        {one.trail === "–" ? <b className="attention">not graded</b> : <b className="mono">{one.trail}</b>}
        <span className="grow ellipsis" dir="auto">{one.idea}</span>
        <span className="small muted">
          {one.grader}
          {one.simulated ? " (simulated)" : ""} · <TimeAgo at={one.at} now={now} />
        </span>
      </button>
      {open && <Rounds gradingId={one.grading_id} />}
    </li>
  );
}

/** The list; of one job's prompt when `job` names it, and then nothing at all while there is none. */
export function Gradings({ job = "" }) {
  const [shown, setShown] = useState(null);
  const read = useCallback(
    async (before = "") => {
      const answer = await ask(`/api/gradings?${new URLSearchParams({ job, before })}`);
      setShown((old) => (answer.problem || !before ? answer : { ...answer, gradings: [...old.gradings, ...answer.gradings] }));
    },
    [job],
  );
  useEffect(() => {
    read();
  }, [read]);
  if (!shown || (job && !shown.gradings?.length)) return null;
  return (
    <section className="gradings" aria-label="Marks given before">
      <h2 className="title-section">Marks given before</h2>
      {shown.problem && <p role="alert" className="failed">{shown.problem}</p>}
      {shown.gradings?.length === 0 && <p className="control muted">No prompt has been marked yet. “Mark it” in the Studio does; the marks then stay here.</p>}
      <ul>
        {(shown.gradings ?? []).map((one) => (
          <Line key={one.grading_id} one={one} now={shown.now} />
        ))}
      </ul>
      {shown.next && <button type="button" className="button small" onClick={() => read(shown.next)}>Older marks</button>}
    </section>
  );
}
