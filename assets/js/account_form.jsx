// Forms about accounts: posted to the mounted API, which alone can set the session cookie, and answered in place,
// so that nothing typed is lost. Passwords go nowhere else: not into the page's state, not over its socket.
import React, { useEffect, useRef, useState } from "react";

import { CopyButton } from "./copy_button.jsx";

const SILENT = "The server did not answer. Nothing was changed; try again in a moment.";
const REMEMBERED = "email";

async function post(action, form) {
  const headers = { Accept: "application/json" };
  const answer = await fetch(action, { method: "POST", headers, body: new URLSearchParams(new FormData(form)) });
  const text = await answer.text();
  try {
    return { ok: answer.ok, ...JSON.parse(text) };
  } catch {
    return { ok: answer.ok, problem: text };
  }
}

/** The code of a link is in the address after #, where no server log sees it. */
function useCode(name) {
  const [code, setCode] = useState(null);
  useEffect(() => {
    if (!name) return undefined;
    const read = () => setCode(decodeURIComponent(window.location.hash.slice(1)));
    read();
    window.addEventListener("hashchange", read);
    return () => window.removeEventListener("hashchange", read);
  }, [name]);
  return code;
}

/**
 * `then` is a second address that gets the same fields after the first took them. Without `onDone` the browser goes
 * where the answer says. `codeName` sends the code of the address; `needs` is shown instead of a form
 * without one, nothing at all if it is `quiet`. A secret in the answer is shown here and kept nowhere.
 */
export function AccountForm({ action, then = "", codeName = "", needs = "", quiet = false, label, said = "", remembers = false, className, buttonClass, onDone, children }) {
  const form = useRef(null);
  const code = useCode(codeName);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState({ words: "", field: "" });
  const [done, setDone] = useState(false);
  const [shown, setShown] = useState("");

  useEffect(() => {
    const email = remembers && form.current?.elements.namedItem("email");
    if (email && !email.value) email.value = sessionStorage.getItem(REMEMBERED) ?? "";
  }, [remembers, code]);
  useEffect(() => {
    for (const field of form.current?.elements ?? []) {
      if (field.name && field.name === problem.field) {
        field.setAttribute("aria-invalid", "true");
        field.focus();
      } else field.removeAttribute("aria-invalid");
    }
  }, [problem]);

  const submitted = async (event) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setDone(false);
    setShown("");
    setProblem({ words: "", field: "" });
    if (remembers) sessionStorage.setItem(REMEMBERED, form.current.elements.namedItem("email").value);
    let answer;
    try {
      answer = await post(action, form.current);
      if (answer.ok && then) {
        const second = await post(then, form.current);
        if (second.ok) answer = second;
      }
    } catch {
      answer = { ok: false, problem: SILENT };
    }
    if (!answer.ok) setProblem({ words: answer.problem || SILENT, field: answer.field || "" });
    else if (!onDone) {
      window.location.assign(answer.next); // a whole new page: its socket carries the new cookie
      return; // and until it is there, no second click
    } else {
      for (const field of form.current.querySelectorAll("[data-secret]")) field.value = "";
      setDone(true);
      if (answer.shown) {
        setShown(answer.shown);
        form.current.reset();
      }
      onDone();
    }
    setBusy(false);
  };

  if (codeName && code === null) return <div className={className} />;
  if (needs && !code) return quiet ? null : <div className="notice">{needs}</div>;
  return (
    <form ref={form} method="post" action={action} className={className} onSubmit={submitted}>
      {code && <input type="hidden" name={codeName} value={code} />}
      {children}
      {problem.words && <p role="alert" className="notice failed">{problem.words}</p>}
      {shown && (
        <div role="status" className="account-shown">
          <code>{shown}</code>
          <CopyButton text={shown} className="button small">Copy</CopyButton>
        </div>
      )}
      <div className="account-end">
        <button type="submit" className={buttonClass} aria-busy={busy}>{label}</button>
        {done && said && <span role="status" className="account-said">{said}</span>}
      </div>
    </form>
  );
}

/** A password with a button that shows it; its two children are that button's faces, hidden and shown. */
export function PasswordInput({ name, autoComplete, minLength, needed = true, children }) {
  const [shown, setShown] = useState(false);
  const [eye, eyeOff] = React.Children.toArray(children);
  return (
    <span className="field">
      <input name={name} type={shown ? "text" : "password"} autoComplete={autoComplete} minLength={minLength} maxLength={128} required={needed} data-secret="" spellCheck={false} autoCapitalize="off" />
      <button type="button" className="field-icon" aria-label={shown ? "Hide password" : "Show password"} aria-pressed={shown} onClick={() => setShown(!shown)}>
        {shown ? eyeOff : eye}
      </button>
    </span>
  );
}
