// Says what happens to a person who is not looking: to a screen reader always, to a hidden tab by its title,
// and by a notification when they allowed it.
import React, { useEffect, useRef, useState } from "react";

const allowed = () => (typeof Notification === "undefined" ? "denied" : Notification.permission);

/** Shown by the service worker, since phones know no other way; its click leads to the job. Without one by the page. */
async function notify(summary, job) {
  const said = { body: summary, icon: "/icon-192.png", tag: job, data: { path: `/jobs/${job}` } };
  const worker = await navigator.serviceWorker?.getRegistration();
  if (worker?.active) return worker.showNotification("Runtz AI", said);
  const note = new Notification("Runtz AI", said);
  note.onclick = () => window.focus();
  return undefined;
}

export function Announcer({ said = "", job = "", working = 0, ready = 0, summary = "" }) {
  const before = useRef({ job, working });

  useEffect(() => {
    const ended = before.current.job === job && before.current.working > 0 && working === 0;
    before.current = { job, working };
    if (!ended || !document.hidden) return undefined;
    const title = document.title;
    document.title = ready ? `✓ ${ready} ready · Runtz AI` : `Finished · Runtz AI`;
    if (allowed() === "granted") notify(summary, job);
    const seen = () => {
      if (!document.hidden) document.title = title;
    };
    document.addEventListener("visibilitychange", seen, { once: true });
    return undefined;
  }, [job, working, ready, summary]);
  return (
    <div className="hidden" role="status" aria-live="polite">
      {said}
    </div>
  );
}

/** Asks for the permission, only when pressed, and only while there is something to ask. */
export function NotifyButton({ className, children }) {
  const [state, setState] = useState("denied");
  useEffect(() => setState(allowed()), []);
  if (state !== "default") return null;
  return (
    <button type="button" className={className} onClick={() => Notification.requestPermission().then(setState)}>
      {children}
    </button>
  );
}
