// Where a server lets the browser enforce choices, a page keeps the Content-Security-Policy with which it was sent: what
// is let in later comes with the next page. For "once", the cookie tells the server so for that page only.
import { keep, kept } from "./jar.js";

const KEY = "troth_once";

// The service that was lent to this page, in a list; the cookie is what it was before.
export function lent() {
  try {
    const [name, before] = JSON.parse(sessionStorage[KEY]);
    delete sessionStorage[KEY];
    keep(before);
    return [name];
  } catch {
    return []; // as nearly always
  }
}

// Load the page again, with this service lent to it.
export function lend(name, accepted) {
  try {
    sessionStorage[KEY] = JSON.stringify([name, kept()]);
    keep([...accepted, name]);
  } catch {} // storage denied
}
