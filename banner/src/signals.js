// What the site's own scripts and Google's Consent Mode are told.
import { free, names, services } from "./data.js";
import { accepted, answered, on } from "./state.js";

const used = services.some(service => service.signals_[0]);

function mode(step, granting) {
  const granted = granting.flatMap(service => service.signals_);
  const state = {};
  for (const name of ["ad_storage", "ad_user_data", "ad_personalization", "analytics_storage"])
    state[name] = granted.includes(name) ? "granted" : "denied";
  // Google reads the list of arguments itself, not an array.
  (function () {
    (window.dataLayer = window.dataLayer || []).push(arguments);
  })("consent", step, state);
}

export function start(open) {
  const consent = {
    of: name => free.concat(accepted).includes(name),
    onchange: told => document.addEventListener("troth:consent", event => told(event.detail)),
    open,
  };
  window.troth = Object.assign(window.troth || {}, { consent });
  if (used) {
    mode("default", []);
    if (accepted[0]) mode("update", services.filter(on));
  }
}

export function announce() {
  const refused = names.filter(name => !accepted.includes(name));
  document.dispatchEvent(new CustomEvent("troth:consent", { detail: { answered, accepted: [...accepted], refused } }));
}

export function tell() {
  if (used) mode("update", services.filter(on));
  announce();
}
