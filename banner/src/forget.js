// Take away what services keep in this browser.
import { matches, near, services, spared } from "./data.js";
import { cookies, domains, put } from "./jar.js";
import { on } from "./state.js";

const HIDDEN = 4; // a cookie that scripts cannot see

const kept = list => list.flatMap(service => service.kept_);

// Under every domain and path for which a page here may have set it.
function expire(name, path, domain) {
  const paths = ["/", path];
  location.pathname.replace(/\//g, (slash, at, whole) => paths.push(whole.slice(0, at), whole.slice(0, at + 1)));
  for (const one of [domain, ...domains()])
    for (const other of paths) put(name, "", 0, other, one);
}

// What an accepted service keeps too is left alone, and so is what needs no consent.
export function forget(off) {
  const shared = [...spared, ...kept(services.filter(on))];
  const each = (storage, list, take) => {
    for (const name of list) {
      const found = pool => pool.find(([pattern, where]) => where == storage && matches(pattern, name));
      if (!found(shared) && found(kept(off))) take(name, ...found(kept(off)).slice(2));
    }
  };
  each(0, cookies().map(([name]) => name), expire);
  for (const storage of [1, 2])
    try {
      const store = storage < 2 ? localStorage : sessionStorage;
      each(storage, Object.keys(store), name => store.removeItem(name));
    } catch {} // denied
  try {
    indexedDB.databases().then(list => each(3, list.map(one => one.name), name => indexedDB.deleteDatabase(name)));
  } catch {}
}

// Cookies that scripts cannot see are taken away by the server.
export function forgetHidden(off) {
  const body = off.filter(service => kept([service]).some(one => one[1] == HIDDEN)).map(service => service.name_).join(" ");
  if (body) fetch(near("consent/forget"), { method: "POST", mode: "no-cors", credentials: "include", body }).catch(() => {});
}
