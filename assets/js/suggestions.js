// Which words fit what is being typed: from the product's own lists and from what the person wrote before.
const MOST = 6;
const LEAST = 2; // characters before anything is offered for Tab
const ORDER = ["subject", "style", "light", "detail"];

/** What stands after the last comma or line break, as typed. */
export function fragmentOf(text) {
  return text.slice(Math.max(text.lastIndexOf(","), text.lastIndexOf("\n")) + 1).replace(/^\s+/, "");
}

/** Whether a phrase stands in the text between commas. */
export const taken = (text, phrase) => text.toLowerCase().split(/[,\n]/).some((part) => part.trim() === phrase.toLowerCase());

/** {words, sure}: `sure` when they complete what is being typed, so that Tab may take the first. */
export function suggest(text, { suggestions, phrases }) {
  const typed = fragmentOf(text).toLowerCase();
  const known = [...phrases, ...ORDER.flatMap((kind) => suggestions[kind] ?? [])];
  if (typed.length >= LEAST) {
    const fits = known.filter((words) => {
      const plain = words.toLowerCase();
      return plain !== typed && plain.startsWith(typed) && !taken(text, words);
    });
    return { words: [...new Set(fits)].slice(0, MOST), sure: fits.length > 0 };
  }
  if (typed === "" && /,\s*$/.test(text)) {
    // After a comma: what is not there yet, a style, then light, then detail.
    const kinds = ["style", "light", "detail"].filter((kind) => !(suggestions[kind] ?? []).some((words) => taken(text, words)));
    const next = (suggestions[kinds[0] ?? "detail"] ?? []).filter((words) => !taken(text, words));
    return { words: next.slice(0, MOST), sure: false };
  }
  return { words: [], sure: false };
}
