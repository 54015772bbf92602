// Bringing pictures into the vault: files, a folder, or a ZIP that another Runtz exported.
import React, { useRef, useState } from "react";
import { Upload } from "lucide-react";
import { changed } from "./api.js";
import { Dialog } from "./dialog.jsx";
import { sendPictures } from "./upload.js";

const isZip = (file) => file.name.toLowerCase().endsWith(".zip");
const isPicture = (file) => /\.(png|jpe?g|webp|avif)$/i.test(file.name) && !file.name.startsWith(".");
const count = (number, one) => `${number.toLocaleString("en")} ${number === 1 ? one : `${one}s`}`;

/** Sends a ZIP and reads the lines that tell how far it is; resolves to what became of it. */
async function sendArchive(file, tell) {
  const answer = await fetch("/api/imports", { method: "POST", body: file, headers: { "Content-Type": "application/zip" } });
  if (!answer.ok || !answer.body) {
    const said = await answer.json().catch(() => ({}));
    return { imported: 0, known: 0, skipped: 0, problems: [`${file.name}: ${said.problem ?? "it was not taken; try again."}`] };
  }
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  let last = null;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    const lines = (rest + value).split("\n");
    rest = lines.pop();
    for (const line of lines.filter(Boolean)) {
      last = JSON.parse(line);
      if (last.of) tell(`${file.name}: ${last.done} of ${last.of}`);
    }
  }
  if (!last || last.of) return { imported: 0, known: 0, skipped: 0, problems: [`${file.name}: the connection broke off. Send it again; what is here already is not taken twice.`] };
  return last;
}

function wordsOf({ imported, known, skipped }) {
  const parts = [`${count(imported, "picture")} came in`];
  if (known) parts.push(`${known.toLocaleString("en")} were here already`);
  if (skipped) parts.push(`${count(skipped, "other file")} left out`);
  return `${parts.join(", ")}.`;
}

export function BringIn() {
  const [open, setOpen] = useState(false);
  const [busy, setBusy] = useState("");
  const [result, setResult] = useState(null);
  const files = useRef(null);
  const folder = useRef(null);

  const take = async (chosen) => {
    const archives = chosen.filter(isZip);
    const pictures = chosen.filter(isPicture);
    const sum = { imported: 0, known: 0, skipped: chosen.length - archives.length - pictures.length, problems: [] };
    setResult(null);
    setBusy("Sending");
    try {
      for (const archive of archives) {
        const told = await sendArchive(archive, setBusy);
        for (const name of ["imported", "known", "skipped"]) sum[name] += told[name] ?? 0;
        sum.problems.push(...told.problems);
      }
      if (pictures.length) {
        const { ids, problems } = await sendPictures(pictures, (said) => said && setBusy(said));
        sum.imported += ids.length;
        sum.problems.push(...problems);
      }
    } catch {
      sum.problems.push("The connection broke off. Send it again; what is here already is not taken twice.");
    }
    setBusy("");
    setResult(sum);
    if (sum.imported) changed([]);
  };
  const picked = (event) => {
    const chosen = [...event.target.files];
    event.target.value = "";
    if (chosen.length) take(chosen);
  };
  const dropped = (event) => {
    event.preventDefault();
    const chosen = [...event.dataTransfer.files];
    if (chosen.length && !busy) take(chosen);
  };
  return (
    <>
      <button type="button" className="button small" aria-label="Import" title="Import pictures" onClick={() => setOpen(true)}>
        <Upload size={16} strokeWidth={1.5} aria-hidden="true" /> <span className="desk-only">Import</span>
      </button>
      <Dialog open={open} kind="modal" className="bring-in-dialog" label="Bring pictures in" onClose={() => setOpen(false)}>
        <h2 className="title-section">Bring pictures in</h2>
        <div className="bring-in" onDrop={dropped} onDragOver={(event) => event.preventDefault()}>
          <p>A ZIP that Runtz exported comes in with everything: originals, prompts, tags, collections and what was made from what.</p>
          <p className="muted small">Other pictures are turned upright and lose their location. PNG, JPEG, WebP or AVIF, up to 25 MB each.</p>
          <div className="bring-in-buttons">
            <button type="button" className="button primary" disabled={busy !== ""} onClick={() => files.current.click()}>Choose files or a ZIP</button>
            <button type="button" className="button desk-only" disabled={busy !== ""} onClick={() => folder.current.click()}>Choose a folder</button>
          </div>
          <input ref={files} type="file" hidden multiple accept=".zip,image/png,image/jpeg,image/webp,image/avif" aria-label="Files to bring in" onChange={picked} />
          <input ref={folder} type="file" hidden multiple webkitdirectory="" aria-label="Folder to bring in" onChange={picked} />
        </div>
        <p role="status" className="small">{busy || (result && wordsOf(result))}</p>
        {result?.problems.length > 0 && (
          <div role="alert">
            <ul className="small failed bring-in-problems">
              {result.problems.map((problem) => (
                <li key={problem}>{problem}</li>
              ))}
            </ul>
          </div>
        )}
        <button type="button" className="button" onClick={() => setOpen(false)}>Close</button>
      </Dialog>
    </>
  );
}
