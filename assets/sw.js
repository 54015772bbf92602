// The service worker. It keeps the shell of the app alone: scripts and fonts whose names change with their content, the
// style sheets of the page below, and that page, which is shown when the server cannot be reached. What belongs to a
// person (pictures, answers of the API, share links, pages) is never kept here.
const KEPT = "runtz-shell-1";
const OFFLINE = "/offline.html";
const FIRST = [OFFLINE, "/theme.css", "/controls.css", "/icon.svg"];
const MOST = 300; // files; old builds go first

const isShell = (path) => path.startsWith("/assets/") || path.startsWith("/fonts/");

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(KEPT).then((kept) => kept.addAll(FIRST)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const old = (names) => names.filter((name) => name.startsWith("runtz-") && name !== KEPT);
  event.waitUntil(
    caches.keys().then((names) => Promise.all(old(names).map((name) => caches.delete(name)))).then(() => self.clients.claim()),
  );
});

async function fromShell(request) {
  const kept = await caches.open(KEPT);
  const known = await kept.match(request);
  if (known) return known;
  const answer = await fetch(request);
  if (answer.status === 200 && answer.type === "basic") {
    await kept.put(request, answer.clone());
    const keys = await kept.keys();
    const spare = keys.filter((one) => isShell(new URL(one.url).pathname)).slice(0, Math.max(0, keys.length - MOST));
    await Promise.all(spare.map((one) => kept.delete(one)));
  }
  return answer;
}

async function page(request) {
  try {
    return await fetch(request);
  } catch {
    return (await caches.match(OFFLINE)) ?? Response.error();
  }
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (request.mode === "navigate") {
    // Downloads and share links are the server's own business.
    if (!pathname.startsWith("/api/") && !pathname.startsWith("/s/")) event.respondWith(page(request));
  } else if (isShell(pathname)) event.respondWith(fromShell(request));
  else if (FIRST.includes(pathname)) {
    event.respondWith(fetch(request).catch(async () => (await caches.match(request)) ?? Response.error()));
  }
});

// A finished job was announced: its tab comes to the front, or any of ours, or a new one.
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const path = event.notification.data?.path ?? "/";
  const shown = (tabs) => tabs.find((tab) => new URL(tab.url).pathname === path) ?? tabs[0];
  event.waitUntil(self.clients.matchAll({ type: "window" }).then((tabs) => shown(tabs)?.focus() ?? self.clients.openWindow(path)));
});
