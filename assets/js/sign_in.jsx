// The one-time code is in the address after #, where no server log sees it: only a script can put it in a form.
import React, { useEffect, useState } from "react";

const codeInAddress = () => decodeURIComponent(window.location.hash.slice(1)) || new URLSearchParams(window.location.search).get("code") || "";

export function SignIn({ action, label, className, children }) {
  const [code, setCode] = useState(null);
  useEffect(() => {
    const read = () => setCode(codeInAddress());
    read();
    window.addEventListener("hashchange", read);
    return () => window.removeEventListener("hashchange", read);
  }, []);

  if (code === null) return <div className="sign-in-place" />;
  if (code === "") return <>{children}</>;
  return (
    <form method="post" action={action} className="sign-in-place">
      <input type="hidden" name="code" value={code} />
      <button type="submit" className={className} autoFocus>{label}</button>
    </form>
  );
}
