// What other scripts insert or ask of the hosts of services that were not accepted. It catches elements whose address
// is set by script, markup given to `innerHTML` and its likes, and requests by fetch, XMLHttpRequest and sendBeacon.
// What it cannot catch: docs/reference/banner.md. The Content-Security-Policy does.
import { open, services } from "./data.js";
import { on, once, stopped } from "./state.js";

const ADDRESS = {
  SCRIPT: "src", IFRAME: "src", IMG: "src", LINK: "href", EMBED: "src", OBJECT: "data", VIDEO: "src", AUDIO: "src",
  SOURCE: "src",
};
const GUARDED = Object.entries(ADDRESS).map(([tag, name]) => `${tag}[${name}]`).join();

export const { setAttribute } = Element.prototype;

const bare = pattern => pattern.replace("*", "");
const among = (patterns, host) => patterns.some(pattern => (pattern[0] == "*" ? host.endsWith(bare(pattern)) : host == pattern));

const free = service => on(service) || once.has(service.name_);

// The services to which an address belongs, and its host.
function owners(address) {
  let host;
  try {
    host = new URL(address, document.baseURI).hostname;
  } catch {}
  return [services.filter(({ hosts_ }) => host && host != location.hostname && among(hosts_, host)), host];
}

// The refused service of an address; nothing where an accepted one, or one that needs no consent, has the same host.
function refused(address) {
  const [found, host] = owners(address);
  return !found.some(service => free(service) || among(open, host)) && found[0];
}

// Keep the address for later, as if the page had been written so. Whether it was kept.
function hold(element, name, address) {
  const service = refused(address);
  if (service) {
    setAttribute.call(element, "data-" + name, address);
    setAttribute.call(element, "data-troth", service.name_);
  }
  return service;
}

// Put something before a method or a setter.
function before(object, name, instead) {
  const own = Object.getOwnPropertyDescriptor(object, name);
  const kind = own.set ? "set" : "value";
  const then = own[kind];
  own[kind] = function (...values) {
    return instead(values, () => then.apply(this, values), this);
  };
  Object.defineProperty(object, name, own);
  return then;
}

let inner;

// Markup is read twice only where it names such a host.
const markup = at => (values, go) => {
  const text = "" + values[at];
  if (services.some(service => service.hosts_.some(pattern => text.includes(bare(pattern))))) {
    const inert = document.createElement("template");
    inner.call(inert, text);
    inert.content.querySelectorAll(GUARDED).forEach(element => {
      const name = ADDRESS[element.tagName];
      if (hold(element, name, element.getAttribute(name))) element.removeAttribute(name);
    });
    values[at] = inert.innerHTML;
  }
  return go();
};

export function start() {
  addEventListener("securitypolicyviolation", event => event.disposition == "enforce" && owners(event.blockedURI)[0].filter(free).forEach(stopped));
  const { prototype } = Element;
  for (const tag in ADDRESS) {
    const name = ADDRESS[tag];
    let object = document.createElement(tag);
    while (!Object.hasOwn(object, name)) object = Object.getPrototypeOf(object);
    before(object, name, ([address], go, element) => hold(element, name, address) || go());
  }
  before(prototype, "setAttribute", ([name, address], go, element) =>
    (ADDRESS[element.tagName] == name && hold(element, name, address)) || go());
  inner = before(prototype, "innerHTML", markup(0));
  before(prototype, "outerHTML", markup(0));
  before(prototype, "insertAdjacentHTML", markup(1));
  before(window, "fetch", ([asked], go) => (refused((asked || 0).url || asked) ? Promise.reject(TypeError("troth")) : go()));
  before(Navigator.prototype, "sendBeacon", ([address], go) => !!refused(address) || go());
  before(XMLHttpRequest.prototype, "open", (values, go) => {
    if (refused(values[1])) values[1] = "about:blank"; // fails as a network does
    return go();
  });
}
