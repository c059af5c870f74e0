// Where a server lets the browser enforce choices, a page keeps the Content-Security-Policy with which it was sent: what
// is let in later comes with the next page. For "once" that page is asked for with a cookie of its own, which ends by
// itself within seconds and says nothing of what was chosen.
import { cookie, mark, names } from "./data.js";
import { cookies, put } from "./jar.js";

const LOAN = cookie + "_once";
const said = name => `1.${mark}.${name}`;

// The service that was lent to this page, in a list; the page after it has nothing.
export function lent() {
  const found = names.filter(name => cookies().some(one => one[0] == LOAN && one[1] == said(name)));
  if (found[0]) put(LOAN, "", 0);
  return found;
}

// Lend this service to the next page.
export const lend = name => put(LOAN, said(name), 20);
