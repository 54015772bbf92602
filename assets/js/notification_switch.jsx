// Asks this browser for permission to notify; the answer lives in the browser alone.
import React, { useEffect, useState } from "react";

const SAID = {
  granted: "This browser notifies you.",
  denied: "This browser blocks notifications for this address. Allow them in its site settings.",
  default: "This browser has not been asked yet.",
  none: "This browser offers no notifications here; they need https:// or this machine's own address.",
};

export function NotificationSwitch() {
  const [answer, setAnswer] = useState("");
  useEffect(() => setAnswer("Notification" in window && window.isSecureContext ? Notification.permission : "none"), []);
  const ask = async () => setAnswer(await Notification.requestPermission());
  return (
    <div className="setting-line">
      <span className="grow muted" role="status">{SAID[answer]}</span>
      {answer === "default" && <button type="button" className="button small" onClick={ask}>Allow notifications</button>}
    </div>
  );
}
