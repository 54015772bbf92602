// Sends pictures to our own endpoint, one after another, and says what became of each.

/** Resolves to { ids, problems }; `tell` gets a line for people while it runs. */
export async function sendPictures(files, tell) {
  const pictures = [...files];
  const ids = [];
  const problems = [];
  for (const [place, file] of pictures.entries()) {
    tell(pictures.length > 1 ? `Sending ${place + 1} of ${pictures.length}` : "Sending");
    try {
      const answer = await fetch("/api/uploads", { method: "POST", body: file, headers: { "Content-Type": "application/octet-stream" } });
      const said = await answer.json().catch(() => ({}));
      if (answer.ok) ids.push(said.id);
      else problems.push(`${file.name || "The picture"}: ${said.problem ?? "it was not taken; try again."}`);
    } catch {
      problems.push(`${file.name || "The picture"}: the connection broke off; send it again.`);
    }
  }
  tell("");
  return { ids, problems };
}

const isPicture = (file) => file.type.startsWith("image/") || /\.(png|jpe?g|webp|avif)$/i.test(file.name);

/** Calls `take(files)` for pictures dropped or pasted anywhere on the page; returns how to stop. */
export function listen(take) {
  const dropped = (event) => {
    const files = [...(event.dataTransfer?.files ?? [])];
    if (!files.length) return;
    event.preventDefault();
    take(files);
  };
  const over = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files") && event.preventDefault();
  const pasted = (event) => {
    const files = [...(event.clipboardData?.files ?? [])].filter(isPicture);
    if (!files.length) return;
    event.preventDefault();
    take(files);
  };
  addEventListener("drop", dropped);
  addEventListener("dragover", over);
  addEventListener("paste", pasted);
  return () => {
    removeEventListener("drop", dropped);
    removeEventListener("dragover", over);
    removeEventListener("paste", pasted);
  };
}
