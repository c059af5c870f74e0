"""What SQL cannot decide is looked at first, and becomes keys.

An identifier is sought with the index under the spellings it may be stored in, then decided in Python on
exact characters after Troth's own normalisation. Values inside PHP-serialised text, or at paths that the
engine cannot walk, are parsed, among the rows that the rest of the condition leaves.
"""

from __future__ import annotations

import string
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, cast

from sqlalchemy import ColumnElement, and_, func, or_, select

from troth.connectors.sql import clear, values_json, values_php
from troth.connectors.sql.binding import NEVER, bind_all, fit, scalar
from troth.connectors.sql.compile import Compiler
from troth.connectors.sql.line import Line
from troth.connectors.sql.reading import few
from troth.connectors.sql.tables import Place
from troth.core import tombstone
from troth.core.errors import StoreRefused
from troth.core.policy.model import Field, Scalar, Within
from troth.core.query import (
    And,
    Differs,
    Everything,
    Expr,
    Identified,
    KeyIn,
    Not,
    NotClear,
    Nothing,
    Or,
    Related,
    all_of,
    any_of,
    none_of,
    related,
)  # fmt: skip

Normaliser = Callable[[str, str], str]
Judge = Callable[[Field, object], bool]
Test = ColumnElement[bool]

_EMAIL = frozenset({"email", "emailaddress"})
_ASCII_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
_EMPTY: tuple[object, ...] = (None, "", [], {})


class TooMany(Exception):
    """More rows may hold the identifier than were asked for."""


class Resolver:
    """Resolves conditions on one line, so that it sees what its transaction sees."""

    def __init__(self, compiler: Compiler, line: Line, normalise: Normaliser, *, thorough: bool = True) -> None:
        """``thorough``: where no spelling is found by the index, look through the whole column."""
        self.compiler = compiler
        self._thorough = thorough
        self._line = line
        self._normalise = normalise
        self._known: dict[tuple[str, Identified], Expr] = {}

    def whole(self, collection: str, expr: Expr) -> Expr:
        """The condition with nothing left for Python."""
        return self.clear(collection, self.identities(collection, expr))

    def must_look(self, collection: str, expr: Expr) -> bool:
        """Whether something has to be asked before the condition can be put to the engine."""
        return has_identifier(expr) or self._needs_python(self.compiler.places[collection], expr)

    # --- identifiers -----------------------------------------------------------------------------------

    def identities(self, collection: str, expr: Expr) -> Expr:
        """The condition with every identifier replaced by the keys of the rows that hold it."""
        match expr:
            case Identified():
                return self._identified(collection, expr)
            case And(parts):
                return all_of(*(self.identities(collection, p) for p in parts))
            case Or(parts):
                return any_of(*(self.identities(collection, p) for p in parts))
            case Not(part):
                return none_of(self.identities(collection, part))
            case Related(hops, inner):
                return related(hops, self.identities(hops[-1].target, inner))
            case _:
                return expr

    def _identified(self, collection: str, wanted: Identified) -> Expr:
        known = self._known.get((collection, wanted))
        if known is None:
            known = self._known[collection, wanted] = self._sought(collection, wanted)
        return known

    def _sought(self, collection: str, wanted: Identified) -> Expr:
        place = self.compiler.places[collection]
        key = place.key
        matching = self.holders(collection, wanted, key)
        if not matching:
            return Nothing()
        if not key:
            return KeyIn((wanted.column,), tuple(dict.fromkeys((scalar(row[0]),) for row in matching)))
        return KeyIn(key, tuple(sorted({tuple(scalar(v) for v in row[1:]) for row in matching}, key=repr)))

    def holders(
        self, collection: str, wanted: Identified, names: tuple[str, ...], most: int | None = None
    ) -> list[tuple[Any, ...]]:
        """The rows that hold the identifier: its column's value, then these columns. With ``most``, at most so many
        candidates are looked at, and they come in the order of the key."""
        place = self.compiler.places[collection]
        normal = self._normalise(wanted.kind, wanted.value)
        for how, values in self._attempts(place, wanted, normal):
            tag = ("holders", collection, wanted.column, how, names, most, len(values))
            build = partial(_candidates, self.compiler, place, wanted.column, how, names, most)
            rows = self.compiler.statements.same(self._line, tag, values, build).all()
            if most is not None and len(rows) > most:
                raise TooMany
            matching = [row for row in rows if self._normalise(wanted.kind, str(scalar(row[0]))) == normal]
            if matching:
                return matching
        return []

    def _attempts(self, place: Place, wanted: Identified, normal: str) -> Iterator[tuple[str, list[Any]]]:
        """Index-friendly spellings first; then, for e-mails only, a comparison in lower case."""
        engine, facts = self.compiler.engine, place.facts_of(wanted.column)
        spellings = _spellings(wanted, normal)
        values = dict.fromkeys(fit(engine, facts, s) for s in spellings)
        some = [v for v in values if v is not NEVER and v is not None]
        if not some:
            return
        yield "as it is", some
        folds = not self._thorough or (engine in ("mariadb", "mysql") and not (facts.collation or "").endswith("bin"))
        if _is_email(wanted.kind) and facts.family == "text" and not folds:
            yield "lowered", sorted({s.lower() for s in spellings} | {_ascii_lower(s) for s in spellings})

    # --- values that must be parsed --------------------------------------------------------------------

    def clear(self, collection: str, expr: Expr) -> Expr:
        """The condition with every test of a value that SQL cannot reach replaced by keys."""
        return self._clear(self.compiler.places[collection], expr, Everything())

    def _clear(self, place: Place, expr: Expr, among: Expr) -> Expr:
        if not self._needs_python(place, expr):
            return expr
        match expr:
            case NotClear(fields):
                return self._parsed(place, fields, among)
            case Differs(name, value):
                field = _field(place, name)
                return self._judged(place, [field], among, partial(holds_another, value=value))
            case And(parts):
                rest = all_of(among, *(p for p in parts if not self._needs_python(place, p)))
                return all_of(*(self._clear(place, p, rest) for p in parts))
            case Or(parts):
                return any_of(*(self._clear(place, p, among) for p in parts))
            case Not(part):
                return none_of(self._clear(place, part, among))
            case Related(hops, inner):
                target = self.compiler.places[hops[-1].target]
                return related(hops, self._clear(target, inner, Everything()))
            case _:
                return expr

    def _needs_python(self, place: Place, expr: Expr) -> bool:
        match expr:
            case NotClear(fields):
                return any(not clear.in_sql(self.compiler.engine, place, _field(place, f)) for f in fields)
            case Differs(name):
                return not clear.in_sql(self.compiler.engine, place, _field(place, name))
            case And(parts) | Or(parts):
                return any(self._needs_python(place, p) for p in parts)
            case Not(part):
                return self._needs_python(place, part)
            case Related(hops, inner):
                return self._needs_python(self.compiler.places[hops[-1].target], inner)
            case _:
                return False

    def _parsed(self, place: Place, names: tuple[str, ...], among: Expr) -> Expr:
        fields = [_field(place, name) for name in names]
        easy = tuple(f.name for f in fields if clear.in_sql(self.compiler.engine, place, f))
        hard = [f for f in fields if f.name not in easy]
        return any_of(NotClear(easy) if easy else Nothing(), self._judged(place, hard, among, still_holds))

    def _judged(self, place: Place, fields: list[Field], among: Expr, test: Judge) -> Expr:
        """The rows of which Python says so, by key."""
        if not place.key:
            raise StoreRefused(
                f"collection {place.name} has no key, which values inside {fields[0].column} need",
                remedy="declare a `key:` for the collection",
            )
        keys = tuple(self._keys_where(place, fields, among, test))
        return KeyIn(place.key, keys) if keys else Nothing()

    def _keys_where(self, place: Place, fields: list[Field], among: Expr, judge: Judge) -> list[Any]:
        columns = list(dict.fromkeys(f.column for f in fields))
        filled = or_(*(and_(place.column(c).is_not(None)) for c in columns))
        test = and_(self.compiler.rows(place.name, among, place), filled)
        query = select(*place.columns(place.key), *place.columns(tuple(columns))).where(test)
        width = len(place.key)
        found = []
        for row in self._line.stream(query):
            values = dict(zip(columns, row[width:], strict=True))
            if any(judge(f, values[f.column]) for f in fields):
                found.append(tuple(scalar(v) for v in row[:width]))
        return found


def _candidates(
    compiler: Compiler,
    place: Place,
    name: str,
    how: str,
    names: tuple[str, ...],
    most: int | None,
    values: Sequence[Any],
) -> Any:
    """Rows of the collection, its row filter included, that an index, or a comparison in lower case, finds."""
    column = place.column(name)
    sought = column if how == "as it is" else func.lower(column)
    # Without the filter a stranger's row of the same table would be taken for the person's.
    test = and_(sought.in_(bind_all(values)), compiler.rows(place.name, Everything()))
    if most is None:
        return select(column, *place.columns(names)).where(test)
    return few(place, (name, *names), most + 1)([test])


def still_holds(field: Field, raw: object) -> bool:
    """Whether the structured value still holds something at the field's path. What cannot be read does."""
    if field.within is None:
        return raw not in _EMPTY
    values = _standing(field.within, raw)
    if values is None:
        return True
    neutral = (field.neutral,) if field.has_neutral else ()
    return any(v not in _EMPTY and v not in neutral and not tombstone.is_tombstone(v) for v in values)


def holds_another(field: Field, raw: object, *, value: Scalar) -> bool:
    """Whether something else than ``value`` stands at the field's path. In what cannot be read, it may."""
    assert field.within is not None  # noqa: S101  only such fields are asked about
    values = _standing(field.within, raw)
    return values is None or any(
        v is not None and values_json.as_text(cast(Scalar, v)) != values_json.as_text(value) for v in values
    )


def _standing(within: Within, raw: object) -> Sequence[object] | None:
    """What stands at the path; None when it cannot be read."""
    reader = values_json.values_at if within.format == "json" else values_php.values_at
    try:
        return reader(raw, within.path)
    except values_json.Unreadable:
        return None


def _field(place: Place, name: str) -> Field:
    field = place.collection.field_named(name) if place.collection else None
    if field is None:
        raise AssertionError(f"{place.name} declares no field {name}")
    return field


def _is_email(kind: str) -> bool:
    return kind.replace("_", "").lower() in _EMAIL


def _spellings(wanted: Identified, normal: str) -> list[str]:
    """How the identifier may be stored; what people type is rarely stored otherwise than in one of these."""
    typed = wanted.value
    found = [typed, typed.strip(), normal]
    if _is_email(wanted.kind):
        local, at, domain = typed.strip().rpartition("@")
        capitals = ".".join(part.capitalize() for part in local.split("."))
        found += [typed.strip().lower(), typed.strip().upper(), local + at + domain.lower()]
        found += [local.capitalize() + at + domain.lower(), capitals + at + domain.lower()]
        found += [capitals + at + domain.capitalize()]
    return list(dict.fromkeys(f for s in found for f in (s, unicodedata.normalize("NFD", s))))


def _ascii_lower(text: str) -> str:
    """As SQLite's ``lower`` does it, of a text whose other letters are capitals."""
    return text.upper().translate(_ASCII_LOWER)


def has_identifier(expr: Expr) -> bool:
    """Whether an identifier stands anywhere in the condition."""
    match expr:
        case Identified():
            return True
        case And(parts) | Or(parts):
            return any(has_identifier(p) for p in parts)
        case Not(part):
            return has_identifier(part)
        case Related(_, inner):
            return has_identifier(inner)
        case _:
            return False
