"""Writes `docs/reference/check.md`, what `troth check` knows of law and coherence, from the rules themselves.

Run it after changing a rule, `.venv/bin/python tools/check_reference.py`; a test tells when that was forgotten.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from troth.core.check.registry import ROOMS
from troth.core.check.rule import Rule
from troth.core.law.facts import MARKS

ROOT = Path(__file__).resolve().parents[1]
REFERENCE = ROOT / "docs" / "reference" / "check.md"

HEAD = """# What `troth check` knows of the law

`troth check` first looks at the file's structure ([the policy file](policy.md#problems) lists those problems). When
that is sound, the rules on this page look at what the policy says. `troth check --explain CODE` tells of one of them,
with `--lang fr` in French. What they can see and what they cannot is told in
[what check knows](../explanation/what-check-knows.md). This is not legal advice.

| severity | means | exit code |
|---|---|---|
| error | against the law | 1 |
| warning | against what the authority recommends, or a policy that contradicts itself | 0 |
| note | worth knowing; nothing is wrong | 0 |

The numbers, periods and ages are not in the rules: they are [the law as data](law.md), each with its source. The mark
says how far the sources were read, the least read of them counting:

"""

MIDDLE = """
**France** in the last column: French law, or what the French authority recommends. Such a rule is silent for a
publisher in another country, and `national_law_not_known` or `outside_the_union` says so. The others hold in the
whole European Economic Area. `…` stands for what differs from place to place.

In CI, exit code 1 stops a change that is against the law; `troth check --format sarif` writes what code hosts show
beside the changed line.
"""

TABLE = "| code | what is found, and what to write | law | mark | |\n|---|---|---|---|---|"

TITLES = {
    "consent": "Consent", "trackers": "Services and cookies",
    "services": "What is known of services", "words": "What sentences say", "purposes": "Purposes",
    "special": "Data that the law protects more", "retention": "How long", "logs": "Logs",
    "backups": "Backups and lists", "transfers": "Out of the European Economic Area", "locations": "Where data lies",
    "processors": "Processors and clients", "rights": "Rights", "identity": "Who is asking", "children": "Children",
    "decisions": "Breaches and automated decisions", "forms": "Forms", "newsletter": "The newsletter",
    "cards": "Payment cards", "security": "Passwords and headers", "legal_notice": "The legal notice",
    "texts": "The published text",
}  # fmt: skip


def reference_text() -> str:
    """The content of `docs/reference/check.md`."""
    marks = [f"- {mark}: {text['en']};" for mark, text in MARKS.items()]
    parts = [HEAD + "\n".join(marks)[:-1] + ".", MIDDLE]
    for name, room in ROOMS.items():
        rules = [value for value in vars(room).values() if isinstance(value, Rule)]
        parts += [f"## {TITLES[name]}\n", TABLE]
        parts += [_row(rule) for rule in rules] + [""]
    return "\n".join(parts).rstrip() + "\n"


def _row(rule: Rule) -> str:
    message, advice = (_cell(text) for text in rule.in_general("en"))
    only = "France" if rule.scope == "france" else ""
    law = _cell(rule.source_in("en"))
    return f"| `{rule.code}` **{rule.severity}** | {message}<br>→ {advice} | {law} | {rule.mark} | {only} |"


def _cell(text: str) -> str:
    # A pair of backticks around dots alone would be an empty-looking piece of code.
    return re.sub(r"`…`", "…", text).replace("|", "\\|")


def main() -> int:
    """Write the page."""
    REFERENCE.write_text(reference_text(), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
