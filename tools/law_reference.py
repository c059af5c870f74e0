"""Writes `docs/reference/law.md`: every value of the law that Troth uses, with its source.

Run it after changing anything under `src/troth/core/law`: `.venv/bin/python tools/law_reference.py`; a test tells
when that was forgotten.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from troth.core.law import ages, bases, exempt, passwords, periods, territories, transfers
from troth.core.law.authorities import AUTHORITIES
from troth.core.law.calendar import naive_days_late
from troth.core.law.facts import CHECKED_ON, MARKS, Fact
from troth.core.policy.model import Basis
from troth.core.policy.values import Duration

REFERENCE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "law.md"

Row = Iterable[object]

HEAD = f"""# The law as data

The values of the law that Troth counts with: deadlines, periods, ages, transfers, authorities. They are data in
`src/troth/core/law`, each with its source; this page is made from them by `tools/law_reference.py`. Why they are
kept that way is told in [decision 0011](../decisions/0011-law-as-data.md).

**This is not legal advice.** It is what was found, and how well, on {CHECKED_ON}. Most of what is not European is
French, and some of it is good practice of the French authority (CNIL) rather than statute. Several values are under
reform. Where much depends on one, read its source.

Each value has a **mark**:

| mark | means |
|---|---|
"""

DEADLINES = """
## Deadlines of requests

An answer is due without undue delay and within one month of receipt, or three if the person was told within the
first why it takes longer (GDPR Article 12(3)). The month is counted as Regulation (EEC, Euratom) 1182/71 says:

1. The day of receipt is not counted.
2. The period ends with the same-numbered day of the month; if there is none, with the last day of the month. This
   is the **target**.
3. If that is a Saturday, a Sunday or a national holiday of the publisher's country, it ends with the next working
   day, to its last hour. This is the **limit**.
4. Days spent waiting for what is needed to identify the person are added to the target, before it is moved: the day
   of asking is not counted, the day of the answer is.

National holidays come from the [holidays](https://pypi.org/project/holidays/) library, one year at a time. Holidays
of a region, a canton or a town do not count, so that the limit may be a day earlier there than the law's; it is
never later for that reason. The Commission's yearly list of the Member States' holidays is the better source where
the two differ.
"""

TERRITORIES = """
## Where the GDPR applies as at home

The 30 countries of the European Economic Area. Union law also applies in the French outermost regions (GF, GP, MF,
MQ, RE, YT), which count as France, and in Åland (AX), which counts as Finland. The list was read on a primary text
(`C`), the days and the territories are general knowledge (`T`).
"""


def reference_text() -> str:
    """The content of `docs/reference/law.md`."""
    return "\n".join(
        [
            HEAD + "\n".join(f"| `{mark}` | {text['en']} |" for mark, text in MARKS.items()),
            DEADLINES,
            f"A promise of 30 days can be later than the law for requests received in {_months(naive_days_late())}.",
            *_periods(),
            *_rights(),
            *_trackers(),
            *_passwords(),
            *_ages(),
            TERRITORIES,
            _table("country | from | to", _eea()),
            *_adequacy(),
            *_authorities(),
        ]
    )


def _months(numbers: Iterable[int]) -> str:
    return " and ".join(date(2026, number, 1).strftime("%B") for number in numbers)


def _table(head: str, rows: Iterable[Row]) -> str:
    lines = [f"| {head} |", "|" + "---|" * (head.count("|") + 1)]
    return "\n".join([*lines, *("| " + " | ".join(_cell(value) for value in row) + " |" for row in rows)])


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case tuple():
            return ", ".join(map(str, value))
    return " ".join(str(value).split()).replace("|", "\\|")


def _fact(fact: Fact[Any], value: object | None = None) -> Row:
    what = f"{fact.about['en']} ({fact.note['en']})" if fact.note else fact.about["en"]
    return what, fact.value if value is None else value, fact.source, fact.mark, _validity(fact)


def _validity(fact: Fact[Any]) -> str:
    since = f"from {fact.valid_from}" if fact.valid_from else ""
    until = f"to {fact.valid_to}" if fact.valid_to else ""
    return " ".join(filter(None, (since, until)))


FACTS = "what | value | source | mark | valid"


def _periods() -> Iterable[str]:
    def rows(facts: Mapping[str, Fact[Duration]]) -> Iterable[Row]:
        return (_fact(f, _period(f.value)) for f in facts.values())

    yield "\n## Periods\n\n### In the whole European Economic Area\n"
    yield _table(FACTS, rows(periods.EUROPEAN))
    yield "\n### In France\n\nOther countries have periods of their own, which Troth does not know.\n"
    yield _table(FACTS, rows(periods.FRENCH))


def _period(period: Duration) -> str:
    """In the unit that rules speak in: thirteen months, not a year and a month."""
    if period.months % 12:
        return f"{period.months} month" + "s" * (period.months > 1)
    return str(period) if period != Duration() else "none"


def _rights() -> Iterable[str]:
    rights = ("access", "rectification", "erasure", "restriction", "portability", "objection", "human_review",
              "withdrawal", "complaint")  # fmt: skip
    yield f"\n## Rights by lawful basis\n\nSource: {bases.SOURCE}. The vocabulary leaves human review out for the legal"
    yield "obligation; here it holds for every basis. Objecting to direct marketing is absolute, whatever the basis.\n"
    rows = ((f"`{b}`", *("yes" if r in bases.rights_of(b) else "–" for r in rights)) for b in Basis)
    yield _table(" | ".join(("basis", *(f"`{r}`" for r in rights))), rows)
    for title, reasons in (
        ("Why data must be erased", bases.ERASURE_GROUNDS),
        ("Why it may stay all the same", bases.ERASURE_EXCEPTIONS),
        ("Why data is only stored", bases.RESTRICTION_GROUNDS),
        ("Why an answer takes longer", bases.DELAY_REASONS),
        ("Why a request is refused", bases.REFUSAL_REASONS),
    ):
        yield f"\n### {title}\n"
        yield _table("word | GDPR | meaning | W3C DPV", _reasons(reasons))
    yield "\n### Fees\n"
    yield _table(FACTS, [_fact(bases.FEE)])


def _reasons(reasons: Mapping[Any, bases.Reason]) -> Iterable[Row]:
    return ((f"`{word}`", r.article, r.text["en"], ", ".join(f"`{t}`" for t in r.dpv)) for word, r in reasons.items())


def _trackers() -> Iterable[str]:
    yield "\n## Trackers\n"
    rules = (exempt.SILENCE_IS_REFUSAL, exempt.REFUSING_AS_EASY, exempt.GPC_IS_BINDING, exempt.DESCRIBED)
    yield _table(FACTS, map(_fact, rules))
    yield "\n### Trackers that need no consent\n\nA tracker that serves another purpose as well is not exempt.\n"
    yield _table(
        "kind | what it does | source | mark",
        ((f"`{kind}`", _noted(f), f.source, f.mark) for kind, f in exempt.EXEMPT_KINDS.items()),
    )
    conditions = exempt.AUDIENCE_CONDITIONS
    yield f"\n### Exempt audience measurement\n\nAll must hold ({conditions.source}, `{conditions.mark}`):\n"
    yield "\n".join(f"- `{c.key}`: {c.text['en']}" for c in conditions.value)
    yield f"\nNote: {conditions.note['en']}."


def _noted(fact: Fact[Mapping[str, str]]) -> str:
    return f"{fact.value['en']} ({fact.note['en']})" if fact.note else fact.value["en"]


def _passwords() -> Iterable[str]:
    yield "\n## Passwords\n"
    facts: tuple[Fact[Any], ...] = (
        passwords.BITS_ALONE, passwords.BITS_LIMITED, passwords.BITS_DEVICE, passwords.DEVICE_ATTEMPTS,
        passwords.PASSPHRASE_WORDS, passwords.FORCED_CHANGE, passwords.SALT_BITS, passwords.HASHES,
    )  # fmt: skip
    yield _table(FACTS, map(_fact, facts))
    yield "\nBits are length × log₂(number of signs), rounded. The signs of each class:"
    yield ", ".join(f"`{name}` {count}" for name, count in passwords.CLASSES.items()) + "."


def _ages() -> Iterable[str]:
    yield "\n## Age of digital consent\n\nBelow it a parent consents, or authorises the child (GDPR Article 8).\n"
    rows = [
        (country, f.value, f.source, f.mark, _validity(f), f.note.get("en"))
        for country, series in sorted(ages.DIGITAL_AGES.items())
        for f in series
    ]
    yield _table("country | age | source | mark | valid | note", rows)
    yield "\n" + _table(FACTS, [_fact(ages.JOINT)])


def _eea() -> Iterable[Row]:
    return ((country, since, until) for country, (since, until) in sorted(territories.EEA.items()))


def _adequacy() -> Iterable[str]:
    yield "\n## Adequacy decisions\n\n`full`: any recipient there. `partial`: the condition must be met. `list`: the"
    yield "recipient must stand on the list. For everywhere else another ground of Articles 46 to 49 is needed.\n"
    rows = [
        (c, f"`{f.value.scope}`", f.value.condition.get("en"), f.source, f.mark, _validity(f), f.note.get("en"))
        for c, series in sorted(transfers.ADEQUACY.items())
        for f in series
    ]
    yield _table("country | scope | condition | source | mark | valid | note", rows)


def _authorities() -> Iterable[str]:
    yield "\n## Authorities\n\nNames and pages were read in public directories, not on the authorities' own pages.\n"
    rows = [
        (a.country, f"{a.name}; {a.english}", a.address, a.address_mark, f"[site]({a.website})",
         f"[complaint]({a.complaint})", a.pages_mark, a.note.get("en"))
        for _, a in sorted(AUTHORITIES.items())
    ]  # fmt: skip
    yield _table("country | name | address | mark | site | complaint | mark | note", rows) + "\n"


def main() -> int:
    """Write the file."""
    REFERENCE.write_text(reference_text(), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
