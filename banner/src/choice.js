// The value of the cookie, `1.<day>.<mark>[.<service>…]`: as `core/consent/choice.py` reads and writes it.
// tests/vectors/consent holds both to it.

// The services accepted, or nothing where no choice still counts. `today` is in days since 1970.
export function read(value, mark, days, today) {
  const [, day, asked, names] =
    /^1\.([0-9a-z]{1,5})\.([0-9a-f]{8})((?:\.[A-Za-z][\w-]*)*)$/.exec(value) || [];
  const age = today - parseInt(day, 36);
  const accepted = (names || "").split(".").slice(1);
  if (asked == mark && age >= -1 && age < days && new Set(accepted).size == accepted.length) return accepted;
}

export const write = (accepted, mark, today) => ["1", today.toString(36), mark, ...accepted].join(".");
