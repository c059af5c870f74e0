// Troth's consent banner. What it is made of, and how: banner/README.md.
import { draw } from "./blocking.js";
import { services } from "./data.js";
import { forget } from "./forget.js";
import * as guard from "./guard.js";
import * as layers from "./layers.js";
import * as signals from "./signals.js";
import { look, on } from "./state.js";

function start() {
  forget(services.filter(service => !on(service))); // what a program has left behind on its way out
  draw();
  layers.start();
  signals.announce();
  let soon;
  new MutationObserver(() => {
    clearTimeout(soon);
    soon = setTimeout(draw, 20);
  }).observe(document, { childList: true, subtree: true });
  addEventListener("pageshow", look);
  addEventListener("visibilitychange", look);
  if (window.cookieStore) cookieStore.addEventListener("change", look);
  addEventListener("click", event => {
    if (event.target.closest("[data-troth-open]")) {
      event.preventDefault();
      layers.open();
    }
  });
}

// Once, however often a page names it.
if (!(window.troth || 0).consent) {
  signals.start(layers.open);
  guard.start();
  if (document.body && document.readyState != "loading") start();
  else addEventListener("DOMContentLoaded", start);
}
