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

// The services accepted; nothing where no choice counts.
export function kept() {
  for (const [name, value] of cookies()) {
    const found = name == cookie && read(value, mark, days, today());
    if (found) return found;
  }
}

// Keep a choice, or forget it where none is given; whether the browser did.
export function keep(accepted) {
  if (domain) put(cookie, "", 0); // one of this host alone would hide the shared one
  if (!accepted) return put(cookie, "", 0, "", domain);
  put(cookie, write(accepted, mark, today()), days * 86400, "", domain);
  return !!kept();
}
