// What has been chosen, and everything that follows from a choice.
import { asksWhenOff, heedsSignal, names, services } from "./data.js";
import { draw, sleep } from "./blocking.js";
import { forget, forgetHidden } from "./forget.js";
import { lend, lent } from "./enforced.js";
import { keep, kept } from "./jar.js";
import { tell } from "./signals.js";

export const borrowed = lent(); // what was let in once, before the page had to be loaded again for it
export const once = new Set(borrowed); // services that the visitor let in for this page only
export let accepted = kept();
export let answered = !!accepted;
export let lasting = true; // the browser keeps the choice
accepted = accepted || [];

export const running = new Set(); // services of which a program has started
export const stuck = new Set(); // those of them that were turned off: only a reload ends a program

export const on = service => accepted.includes(service.name_);
export const signalled = () => heedsSignal && navigator.globalPrivacyControl && !answered;

// The one place from which a choice leaves this page. Receipts on the server are not there yet: nothing is sent.
export function send() {}

let listener;
export const whenChanged = called => (listener = called);

// Services let in while this page is there: what its Content-Security-Policy stops of them comes with the next one.
const fresh = new Set();

export function letIn(name) {
  once.add(name);
  fresh.add(name);
}

export function stopped({ name_ }) {
  if (!fresh.has(name_)) return; // the server does not let it in: loading again would change nothing
  fresh.clear();
  if (!accepted.includes(name_)) lend(name_);
  location.reload();
}

// `crossed`: by turning services off one by one, not by refusing all of them.
export function choose(wanted, crossed) {
  const list = names.filter(name => wanted.includes(name));
  lasting = crossed && asksWhenOff && !list[0] ? keep() : keep(list);
  send(list);
  list.forEach(name => fresh.add(name));
  become(list);
}

// Another tab, the history or the calendar may have changed what is kept. Nobody is asked again in the middle of a
// page: that waits for the next one.
export function look() {
  const found = kept();
  const list = found || [];
  if (lasting && (found ? !answered || list + "" != accepted : accepted[0])) become(list);
}

function become(list) {
  const off = services.filter(service => on(service) && !list.includes(service.name_));
  accepted = list;
  answered = true;
  for (const service of services) if (on(service)) stuck.delete(service);
  for (const service of off) {
    sleep(service);
    if (running.has(service.name_)) stuck.add(service);
  }
  forget(off);
  forgetHidden(off);
  draw();
  tell();
  listener();
}
