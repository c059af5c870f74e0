"""The page about the rules is made from the rules."""

from __future__ import annotations

import re

import check_reference
from troth.core.check.registry import ROOMS, RULES


def test_the_page_is_up_to_date() -> None:
    page = check_reference.REFERENCE.read_text("utf-8")
    assert page == check_reference.reference_text(), "run: .venv/bin/python tools/check_reference.py"


def test_it_tells_of_every_rule_once_with_severity_law_and_mark() -> None:
    rows = re.findall(r"^\| `(\w+)` \*\*(\w+)\*\* \| (.+) \| (.+) \| ([CST]) \| (|France) \|$",
                      check_reference.reference_text(), re.MULTILINE)  # fmt: skip
    assert [row[0] for row in rows] == list(RULES)
    for code, severity, words, law, _, scope in rows:
        assert severity == RULES[code].severity
        assert "<br>→ " in words
        assert law
        assert (scope == "France") == (RULES[code].scope == "france")


def test_every_subject_has_a_title() -> None:
    assert set(check_reference.TITLES) == set(ROOMS)
