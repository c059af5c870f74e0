"""What has changed in a database since its policy was written, or since it was last looked at.

Against a policy: what the policy maps and the database no longer has, and what looks personal in the database and is
not in the map. A column that was judged and found harmless belongs under ``other_columns:``; then it is not named
again. Against an earlier look (``troth discover --format json``): every table and column that came, went or changed
its type.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from troth.core.discover.draft_words import index_of
from troth.core.discover.model import Draft, Table, TableGuess
from troth.core.discover.people import SURE
from troth.core.errors import UsageError
from troth.core.policy.model import Clock, Collection, Store
from troth.core.policy.sections.stores import Collection as WrittenCollection
from troth.core.ports import Family

_TEXTS: Mapping[str, tuple[str, str]] = {
    "table_gone": ("{table}: mapped, and no longer there", "{table} : décrite, et absente de la base"),
    "table_kind": ("{table}: is now a {kind}", "{table} : est devenue : {kind}"),
    "column_gone": (
        "{table}.{column}: mapped, and no longer there",
        "{table}.{column} : décrite, et absente de la base",
    ),
    "clock_type": (
        "{table}.{column}: is now {type}, and the policy reads it as {kind}",
        "{table}.{column} : est maintenant {type}, et la politique la lit comme {kind}",
    ),
    "table_unmapped": (
        "{table}: looks personal ({categories}) and is not in the map",
        "{table} : semble personnelle ({categories}) et n'est pas décrite",
    ),
    "column_unmapped": (
        "{table}.{column}: looks like {categories} and is not in the map",
        "{table}.{column} : ressemble à {categories} et n'est pas décrite",
    ),
    "table_new": ("{table}: new", "{table} : nouvelle"),
    "table_dropped": ("{table}: dropped", "{table} : supprimée"),
    "column_new": ("{table}.{column}: new ({type})", "{table}.{column} : nouvelle ({type})"),
    "column_dropped": ("{table}.{column}: dropped", "{table}.{column} : supprimée"),
    "column_type": ("{table}.{column}: was {before}, is {type}", "{table}.{column} : était {before}, est {type}"),
}

_CLOCK_FAMILIES: Mapping[str, frozenset[Family]] = {
    "date": frozenset({"date", "datetime", "text"}),
    "datetime": frozenset({"date", "datetime", "text"}),
    "epoch_s": frozenset({"integer", "number"}),
    "epoch_ms": frozenset({"integer", "number"}),
    "text": frozenset({"text", "enum"}),
}


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. ``code`` is stable; ``personal``: it touches personal data, so somebody has to act."""

    code: str
    table: str
    column: str | None = None
    personal: bool = False
    params: Mapping[str, str] = field(default_factory=dict)

    def message(self, language: str) -> str:
        """The difference in words."""
        text = _TEXTS[self.code][index_of(language)]
        for name, filled in {"table": self.table, "column": self.column or "", **self.params}.items():
            text = text.replace("{" + name + "}", filled)
        return text

    def as_json(self, language: str = "en") -> dict[str, Any]:
        """The shape of ``troth discover --policy … --format json``."""
        return {
            "code": self.code, "table": self.table, "column": self.column, "personal": self.personal,
            "message": self.message(language),
        }  # fmt: skip


def changes_since_policy(store: Store, written: Mapping[str, WrittenCollection], draft: Draft) -> tuple[Change, ...]:
    """How the database differs from what a policy says of it.

    ``store`` is the policy's, ``written`` its collections as the file has them (for ``other_columns`` and
    ``cascades``).
    """
    mapped = _Mapped(store, written, draft)
    return (*mapped.gone(), *mapped.unmapped())


class _Mapped:
    """The policy's collections, by the tables of the draft that they mean."""

    def __init__(self, store: Store, written: Mapping[str, WrittenCollection], draft: Draft) -> None:
        self._draft = draft
        self._guesses = {g.table.qualified: g for g in draft.tables}
        self._lower = {name.lower(): g for name, g in self._guesses.items()}
        self._by_table: dict[str, list[Collection]] = {}
        self._lost: list[Collection] = []
        self._others = {c.table or name: set(c.other_columns) for name, c in written.items()}
        self._aside = {table.lower() for c in written.values() for table in c.cascades}
        for collection in store.collections.values():
            guess = self._find(collection)
            if guess is None:
                self._lost.append(collection)
            else:
                self._by_table.setdefault(guess.table.qualified, []).append(collection)

    def _find(self, collection: Collection) -> TableGuess | None:
        names = [f"{collection.schema}.{collection.table}"] if collection.schema else []
        for name in (*names, collection.table):
            found = self._guesses.get(name) or self._lower.get(name.lower())
            if found is not None:
                return found
        return None

    def gone(self) -> Iterator[Change]:
        """What is mapped and not there any more, or not so."""
        for name in dict.fromkeys(c.table for c in self._lost):
            yield Change("table_gone", name, personal=True)
        for qualified, collections in self._by_table.items():
            table = self._guesses[qualified].table
            if table.kind not in ("table", "partitioned", "foreign"):
                yield Change("table_kind", qualified, personal=True, params={"kind": table.kind})
            known = {c.name.lower() for c in table.columns}
            for column in dict.fromkeys(n for c in collections for n in columns_of(c) if n.lower() not in known):
                yield Change("column_gone", qualified, column, personal=True)
            for clock in dict.fromkeys(clock for c in collections for clock in c.events.values()):
                yield from self._clock(table, clock)

    def _clock(self, table: Table, clock: Clock) -> Iterator[Change]:
        column = next((c for c in table.columns if c.name.lower() == clock.column.lower()), None)
        # SQLite keeps any value in any column; what it declares says nothing.
        if column is None or self._draft.catalogue.engine == "sqlite" or column.family == "other":
            return
        if column.family not in _CLOCK_FAMILIES.get(clock.kind, frozenset()):
            params = {"type": column.declared, "kind": clock.kind}
            yield Change("clock_type", table.qualified, column.name, personal=True, params=params)

    def unmapped(self) -> Iterator[Change]:
        """What looks personal and is not in the map."""
        for qualified, guess in self._guesses.items():
            personal = personal_columns(guess)
            if guess.role == "none" or not personal:
                continue
            collections = self._by_table.get(qualified)
            if collections is None:
                if guess.table.name.lower() not in self._aside and qualified.lower() not in self._aside:
                    listed = ", ".join(sorted(set(personal.values())))
                    yield Change("table_unmapped", qualified, personal=True, params={"categories": listed})
                continue
            others = {o.lower() for c in collections for o in self._others.get(c.table, ())}
            known = {n.lower() for c in collections for n in columns_of(c)} | others
            for column, category in personal.items():
                if column.lower() not in known:
                    yield Change("column_unmapped", qualified, column, True, {"categories": category})


def columns_of(collection: Collection) -> list[str]:
    """Every column of its own that a collection names."""
    tests = [*collection.where, *(c for cs in collection.states.values() for c in cs)]
    tests += [c for link in collection.links for c in link.where]
    names = [
        *collection.key,
        *(i.column for i in collection.identifiers),
        *(f.column for f in collection.fields),
        *(ours for link in collection.links for ours, _ in link.columns),
        *(c.column for c in tests),
        *(clock.column for clock in collection.events.values()),
        *(flag.column for flag in collection.flags),
    ]
    return list(dict.fromkeys(names))


def personal_columns(guess: TableGuess) -> dict[str, str]:
    """The columns that look personal, with their categories."""
    found = {f.column: f.category for f in guess.fields if f.confidence >= SURE}
    if guess.key_value is not None and any(f.confidence >= SURE for f in guess.key_value.fields):
        listed = sorted({f.category for f in guess.key_value.fields if f.confidence >= SURE})
        found[guess.key_value.value] = ", ".join(listed)
    return found


# --- since an earlier look ------------------------------------------------------------------------


def changes_since_look(earlier: Any, draft: Draft) -> tuple[Change, ...]:
    """How the database differs from an earlier look, given as the data of ``troth discover --format json``.

    Raises UsageError when that is something else.
    """
    before = _look(earlier)
    now = {g.table.qualified: g for g in draft.tables}
    return (*_tables_moved(before, now), *_columns_moved(before, now))


@dataclass(frozen=True, slots=True)
class _Before:
    types: Mapping[str, str]
    personal: frozenset[str]
    role: str


def _look(earlier: Any) -> dict[str, _Before]:
    try:
        return {
            t["table"]: _Before(
                {c["column"]: c["type"] for c in t["columns"]},
                frozenset(f["column"] for f in t["fields"] if f["confidence"] >= SURE),
                t["role"],
            )
            for t in earlier["tables"]
        }
    except (TypeError, KeyError, AttributeError):
        raise UsageError(
            "the earlier look is not what `troth discover --format json` prints",
            remedy="make it with: troth discover URL --format json -o look.json",
        ) from None


def _tables_moved(before: Mapping[str, _Before], now: Mapping[str, TableGuess]) -> Iterator[Change]:
    for name in sorted(now.keys() - before.keys()):
        yield Change("table_new", name, personal=now[name].role != "none")
    for name in sorted(before.keys() - now.keys()):
        yield Change("table_dropped", name, personal=before[name].role != "none")


def _columns_moved(before: Mapping[str, _Before], now: Mapping[str, TableGuess]) -> Iterator[Change]:
    for name, guess in now.items():
        if name not in before:
            continue
        old = before[name]
        concerned = guess.role != "none" or old.role != "none"
        personal = set(personal_columns(guess)) if concerned else set()
        types = {c.name: c.declared for c in guess.table.columns}
        for column in _in_order(types, old.types):
            told = {"type": types.get(column, ""), "before": old.types.get(column, "")}
            touches = concerned and (column in personal or column in old.personal)
            if column not in old.types:
                yield Change("column_new", name, column, touches, told)
            elif column not in types:
                yield Change("column_dropped", name, column, touches, told)
            elif types[column] != old.types[column]:
                yield Change("column_type", name, column, touches, told)


def _in_order(now: Iterable[str], before: Iterable[str]) -> Sequence[str]:
    return list(dict.fromkeys([*now, *before]))
