"""A fact says where it comes from; the one of a given day can be found."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from importlib import import_module

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.core.law import ages, bases, exempt, passwords, periods, transfers
from troth.core.law.facts import CHECKED_ON, MARKS, Fact, in_force

DAYS = st.dates(date(2000, 1, 1), date(2040, 12, 31))
MODULES = (ages, bases, exempt, passwords, periods, transfers)


def facts_in(value: object) -> Iterator[Fact[object]]:
    if isinstance(value, Fact):
        yield value
    elif isinstance(value, dict):
        for below in value.values():
            yield from facts_in(below)
    elif isinstance(value, tuple):
        for below in value:
            yield from facts_in(below)


def all_facts() -> list[tuple[str, Fact[object]]]:
    return [
        (f"{module.__name__.rpartition('.')[2]}.{name}", fact)
        for module in MODULES
        for name, value in vars(module).items()
        if not name.startswith("_")
        for fact in facts_in(value)
    ]


def test_there_are_facts_to_look_at() -> None:
    assert len({name for name, _ in all_facts()}) > 45


@pytest.mark.parametrize(("name", "fact"), all_facts())
def test_every_fact_says_where_it_comes_from_and_what_it_is(name: str, fact: Fact[object]) -> None:
    assert fact.source.strip()
    assert fact.mark in MARKS
    assert fact.checked_on == CHECKED_ON
    assert set(fact.about) == {"en", "fr"}
    assert set(fact.note) in ({"en", "fr"}, set())
    assert not any("'" in text["fr"] for text in (fact.about, fact.note) if text)
    assert fact.valid_from is None or fact.valid_to is None or fact.valid_from <= fact.valid_to


def test_a_change_of_the_law_takes_effect_on_its_day() -> None:
    old = Fact(13, "law", "S", valid_to=date(2023, 12, 31))
    new = Fact(15, "law", "S", valid_from=date(2024, 1, 1))
    assert in_force([new, old], date(2023, 12, 31)) is old
    assert in_force([old, new], date(2024, 1, 1)) is new
    assert in_force([Fact(1, "law", "S", date(2024, 1, 1))], date(2023, 12, 31)) is None


@given(st.lists(st.tuples(DAYS, st.integers(0, 9000)), max_size=6), DAYS)
def test_the_fact_of_a_day_is_the_latest_that_holds(spans: list[tuple[date, int]], as_of: date) -> None:
    facts = [Fact(n, "law", "C", start, start + timedelta(days=long)) for n, (start, long) in enumerate(spans)]
    holding = [f for f in facts if f.valid_from and f.valid_to and f.valid_from <= as_of <= f.valid_to]
    found = in_force(facts, as_of)
    assert (found is None) == (not holding)
    assert found is None or found.valid_from == max(f.valid_from for f in holding if f.valid_from)


@pytest.mark.parametrize("name", ["facts", "calendar", "periods", "authorities"])
def test_the_law_is_loaded_without_the_library_of_holidays(name: str) -> None:
    module = import_module(f"troth.core.law.{name}")
    assert "holidays" not in vars(module)
