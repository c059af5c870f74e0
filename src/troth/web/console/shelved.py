"""Records of the sealed archive as people read them: by the policy's titles, each with what hangs on it under it. The
values are drawn as on the person's own page (``desk.holdings``)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from troth.connectors.sql.reading import inner
from troth.core.policy.model import Collection, Field, Link, Policy
from troth.core.query import Nothing
from troth.core.rights.access import Column, Reading, declared
from troth.desk.foretold import SECRET
from troth.desk.holdings import record_of
from troth.desk.house import House
from troth.package import locale
from troth.package.html_meaning import is_nothing
from troth.package.html_names import Namer
from troth.state.archive import Entry
from troth.state.portable import restored

Row = Mapping[str, Any]
Kept = tuple[tuple[str, str], ...]
_SHOWN = ("identifier", "event", "state", "link", "other")
"""Of the columns that are no fields; what filters rows, or marks them, is nothing of a record."""


@dataclass(frozen=True, slots=True)
class Record:
    """One row. ``number`` is its own in the publisher's database; ``told`` and ``rest`` are ``holdings.record_of``;
    ``kept``: for which purpose and until which day, in words, empty where that is as of what it hangs on; ``below``:
    what hangs on it."""

    number: str
    told: tuple[tuple[str, str], ...]
    rest: tuple[tuple[str, str], ...]
    kept: Kept
    below: tuple[Group, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Records of one collection; ``title`` is finished markup."""

    title: str
    records: tuple[Record, ...]


@dataclass(slots=True)
class _Lying:
    """A row with everything that was sealed of it, whatever for."""

    collection: Collection
    row: dict[str, Any]
    kept: dict[str, date] = field(default_factory=dict)
    below: list[_Lying] = field(default_factory=list)
    hangs: Link | None = None


def grouped(at: House, entries: Iterable[Entry], language: str) -> tuple[Group, ...]:
    """Open these records. What it is opened for is on record already."""
    lying = _read(at, entries)
    top = [one for one in lying if not _hung(one, lying)]
    return _Drawn(at, language).groups(top)


def _read(at: House, entries: Iterable[Entry]) -> list[_Lying]:
    """Each row once, in the order of the policy's collections."""
    found: dict[tuple[Any, ...], _Lying] = {}
    for entry in entries:
        raw = at.records.state.archive.read(entry.id)
        row = {name: restored(value) for name, value in raw.items()} if isinstance(raw, dict) else {}
        known = _known(at.policy, entry)
        key = _key(known, row)
        one = found.setdefault((entry.store, entry.collection, key or entry.id), _Lying(known, {}))
        one.row |= row
        one.kept[entry.purpose] = max(entry.until, one.kept.get(entry.purpose, entry.until))
    order = [(store.name, name) for store in at.policy.stores.values() for name in store.collections]
    places = {place: number for number, place in enumerate(order)}
    return sorted(
        found.values(),
        key=lambda one: (places.get((one.collection.store, one.collection.name), len(places)),
                         [_sortable(value) for value in _key(one.collection, one.row) or _unnamed(one)]),
    )  # fmt: skip


def _known(policy: Policy, entry: Entry) -> Collection:
    """The policy's collection; an empty one where the policy no longer knows it."""
    store = policy.stores.get(entry.store)
    found = store.collections.get(entry.collection) if store is not None else None
    return found or Collection(entry.store, entry.collection, entry.collection)


def _key(collection: Collection, row: Row) -> tuple[Any, ...]:
    names = collection.key or ("id",)
    return tuple(row[name] for name in names) if all(name in row for name in names) else ()


def _unnamed(one: _Lying) -> list[Any]:
    """What stands in columns that hold nothing by the policy: the key, where only the database knows it."""
    fields = {each.column for each in one.collection.fields}
    return [value for name, value in sorted(one.row.items()) if name not in fields]


def _sortable(value: Any) -> tuple[bool, Any]:
    """Numbers by their size, before everything else."""
    return (False, value) if isinstance(value, int) else (True, str(value))


def _hung(one: _Lying, all_of: Sequence[_Lying]) -> bool:
    """Put a row under the row that it belongs to, where that lies there too; under the person's own row nothing: all of
    it is theirs."""
    for link in one.collection.links:
        for other in all_of:
            if other.collection.store == one.collection.store and other.collection.name == link.parent and (
                not other.collection.identifiers and _leads(link, one.row, other)
            ):  # fmt: skip
                other.below.append(one)
                one.hangs = link
                return True
    return False


def _leads(link: Link, row: Row, other: _Lying) -> bool:
    if link.template is not None:
        return False
    own = other.collection.key or ("id",)
    theirs = [name or own[number] for number, (_, name) in enumerate(link.columns) if name or number < len(own)]
    ours = [name for name, _ in link.columns]
    return len(ours) == len(theirs) and all(
        a in row and b in other.row and row[a] is not None and str(row[a]) == str(other.row[b])
        for a, b in zip(ours, theirs, strict=True)
    )


class _Drawn:
    """One language."""

    def __init__(self, at: House, language: str) -> None:
        self._at, self._language, self._namer = at, language, Namer(at.policy, language)

    def groups(self, lying: Sequence[_Lying], above: Kept = ()) -> tuple[Group, ...]:
        """By title: keys of one key/value table are one record together. ``above``: until when that is kept which they
        hang on."""
        found: dict[str, list[_Lying]] = {}
        for one in lying:
            found.setdefault(self._namer.table(one.collection.store, one.collection.name), []).append(one)
        return tuple(Group(title, tuple(self._records(rows, above))) for title, rows in found.items())

    def _records(self, rows: Sequence[_Lying], above: Kept) -> list[Record]:
        drawn = [self._record(one, above) for one in rows]
        if len(rows) == 1 or not all("[" in one.collection.name for one in rows):
            return drawn
        whole = Record(
            "", tuple(pair for one in drawn for pair in one.told), (),
            tuple(dict.fromkeys(kept for one in drawn for kept in one.kept)),
        )  # fmt: skip
        return [whole]

    def _record(self, one: _Lying, above: Kept) -> Record:
        row = dict(one.row)
        for each in one.collection.fields:
            if each.within is not None and each.column in row:
                row[each.name] = inner(each, row[each.column])
        columns = self._columns(one, row)
        reading = Reading(one.collection, Nothing(), columns, frozenset(one.kept))
        told, rest = record_of(self._at, self._language, reading, row)
        key = one.collection.key or ("id",)
        number = str(row[key[0]]) if len(key) == 1 and key[0] in row and "[" not in one.collection.name else ""
        kept = tuple((self._title(use), locale.day(until, self._language)) for use, until in sorted(one.kept.items()))
        rest = [] if "[" in one.collection.name else rest  # the number of an entry says nothing
        below = self.groups(one.below, kept)
        return Record(number, tuple(told), tuple(rest), () if kept == above else kept, below)

    def _columns(self, one: _Lying, row: Row) -> tuple[Column, ...]:
        """What is shown of a row: nothing secret, no document within which something lies that the policy names apart,
        and neither its own number nor that of what it hangs on: those are seen."""
        collection = one.collection
        own: dict[str, Column] = {}
        for each in collection.fields:
            if each.category not in SECRET and each.name in row:
                own[each.name] = Column(each.name, "field", _family(row[each.name]), each)
        hidden = {each.column for each in collection.fields if _hides(each)} | set(collection.key or ("id",))
        hidden |= {ours for link in collection.links for ours, _ in link.columns if self._leads_home(one, link)}
        for column in (*self._roles(collection), *(Column(name, "other") for name in row)):
            if column.name in row and column.name not in hidden | own.keys():
                own[column.name] = replace(column, family=_family(row[column.name]))
        return tuple(own.values())

    def _leads_home(self, one: _Lying, link: Link) -> bool:
        """Whether a link says no more than where the record stands, or whose it is."""
        parent = self._at.policy.stores[one.collection.store].collections.get(link.parent)
        return link == one.hangs or (parent is not None and bool(parent.identifiers))

    def _roles(self, collection: Collection) -> Iterable[Column]:
        return (one for one in declared(self._at.policy.document, collection) if one.role in _SHOWN)

    def _title(self, purpose: str) -> str:
        known = self._at.policy.purposes.get(purpose)
        titles = known.title if known is not None else {}
        return titles.get(self._language) or next(iter(titles.values()), purpose)


def _hides(one: Field) -> bool:
    return one.within is not None or one.category in SECRET


def _family(raw: Any) -> Any:
    """Of a value outside its database: moments that it kept as text are moments."""
    return (
        "datetime" if isinstance(raw, str) and not is_nothing(raw) and locale.read_moment(raw, "datetime") else "other"
    )
