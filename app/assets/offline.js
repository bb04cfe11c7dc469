// Lets the studio open without a network: what the server has comes first, and the kept copy when it cannot be reached.
const CACHE = "signal-studio";
const FILES = ["./", "start.js", "studio.js", "studio_bg.wasm", "worker.js", "studio-worker.js", "studio-worker_bg.wasm", "icon.svg", "icon-maskable.svg", "manifest.webmanifest"];

const within = (path) => new URL(path, registration.scope).href;
const fresh = (url) => fetch(url, { cache: "no-cache", credentials: "same-origin" });

// The page names its stylesheets itself.
async function stylesheets() {
  const text = await (await fresh(within("./"))).text();
  return [...text.matchAll(/<link[^>]+rel="?stylesheet"?[^>]*>/g)].flatMap(([tag]) => tag.match(/href="?([^">\s]+)/)?.[1] ?? []);
}

async function keepAll() {
  const cache = await caches.open(CACHE);
  const files = [...FILES, ...(await stylesheets())];
  await Promise.all(
    files.map(async (file) => {
      const response = await fresh(within(file));
      if (!response.ok) throw new Error(`${file}: the server answered ${response.status}`);
      await cache.put(within(file), response);
    }),
  );
}

// Under which address a file is kept: the start page has one, whatever fragment, or query that a host adds, it is opened with.
function keyOf(request) {
  const { origin, pathname } = new URL(request.url);
  const isStartPage = [within("./"), within("index.html")].includes(origin + pathname);
  return request.mode === "navigate" && isStartPage ? within("./") : request.url;
}

async function keep(key, response) {
  const cache = await caches.open(CACHE);
  await cache.put(key, response);
}

async function answer(event) {
  const key = keyOf(event.request);
  try {
    const response = await fresh(event.request.url);
    // Whoever asked does not wait for the copy. Without room for a new one the old one stays.
    if (response.ok) event.waitUntil(keep(key, response.clone()).catch(() => {}));
    return response;
  } catch (error) {
    const kept = await caches.match(key, { cacheName: CACHE });
    if (kept) return kept;
    throw error;
  }
}

addEventListener("install", (event) => event.waitUntil(keepAll().then(() => skipWaiting())));
addEventListener("activate", (event) => event.waitUntil(clients.claim()));
addEventListener("fetch", (event) => {
  if (event.request.method === "GET" && event.request.url.startsWith(registration.scope)) event.respondWith(answer(event));
});
