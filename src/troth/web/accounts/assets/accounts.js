// What makes the pages of accounts easier with scripts. Each of them works without, except passkeys themselves.
"use strict";

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

// --- show and hide a password

for (const input of document.querySelectorAll("input[data-show]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "quiet";
  button.textContent = input.dataset.show;
  button.setAttribute("aria-controls", input.id);
  button.addEventListener("click", () => {
    const shown = input.type === "password";
    input.type = shown ? "text" : "password";
    button.textContent = shown ? input.dataset.hide : input.dataset.show;
  });
  input.closest(".with-button")?.append(button);
  input.form?.addEventListener("submit", () => { input.type = "password"; });
}

// --- how strong a new password is; the server counts in the same way (strength.py) and decides

const KINDS = [[/[a-zà-öø-ÿ]/, 26], [/[A-ZÀ-ÖØ-Þ]/, 26], [/[0-9]/, 10], [/[^a-zà-öø-ÿA-ZÀ-ÖØ-Þ0-9]/, 37]];

function counted(password) {
  const short = password.replace(/(.)\1{2,}/gs, "$1$1").replace(/(.{2,}?)\1+/gs, "$1");
  const signs = Array.from(short, (sign) => sign.codePointAt(0));
  const steps = signs.slice(1).map((sign, at) => sign - signs[at]);
  const even = steps.slice(1).filter((step, at) => step === steps[at] && Math.abs(step) === 1).length;
  return signs.length - even;
}

function share(password, { length, bits, classes }) {
  const kinds = KINDS.filter(([signs]) => signs.test(password));
  const words = new Set(password.toLowerCase().split(/[\s\-_.,;]+/).filter((word) => word.length > 2));
  const long = Array.from(password).length / length;
  if (words.size >= 7) return Math.min(1, long);
  const found = counted(password) * Math.log2(kinds.reduce((sum, [, size]) => sum + size, 0) || 1);
  return Math.min(1, long, Math.round(found) / bits, kinds.length / classes);
}

for (const meter of document.querySelectorAll("[data-meter]")) {
  const input = document.getElementById(meter.dataset.meter);
  const rule = { length: +meter.dataset.length, bits: +meter.dataset.bits, classes: +meter.dataset.classes };
  const bar = meter.querySelector("meter");
  const said = meter.querySelector("output");
  meter.hidden = false;
  input.addEventListener("input", () => {
    const found = share(input.value, rule);
    bar.value = found;
    const word = found >= 1 ? "enough" : found >= 0.7 ? "near" : "weak";
    const next = input.value ? meter.dataset[word] : "";
    if (said.textContent !== next) said.textContent = next;
  });
}

// --- passkeys

function decoded(options) {
  const asked = { ...options.publicKey, challenge: bytes(options.publicKey.challenge) };
  if (asked.user) asked.user = { ...asked.user, id: bytes(asked.user.id) };
  for (const list of ["allowCredentials", "excludeCredentials"]) {
    if (asked[list]) asked[list] = asked[list].map((one) => ({ ...one, id: bytes(one.id) }));
  }
  return { publicKey: asked };
}

function encoded(made) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (made.response[name]) response[name] = text(made.response[name]);
  }
  return JSON.stringify({
    id: made.id, rawId: text(made.rawId), type: made.type, response,
    clientExtensionResults: made.getClientExtensionResults(),
  });
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!window.PublicKeyCredential) continue;
  const part = form.querySelector("[data-script]") || form;
  part.hidden = false;
  const options = JSON.parse(form.dataset.passkey);
  form.addEventListener("submit", async (event) => {
    if (form.elements.passkey.value) return;
    event.preventDefault();
    try {
      const asked = decoded(options);
      const made = asked.publicKey.user ? await navigator.credentials.create(asked) : await navigator.credentials.get(asked);
      form.elements.passkey.value = encoded(made);
      const remember = document.querySelector("input[name=remember]");
      if (remember?.checked && form.elements.remember) form.elements.remember.disabled = false;
      form.requestSubmit();
    } catch (error) {
      form.querySelector("[role=status]").textContent = form.dataset.failed;
    }
  });
}
