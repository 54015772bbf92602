// Variables of a prompt, `{subject}`: which there are, and the prompt with words in their place.
const VARIABLE = /\{\s*([A-Za-z][\w -]{0,40}?)\s*\}/g;

/** Their names in order, once each. `{red|green}` is a choice and no variable. */
export const variablesOf = (text) => [...new Set([...text.matchAll(VARIABLE)].map((match) => match[1]))];

/** `text` with `values` put in; a variable without words stays as it is. */
export const filled = (text, values) => text.replace(VARIABLE, (whole, name) => values[name]?.trim() || whole);

/** Whether a { lacks its }, or the other way round; those after a \ are words. */
export function isUnbalanced(text) {
  let open = 0;
  for (const sign of text.replace(/\\[{}]/g, "")) {
    if (sign === "{") open += 1;
    if (sign === "}") open -= 1;
    if (open < 0) return true;
  }
  return open > 0;
}
