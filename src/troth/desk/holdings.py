"""What is held about a person, live from the stores, purpose by purpose, for the person to read."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from troth.core.errors import StoreError
from troth.core.policy.model import Field
from troth.core.rights.access import AccessPlan, Column, Reading, plan_access
from troth.core.rights.erase import identify
from troth.core.rights.identity import Decisions, Identity, Subject
from troth.core.rights.information import PurposeInformation, inform
from troth.core.rights.lapsed import Lapsed, lapsed_holds
from troth.core.rights.session import Session
from troth.core.vocabulary import falls_under
from troth.desk import gathered, lasting
from troth.desk.gathered import Sheet
from troth.desk.house import House, stores
from troth.desk.kinds import kinds_held, stands
from troth.desk.leftover import Leftover, in_words, leftovers
from troth.desk.newest import newest_rows
from troth.package import labels, locale
from troth.package.html_cells import escape, foldable, show
from troth.package.html_meaning import coded, is_nothing, meant, told
from troth.package.html_names import Namer, distinct, humanised
from troth.package.values import Plain, plain
from troth.publishing.words import AUTONYMS
from troth.web.wording import Words

_PICTURE = re.compile(r"[^\s?#]{1,1000}\.(?:jpe?g|png|gif|webp|avif|svg|bmp|heic|tiff?)", re.IGNORECASE)
SHOWN = 10
"""Rows of one collection; the package has them all."""
_BESIDE = ("other", "event", "state")
"""Roles of columns that tell rows apart: when, in which state, under which number."""
_COLUMNS, _CELL = 4, 60
"""Such columns that are shown beside the data of a row, and characters of one of their values."""


_BROWSERS = (
    ("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"),
)  # fmt: skip
_SYSTEMS = (
    ("Windows", "Windows"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"), ("Linux", "Linux"),
)  # fmt: skip
"""Signs in a ``User-Agent``, the more telling first."""
_SIGNS = {
    "number": frozenset(("reference", "ref", "number", "numero", "no", "nr")),
    "state": frozenset(("status", "state", "statut", "etat")),
    "date": frozenset(("date", "at", "on", "created", "opened")),
}
"""Words in the names of such columns that say what they hold."""


@dataclass(frozen=True, slots=True)
class Table:
    """Some rows of one collection, each a cell under its head after the other. ``title`` and the cells are finished
    markup; a value that no row has is no column."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[tuple[str, str], ...], ...]
    more: bool


@dataclass(frozen=True, slots=True)
class Held:
    """What one purpose uses."""

    name: str
    title: str
    why: str
    kept: str
    holds: tuple[str, ...]
    recipients: tuple[str, ...]
    rights: tuple[str, ...]
    tables: tuple[Table, ...]
    since: str = ""
    """The earliest day on which any of it was collected; empty where that is not told."""
    until: str = ""
    """When this use of it ends, as a sentence; empty where that cannot be reckoned."""


@dataclass(frozen=True, slots=True)
class Holdings:
    """The whole. ``waiting``: rows that a human has to decide about before anybody is shown them; ``away``: stores
    that did not answer."""

    purposes: tuple[Held, ...]
    waiting: int
    away: tuple[str, ...]
    places: frozenset[tuple[str, str]] = frozenset()
    """(store, collection) of what was found."""
    sheets: tuple[Sheet, ...] = ()
    """The same data place by place, whatever it is used for."""
    kinds: frozenset[str] = frozenset()
    """The categories of what was found."""

    @property
    def nothing(self) -> bool:
        """Nothing is known of the person."""
        return not self.purposes and not self.away and not self.waiting


def holdings(house: House, identifiers: tuple[tuple[str, str], ...], language: str, now: datetime) -> Holdings:
    """What is held about whoever has these verified identifiers. What belongs to somebody else too is not shown."""
    with stores(house.policy, now, hurried=True) as session:
        identity = identify(session, Subject(identifiers), Decisions(), house.records)
        plan = plan_access(session, identity, Decisions(), "access")
        away = {*identity.unreachable, *session.unreachable}
        found: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
        for reading in plan.readings:
            try:
                names = [column.name for column in reading.columns]
                found[reading.place] = newest_rows(session, reading, names, SHOWN + 1)
            except StoreError:
                away.add(reading.place[0])
        readings = [reading for reading in plan.readings if found.get(reading.place)]
        information = inform(house.policy, readings, session.as_of, lapsed=_lapsed(session, readings))
        by_place = {reading.place: reading for reading in readings}
        drawing = _Drawing(house, language, by_place, found)
        waiting = sum(entry.rows for entry in plan.left_out if entry.reason in ("shared", "unverified", "too_many"))
        lasts = _lasting(session, identity, plan, information.purposes, away)
        erased = leftovers(house, session, identifiers, readings, found, now)
        erased = {use: one for use, one in erased.items() if use in lasts and not lasts[use].running}
        purposes = tuple(
            drawing.lasted(drawing.held(said), lasts.get(said.name, lasting.Lasts()), session.as_of)
            if said.name not in erased else drawing.left(drawing.held(said), erased[said.name], information.purposes)
            for said in information.purposes
        )  # fmt: skip
        return Holdings(
            purposes, waiting, tuple(sorted(away)), frozenset(by_place), drawing.sheets(), kinds_held(by_place, found)
        )


def _lasting(
    session: Session, identity: Identity, plan: AccessPlan, said: Sequence[PurposeInformation], away: set[str]
) -> dict[str, lasting.Lasts]:  # fmt: skip
    """Since when and until when, by use; nothing of one of which a store cannot answer that."""
    uses = [session.policy.purposes[one.name] for one in said]
    try:
        return lasting.lasting(session, identity, plan, uses, away)
    except StoreError:
        found: dict[str, lasting.Lasts] = {}
    for use in uses:
        with suppress(StoreError):
            found |= lasting.lasting(session, identity, plan, [use], away)
    return found


def _lapsed(session: Session, readings: Sequence[Reading]) -> Lapsed | None:
    try:
        return lapsed_holds(session, readings)
    except StoreError:
        return None


def browser_named(raw: str) -> str:
    """The browser and the system that a ``User-Agent`` names, as people call them; empty where it is none of the usual
    ones. The package has it whole."""
    named = [next((name for sign, name in known if sign in raw), "") for known in (_BROWSERS, _SYSTEMS)]
    return ", ".join(named) if all(named) else ""


def names_picture(field: Field | None, raw: object) -> bool:
    """Whether a value is only the name under which the publisher's software keeps a picture: it says nothing to the
    person, and is nothing that they could correct."""
    named = field is not None and isinstance(raw, str) and _PICTURE.fullmatch(raw.strip())
    return bool(named) and field is not None and falls_under(field.category, "Picture")


class _Drawing:
    """One language."""

    def __init__(
        self, house: House, language: str, readings: Mapping[tuple[str, str], Reading],
        rows: Mapping[tuple[str, str], list[Mapping[str, Any]]],
    ) -> None:  # fmt: skip
        self._house, self._language = house, "fr" if language.startswith("fr") else "en"
        self._namer = Namer(house.policy, self._language)
        self._readings, self._rows = readings, rows

    def held(self, said: PurposeInformation) -> Held:
        document = self._house.policy.document
        title = said.title.get(self._language) or next(iter(said.title.values()))
        recipients = tuple(
            f"{document.recipients[name].name}, {labels.country(document.recipients[name].country, self._language)}"
            for name in said.recipients
        )
        found = (self._table(reading, said.name) for reading in self._readings.values())
        tables = self._joined([table for table in found if table is not None])
        return Held(
            said.name, title, said.basis_in_words[self._language], said.retention[self._language],
            tuple(hold[self._language] for hold in said.holds), recipients, said.rights, tables,
        )  # fmt: skip

    def lasted(self, held: Held, lasts: lasting.Lasts, today: date) -> Held:
        """With its days, in words."""
        since = locale.day(lasts.since, self._language) if lasts.since is not None else ""
        return replace(held, since=since, until=self.until(lasts.ends, today))

    def left(self, held: Held, one: Leftover, uses: Sequence[PurposeInformation]) -> Held:
        """With what keeps the rest of what was erased already; the policy's rule is over for it, and so are holds."""
        titles = {use.name: use.title.get(self._language) or next(iter(use.title.values())) for use in uses}
        return replace(held, kept=in_words(self._house, one, titles, self._language))

    def until(self, found: lasting.Ends | None, today: date) -> str:
        """In words. What was due already goes when the publisher's databases are cleared the next time."""
        if found is None:
            return ""
        words = Words("portal", self._language)
        first, last = (locale.day(one, self._language) for one in (found.first, found.last))
        if found.last < today:
            name = "h_until_over"
        else:
            name = "h_until_one" if first == last else "h_until_some" if found.first < today else "h_until_span"
        if found.archive is None:
            return words.say(name, first=first, last=last)
        return words.say(f"{name}_archive", first=first, last=last, archive=locale.day(found.archive, self._language))

    def _joined(self, tables: list[tuple[Reading, Table]]) -> tuple[Table, ...]:
        """Keys of one key/value table, each with a single row, are one row of several columns."""
        found: dict[str, Table] = {}
        for reading, table in tables:
            title = self._namer.table(*reading.place)
            before = found.get(title)
            if before is None or len(before.rows) > 1 or len(table.rows) > 1:
                found[table.title if before is not None else title] = table
                continue
            cells = [*before.rows[0], *table.rows[0]]
            heads = distinct([_bare(head) for head, _ in cells])
            row = tuple((head, cell) for head, (_, cell) in zip(heads, cells, strict=True))
            found[title] = Table(title, heads, (row,), before.more or table.more)
        return tuple(found.values())

    def sheets(self) -> tuple[Sheet, ...]:
        """Each place with every field that serves any use and that some row has."""
        titles = [self._namer.table(*place) for place in self._readings]
        return tuple(
            sheet
            for place, reading in self._readings.items()
            if (sheet := self._sheet(reading, titles.count(self._namer.table(*place)) > 1)) is not None
        )

    def _sheet(self, reading: Reading, shared: bool) -> Sheet | None:
        """``shared``: another place has the same title."""
        rows = self._rows[reading.place]
        columns = [
            column for column in reading.columns
            if column.field is not None and column.field.purposes and any(stands(row[column.name]) for row in rows)
        ]  # fmt: skip
        if not columns:
            return None
        found: dict[tuple[str, tuple[str, ...]], frozenset[str]] = {}
        for column in columns:
            [(label, cells)] = self._columns(reading, [column], rows[:SHOWN])
            uses = column.field.purposes if column.field is not None else frozenset[str]()
            found[label, cells] = found.get((label, cells), frozenset()) | uses
        beside = tuple(one for one in self._beside(reading, rows[:SHOWN]) if one not in found)
        single = len(rows) == 1 and not beside
        labels = distinct([label for label, _ in found])
        own = tuple(
            gathered.Column(label, cells, uses)
            for label, ((_, cells), uses) in zip(labels, found.items(), strict=True)
        )  # fmt: skip
        named = self._namer.table if single or not shared else self._namer.collection
        return Sheet(named(*reading.place), beside, own, len(rows) > SHOWN)

    def _table(self, reading: Reading, purpose: str) -> tuple[Reading, Table] | None:
        """The fields that serve this purpose, in the rows that have one."""
        rows = self._rows[reading.place]
        columns = [
            column for column in reading.columns
            if column.field is not None and purpose in column.field.purposes
            and any(stands(row[column.name]) for row in rows)
        ]  # fmt: skip
        if not columns:
            return None
        rows = [row for row in rows if any(stands(row[column.name]) for column in columns)]
        own = self._columns(reading, columns, rows[:SHOWN])
        told = [*(one for one in self._beside(reading, rows[:SHOWN]) if one not in own), *own]
        heads = distinct([label for label, _ in told])
        cells = (cells for _, cells in told)
        shown = tuple(tuple(zip(heads, row, strict=True)) for row in zip(*cells, strict=True))
        return reading, Table(self._namer.collection(*reading.place), heads, shown, len(rows) > SHOWN)

    def _beside(self, reading: Reading, rows: list[Mapping[str, Any]]) -> list[tuple[str, tuple[str, ...]]]:
        """Columns that are no data by themselves and tell rows apart: the number, the date, the state."""
        if len(rows) < 2 and reading.collection.identifiers:
            return []  # the person's own row
        columns = [
            column for column in reading.columns
            if column.role in _BESIDE and any(not is_nothing(row[column.name]) for row in rows)
            and all(len(str(row[column.name])) <= _CELL for row in rows)
        ]  # fmt: skip
        named = [name for name, said in reading.collection.others.items() if said.title]
        place = {name: number for number, name in enumerate(named)}
        columns.sort(key=lambda one: (place.get(one.name, len(place)), _BESIDE.index(one.role)))
        told: dict[str, Column] = {}
        for column in columns:
            label = self._beside_label(reading, column)
            if label and (label not in told or _begins(column) > _begins(told[label])):
                told[label] = column  # one number and one date are enough to tell rows apart
        cells = {label: tuple(self._cell(reading, one, row[one.name]) for row in rows) for label, one in told.items()}
        return [*cells.items()][: max(_COLUMNS, len([one for one in told.values() if one.name in place]))]

    def _beside_label(self, reading: Reading, column: Column) -> str:
        """By what it is; empty where that is not known."""
        other = reading.collection.others.get(column.name)
        if other is not None and other.title:
            label = self._namer.column_label(reading, column)
            return label[:1].upper() + label[1:]
        words, event = Words("portal", self._language), self._house.policy.events.get(column.detail)
        if column.role == "state" and column.family not in ("date", "datetime"):
            return words["h_column_state"]
        if column.role == "event" and event is not None and not event.computed and event.name not in lasting.BEGINS:
            label = self._namer.column_label(reading, column)
            return label[:1].upper() + label[1:]
        if column.role == "event" or column.family in ("date", "datetime"):
            return words["h_column_date"]
        signs = set(humanised(column.name).split())
        kind = next((kind for kind, known in _SIGNS.items() if known & signs), "")
        return words[f"h_column_{kind}"] if kind and column.family not in ("integer", "number") else ""

    def _columns(
        self, reading: Reading, columns: list[Column], rows: list[Mapping[str, Any]]
    ) -> list[tuple[str, tuple[str, ...]]]:  # fmt: skip
        """Each column with what it holds and its cells; one that says the same as another is left out."""
        found = []
        for column in columns:
            label = self._namer.column_label(reading, column)
            cells = tuple(self._cell(reading, column, row[column.name]) for row in rows)
            found.append((label[:1].upper() + label[1:], cells))
        return list(dict.fromkeys(found))

    def cells(
        self, reading: Reading, columns: list[Column], rows: list[Mapping[str, Any]]
    ) -> list[list[tuple[str, str, str]]]:
        """Row by row: column, head, cell."""
        heads = distinct([self._namer.column_label(reading, column) for column in columns])
        return [
            [
                (column.name, head[:1].upper() + head[1:], self._cell(reading, column, row[column.name]))
                for column, head in zip(columns, heads, strict=True)
            ]
            for row in rows
        ]  # fmt: skip

    def record(
        self, reading: Reading, row: Mapping[str, Any]
    ) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:  # fmt: skip
        """See ``record_of``."""
        filled = [column for column in reading.columns if not is_nothing(row[column.name])]
        first, rest = dict[str, str](), list[tuple[str, str]]()
        for column in filled:
            if column.role == "field":
                continue
            label = self._beside_label(reading, column) if column.role in _BESIDE else (
                self._namer.column_label(reading, column))  # fmt: skip
            cell = self._cell(reading, column, row[column.name])
            if label and first.setdefault(label[:1].upper() + label[1:], cell) == cell:
                continue
            rest.append((column.name, cell))
        own = self._columns(reading, [column for column in filled if column.role == "field"], [row])
        heads = distinct([label for label, _ in own])
        return [*first.items(), *zip(heads, (cells[0] for _, cells in own), strict=True)], rest

    def _cell(self, reading: Reading, column: Column, raw: Any) -> str:
        """As a person reads it: by what the policy says of the field, by its clock, or as it is."""
        if not stands(raw):
            return ""
        if names_picture(column.field, raw):
            return Words("portal", self._language)["h_picture"]
        said = meant(column.field, raw, self._language) or coded(reading.collection, column, raw, self._language)
        if not said and (column.field is None or column.field.within is None):
            clocks = [one for one in reading.collection.events.values() if one.column == column.name]
            said = told(clocks[0], raw, self._language) if clocks else ""
        if not said and column.field is not None:
            said = self._coded(column.field.category, raw)
        return said or foldable(show(raw, plain(raw, column.family, _instead), column.family, self._language, ""))

    def _coded(self, category: str, raw: Any) -> str:
        """Countries and languages by their codes, and days as databases without dates write them."""
        if not isinstance(raw, str):
            return ""
        if category == "Country" and raw in labels.COUNTRIES:
            return escape(labels.country(raw, self._language))
        if category == "Language" and raw in AUTONYMS:
            return escape(AUTONYMS[raw])
        if category == "UserAgent" and (name := browser_named(raw)):
            return f'<span title="{escape(raw)}">{escape(name)}</span>'
        moment = locale.read_moment(raw, "datetime")
        if moment is None:
            return ""
        if isinstance(moment, datetime):
            words = locale.minute(moment, self._language)
        else:
            words = locale.day(moment, self._language)
        return f'<time datetime="{escape(raw)}">{escape(words)}</time>'


def cells_of(
    house: House, language: str, reading: Reading, rows: list[Mapping[str, Any]]
) -> list[list[tuple[str, str, str]]]:
    """Of each row the fields that it has: the column's name, and its head and cell as finished markup."""
    drawing = _Drawing(house, language, {reading.place: reading}, {reading.place: rows})
    columns = [column for column in reading.columns if column.field is not None]
    return drawing.cells(reading, columns, rows)


def record_of(
    house: House, language: str, reading: Reading, row: Mapping[str, Any]
) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:  # fmt: skip
    """One row as the personal space shows it: head and cell of what people have words for, the number, date and state
    of it first; and, by their columns' names, what nobody has a word for. Cells are finished markup."""
    drawing = _Drawing(house, language, {reading.place: reading}, {reading.place: [row]})
    return drawing.record(reading, row)


def _begins(column: Column) -> int:
    """How well a column tells when its row came to be."""
    return 2 if column.role == "event" and column.detail in lasting.BEGINS else int(column.role == "event")


def _bare(head: str) -> str:
    """A head without the number that told it apart."""
    return re.sub(r" \(\d+\)$", "", head)


def _instead(data: bytes, suffix: str) -> dict[str, Plain]:
    """A page shows no files: how large it is stands for it."""
    return {"bytes": len(data)}
