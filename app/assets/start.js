// Starts the page: applies the chosen theme before anything is drawn, then runs the page's WebAssembly. Where a newer version
// waits for all pages of this one to be closed, and this is the only one, it is loaded again with that.
"use strict";
const kept = navigator.serviceWorker?.controller;
if (kept) {
  navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
  kept.postMessage("opened");
}
try {
  const theme = localStorage.getItem("signal-studio.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Storage is blocked; the system's theme applies.
}
const parsed = new Promise((resolve) => {
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", resolve, { once: true });
  else resolve();
});
import("./studio.js")
  .then((page) => parsed.then(() => page.default()))
  .catch((error) => {
    console.error(error);
    parsed.then(() => {
      const text = document.getElementById("start-text");
      if (text) {
        text.textContent = "The studio could not start: " + error + " It needs a browser with WebAssembly SIMD, such as Chrome, Edge, Firefox or Safari of 2023 or later.";
      }
    });
  });
