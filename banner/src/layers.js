// What the visitor sees: the question, all services, and those that are active.
import { consequences, intro, language, names, near, place, purposes, say, services, title } from "./data.js";
import { button, fill, h } from "./dom.js";
import { accepted, answered, choose, lasting, on, signalled, stuck, whenChanged } from "./state.js";

const root = document.documentElement;
const host = h("troth-consent", { lang: language });
const dialog = h("dialog", { "aria-labelledby": "t" });
let question, opener;
let home = h("span", { tabIndex: -1 }); // where the focus goes after the answer: the next Tab reaches the page's first stop

const cross = (label, onclick) => button("×", onclick, { className: "x", "aria-label": label });
const heading = (words, id) => h("h2", { id, tabIndex: -1 }, words);
const link = (words, path) => h("a", { href: near(language + "/" + path) }, words);
const row = (...children) => h("div", { className: "row" }, children);
const three = last =>
  h("div", { className: "row three" }, button("@accept", () => answer(names)), button("@refuse", () => answer([])), last);

function answer(list) {
  dialog.close();
  choose(list);
  if (!dialog.open) home.focus();
}

// The first layer. Leaving it alone stores nothing; closing it refuses.
function ask() {
  question = h("section", { "aria-labelledby": "q", onkeydown: event => void (event.key == "Escape" && answer([])) },
    heading(title, "q"), cross("@close_refusing", () => answer([])), h("p", {}, intro),
    h("ul", {}, purposes.map(purpose =>
      h("li", {}, h("b", {}, purpose.title_), " · " + purpose.services_.map(service => service.title_).join(", ")))),
    h("p", {}, consequences, " ", link("@policy", "")), three(button("@choose", showAll)));
  host.shadowRoot.prepend(question);
  root.style.scrollPaddingBottom = question.offsetHeight + "px"; // what has the focus is not hidden behind it
}

function show(...children) {
  dialog.replaceChildren(h("div", {}, children, cross("@close", () => dialog.close())));
  if (!dialog.open) dialog.showModal();
  dialog.querySelector("h2").focus();
}

// The second layer: everything off unless it was accepted before.
function showAll() {
  const boxes = [];
  const group = purpose => {
    const own = purpose.services_.map(service => h("input", { type: "checkbox", value: service.name_, checked: on(service) }));
    boxes.push(...own);
    let head = purpose.title_;
    if (own[1]) {
      const whole = h("input", { type: "checkbox", onchange: () => own.forEach(box => (box.checked = whole.checked)) });
      const sum = () => {
        const some = own.filter(box => box.checked).length;
        whole.checked = some == own.length;
        whole.indeterminate = some && !whole.checked;
      };
      own.forEach(box => (box.onchange = sum));
      sum();
      head = h("label", {}, whole, head);
    }
    return h("fieldset", {}, h("legend", {}, head), purpose.services_.map((service, at) =>
      h("div", {}, h("label", {}, own[at], service.title_), h("p", {}, service.about_), h("p", {}, service.facts_, " ",
        service.policy_ && h("a", { href: service.policy_ }, "@its_policy")))));
  };
  show(heading(title, "t"), h("p", {}, consequences, " ", link("@cookies", "#detail-trackers")), purposes.map(group),
    three(button("@save", () => answer(boxes.filter(box => box.checked).map(box => box.value)))));
}

// The services that are active, each with a cross that turns it off at once.
function manage() {
  const active = services.filter(on);
  const off = [...stuck].map(service => service.title_).join(", ");
  show(heading(active[0] ? "@active" : "@none_active", "t"),
    signalled() && h("p", {}, "@signal"), !lasting && h("p", {}, "@no_cookies"),
    h("ul", {}, active.map(service => h("li", {}, service.title_, cross(say("@turn_off", service.title_), () => {
      choose(accepted.filter(name => name != service.name_), true);
      manage();
    })))),
    off && h("p", {}, say("@reload_why", off)),
    row(off && button("@reload", () => location.reload()), button("@change", showAll), link("@policy", "")));
}

function drawn() {
  if (question) question.remove();
  question = root.style.scrollPaddingBottom = "";
  if (opener) {
    opener.textContent = signalled() ? "@signal_short" : "@manage";
    opener.hidden = !answered && !signalled();
  }
  if (!answered && !signalled()) ask();
  if (stuck.size || !lasting) manage();
}

export const open = () => (answered || signalled() ? manage() : showAll());

export function start() {
  fill(host.attachShadow({ mode: "open" }), home, dialog);
  root.insertBefore(host, document.body);
  if (place) {
    opener = button("@manage", open, { className: "opener " + place });
    if (place == "end") {
      const box = h("troth-box", { lang: language });
      fill(box.attachShadow({ mode: "open" }), opener);
      document.body.append(box);
    } else home.replaceWith((home = opener));
  }
  whenChanged(drawn);
  drawn();
}
