"""Lists of keys in statements: as one array, as JSON, or spelt out, whichever the engine seeks with.

Measured: SQLite takes 32 766 variables at most, so long lists go as one JSON text; PostgreSQL takes one
array; MariaDB does not seek on rows of values, so composite keys become ``(a = 1 AND b = 2) OR …``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, and_, cast, false, func, literal_column, or_, select, tuple_
from sqlalchemy.types import UserDefinedType

from troth.connectors.sql import exact
from troth.connectors.sql.binding import NEVER, bind, bind_all, fit
from troth.connectors.sql.tables import Column, Place
from troth.core.ports import ColumnFacts
from troth.core.query import Key

Test = ColumnElement[bool]
T = TypeVar("T")

_LENGTH = re.compile(r"\s*\([0-9, ]*\)")
_SPELT_OUT = 40
"""Values that are bound one by one even where a list could be handed over whole."""

CHUNK = {"sqlite": 20_000, "postgresql": 20_000, "mariadb": 5_000, "mysql": 5_000}
"""Keys of one writing statement."""
COMPOSITE_CHUNK = 500
"""The same where MariaDB has to be told each part of each key."""


class Declared(UserDefinedType[Any]):
    """A type by the name that the catalogue gives it."""

    cache_ok = True

    def __init__(self, name: str) -> None:
        self.name = name

    def get_col_spec(self, **_: Any) -> str:
        """The name, as it stands in a cast."""
        return self.name


def chunk_size(engine: str, place: Place) -> int:
    """How many keys of this table one statement may carry."""
    spelt = len(place.key) > 1 and engine in ("mariadb", "mysql")
    return COMPOSITE_CHUNK if spelt else CHUNK.get(engine, 1_000)


def chunked(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """The items in lists of at most ``size``."""
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


def among(engine: str, place: Place, columns: Sequence[str], keys: Sequence[Key]) -> Test:
    """The columns hold one of the keys, exactly."""
    facts = [place.facts_of(name) for name in columns]
    fitted = _fitted(engine, facts, keys)
    if not fitted:
        return false()
    ours = [place.column(name) for name in columns]
    if len(ours) == 1:
        return _single(engine, facts[0], ours[0], [key[0] for key in fitted])
    return _composite(engine, facts, ours, fitted, lambda f, c, v: exact.equals(engine, f, c, v))


def any_value(engine: str, facts: ColumnFacts, ours: Column, values: Sequence[object]) -> Test:
    """The column holds one of these values, as ``fit`` made them, exactly; None among them means NULL."""
    some = [v for v in values if v is not None and v is not NEVER]
    test: Test = _single(engine, facts, ours, some) if some else false()
    return or_(test, ours.is_(None)) if None in values else test


def own(engine: str, place: Place, keys: Sequence[tuple[Any, ...]]) -> Test:
    """The rows with these keys, given as the driver told them. A key is unique under the engine's own
    equality, so that is the one used."""
    ours = place.columns(place.key)
    facts = [place.facts_of(name) for name in place.key]
    if not keys:
        return false()
    if len(ours) == 1:
        return _in(engine, facts[0], ours[0], [key[0] for key in keys])
    return _composite(engine, facts, ours, list(keys), lambda _, column, value: column == bind(value))


def _fitted(engine: str, facts: Sequence[ColumnFacts], keys: Sequence[Key]) -> list[tuple[Any, ...]]:
    """The keys as the driver takes them, without those that no row can hold."""
    rows = (tuple(fit(engine, f, part) for f, part in zip(facts, key, strict=True)) for key in keys)
    return list(dict.fromkeys(row for row in rows if not any(part is None or part is NEVER for part in row)))


def _single(engine: str, facts: ColumnFacts, ours: Column, values: list[Any]) -> Test:
    if len(values) == 1:
        return exact.equals(engine, facts, ours, values[0])
    loose = _in(engine, facts, ours, values)
    return and_(loose, exact.among(engine, facts, ours, values)) if exact.is_loose(engine, facts) else loose


def _in(engine: str, facts: ColumnFacts, ours: Column, values: list[Any]) -> Test:
    if len(values) <= _SPELT_OUT:
        return ours.in_(bind_all(values))
    if engine == "postgresql":
        return ours == func.any(_array(facts, values))
    if engine == "sqlite" and all(_goes_as_json(v) for v in values):
        listed = func.json_each(bind(json.dumps(values))).table_valued("value")
        return ours.in_(select(listed.c.value))
    if all(type(v) is int for v in values):
        # Thousands of bound integers cost the client more than the statement costs the server.
        return ours.in_([literal_column(",".join(map(str, values)))])
    return ours.in_(bind_all(values))


def _goes_as_json(value: Any) -> bool:
    # SQLite's JSON ends a text at NUL, has no bytes, and may round a float.
    return isinstance(value, int) or (isinstance(value, str) and "\x00" not in value)


def _array(facts: ColumnFacts, values: list[Any]) -> Column:
    # Without its length: a cast to varchar(10) would cut what is longer, and then match.
    return cast(bind(values), Declared(_LENGTH.sub("", facts.declared) + "[]"))


def _composite(
    engine: str,
    facts: Sequence[ColumnFacts],
    ours: list[Column],
    keys: list[tuple[Any, ...]],
    equal: Callable[[ColumnFacts, Column, Any], Test],
) -> Test:
    if engine == "postgresql" and len(keys) > _SPELT_OUT:
        arrays = [_array(f, list(values)) for f, values in zip(facts, zip(*keys, strict=True), strict=True)]
        names = [f"k{i}" for i in range(len(ours))]
        listed = func.unnest(*arrays).table_valued(*names).render_derived()
        return tuple_(*ours).in_(select(*(listed.c[n] for n in names)))
    if engine == "sqlite" and len(keys) > _SPELT_OUT and all(_goes_as_json(p) for key in keys for p in key):
        listed = func.json_each(bind(json.dumps(keys))).table_valued("value")
        parts = [func.json_extract(listed.c.value, f"$[{i}]") for i in range(len(ours))]
        return tuple_(*ours).in_(select(*parts))
    return or_(*(and_(*(equal(f, c, v) for f, c, v in zip(facts, ours, key, strict=True))) for key in keys))
