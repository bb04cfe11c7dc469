// Starts the worker's WebAssembly: tells the page how far it is loaded, and keeps messages that come before it listens.
const early = [];
const keep = (event) => early.push(event.data);
addEventListener("message", keep);

const fail = (error) => postMessage(["failed", String(error?.message ?? error)]);
let isLoaded = false;
addEventListener("unhandledrejection", (event) => {
  // WebAssembly that has trapped is of no use any more. Any other promise that fails without anybody waiting for it ends no run.
  if (!isLoaded || event.reason instanceof WebAssembly.RuntimeError) return fail(event.reason);
  event.preventDefault();
  postMessage(["stray", String(event.reason?.message ?? event.reason)]);
});

async function load() {
  const [glue, response] = await Promise.all([import("./studio-worker.js"), fetch(new URL("studio-worker_bg.wasm", import.meta.url))]);
  if (!response.ok) throw new Error(`The training engine could not be loaded: the server answered ${response.status}.`);
  // The length of a compressed transfer is not that of what arrives; the total is then unknown.
  const total = response.headers.has("content-encoding") ? 0 : Number(response.headers.get("content-length") ?? 0);
  let done = 0;
  let told = 0;
  const counted = response.body.pipeThrough(
    new TransformStream({
      transform(chunk, controller) {
        done += chunk.byteLength;
        if (performance.now() - told > 50) {
          told = performance.now();
          postMessage(["loading", done, total]);
        }
        controller.enqueue(chunk);
      },
    }),
  );
  await glue.default({ module_or_path: new Response(counted, { headers: { "content-type": "application/wasm" } }) });
  isLoaded = true;
  removeEventListener("message", keep);
  for (const data of early) dispatchEvent(new MessageEvent("message", { data }));
}

load().catch(fail);
