// One clock for the page: the server's time as well as we know it, and one ticker for everything that counts.

let offset = null;
const listeners = new Set();
let timer = null;

/** Learn the server's time (epoch seconds) from an answer; the answer that was least late knows best. */
export function learn(serverSeconds) {
  if (!serverSeconds) return;
  const seen = serverSeconds - Date.now() / 1000;
  if (offset === null || seen > offset) offset = seen;
}

/** Epoch seconds on the server's clock. */
export const now = () => Date.now() / 1000 + (offset ?? 0);

/** Call `draw` about ten times a second, once a second when the person asked for less motion. */
export function everyTick(draw) {
  listeners.add(draw);
  if (timer === null) {
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    timer = setInterval(() => listeners.forEach((listener) => listener()), calm ? 1000 : 100);
  }
  draw();
  return () => {
    listeners.delete(draw);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = null;
    }
  };
}
