// Registers the service worker: with it the app can be installed, and says so honestly when the server is away.
import { useEffect } from "react";

export function Worker() {
  useEffect(() => {
    if (!("serviceWorker" in navigator) || !window.isSecureContext) return undefined;
    const register = () => navigator.serviceWorker.register("/sw.js").catch(() => {}); // private windows refuse: then it is a page like others
    const timer = setTimeout(register, 2000); // after what the page itself needs
    return () => clearTimeout(timer);
  }, []);
  return null;
}
