// Which words fit what is being typed: from the product's own lists and from what the person wrote before.
const MOST = 6;
const LEAST = 2; // characters before anything is offered for Tab
const LEAST_WORD = 3; // the same in the middle of a phrase, where most words are common ones
const ORDER = ["subject", "style", "light", "detail"];

/** What stands after the last comma or line break, as typed. */
export function fragmentOf(text) {
  return text.slice(Math.max(text.lastIndexOf(","), text.lastIndexOf("\n")) + 1).replace(/^\s+/, "");
}

/** Whether a phrase stands in the text between commas. */
export const taken = (text, phrase) => text.toLowerCase().split(/[,\n]/).some((part) => part.trim() === phrase.toLowerCase());

/** How much of the end of the text is being typed: from the last comma, or its last two words, or its last one. */
function endings(text) {
  const typed = fragmentOf(text);
  const words = typed.split(/\s+/);
  const shorter = [2, 1].filter((count) => count < words.length).map((count) => words.slice(-count).join(" "));
  return [typed, ...shorter.filter((ending) => ending.length >= LEAST_WORD)];
}

/** {words, sure, cut}: `sure` when they complete what is being typed, so that Tab may take the first in place of `cut`. */
export function suggest(text, { suggestions, phrases }) {
  const typed = fragmentOf(text);
  const known = [...phrases, ...ORDER.flatMap((kind) => suggestions[kind] ?? [])];
  if (typed.length >= LEAST) {
    for (const cut of endings(text)) {
      const begun = cut.toLowerCase();
      const fits = known.filter((words) => {
        const plain = words.toLowerCase();
        return plain !== begun && plain.startsWith(begun) && !taken(text, words);
      });
      if (fits.length) return { words: [...new Set(fits)].slice(0, MOST), sure: true, cut };
    }
    return { words: [], sure: false, cut: typed };
  }
  if (typed === "" && /,\s*$/.test(text)) {
    // After a comma: what is not there yet, a style, then light, then detail.
    const kinds = ["style", "light", "detail"].filter((kind) => !(suggestions[kind] ?? []).some((words) => taken(text, words)));
    const next = (suggestions[kinds[0] ?? "detail"] ?? []).filter((words) => !taken(text, words));
    return { words: next.slice(0, MOST), sure: false, cut: "" };
  }
  return { words: [], sure: false, cut: typed };
}
