"""What a person may correct, with what stands there now: one entry for each field and each value in it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from math import isfinite
from typing import Any, Literal

from troth.core.errors import StoreError
from troth.core.evidence.canonical import canonical
from troth.core.ports import ColumnFacts, Family, Want
from troth.core.query import all_of
from troth.core.rights.access import SECRETS, Column, Reading, plan_access
from troth.core.rights.erase import identify
from troth.core.rights.fitting import approximate, family_of, is_day
from troth.core.rights.identity import Decisions, Subject
from troth.core.rights.rectify import linked_columns, standing
from troth.core.rights.session import Opened, Session
from troth.core.vocabulary import falls_under
from troth.desk.holdings import names_picture
from troth.desk.house import House, stores
from troth.desk.newest import first_rows
from troth.desk.particulars import Replaced
from troth.package import labels
from troth.package.html_meaning import is_nothing
from troth.package.html_names import Namer, distinct
from troth.publishing.words import AUTONYMS

ROWS = 200
"""Rows of one collection that are looked through."""
VALUES = 20
"""Different values of one field that can be corrected here."""

Kind = Literal["line", "lines", "day", "choice"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One value as it stands now. ``name`` is that of its place in the form and changes with the value; ``label`` is
    plain text; ``options`` are (code, words) of a choice; ``longest`` in characters, 0 where nothing limits it;
    ``family`` is what the column takes; ``identifies``: the person is found by it."""

    name: str
    field: str
    label: str
    now: str
    instead_of: tuple[str | None, ...]
    kind: Kind
    options: tuple[tuple[str, str], ...]
    longest: int
    required: bool
    family: Family = "text"
    identifies: bool = False
    category: str = ""

    def corrected(self, value: str) -> Replaced:
        """The value that is to stand there instead."""
        return Replaced(self.field, value, self.instead_of)


@dataclass(frozen=True, slots=True)
class Group:
    """One collection: ``title`` is finished markup, ``purposes`` are titles. ``more``: not every value is here."""

    name: str
    title: str
    purposes: tuple[str, ...]
    entries: tuple[Entry, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class Correctable:
    """The whole. ``away``: a store did not answer, and what lies there is not among it."""

    groups: tuple[Group, ...]
    away: bool

    @property
    def entries(self) -> dict[str, Entry]:
        """Every entry by its name."""
        return {one.name: one for group in self.groups for one in group.entries}


def correctable(
    house: House, identifiers: tuple[tuple[str, str], ...], language: str, now: datetime
) -> Correctable:  # fmt: skip
    """What whoever has these verified identifiers gave and may correct. What belongs to somebody else too is not shown,
    nor are secrets, keys, what the database makes itself, and lists of which no single value can be named."""
    with stores(house.policy, now, hurried=True) as session:
        identity = identify(session, Subject(identifiers), Decisions(), house.records)
        plan = plan_access(session, identity, Decisions(), "access")
        away = {*identity.unreachable, *session.unreachable}
        found: list[Group] = []
        drawing = _Drawing(house, language)
        for reading in plan.readings:
            if reading.place[0] not in session.stores:
                continue  # the sealed archive is closed to everybody
            try:
                found.append(drawing.group(session, reading))
            except StoreError:
                away.add(reading.place[0])
    return Correctable(tuple(_joined(group for group in found if group.entries)), bool(away))


def _joined(groups: Iterable[Group]) -> list[Group]:
    """Kinds of rows of one table, which share its title, are one group; two entries of one label are told apart."""
    found: dict[str, Group] = {}
    for group in groups:
        same = found.setdefault(group.title, group)
        if same is not group:
            purposes = tuple(dict.fromkeys((*same.purposes, *group.purposes)))
            entries = (*same.entries, *group.entries)
            found[group.title] = Group(same.name, same.title, purposes, entries, same.more or group.more)
    return [_told_apart(group) for group in found.values()]


def _told_apart(group: Group) -> Group:
    names = distinct([one.label for one in group.entries])
    return replace(
        group, entries=tuple(replace(one, label=name) for one, name in zip(group.entries, names, strict=True))
    )


class _Drawing:
    """One language."""

    def __init__(self, house: House, language: str) -> None:
        self._policy, self._language = house.policy, "fr" if language.startswith("fr") else "en"
        self._namer = Namer(house.policy, self._language)

    def group(self, session: Session, reading: Reading) -> Group:
        """The values of one collection's rows."""
        opened = session.stores[reading.place[0]]
        facts = opened.facts.tables[reading.place[1]]
        linked = linked_columns(opened, reading.collection)
        given = [
            (column, facts.columns[column.field.column]) for column in reading.columns
            if column.field is not None and _may_be(column, facts.columns, facts.key)
        ]  # fmt: skip
        wanted = [(column, about) for column, about in given if about.name not in linked]
        store, name = reading.place
        title = self._namer.table(store, name)
        if not wanted:
            return Group(name, title, (), (), more=False)
        rows = first_rows(session, reading, [column.name for column, _ in wanted], ROWS + 1)
        entries: list[Entry] = []
        more, engine = len(rows) > ROWS or len(wanted) < len(given), opened.facts.engine
        for column, about in wanted:
            there = _values(rows, column)
            values = [one for one in there if not names_picture(column.field, one[0])]
            offered = _found_again(opened, reading, column, about, values[:VALUES])
            more = more or len(there) > len(offered) or any(_unsayable(row[column.name]) for row in rows)
            label = self._namer.column_label(reading, column)
            family = "text" if column.field is not None and column.field.within else family_of(engine, about)
            entries += [self._entry(reading, column, about, label, one, family) for one in offered]
        served = {p for column, _ in wanted if column.field is not None for p in column.field.purposes}
        purposes = tuple(self._title(purpose) for purpose in self._policy.purposes if purpose in served)
        return Group(name, title, purposes, tuple(entries), more)

    def _title(self, purpose: str) -> str:
        titles = self._policy.purposes[purpose].title
        return titles.get(self._language) or next(iter(titles.values()))

    def _entry(
        self, reading: Reading, column: Column, about: ColumnFacts, label: str, values: tuple[str | None, ...],
        family: Family,
    ) -> Entry:  # fmt: skip
        assert column.field is not None  # noqa: S101  the caller has looked
        field = f"{reading.place[0]}.{reading.place[1]}.{column.name}"
        now = next((value for value in values if value is not None and not is_nothing(value)), "")
        options = self._options(column, now)
        kind: Kind = "choice" if options else _kind(now, about)
        return Entry(
            f"v-{hashlib.sha256(canonical([field, [*values]])).hexdigest()[:20]}", field,
            label[:1].upper() + label[1:], now, values, kind, options, about.length or 0,
            not about.nullable or column.field.within is not None, family,
            column.field.column in {one.column for one in reading.collection.identifiers}, column.field.category,
        )  # fmt: skip

    def _options(self, column: Column, now: str) -> tuple[tuple[str, str], ...]:
        """Codes and what they mean, where what stands there is one of them."""
        assert column.field is not None  # noqa: S101  as above
        known: Mapping[str, str] = {
            code: words.get(self._language) or next(iter(words.values()))
            for code, words in column.field.values.items()
        }  # fmt: skip
        if not known and column.field.category == "Country" and now in labels.COUNTRIES:
            known = {code: labels.country(code, self._language) for code in labels.COUNTRIES}
        if not known and column.field.category == "Language" and now in AUTONYMS:
            known = AUTONYMS
        if not known or now not in known:
            return ()
        return tuple(sorted(known.items(), key=lambda pair: pair[1]))


def _may_be(column: Column, columns: Mapping[str, ColumnFacts], key: tuple[str, ...]) -> bool:
    """Whether the person gave it and the engine could write it."""
    field = column.field
    if field is None or field.given != "given" or not field.export or falls_under(field.category, SECRETS):
        return False
    about = columns.get(field.column)
    if about is None or about.generated or about.always_identity or field.column in key or about.family == "binary":
        return False
    return field.within is None or "*" not in field.within.path


def _values(rows: list[Mapping[str, Any]], column: Column) -> list[tuple[str | None, ...]]:
    """The different values, each as texts that mean the same; what says nothing comes last, all of it together, and not
    at all inside a structure, where nothing can be added."""
    said: dict[str, None] = {}
    nothing: dict[str | None, None] = {}
    for row in rows:
        raw = row[column.name]
        if is_nothing(raw):
            nothing[raw] = None
        elif not _unsayable(raw):
            said[f"{raw:f}" if isinstance(raw, Decimal) else str(raw)] = None
    found: list[tuple[str | None, ...]] = [(value,) for value in said]
    within = column.field is not None and column.field.within is not None
    return found if within or not nothing else [*found, tuple(nothing)]


def _unsayable(raw: object) -> bool:
    """Whether a value has no spelling of its own by which it could be typed and found again."""
    if raw is None or isinstance(raw, bool | datetime):
        return raw is not None
    if isinstance(raw, float | Decimal):
        return not isfinite(raw)
    return not isinstance(raw, str | int | date)


def _found_again(
    opened: Opened, reading: Reading, column: Column, about: ColumnFacts, values: list[tuple[str | None, ...]]
) -> list[tuple[str | None, ...]]:  # fmt: skip
    """Without fractions that the store does not find by how they are spelt. Raises StoreError."""
    if about.family != "number" or column.field is None or column.field.within is not None:
        return values
    if approximate(opened.facts.engine, about):
        return []
    wants = [Want(reading.place[1], all_of(reading.where, standing(column.field, one))) for one in values]
    counts = opened.connector.count(wants) if wants else []
    return [one for one, count in zip(values, counts, strict=True) if count.rows]


def _kind(now: str, about: ColumnFacts) -> Kind:
    if "\n" in now or "\r" in now or len(now) > 80:
        return "lines"
    return "day" if about.family == "date" and (not now or is_day(now)) else "line"
