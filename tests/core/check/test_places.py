"""Where things stand is told for every path, also for what is not written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.check.world import TODAY, examined
from troth.core.check.run import all_problems
from troth.core.policy.loader import Examined, examine
from troth.core.policy.places import Places

MAIN = """format: 1
include: [more.yaml]
policy: {title: T, version: 2026-01-01, languages: [en, fr], authoritative: en}
publisher:
  name: N
  country: FR
  timezone: Europe/Paris
  privacy_contact: {email: a@example.org}
purposes:
  orders:
    title: T
    basis: contract
    people: customers
    categories: [Name]
    keep: {for: 1 year, after: collected}
"""
MORE = """recipients:
  host: {name: H, role: r, country: IN,
    agreement: 2024-01-01}
consent:
  silence: accept
"""


def loaded() -> Examined:
    return examine(MAIN.encode(), name="policies/troth.yaml", read=lambda path: MORE.encode(), env={}, folder=".")


def where(*path: str | int) -> str:
    places = loaded().places
    assert places is not None
    return str(places.at(path))


def spot(line: int, word: str, text: str = MAIN, file: str = "policies/troth.yaml") -> str:
    """Where a word stands in a line of the file."""
    return f"{file}:{line}:{text.splitlines()[line - 1].index(word) + 1}"


def test_a_single_value_stands_at_itself_and_a_mapping_at_its_key() -> None:
    assert where("publisher", "country") == spot(6, "FR")
    assert where("purposes", "orders") == spot(10, "orders")
    assert where("policy", "languages") == spot(3, "languages")
    assert where("policy", "languages", 1) == spot(3, "fr]")


def test_what_is_not_written_stands_at_the_nearest_thing_around_it() -> None:
    assert where("purposes", "orders", "balance") == where("purposes", "orders")
    assert where("purposes", "orders", "keep", "archive", "for") == where("purposes", "orders", "keep")
    # A single value stands for a list of one.
    assert where("purposes", "orders", "people", 0) == spot(13, "customers")
    assert where("rights", "offered") == "policies/troth.yaml:1:1"


def test_a_missing_section_is_not_looked_for_further_up() -> None:
    # `policy` has a `title`; a section that is missing has none.
    assert where("chapters", "publisher", "name") == where("chapters")


def test_included_files_are_named() -> None:
    assert where("recipients", "host", "country") == spot(2, "IN", MORE, "policies/more.yaml")
    assert where("recipients", "host", "transfer") == spot(2, "host", MORE, "policies/more.yaml")


def test_finds_are_told_in_the_order_of_the_files_with_their_lines() -> None:
    problems = all_problems(loaded(), TODAY)
    assert [p.file for p in problems] == sorted((p.file for p in problems), reverse=True)
    [silence] = [p for p in problems if p.code == "silence_as_consent"]
    assert (silence.file, silence.line, silence.excerpt) == ("policies/more.yaml", 5, "  silence: accept")


def test_a_file_that_cannot_be_read_has_a_first_line() -> None:
    found = examine(b"a: [", name="x.yaml", read=lambda path: b"", env={}, folder=".")
    assert found.document is None
    assert found.places is not None
    assert str(found.places.at(("a",))) == "x.yaml:1:1"
    assert all_problems(found, TODAY) == found.problems


@pytest.mark.slow
@given(st.lists(st.one_of(st.text(max_size=8), st.integers(-3, 9), st.sampled_from(["purposes", "orders", "keep"]))))
def test_every_path_has_a_place(path: list[str | int]) -> None:
    places: Places | None = loaded().places
    assert places is not None
    at = places.at(tuple(path))
    assert at.file in ("policies/troth.yaml", "policies/more.yaml")
    assert at.line >= 1


def test_weak_encryption_and_bare_hashes_cannot_even_be_written() -> None:
    base = {"format": 1, "security": {"tls": "1.1"}, "accounts": {"purpose": "x", "password": {"stored_as": ["md5"]}}}
    found = examined(base)
    assert found.document is None
    messages = " ".join(p.message for p in found.problems)
    assert "'1.1' is not possible here" in messages
    assert "'md5' is not possible here" in messages
