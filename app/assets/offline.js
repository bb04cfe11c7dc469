// Lets the studio open without a network, from files that were all built together: a version is kept whole or not at all,
// and takes the place of the one before when no page of that is open any more.

// Written by the build: a name for all the files, and the SHA-256 of each.
const BUILD = null;

const PREFIX = "signal-studio";
const CACHE = `${PREFIX}-${BUILD?.version}`;

// The start page is asked for by its folder: a host may redirect from the file's own name.
const within = (path) => new URL(path === "index.html" ? "./" : path, registration.scope).href;

// The start page has one address, whatever file name, fragment or query it is opened with.
function fileOf(request) {
  const { origin, pathname } = new URL(request.url);
  const address = origin + pathname;
  if (!address.startsWith(registration.scope)) return null;
  const path = address.slice(registration.scope.length) || "index.html";
  return Object.hasOwn(BUILD.files, path) ? path : null;
}

async function sha256(bytes) {
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

// What is kept is made anew of its bytes: a response that a host redirected is refused by browsers as the answer to opening a page.
async function keep(cache, path, hash) {
  const response = await fetch(within(path), { cache: "no-cache", credentials: "same-origin" });
  if (!response.ok) throw new Error(`${path}: the server answered ${response.status}`);
  const bytes = await response.arrayBuffer();
  if ((await sha256(bytes)) !== hash) throw new Error(`${path} is of another version than the rest`);
  const headers = new Headers(response.headers);
  // What is kept has been unpacked.
  for (const name of ["content-encoding", "content-length", "transfer-encoding"]) headers.delete(name);
  await cache.put(within(path), new Response(bytes, { headers }));
}

async function keepAll() {
  const cache = await caches.open(CACHE);
  try {
    await Promise.all(Object.entries(BUILD.files).map(([path, hash]) => keep(cache, path, hash)));
  } catch (error) {
    await caches.delete(CACHE);
    throw error;
  }
}

async function removeOthers() {
  const names = await caches.keys();
  const others = names.filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  await Promise.all(others.map((name) => caches.delete(name)));
}

// A page that has been opened while no other is takes the new version with it, as it would if the browser had been closed
// between. Asked for by the page itself: while it is being opened it does not count yet, and looks like one that is reloaded.
async function makeWay(page) {
  if (!registration.waiting) return;
  const windows = await clients.matchAll({ type: "window", includeUncontrolled: true });
  const others = windows.filter(({ id, url }) => id !== page.id && url.startsWith(registration.scope));
  if (others.length === 0) registration.waiting.postMessage("take over");
}

async function answer(event, path) {
  const kept = await caches.match(within(path), { cacheName: CACHE });
  return kept ?? fetch(event.request);
}

if (BUILD) {
  addEventListener("install", (event) => event.waitUntil(keepAll()));
  addEventListener("activate", (event) => event.waitUntil(removeOthers()));
  addEventListener("message", (event) => {
    if (event.data === "take over") event.waitUntil(skipWaiting());
    if (event.data === "opened") event.waitUntil(makeWay(event.source));
  });
  addEventListener("fetch", (event) => {
    const path = event.request.method === "GET" ? fileOf(event.request) : null;
    if (path) event.respondWith(answer(event, path));
  });
}
