// The left rail: what is shown, collections, tags, facets, colours and months. Pictures are dropped on its lines.
import React, { memo, useEffect, useRef, useState } from "react";
import { Clock, Folder, GalleryHorizontalEnd, Heart, MoreHorizontal, Plus, Star, Trash2, X } from "lucide-react";
import { FACETS, grouped, monthWords, today, toggled } from "./vault_query.js";

const FEW_TAGS = 24;
const FEW = 6;
const MONTHS_SHOWN = 18;

/** What makes a line of the rail a place to drop pictures on. */
function useDrop(onDrop) {
  const [over, setOver] = useState(false);
  if (!onDrop) return {};
  const ours = (event) => event.dataTransfer.types.includes("application/x-runtz-images");
  return {
    "data-over": over || undefined,
    onDragOver: (event) => {
      if (!ours(event)) return;
      event.preventDefault();
      setOver(true);
    },
    onDragLeave: () => setOver(false),
    onDrop: (event) => {
      setOver(false);
      if (!ours(event)) return;
      event.preventDefault();
      onDrop(JSON.parse(event.dataTransfer.getData("application/x-runtz-images")));
    },
  };
}

function RailLine({ icon, label, count, current, onClick, onDrop, children, pressed }) {
  const drop = useDrop(onDrop);
  return (
    <div className="rail-line" data-on={current || undefined} {...drop}>
      <button type="button" className="rail-choose" title={label} aria-pressed={pressed ?? Boolean(current)} onClick={onClick}>
        {icon}
        <span className="grow ellipsis">{label}</span>
        <span className="mono muted">{grouped(count)}</span>
      </button>
      {children}
    </div>
  );
}

function Section({ title, children, action }) {
  return (
    <section className="rail-section" aria-label={title}>
      <h2>
        {title}
        <span className="grow" />
        {action}
      </h2>
      {children}
    </section>
  );
}

function Choices({ title, facet, choices, query, onQuery, mark, few = FEW }) {
  const [all, setAll] = useState(false);
  const on = query[facet] ?? [];
  if (!choices.length) return null;
  const shown = all ? choices : choices.filter((one, place) => place < few || on.includes(one.value));
  return (
    <Section title={title}>
      {shown.map((one) => (
        <RailLine key={one.value} icon={mark?.(one)} label={one.label} count={one.count} current={on.includes(one.value)}
          onClick={() => onQuery(toggled(query, facet, one.value))} />
      ))}
      {choices.length > few && (
        <button type="button" className="rail-more" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? "Fewer" : `${choices.length - few} more`}
        </button>
      )}
    </Section>
  );
}

function Colours({ choices, query, onQuery }) {
  const on = query.colour ?? [];
  if (!choices.length) return null;
  return (
    <Section title="Colour">
      <div className="swatches" role="group" aria-label="Colours">
        {choices.map((one) => (
          <button key={one.value} type="button" className={`swatch swatch-${one.value}`} aria-pressed={on.includes(one.value)} title={`${one.label}, ${grouped(one.count)}`}
            aria-label={`${one.label}, ${grouped(one.count)}`} onClick={() => onQuery(toggled(query, "colour", one.value))} />
        ))}
      </div>
    </Section>
  );
}

/** The months as bars: a click shows one month alone, with Shift everything between. */
function Months({ months, query, onQuery }) {
  const shown = months.slice(0, MONTHS_SHOWN).reverse();
  const most = Math.max(...shown.map((one) => one.count), 1);
  const inside = (month) => Boolean(query.from || query.to) && month >= (query.from ?? "").slice(0, 7) && (!query.to || month <= query.to.slice(0, 7));
  if (!shown.length) return null;
  const choose = (month, through) => {
    if (through && query.from) {
      const [from, to] = [query.from.slice(0, 7), month].sort();
      return onQuery({ ...query, from, to, at: "" });
    }
    const alone = query.from === month && query.to === month;
    return onQuery({ ...query, from: alone ? "" : month, to: alone ? "" : month, at: "" });
  };
  return (
    <Section title="Dates" action={<span className="mono muted">{[...new Set([shown[0], shown.at(-1)].map((one) => monthWords(one.value, true)))].join(" – ")}</span>}>
      <div className="month-bars" role="group" aria-label="Months">
        {shown.map((one) => (
          <button key={one.value} type="button" aria-pressed={inside(one.value)} title={`${monthWords(one.value)}: ${grouped(one.count)}. Shift: everything between`}
            aria-label={`${monthWords(one.value)}, ${grouped(one.count)}`} onClick={(event) => choose(one.value, event.shiftKey)}>
            <i style={{ height: `${Math.max(8, (one.count / most) * 100)}%` }} />
          </button>
        ))}
      </div>
      <div className="rail-dates">
        <label>
          <span>From</span>
          <input type="date" value={(query.from ?? "").length === 10 ? query.from : ""} onChange={(event) => onQuery({ ...query, from: event.target.value, at: "" })} />
        </label>
        <label>
          <span>To</span>
          <input type="date" value={(query.to ?? "").length === 10 ? query.to : ""} onChange={(event) => onQuery({ ...query, to: event.target.value, at: "" })} />
        </label>
      </div>
    </Section>
  );
}

function Naming({ label, onDone, onStop }) {
  const input = useRef(null);
  useEffect(() => input.current.focus(), []);
  const sent = (event) => {
    event.preventDefault();
    const name = input.current.value.trim();
    if (name) onDone(name);
    else onStop();
  };
  return (
    <form className="rail-naming" onSubmit={sent} onKeyDown={(event) => event.key === "Escape" && onStop()}>
      <input ref={input} aria-label={label} placeholder={label} maxLength={60} autoComplete="off" />
      <button type="submit" className="button small">
        Add
      </button>
    </form>
  );
}

function Tags({ tags, query, onQuery, onManage, onDrop }) {
  const [all, setAll] = useState(false);
  const on = query.tag ?? [];
  const shown = all ? tags : tags.filter((tag, place) => place < FEW_TAGS || on.includes(tag.value));
  return (
    <Section title="Tags"
      action={tags.length > 0 && (
        <button type="button" className="rail-icon" aria-label="Rename, merge and remove tags" title="Rename, merge and remove tags" onClick={onManage}>
          <MoreHorizontal size={14} aria-hidden="true" />
        </button>
      )}>
      {tags.length === 0 && <p className="rail-note">Select pictures and press G to tag them.</p>}
      <div className="rail-tags">
        {shown.map((tag) => (
          <TagButton key={tag.value} tag={tag} on={on.includes(tag.value)} onClick={() => onQuery(toggled(query, "tag", tag.value))} onDrop={(ids) => onDrop("tag", tag, ids)} />
        ))}
      </div>
      {tags.length > FEW_TAGS && (
        <button type="button" className="rail-more" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? "Fewer" : `${tags.length - FEW_TAGS} more`}
        </button>
      )}
    </Section>
  );
}

function TagButton({ tag, on, onClick, onDrop }) {
  return (
    <button type="button" className="tag rail-tag" aria-pressed={on} onClick={onClick} {...useDrop(onDrop)}>
      {tag.label} <span className="muted">{grouped(tag.count)}</span>
      {on && <X size={12} aria-hidden="true" />}
    </button>
  );
}

const BARE = { q: "", from: "", to: "", at: "", ...Object.fromEntries(FACETS.map((name) => [name, []])) };

export const Rail = memo(function Rail({ rail, query, onQuery, onDrop, onMake, onManage }) {
  const [naming, setNaming] = useState(false);
  const show = query.show ?? "kept";
  const isToday = query.from === today();
  const open = (values) => onQuery({ ...query, ...BARE, ...values });
  const collections = query.collection ?? [];
  // A collection may hold pictures nobody kept, as those of a batch: it never opens empty because of that.
  const opened = ({ id, count }) => (collections.includes(id) ? { collection: [] } : { collection: [id], show: count ? query.show : "all" });
  return (
    <>
      <div className="rail-section">
        <RailLine icon={<Heart size={16} aria-hidden="true" />} label="Kept" count={rail.kept} current={show === "kept" && !isToday} onClick={() => open({ show: "kept" })}
          onDrop={(ids) => onDrop("keep", null, ids)} />
        <RailLine icon={<GalleryHorizontalEnd size={16} aria-hidden="true" />} label="Everything" count={rail.everything} current={show === "all" && !isToday}
          onClick={() => open({ show: "all" })} />
        <div className="rail-line" data-on={isToday || undefined}>
          <button type="button" className="rail-choose" aria-pressed={isToday} onClick={() => (isToday ? open({ show: "kept" }) : open({ show: "all", from: today() }))}>
            <Clock size={16} aria-hidden="true" />
            <span className="grow">Today</span>
            {rail.today !== null && <span className="mono muted">{grouped(rail.today)}</span>}
          </button>
        </div>
        <RailLine icon={<Trash2 size={16} aria-hidden="true" />} label="Trash" count={rail.trash} current={show === "trash"} onClick={() => open({ show: "trash" })}
          onDrop={(ids) => onDrop("throw_away", null, ids)} />
      </div>
      <Section title="Collections"
        action={
          <button type="button" className="rail-icon" aria-label="New collection" title="New collection" onClick={() => setNaming(true)}>
            <Plus size={14} aria-hidden="true" />
          </button>
        }>
        {naming && (
          <Naming label="Name of the collection" onStop={() => setNaming(false)}
            onDone={(name) => {
              setNaming(false);
              onMake("collection", name);
            }} />
        )}
        {rail.collections.map((one) => (
          <RailLine key={one.id} label={one.name} count={one.count} current={collections.includes(one.id)} onDrop={(ids) => onDrop("collection", one, ids)}
            icon={one.cover ? <img className="rail-cover" src={`/api/images/${one.cover}.webp?w=320`} alt="" loading="lazy" /> : <Folder size={16} aria-hidden="true" />}
            onClick={() => onQuery({ ...query, ...opened(one), at: "" })}>
            <button type="button" className="rail-icon" aria-label={`Rename or remove ${one.name}`} title="Rename or remove" onClick={() => onManage("collection", one)}>
              <MoreHorizontal size={14} aria-hidden="true" />
            </button>
          </RailLine>
        ))}
        {rail.collections.length === 0 && !naming && <p className="rail-note">Drag pictures here once you have one.</p>}
      </Section>
      <Tags tags={rail.tags} query={query} onQuery={onQuery} onManage={() => onManage("tag", null)} onDrop={onDrop} />
      <Choices title="Providers" facet="provider" choices={rail.providers} query={query} onQuery={onQuery} mark={(one) => <span className={`hue hue-${one.hue}`} />} />
      <Choices title="Models" facet="model" choices={rail.models} query={query} onQuery={onQuery} mark={(one) => <span className={`hue hue-${one.hue}`} />} />
      <Colours choices={rail.colours} query={query} onQuery={onQuery} />
      <Months months={rail.months} query={query} onQuery={onQuery} />
      <Choices title="Ratio" facet="ratio" choices={rail.ratios} query={query} onQuery={onQuery} mark={(one) => <RatioMark ratio={one.value} />} />
      <Choices title="Rating" facet="rating" choices={rail.ratings.map((one) => ({ ...one, label: one.label === "1" ? "1 star" : `${one.label} stars` }))} query={query} onQuery={onQuery}
        mark={() => <Star size={14} aria-hidden="true" />} />
      <Choices title="Price" facet="price" choices={rail.prices} query={query} onQuery={onQuery} />
      <States rail={rail} query={query} onQuery={onQuery} />
    </>
  );
});

/** States and origins are two facets to the server and one list to people. */
function States({ rail, query, onQuery }) {
  if (!rail.states.length) return null;
  return (
    <Section title="State">
      {rail.states.map((one) => {
        const facet = one.value === "uploaded" || one.value === "imported" ? "origin" : "state";
        return (
          <RailLine key={one.value} label={one.label} count={one.count} current={(query[facet] ?? []).includes(one.value)} onClick={() => onQuery(toggled(query, facet, one.value))} />
        );
      })}
    </Section>
  );
}

const SHAPES = { wide: [16, 7], tall: [7, 16] };

function RatioMark({ ratio }) {
  const [w, h] = SHAPES[ratio] ?? ratio.split(":").map(Number);
  const scale = 14 / Math.max(w, h);
  return (
    <span className="ratio-place" aria-hidden="true">
      <span className="ratio-mark" style={{ width: w * scale, height: h * scale }} />
    </span>
  );
}

const WORDS = {
  provider: (rail, value) => rail.providers.find((one) => one.value === value)?.label ?? value,
  model: (rail, value) => rail.models.find((one) => one.value === value)?.label ?? value,
  tag: (rail, value) => rail.tags.find((one) => one.value === value)?.label ?? "A tag that is gone",
  collection: (rail, value) => rail.collections.find((one) => one.id === value)?.name ?? "A collection that is gone",
  rating: (rail, value) => (value === "0" ? "Not rated" : value === "1" ? "1 star" : `${value} stars`),
  colour: (rail, value) => rail.colours.find((one) => one.value === value)?.label ?? value,
  price: (rail, value) => rail.prices.find((one) => one.value === value)?.label ?? value,
  state: (rail, value) => rail.states.find((one) => one.value === value)?.label ?? value,
  origin: (rail, value) => rail.states.find((one) => one.value === value)?.label ?? value,
};

/** The words of a chip for one value of a facet. */
export const wordsOf = (rail, facet, value) => (rail && WORDS[facet]?.(rail, value)) || value;
