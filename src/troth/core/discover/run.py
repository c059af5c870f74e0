"""Looking at a database nobody has described: the schema, samples, what they say, what hangs on whom."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from troth.core.discover.drafting import Seen, drafted
from troth.core.discover.inclusion import Asking
from troth.core.discover.key_values import key_value_guess
from troth.core.discover.link_index import is_real
from troth.core.discover.link_names import is_about, words_of
from troth.core.discover.link_words import CUSTOMER_WORDS, USER_WORDS
from troth.core.discover.links import LinkFinder
from troth.core.discover.model import Catalogue, Draft, FieldGuess, KeyValueGuess, Profile, Source, Table, Trouble
from troth.core.discover.people import Reading, people_scores

Progress = Callable[[str, int, int], None]
"""Told of each step: its name (``schema``, ``tables``, ``links``), how many are done, of how many."""


class Classify(Protocol):
    """Judges a table by itself."""

    def __call__(self, table: Table, profiles: Mapping[str, Profile], catalogue: Catalogue) -> Reading:
        """What was read off the table."""


def discover(source: Source, name: str, *, progress: Progress | None = None, classify: Classify | None = None) -> Draft:
    """Look at a database and draft what a policy would say of it. Nothing is changed and no value is kept.

    ``name`` is what the store will be called. What could not be seen is in the draft's ``troubles``; nothing is
    raised for one table's sake.
    """
    if classify is None:
        from troth.core.discover.classify import classify as judge_by_rules

        classify = judge_by_rules
    tell = progress or (lambda step, done, total: None)
    tell("schema", 0, 1)
    catalogue = source.catalogue()
    tell("schema", 1, 1)
    profiles, troubles = _profiles(source, catalogue, tell)
    readings = {t.qualified: classify(t, profiles.get(t.qualified, {}), catalogue) for t in catalogue.tables}
    people = people_scores(catalogue, readings)
    asking = Asking(source)
    tell("links", 0, 1)
    finder = LinkFinder(catalogue, profiles, {n: r.fields for n, r in readings.items()}, people, asking)
    links = finder.all()
    key_values, more = _key_values(source, catalogue, profiles)
    tell("links", 1, 1)
    seen = Seen(
        store=name,
        catalogue=catalogue,
        profiles=profiles,
        readings=readings,
        people=people,
        index=finder.index,
        links=links,
        key_values=key_values,
        troubles=_once([*catalogue.troubles, *troubles, *asking.troubles, *more]),
    )
    return drafted(seen)


def _profiles(
    source: Source, catalogue: Catalogue, tell: Progress
) -> tuple[dict[str, Mapping[str, Profile]], list[Trouble]]:
    """Samples of all tables, those likeliest to be about people first, until the budget is used up."""
    found: dict[str, Mapping[str, Profile]] = {}
    troubles: list[Trouble] = []
    tables = sorted((t for t in catalogue.tables if is_real(t) and t.readable), key=_interest, reverse=True)
    for done, table in enumerate(tables):
        if source.remaining_seconds() <= 0:
            left = f"{len(tables) - done} of {len(tables)} tables were judged by their names only"
            troubles.append(Trouble("budget", left))
            break
        found[table.qualified], told = source.profiles(table)
        troubles += told
        tell("tables", done + 1, len(tables))
    return found, troubles


_TELLING = ("mail", "phone", "tel", "name", "address", "adresse", "birth", "naiss", "ip", "user", "customer", "client")
"""Parts of columns' names that make a table worth looking at early."""


def _interest(table: Table) -> tuple[float, int]:
    words = words_of(table.name)
    score = 2.0 if is_about(words, USER_WORDS | CUSTOMER_WORDS) else 0.0
    score += min(2.0, 0.5 * sum(any(t in c.name.lower() for t in _TELLING) for c in table.columns))
    return score, table.rows or 0


def _key_values(
    source: Source, catalogue: Catalogue, profiles: Mapping[str, Mapping[str, Profile]]
) -> tuple[dict[str, KeyValueGuess], list[Trouble]]:
    def judge(table: Table, keyed: Mapping[str, Profile]) -> Sequence[FieldGuess]:
        from troth.core.discover.classify import classify_keys

        return classify_keys(table, keyed, catalogue)

    found: dict[str, KeyValueGuess] = {}
    troubles: list[Trouble] = []
    for table in catalogue.tables:
        if is_real(table) and source.remaining_seconds() > 0:
            guess, told = key_value_guess(table, profiles.get(table.qualified, {}), source, judge)
            troubles += told
            if guess is not None:
                found[table.qualified] = guess
    return found, troubles


def _once(troubles: Sequence[Trouble]) -> tuple[Trouble, ...]:
    return tuple(dict.fromkeys(troubles))
