// "6 min ago", kept true while the page is open; the exact time on hover.
import React, { useEffect, useState } from "react";
import { learn, now as serverNow } from "./clock.js";

const UNITS = [
  [86400 * 365, "year"],
  [86400 * 30, "month"],
  [86400 * 7, "week"],
  [86400, "day"],
  [3600, "h"],
  [60, "min"],
  [1, "s"],
];
const REFRESH = 5000;

function words(seconds) {
  if (seconds < 1) return "just now";
  const [size, name] = UNITS.find(([unit]) => seconds >= unit);
  const count = Math.floor(seconds / size);
  return `${count} ${size >= 86400 && count > 1 ? `${name}s` : name} ago`;
}

export function TimeAgo({ at, now = 0, className }) {
  const [text, setText] = useState("");
  useEffect(() => {
    learn(now);
    const draw = () => setText(words(serverNow() - at));
    draw();
    const timer = setInterval(draw, REFRESH);
    return () => clearInterval(timer);
  }, [at, now]);
  const exact = new Date(at * 1000);
  return (
    <time className={className} dateTime={exact.toISOString()} title={exact.toLocaleString()} suppressHydrationWarning>
      {text}
    </time>
  );
}
