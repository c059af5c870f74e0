"""Looking at a database nobody has described: the schema, samples, what they say, what hangs on whom."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from troth.core.discover.drafting import Seen, drafted
from troth.core.discover.inclusion import Asking
from troth.core.discover.key_values import key_and_value, key_value_guess
from troth.core.discover.link_index import is_real
from troth.core.discover.link_names import is_about, words_of
from troth.core.discover.link_words import CUSTOMER_WORDS, USER_WORDS
from troth.core.discover.links import LinkFinder
from troth.core.discover.model import (
    Catalogue,
    Draft,
    FieldGuess,
    KeyValueGuess,
    LinkGuess,
    Profile,
    Source,
    Table,
    Trouble,
)
from troth.core.discover.pacing import Paced
from troth.core.discover.people import Reading, people_scores

Progress = Callable[[str, int, int], None]
"""Told of each step: its name (``schema``, ``tables``, ``links``), how many are done, of how many."""


class Classify(Protocol):
    """Judges a table by itself."""

    def __call__(self, table: Table, profiles: Mapping[str, Profile], catalogue: Catalogue) -> Reading:
        """What was read off the table."""


_OF_LINKS = frozenset({"UID", "IndividualProfile"})
"""What a text that leads to another row is taken for as long as that is not known."""
_LEFT_BY_PROFILES = 0.4
_LEFT_BY_NAMES = 0.3
_LEFT_BY_KEYS = 0.2
_LEFT_BY_LINKS = 0.05
"""Shares of the time that are left when samples, judging by names, keys and values, and links have had theirs."""


def discover(
    source: Source, name: str, *, progress: Progress | None = None, classify: Classify | None = None, spare: float = 0.0
) -> Draft:
    """Look at a database and draft what a policy would say of it. Nothing is changed and no value is kept.

    ``name`` is what the store will be called; ``spare``: seconds of the source's time to leave for other questions.
    What could not be seen is in the draft's ``troubles``; nothing is raised for one table's sake.
    """
    if classify is None:
        from troth.core.discover.classify import classify as judge_by_rules

        classify = judge_by_rules
    tell = progress or (lambda step, done, total: None)
    tell("schema", 0, 1)
    catalogue = source.catalogue()
    tell("schema", 1, 1)
    look = _Look(Paced(source, spare), catalogue, classify)
    look.at_samples(tell)
    look.at_names()
    look.at_keys()
    look.paced.leave(_LEFT_BY_LINKS)
    people = people_scores(catalogue, look.readings)
    asking = Asking(look.paced)
    tell("links", 0, 1)
    fields = {n: r.fields for n, r in look.readings.items()}
    finder = LinkFinder(catalogue, look.profiles, fields, people, asking)
    links = finder.all()
    look.at_links(finder.leading())
    look.without_links(links)
    tell("links", 1, 1)
    seen = Seen(
        store=name,
        catalogue=catalogue,
        profiles=look.profiles,
        readings=look.readings,
        people=people,
        index=finder.index,
        links=links,
        key_values=look.key_values,
        troubles=_once([*catalogue.troubles, *look.troubles, *asking.troubles]),
    )
    return drafted(seen)


@dataclass
class _Look:
    """What is found out about each table by itself, the likeliest to be about people first."""

    paced: Paced
    catalogue: Catalogue
    classify: Classify
    profiles: dict[str, Mapping[str, Profile]] = field(default_factory=dict)
    readings: dict[str, Reading] = field(default_factory=dict)
    key_values: dict[str, KeyValueGuess] = field(default_factory=dict)
    troubles: list[Trouble] = field(default_factory=list)

    def at_samples(self, tell: Progress) -> None:
        """Samples of all tables, until their share of the time is used up."""
        self.paced.leave(_LEFT_BY_PROFILES)
        tables = sorted((t for t in self.catalogue.tables if is_real(t) and t.readable), key=_interest, reverse=True)
        for done, table in enumerate(tables):
            if self.paced.over:
                self._left_out("names_only", len(tables) - done, len(tables), "were judged by their names only")
                return
            self.profiles[table.qualified], told = self.paced.profiles(table)
            self.troubles += told
            self._judge(table)
            tell("tables", done + 1, len(tables))

    def at_names(self) -> None:
        """What is not judged yet, by names alone."""
        self.paced.leave(_LEFT_BY_NAMES)
        tables = [t for t in self.catalogue.tables if t.qualified not in self.readings]
        tables.sort(key=_interest, reverse=True)
        for done, table in enumerate(tables):
            if self.paced.over:
                self._left_out("not_judged", len(tables) - done, len(self.catalogue.tables), "were not looked at")
                return
            self._judge(table)

    def at_keys(self) -> None:
        """What stands under the keys of key/value tables."""
        self.paced.leave(_LEFT_BY_KEYS)
        tables = [t for t in self.catalogue.tables if is_real(t)]
        for table in tables:
            profiles = self.profiles.get(table.qualified, {})
            if self.paced.over and key_and_value(table, profiles) is not None:
                message = f"{table.qualified}: what its keys stand for was not looked at"
                self.troubles.append(Trouble("budget", message, table.qualified))
                continue
            guess, told = key_value_guess(table, profiles, self.paced, self._judge_keys)
            self.troubles += told
            if guess is not None:
                self.key_values[table.qualified] = guess

    def _judge(self, table: Table) -> None:
        profiles = self.profiles.get(table.qualified, {})
        self.readings[table.qualified] = self.classify(table, profiles, self.catalogue)

    def at_links(self, leading: Iterable[str]) -> None:
        """Again what turned out to hang on people: there a bare word says more."""
        from troth.core.discover.classify import TableReading
        from troth.core.discover.classify import classify as judge

        for name in leading:
            reading, table = self.readings.get(name), self.catalogue.table(name)
            if table is not None and isinstance(reading, TableReading) and not reading.linked:
                profiles = self.profiles.get(name, {})
                self.readings[name] = judge(table, profiles, self.catalogue, linked=True)

    def without_links(self, links: Mapping[str, Sequence[LinkGuess]]) -> None:
        """A text that leads to another row is no fact of its own about the person."""
        from troth.core.discover.classify import TableReading

        for name, found in links.items():
            reading = self.readings.get(name)
            leading = {ours for link in found for ours, _ in link.columns}
            if isinstance(reading, TableReading):
                kept = tuple(f for f in reading.fields if f.column not in leading or f.category not in _OF_LINKS)
                self.readings[name] = replace(reading, fields=kept)

    def _judge_keys(self, table: Table, keyed: Mapping[str, Profile]) -> Sequence[FieldGuess]:
        from troth.core.discover.classify import classify_keys

        return classify_keys(table, keyed, self.catalogue)

    def _left_out(self, code: str, count: int, of: int, what: str) -> None:
        self.troubles.append(Trouble(code, f"{count} of {of} tables {what}: the time was used up"))


_TELLING = ("mail", "phone", "tel", "name", "address", "adresse", "birth", "naiss", "ip", "user", "customer", "client")
"""Parts of columns' names that make a table worth looking at early."""


def _interest(table: Table) -> tuple[float, int]:
    words = words_of(table.name)
    score = 2.0 if is_about(words, USER_WORDS | CUSTOMER_WORDS) else 0.0
    score += min(2.0, 0.5 * sum(any(t in c.name.lower() for t in _TELLING) for c in table.columns))
    return score, table.rows or 0


def _once(troubles: Sequence[Trouble]) -> tuple[Trouble, ...]:
    return tuple(dict.fromkeys(troubles))
