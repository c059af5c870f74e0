"""Answers to the plan's questions: how many rows, which keys (as a digest), until when.

All questions of one plan are answered as of one moment: in one snapshot, or, on MariaDB, where opening one costs
as much as several answers, in a single statement if it can hold them all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ClauseElement, null, select, union_all

from troth.connectors.sql import reading
from troth.connectors.sql.binding import bind, scalar
from troth.connectors.sql.compile import Compiler
from troth.connectors.sql.line import Answer, Line
from troth.connectors.sql.logic import Test
from troth.connectors.sql.resolve import Resolver
from troth.connectors.sql.tables import Place
from troth.core.digest import KeyDigest
from troth.core.ports import Count, Want
from troth.core.query import Expr

Tell = Callable[[], Count]
Asked = list[tuple[str, Expr]]


def counts(compiler: Compiler, line: Line, resolver: Resolver, wants: Sequence[Want]) -> dict[Want, Count]:
    """The answer to each question, each asked once: plans ask some twice, kept for one reason and for another."""
    unique = list(dict.fromkeys(wants))
    if len(unique) < 2:
        return {want: _ask(compiler, line, resolver, want)() for want in unique}
    if line.kind == "mysql" and not any(resolver.must_look(w.collection, w.where) for w in unique):
        merged = _Merged(compiler, unique)
        if merged.possible:
            return merged.counts(line)
    with line.together(), line.snapshot():
        told = [_ask(compiler, line, resolver, want) for want in unique]
        if not line.queues:
            return {want: tell() for want, tell in zip(unique, told, strict=True)}
    return {want: tell() for want, tell in zip(unique, told, strict=True)}


def _ask(compiler: Compiler, line: Line, resolver: Resolver, want: Want) -> Tell:
    """Ask one question; calling what is returned reads the answer."""
    place, run = compiler.places[want.collection], compiler.statements.run
    asked = [(want.collection, resolver.whole(want.collection, want.where))]
    keys = run(compiler, line, asked, "keys", reading.keys_of(place)) if want.digest and place.key else None
    told: Answer | None = None
    if keys is None or want.span is not None:
        told = run(compiler, line, asked, ("count", want.span), reading.counting(place, compiler, want.span))
    # Before another statement on the same connection: SQLite and MariaDB answer one at a time.
    some = keys if keys is None or line.queues else digest_of(keys)
    row = told if told is None or line.queues else told.one()
    return lambda: _count(compiler, want, some, row)


def _count(compiler: Compiler, want: Want, keys: Any, told: Any) -> Count:
    if isinstance(keys, Answer):
        keys = digest_of(keys)
    if isinstance(told, Answer):
        told = told.one()
    if told is None:
        return Count(keys.rows, keys.hexdigest())
    span: list[date | None] = [None, None]
    if want.span is not None:
        span = [compiler.told(want.span, value) for value in told[1:]]
    return Count(int(told[0]), keys.hexdigest() if keys else "", span[0], span[1])


def digest_of(keys: Iterable[Sequence[Any]]) -> KeyDigest:
    """The running digest of keys as a driver tells them."""
    digest = KeyDigest()
    for key in keys:
        plain = len(key) == 1 and type(key[0]) is int
        digest.add(key if plain else [scalar(part) for part in key])
    return digest


def keys_together(
    compiler: Compiler, line: Line, asked: Sequence[tuple[str, Expr]]
) -> list[list[tuple[int, ...]]] | None:
    """The keys of each of these, in order, by one statement. None where keys are not one whole number each."""
    places = [compiler.places[name] for name, _ in asked]
    if not all(has_number(place) for place in places):
        return None

    def build(tests: list[Test]) -> ClauseElement:
        parts = enumerate(zip(places, tests, strict=True))
        return union_all(*(select(bind(i), p.column(p.key[0])).select_from(p.clause).where(t) for i, (p, t) in parts))

    found: list[list[tuple[int, ...]]] = [[] for _ in asked]
    for number, key in compiler.statements.run(compiler, line, asked, "keys together", build):
        found[int(number)].append((int(key),))
    return [sorted(keys) for keys in found]


# --- one statement -----------------------------------------------------------------------------------------


def has_number(place: Place) -> bool:
    """Whether rows are told apart by one whole number."""
    return len(place.key) == 1 and place.facts_of(place.key[0]).family == "integer"


class _Merged:
    """Several questions as one UNION ALL: the question's number, then its keys or its count, and two columns for
    each clock whose range is asked."""

    def __init__(self, compiler: Compiler, wants: Sequence[Want]) -> None:
        self._compiler = compiler
        self._wants = wants
        self._spans = [i for i, want in enumerate(wants) if want.span is not None]
        self.possible = all(self._fits(want) for want in wants)

    def _fits(self, want: Want) -> bool:
        place = self._compiler.places[want.collection]
        return not (want.digest and place.key) or (has_number(place) and want.span is None)

    def counts(self, line: Line) -> dict[Want, Count]:
        """The answers."""
        asked = [(want.collection, want.where) for want in self._wants]
        tag = ("merged", *((want.digest, want.span) for want in self._wants))
        rows: list[list[tuple[Any, ...]]] = [[] for _ in self._wants]
        for row in self._compiler.statements.run(self._compiler, line, asked, tag, self._built):
            rows[int(row[0])].append(row[1:])
        return {want: self._told(i, want, rows[i]) for i, want in enumerate(self._wants)}

    def _told(self, number: int, want: Want, rows: list[tuple[Any, ...]]) -> Count:
        if self._as_keys(want):
            digest = digest_of(row[:1] for row in rows)
            return Count(digest.rows, digest.hexdigest())
        at = 1 + 2 * self._spans.index(number) if want.span is not None else 0
        told = (rows[0][0], *(rows[0][at : at + 2] if want.span is not None else ()))
        return _count(self._compiler, want, None, told)

    def _as_keys(self, want: Want) -> bool:
        return want.digest and bool(self._compiler.places[want.collection].key)

    def _built(self, tests: list[Test]) -> ClauseElement:
        return union_all(*(self._part(i, want, tests[i]) for i, want in enumerate(self._wants)))

    def _part(self, number: int, want: Want, test: Test) -> Any:
        place = self._compiler.places[want.collection]
        numbered = bind(number)
        if self._as_keys(want):
            asked = [place.column(place.key[0]), *(null() for _ in range(2 * len(self._spans)))]
            return select(numbered, *asked).select_from(place.clause).where(test)
        query = reading.counting(place, self._compiler, want.span)([test])
        told = list(query.selected_columns)
        blanks = [[null(), null()] for _ in self._spans]
        if want.span is not None:
            blanks[self._spans.index(number)] = told[1:]
        return query.with_only_columns(numbered, told[0], *(part for pair in blanks for part in pair))
