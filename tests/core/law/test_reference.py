"""The page about the law says what the law is."""

from __future__ import annotations

import law_reference
from troth.core.law.territories import EFTA_EEA, EU


def test_the_page_is_what_the_values_are() -> None:
    assert law_reference.REFERENCE.read_text("utf-8") == law_reference.reference_text(), "run: make docs"


def test_the_page_tells_what_the_values_are_worth() -> None:
    page = law_reference.reference_text()
    assert "not legal advice" in page
    assert "January and February" in page
    assert all(f"\n| {country} | " in page for country in (*EU, *EFTA_EEA))


def test_every_table_is_whole() -> None:
    for block in law_reference.reference_text().split("\n\n"):
        rows = [line.replace("\\|", "") for line in block.splitlines() if line.startswith("|")]
        assert len({row.count("|") for row in rows}) <= 1, rows[:1]
