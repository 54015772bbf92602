// The service worker. It keeps one page alone, with what that page is drawn by: the one that says that the server cannot
// be reached. What belongs to a person (pictures, answers of the API, share links, pages) is never kept here. Scripts
// and fonts are left to the browser's own cache, which their names and headers let it keep for good: handed out from
// here, Chromium fetches a script twice, as it takes none that was preloaded, and warns of it.
const KEPT = "runtz-shell-2";
const OFFLINE = "/offline.html";
const FIRST = [OFFLINE, "/theme.css", "/controls.css", "/icon.svg"];

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(KEPT).then((kept) => kept.addAll(FIRST)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const old = (names) => names.filter((name) => name.startsWith("runtz-") && name !== KEPT);
  event.waitUntil(
    caches.keys().then((names) => Promise.all(old(names).map((name) => caches.delete(name)))).then(() => self.clients.claim()),
  );
});

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
  } else if (FIRST.includes(pathname)) {
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
