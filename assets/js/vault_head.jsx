// Above the wall of the vault: the search, what narrows it, how many there are, and how they are shown.
import React, { useEffect, useRef, useState } from "react";
import { Link } from "react-router";
import { ChartNoAxesColumn, Grid2x2, Grid3x3, Search, SlidersHorizontal, X } from "lucide-react";
import { typing } from "./api.js";
import { BringIn } from "./bring_in.jsx";
import { FACETS, datesWords, grouped, isNarrowed, monthWords, pictures } from "./vault_query.js";
import { wordsOf } from "./vault_rail.jsx";

const TYPED = 220; // milliseconds after the last letter

function Chip({ words, onRemove }) {
  return (
    <span className="tag filter-chip">
      {words}
      <button type="button" aria-label={`Remove the filter ${words}`} onClick={onRemove}>
        <X size={12} aria-hidden="true" />
      </button>
    </span>
  );
}

export function Chips({ query, rail, onQuery }) {
  const chips = FACETS.flatMap((facet) =>
    (query[facet] ?? []).map((value) => (
      <Chip key={facet + value} words={wordsOf(rail, facet, value)} onRemove={() => onQuery({ ...query, at: "", [facet]: query[facet].filter((one) => one !== value) })} />
    )),
  );
  if (query.from || query.to) chips.push(<Chip key="dates" words={datesWords(query)} onRemove={() => onQuery({ ...query, from: "", to: "", at: "" })} />);
  return chips;
}

export function SearchBar({ query, rail, onQuery, onFilters }) {
  const [text, setText] = useState(query.q ?? "");
  const input = useRef(null);
  const timer = useRef(null);
  const latest = useRef(query);
  latest.current = query;
  useEffect(() => {
    if (document.activeElement !== input.current) setText(query.q ?? "");
  }, [query.q]);
  useEffect(() => {
    const pressed = (event) => {
      if (event.key !== "/" || typing(event.target) || document.querySelector("dialog[open]")) return;
      event.preventDefault();
      input.current.focus();
    };
    addEventListener("keydown", pressed);
    return () => {
      removeEventListener("keydown", pressed);
      clearTimeout(timer.current);
    };
  }, []);
  const search = (q, wait) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => onQuery({ ...latest.current, q: q.trim(), at: "" }), wait);
  };
  return (
    <search className="vault-search">
      <Search size={18} className="muted" aria-hidden="true" />
      <div className="vault-chips desk-only">
        <Chips query={query} rail={rail} onQuery={onQuery} />
      </div>
      <input ref={input} type="text" inputMode="search" enterKeyHint="search" value={text} aria-label="Search prompts, notes, tags and models" maxLength={400} autoComplete="off" spellCheck="false"
        placeholder='Words, "a phrase", -without' onChange={(event) => (setText(event.target.value), search(event.target.value, TYPED))}
        onKeyDown={(event) => {
          if (event.key === "Enter") search(text, 0);
          if (event.key === "Escape") (setText(""), search("", 0), input.current.blur());
        }} />
      {text ? (
        <button type="button" className="field-icon" aria-label="Clear the search" onClick={() => (setText(""), search("", 0), input.current.focus())}>
          <X size={16} aria-hidden="true" />
        </button>
      ) : (
        <kbd className="key desk-only">/</kbd>
      )}
      <button type="button" className="button small quiet only-icon rail-opener" aria-label="Filters" onClick={onFilters}>
        <SlidersHorizontal size={18} aria-hidden="true" />
      </button>
    </search>
  );
}

const totalOf = (query, rail) => rail && { kept: rail.kept, all: rail.everything, trash: rail.trash }[query.show ?? "kept"];

/** How many pictures there are: all that is known, which is the loaded ones until `counted` is here. */
export function countWords(query, rail, found, counted) {
  if (!isNarrowed(query)) return pictures(totalOf(query, rail) ?? found.items.length);
  if (counted) return counted.more ? `${grouped(counted.pictures)}+ pictures` : pictures(counted.pictures);
  return found.next ? `${grouped(found.items.length)}+ pictures` : pictures(found.items.length);
}

function Order({ query, onQuery }) {
  return (
    <label className="head-select">
      <span className="hidden">Order</span>
      <select value={query.order ?? ""} onChange={(event) => onQuery({ ...query, order: event.target.value, at: "" })}>
        <option value="">Newest first</option>
        <option value="oldest">Oldest first</option>
      </select>
    </label>
  );
}

/** What there is no room for above the wall of a phone; it stands above the filters there. */
export function MoreHead({ query, onQuery }) {
  return (
    <div className="more-head phone-only">
      <Order query={query} onQuery={onQuery} />
      <span className="grow" />
      <Link to="/vault/statistics" className="button small quiet only-icon" aria-label="Statistics">
        <ChartNoAxesColumn size={18} aria-hidden="true" />
      </Link>
      <BringIn />
    </div>
  );
}

export function Head({ query, rail, found, counted, onQuery, large, onLarge }) {
  const show = query.show ?? "kept";
  const narrowed = isNarrowed(query);
  const total = totalOf(query, rail);
  return (
    <div className="vault-head">
      <h1 className="vault-count" aria-live="polite">
        {found.state === "loading" ? "Looking…" : countWords(query, rail, found, counted)}
      </h1>
      {narrowed && found.state === "here" && <span className="muted desk-only">{`of ${grouped(total ?? 0)} · found in ${Math.max(1, Math.round(found.ms))} ms`}</span>}
      {show === "trash" && <span className="muted desk-only">{`Deleted for good after ${rail?.days ?? 30} days`}</span>}
      <span className="grow" />
      <span className="row desk-only">
        <BringIn />
      </span>
      <div className="segments" role="group" aria-label="Which pictures">
        <button type="button" aria-pressed={show === "kept"} onClick={() => onQuery({ ...query, show: "", at: "" })}>
          Kept
        </button>
        <button type="button" aria-pressed={show === "all"} onClick={() => onQuery({ ...query, show: "all", at: "" })}>
          Everything
        </button>
      </div>
      {rail?.months.length > 1 && show !== "trash" && (
        <label className="head-select desk-only">
          <span className="hidden">Jump to a month</span>
          <select value={query.at ?? ""} onChange={(event) => onQuery({ ...query, at: event.target.value, order: "" })}>
            <option value="">Jump to…</option>
            {rail.months.map((month) => (
              <option key={month.value} value={month.value}>
                {`${monthWords(month.value)} (${grouped(month.count)})`}
              </option>
            ))}
          </select>
        </label>
      )}
      <span className="desk-only">
        <Order query={query} onQuery={onQuery} />
      </span>
      <div className="segments desk-only" role="group" aria-label="Size of the pictures">
        <button type="button" aria-pressed={!large} aria-label="Small" title="Small" onClick={() => onLarge(false)}>
          <Grid3x3 size={14} aria-hidden="true" />
        </button>
        <button type="button" aria-pressed={large} aria-label="Large" title="Large" onClick={() => onLarge(true)}>
          <Grid2x2 size={14} aria-hidden="true" />
        </button>
      </div>
      <Link to="/vault/statistics" className="button small quiet only-icon desk-only" aria-label="Statistics" title="Statistics">
        <ChartNoAxesColumn size={16} aria-hidden="true" />
      </Link>
    </div>
  );
}
