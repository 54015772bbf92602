// Talking to the mounted API for batches, prompts and presets: JSON in, JSON out, problems as sentences.
export const grouped = (number) => number.toLocaleString("en");
export const dollars = (micros) => (micros ? `$${(micros / 1e6).toFixed(3)}` : "$0");
export const many = (number, one, more = `${one}s`) => `${grouped(number)} ${number === 1 ? one : more}`;

export function duration(seconds) {
  if (seconds < 90) return `about ${Math.max(1, Math.round(seconds))} s`;
  if (seconds < 5400) return `about ${Math.round(seconds / 60)} min`;
  return `about ${(seconds / 3600).toFixed(1)} h`;
}

const AWAY = "The server did not answer. Nothing was changed; try again in a moment.";

/** The answer as JSON with its status; a problem is a sentence in `problem`. Never throws. */
export async function ask(path, { body, raw, method } = {}) {
  try {
    const answer = await fetch(path, {
      method: method ?? (body !== undefined || raw !== undefined ? "POST" : "GET"),
      headers: body !== undefined ? { "Content-Type": "application/json" } : undefined,
      body: body !== undefined ? JSON.stringify(body) : raw,
    });
    const text = await answer.text();
    try {
      const found = JSON.parse(text);
      return answer.ok || found.problem || found.confirm ? { ...found, status: answer.status } : { problem: AWAY, status: answer.status };
    } catch {
      return { problem: answer.status === 404 ? "That is no longer here. Reload the page." : text.slice(0, 300) || AWAY, status: answer.status };
    }
  } catch {
    return { problem: AWAY, status: 0 };
  }
}

export const post = (path, body = {}) => ask(path, { body });
