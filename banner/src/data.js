// What the server has compiled of the policy. The order is that of `web/banner/compiling.py`.
export const [
  mark, // of what is asked: a choice made under another mark no longer counts
  cookie, // the name of the cookie that keeps the choice
  domain, // the domain that shares it, or ""
  days, // after which the visitor is asked again
  heedsSignal, // Global Privacy Control is a refusal
  asksWhenOff, // whoever has turned everything off is asked again on the next page
  place, // of the button: "right", "left", "end" of the page, or ""
  language,
  colours, // a style sheet
  title,
  intro,
  consequences,
  spared, // [pattern, storage] of what needs no consent, where a service below keeps something of such a name
  open, // hosts of services that need no consent, where a service below has them too
  free, // services that need no consent
  asked,
] = TROTH;

// Purposes in the policy's order, each with its services.
export const purposes = asked.map(([title_, ...services]) => ({
  title_,
  services_: services.map(([name_, title_, about_, facts_, policy_, box_, hosts_, kept_, signals_]) => ({
    name_, // in the policy, and in `data-troth`
    title_,
    about_, // what it does
    facts_, // company, country, what it keeps and how long
    policy_, // the address of its own privacy policy, or ""
    box_, // what stands in its place until it is accepted, or ""
    hosts_,
    kept_, // [pattern, storage, path, domain]
    signals_, // of Google's Consent Mode
  })),
}));

export const services = purposes.flatMap(purpose => purpose.services_);
export const names = services.map(service => service.name_);

// `*` stands for any letters.
export const matches = (pattern, text) =>
  RegExp(`^${pattern.replace(/[^\w*]/g, "\\$&").replace(/\*/g, ".*")}$`).test(text);

export const say = (words, what) => words.split("{}").join(what);

// Where this script came from: the server that sent it answers there.
const tag = document.currentScript || 0;
export const nonce = tag.nonce || "";
export const near = path => new URL(path, tag.src || location).href;
