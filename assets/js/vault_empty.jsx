// What stands where the wall has nothing to show: why, what to do about it, and bones until it is known.
import React from "react";
import { Link } from "react-router";
import { Heart, Images, SearchX, Trash2 } from "lucide-react";
import { isNarrowed, pictures } from "./vault_query.js";

export function Empty({ query, rail, onQuery }) {
  const show = query.show ?? "kept";
  if (isNarrowed(query))
    return (
      <Nothing icon={SearchX} title="Nothing found" text={show === "kept" ? "None of the kept pictures fits. Among everything there may be one." : "No picture fits all of these filters."}>
        {show === "kept" && (
          <button type="button" className="button" onClick={() => onQuery({ ...query, show: "all" })}>
            Look among everything
          </button>
        )}
        <button type="button" className="button quiet" onClick={() => onQuery({ show: query.show })}>
          Clear all filters
        </button>
      </Nothing>
    );
  if (show === "trash") return <Nothing icon={Trash2} title="The trash is empty" text="What you delete waits here for thirty days before it is gone." />;
  if (show === "kept" && rail?.everything)
    return (
      <Nothing icon={Heart} title="Nothing kept yet" text="Press K on a picture to keep it. Kept pictures are shown here first; everything else is one click away.">
        <button type="button" className="button" onClick={() => onQuery({ ...query, show: "all" })}>
          {`Show ${pictures(rail.everything)}`}
        </button>
      </Nothing>
    );
  return (
    <Nothing icon={Images} title="Your vault is empty" text="Every picture you make is stored here by itself, with its prompt, its price and its model.">
      <Link to="/" className="button">
        Make the first one
      </Link>
    </Nothing>
  );
}

function Nothing({ icon: Icon, title, text, children }) {
  return (
    <div className="empty">
      <Icon size={28} strokeWidth={1.5} aria-hidden="true" />
      <h2 className="title">{title}</h2>
      <p>{text}</p>
      <div className="row wrap">{children}</div>
    </div>
  );
}

const ROWS = [
  [3, 5, 3, 6, 3, 4],
  [6, 3, 5, 3, 4, 5],
  [4, 6, 3, 5, 3, 4],
];

export function Bones() {
  return (
    <div className="wall-bones" aria-hidden="true">
      {ROWS.map((row, place) => (
        <div key={place}>
          {row.map((share, at) => (
            <span key={at} className="bone" style={{ flexGrow: share }} />
          ))}
        </div>
      ))}
    </div>
  );
}
