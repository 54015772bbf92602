// The cards of a job: keys on the focused card, arrows between cards, and on a phone the strip that pages them.
import React, { useEffect, useRef } from "react";
import { useNavigate } from "react-router";
import { tell } from "./api.js";

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const MOST_COMPARED = 6;
const PRESSED = ["d", "p", "c", "r", "v"]; // keys that are a button or link on the card
const EVENTS = { k: "keep", a: "again", i: "details" };

const cardsOf = (deck) => [...deck.querySelectorAll("[data-call-id]")];
const columnsOf = (cards) => cards.filter((card) => card.offsetTop === cards[0].offsetTop).length || 1;
const typing = (target) => target.closest("input, textarea, select, [contenteditable], [popover], dialog");

const imagesOf = (deck) => [...deck.querySelectorAll("[data-image-id]")].map((card) => card.dataset.imageId).filter(Boolean);

/** Opens the lightbox on the picture of a card, with those of its neighbours. */
function look(deck, card) {
  if (card.dataset.imageId) tell("runtz:lightbox", { ids: imagesOf(deck), at: card.dataset.imageId });
  return Boolean(card.dataset.imageId);
}

function neighbour(deck, card, [across, down]) {
  const cards = cardsOf(deck);
  return cards[cards.indexOf(card) + across + down * columnsOf(cards)];
}

export function Deck({ onAct, className = "", style, children }) {
  const deck = useRef(null);
  const keyed = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    const card = event.target.closest("[data-call-id]");
    if (!card) return;
    const key = event.key.toLowerCase();
    if (ARROWS[event.key]) {
      neighbour(deck.current, card, ARROWS[event.key])?.focus();
    } else if (event.key === "Enter" && event.target === card) {
      if (!look(deck.current, card)) return;
    } else if (PRESSED.includes(key)) {
      card.querySelector(`[data-key="${key}"]`)?.click();
    } else if (EVENTS[key] && card.querySelector(`[data-key="${key}"]`)) {
      onAct?.(EVENTS[key], card.dataset.callId);
    } else return;
    event.preventDefault();
  };
  const clicked = (event) => {
    const card = event.target.closest(".slot") && event.target.closest("[data-image-id]");
    if (card && !event.target.closest("button, a, [popover], dialog")) look(deck.current, card);
  };
  return (
    <div ref={deck} className={className} style={style} onKeyDown={keyed} onClick={clicked}>
      {children}
    </div>
  );
}

/** The place of the card that stands in the middle of the deck. */
function middleOf(deck) {
  const centre = deck.scrollLeft + deck.clientWidth / 2;
  const away = cardsOf(deck).map((card) => Math.abs(card.offsetLeft - deck.offsetLeft + card.offsetWidth / 2 - centre));
  return Math.max(0, away.indexOf(Math.min(...away)));
}

/** Marks the entry of the card in the middle, and brings a chosen card there. */
export function Strip({ className = "", children }) {
  const strip = useRef(null);
  const deckOf = () => strip.current.parentElement.querySelector(".cards");

  useEffect(() => {
    const deck = deckOf();
    const mark = () => {
      const middle = middleOf(deck);
      const entries = [...strip.current.children];
      entries.forEach((entry, place) => entry.setAttribute("aria-current", String(place === middle)));
      if (entries[middle]) strip.current.scrollTo({ left: entries[middle].offsetLeft - strip.current.clientWidth / 2 });
    };
    mark();
    // Entries come and go below React's view of this component: cards arrive in a part of their own.
    const watcher = new MutationObserver(mark);
    watcher.observe(strip.current, { childList: true });
    deck.addEventListener("scroll", mark, { passive: true });
    addEventListener("resize", mark);
    return () => {
      watcher.disconnect();
      deck.removeEventListener("scroll", mark);
      removeEventListener("resize", mark);
    };
  }, []);

  const chosen = (event) => {
    const place = [...strip.current.children].indexOf(event.target.closest("button"));
    const behavior = matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth";
    cardsOf(deckOf())[place]?.scrollIntoView({ inline: "center", block: "nearest", behavior });
  };
  return (
    <div ref={strip} className={className} onClick={chosen}>
      {children}
    </div>
  );
}

/** Sets the ready pictures of its job side by side; of many, those around its card. */
export function CompareButton({ className, label, hotkey, children }) {
  const go = useNavigate();
  const clicked = (event) => {
    const ids = imagesOf(event.currentTarget.closest("[data-job-id]"));
    const mine = ids.indexOf(event.currentTarget.closest("[data-image-id]")?.dataset.imageId);
    const first = Math.max(0, Math.min(mine, ids.length - MOST_COMPARED));
    go(`/compare?ids=${ids.slice(first, first + MOST_COMPARED).join(",")}`);
  };
  return (
    <button type="button" className={className} aria-label={label} title={label} data-key={hotkey} onClick={clicked}>
      {children}
    </button>
  );
}
