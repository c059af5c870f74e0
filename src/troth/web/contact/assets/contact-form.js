/* The contact form's helper: a little arithmetic instead of the question in words, and a word about what happens.
   Without it the form works all the same. It asks nobody anything and remembers nothing. */
(() => {
  "use strict";
  const form = document.querySelector("form[data-nonce]");
  const trouble = document.querySelector("[data-focus]");
  if (trouble) trouble.focus();
  if (!form) return;

  const field = (name) => form.elements.namedItem(name);
  const state = form.querySelector(".state");
  const button = form.querySelector("button[type=submit]");
  const question = form.querySelector("[data-question]");

  let started = false, wanted = false, leaving = false;

  /* SHA-256 (FIPS 180-4) of one block: WebCrypto is not there on pages without TLS, and slow for small texts. */
  const roots = (() => {
    const square = [], cube = [];
    const fraction = (value) => ((value - Math.floor(value)) * 4294967296) | 0;
    for (let n = 2; cube.length < 64; n += 1) {
      let prime = true;
      for (let d = 2; d * d <= n; d += 1) if (n % d === 0) prime = false;
      if (!prime) continue;
      if (square.length < 8) square.push(fraction(Math.sqrt(n)));
      cube.push(fraction(Math.cbrt(n)));
    }
    return { square: Int32Array.from(square), cube: Int32Array.from(cube) };
  })();
  const words = new Int32Array(64);
  const block = new Uint8Array(64);
  const view = new DataView(block.buffer);

  /* The first 32 bits of the digest; more than enough for what is asked. */
  const firstWord = (length) => {
    block.fill(0, length);
    block[length] = 128;
    view.setUint32(60, length * 8);
    for (let i = 0; i < 16; i += 1) words[i] = view.getInt32(i * 4);
    for (let i = 16; i < 64; i += 1) {
      const x = words[i - 15], y = words[i - 2];
      const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
      const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
      words[i] = (words[i - 16] + s0 + words[i - 7] + s1) | 0;
    }
    let [a, b, c, d, e, f, g, h] = roots.square;
    for (let i = 0; i < 64; i += 1) {
      const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const t1 = (h + s1 + ((e & f) ^ (~e & g)) + roots.cube[i] + words[i]) | 0;
      const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g; g = f; f = e; e = (d + t1) | 0; d = c; c = b; b = a; a = (t1 + t2) | 0;
    }
    return (roots.square[0] + a) >>> 0;
  };

  const solve = () => {
    if (started) return;
    started = true;
    const start = form.dataset.nonce + ":";
    for (let i = 0; i < start.length; i += 1) block[i] = start.charCodeAt(i);
    const bits = Number(form.dataset.bits);
    const turns = new MessageChannel();
    let next = 0;
    /* A few milliseconds at a time: typing stays smooth. */
    turns.port1.onmessage = () => {
      const until = performance.now() + 8;
      do {
        for (let i = 0; i < 64; i += 1, next += 1) {
          const digits = String(next);
          for (let j = 0; j < digits.length; j += 1) block[start.length + j] = digits.charCodeAt(j);
          if (firstWord(start.length + digits.length) >>> (32 - bits) === 0) return done(digits);
        }
      } while (performance.now() < until);
      turns.port2.postMessage(0);
      return undefined;
    };
    turns.port2.postMessage(0);
  };

  const done = (proof) => {
    field("troth.proof").value = proof;
    if (wanted) button.click();
  };

  const say = (what) => { state.textContent = what ? state.dataset[what] : ""; };

  form.addEventListener("focusin", solve);
  form.addEventListener("input", solve);
  form.addEventListener("submit", (event) => {
    if (leaving) return event.preventDefault();
    if (!field("troth.proof").value) {
      event.preventDefault();
      wanted = true;
      say("working");
      return solve();
    }
    leaving = true;
    button.setAttribute("aria-disabled", "true");
    return say("sending");
  });
  /* Back from the next page: the browser may show this one as it was. */
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    leaving = wanted = false;
    button.removeAttribute("aria-disabled");
    say("");
  });

  /* Last, so that the question stays where anything above is missing in a browser. */
  question.hidden = true;
  question.disabled = true;
})();
