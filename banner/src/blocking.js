// What the page holds back in `data-troth`, brought in line with the choice.
import { free, language, nonce, services } from "./data.js";
import { button, fill, h } from "./dom.js";
import { setAttribute } from "./guard.js";
import { accepted, borrowed, choose, letIn, on, once, running } from "./state.js";

const awake = new Map(); // elements that were let in: their service, and how to take them back
const covered = new Map(); // elements with something in their place: how to remove that

export function draw() {
  const scripts = [];
  for (const element of document.querySelectorAll("[data-troth]")) {
    const name = element.dataset.troth;
    const service = services.find(one => one.name_ == name);
    if (service ? on(service) || borrowed.includes(name) : free.includes(name)) wake(element, scripts);
    else if (service && service.box_) cover(element, service);
  }
  run(scripts);
}

// Take back what a service has shown. What a script of it has done only a reload undoes.
export function sleep(service) {
  for (const [element, [name, back]] of awake)
    if (name == service.name_) {
      awake.delete(element);
      back();
    }
}

function wake(element, scripts) {
  if (awake.has(element)) return;
  const name = element.dataset.troth;
  const collect = script => {
    running.add(name);
    scripts.push(script);
  };
  if (covered.has(element)) covered.get(element)();
  covered.delete(element);
  let back;
  if (element.text != null) {
    element.removeAttribute("data-troth");
    return collect(element);
  }
  if (element.content) {
    const copy = document.importNode(element.content, true);
    const nodes = [...copy.childNodes];
    copy.querySelectorAll("script").forEach(script => {
      script.dataset.type = script.type;
      script.type = "text/plain"; // so that they start in their order, not all at once
      collect(script);
    });
    element.after(copy);
    back = () => nodes.forEach(node => node.remove());
  } else {
    const before = element.cloneNode();
    back = () => element.replaceWith(before);
    for (const { name, value } of [...element.attributes])
      if (/^data-(src|srcset|href|data)$/.test(name)) setAttribute.call(element, name.slice(5), value);
  }
  awake.set(element, [name, back]);
}

// Scripts in the order of the page; those that a browser would have put off come last, as they would have.
let last = Promise.resolve();

function run(scripts) {
  const late = script => !script.hasAttribute("async") && (script.defer || script.dataset.type == "module");
  for (const put_off of [false, true])
    for (const script of scripts) if (late(script) == put_off) last = last.then(() => started(script));
}

const started = script =>
  new Promise(done => {
    const { src, type } = script.dataset;
    const fresh = h("script", { nonce: script.nonce || nonce, text: script.text, onload: done, onerror: done });
    for (const { name, value } of script.attributes)
      if (!/^(type|nonce|data-(type|src))$/.test(name)) setAttribute.call(fresh, name, value);
    if (type) fresh.type = type;
    if (src) setAttribute.call(fresh, "src", src);
    fresh.async = script.hasAttribute("async");
    script.replaceWith(fresh);
    if (fresh.async || !fresh.hasAttribute("src")) done();
  });

// Say what would load here and from whom, in the same room.
function cover(element, service) {
  const { tagName, content, dataset } = element;
  const sized = (content && content.querySelector("[height]")) || element;
  const size = name => dataset[name] || sized.getAttribute(name) || "";
  if (awake.has(element) || covered.has(element) || /^(SCRIPT|LINK|SOURCE)$/.test(tagName) || (tagName == "IMG" && !(size("width") > 60))) return;
  const load = always => () => {
    const scripts = [];
    letIn(service.name_);
    if (always) choose([...accepted, service.name_]);
    else wake(element, scripts);
    run(scripts);
    const next = content ? element.nextElementSibling : element;
    if (next && next.tabIndex < 0) next.tabIndex = -1;
    if (next) next.focus();
  };
  const box = h("div", { className: "box", lang: language }, h("p", {}, service.box_),
    h("div", { className: "row" }, button("@once", load()), button("@always", load(1))));
  let shown = box;
  const frame = tagName == "IFRAME" && element.contentDocument;
  if (frame) {
    fill(frame, box);
    // What the page has set for its banner does not reach into a frame by itself.
    for (const name of ["accent", "paper", "ink", "line", "round", "font", "size"])
      frame.body.style.setProperty("--troth-" + name, getComputedStyle(element).getPropertyValue("--troth-" + name));
  } else {
    shown = h("troth-box", { className: element.className });
    shown.style.width = size("width").replace(/\d$/, "$&px");
    shown.style.minHeight = size("height").replace(/\d$/, "$&px");
    fill(shown.attachShadow({ mode: "open" }), box);
    if (/^(TEMPLATE|IMG|IFRAME)$/.test(tagName)) element.before(shown);
    else element.prepend(shown);
  }
  covered.set(element, () => shown.remove());
}
