// Where the choice is kept: one cookie, and nothing where the browser keeps none.
import { cookie, days, domain, mark } from "./data.js";
import { read, write } from "./choice.js";

const today = () => Math.floor(Date.now() / 864e5);

export function cookies() {
  try {
    return document.cookie.split("; ").map(one => one.split("="));
  } catch {
    return []; // a sandboxed page
  }
}

export function put(name, value, seconds, path, domain) {
  try {
    document.cookie =
      `${name}=${value};path=${path || "/"};max-age=${seconds};samesite=lax` +
      (domain ? ";domain=" + domain : "") +
      (location.protocol == "https:" ? ";secure" : "");
  } catch {}
}

// The domains for which a page here may set a cookie; the first is this host alone.
export const domains = () => ["", ...location.hostname.split(".").map((part, at, parts) => parts.slice(at).join("."))];

// The services accepted; nothing where no choice counts, as where two cookies contradict each other.
export function kept() {
  const [value, other] = new Set(cookies().filter(one => one[0] == cookie).map(one => one[1]));
  if (other == null) return read(value, mark, days, today());
}

// Keep a choice, or forget it where none is given; whether the browser did.
export function keep(accepted) {
  for (const one of domains()) if (one != domain || !accepted) put(cookie, "", 0, "", one); // it would hide the one of now
  if (accepted) put(cookie, write(accepted, mark, today()), days * 86400, "", domain);
  return !accepted == !kept();
}
