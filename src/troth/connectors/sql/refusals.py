"""*May I?* as SQL, in the publisher's own database: a small table of refusals beside each collection that finds people,
and one view for each purpose that leaves out whoever has refused it or is restricted. No view knows of a consent.

Troth makes neither: ``statements`` are for a person to run, as the rights of ``grants`` are. Where a table is there it
is kept up. Its rows are keys of the collection, purposes and grounds; no identifier is copied.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql, postgresql, sqlite
from sqlalchemy.sql import quoted_name
from sqlalchemy.sql.ddl import CreateIndex, CreateTableAs, CreateView
from sqlalchemy.types import NULLTYPE

from troth.connectors.sql.binding import bind, fit, scalar
from troth.connectors.sql.errors import cleaned
from troth.connectors.sql.facts import split
from troth.connectors.sql.line import Line, Lines
from troth.connectors.sql.tables import Place, Places
from troth.core.errors import StoreRefused
from troth.core.policy.model import Condition, Store
from troth.core.ports import Grant, Refused
from troth.core.query import Key

EVERY = "*"
"""Stands for every purpose: the person is restricted."""
_LONGEST = 60
"""Characters of a name: PostgreSQL takes 63 bytes, MariaDB 64 characters."""
_OWN = ("purpose", "ground", "since")
_TEXTS = (("purpose", 60), ("ground", 20))
_DIALECTS: Mapping[str, Any] = {"sqlite": sqlite, "postgresql": postgresql, "mariadb": mysql, "mysql": mysql}


def table_name(collection: str) -> str:
    """The name of its table of refusals."""
    return _short(f"troth_refusals_{collection}")


def view_name(purpose: str, collection: str, *, consent: bool = False) -> str:
    """The name of the view of those whose data may be used for the purpose; of one that rests on consent, of those who
    have not refused it: whether they have consented, Troth does not know."""
    return _short(f"troth_{'not_refused' if consent else 'may'}_{purpose}_{collection}")


def _short(name: str) -> str:
    if len(name) <= _LONGEST:
        return name
    return f"{name[: _LONGEST - 9]}_{sha256(name.encode()).hexdigest()[:8]}"


def _quoted(name: str) -> quoted_name:
    return quoted_name(name, quote=True)


@dataclass(frozen=True, slots=True)
class _Beside:
    """A collection's place and its table of refusals."""

    place: Place
    table: sa.TableClause
    schema: str | None
    name: str

    @property
    def columns(self) -> list[Any]:
        """The columns that name the row, then the purpose: once each."""
        return [self.table.c[name] for name in (*self.place.key, "purpose")]

    def is_row(self, key: Key, purpose: str, engine: str) -> sa.ColumnElement[bool]:
        """The test for the refusal of one row."""
        values = (*(fit(engine, self.place.facts_of(n), v) for n, v in zip(self.place.key, key, strict=True)), purpose)
        return sa.and_(*(column == bind(value) for column, value in zip(self.columns, values, strict=True)))


class Refusals:
    """The tables of refusals of one store."""

    def __init__(self, store: Store, places: Places, lines: Lines, engine: sa.Engine) -> None:
        self._store, self._places, self._lines, self._engine = store, places, lines, engine
        self._dialect = _DIALECTS[places.engine].dialect()

    # --- for a person to run ------------------------------------------------------------------------------

    def statements(
        self, purposes: Mapping[str, Sequence[str]], account: str = "troth_act", *, consent: Container[str] = ()
    ) -> list[Grant]:
        """For each collection (with its purposes): its table, the rights on it, and a view for each purpose;
        ``consent`` are the purposes that rest on consent.

        Raises StoreRefused for a collection without a key, or whose key has a name that the table needs itself.
        """
        found: list[Grant] = []
        for name, some in purposes.items():
            beside = self._beside(name)
            found += [*self._of(beside, account), *(self._view(beside, one, one in consent) for one in some)]
        return found

    def _of(self, beside: _Beside, account: str) -> Iterator[Grant]:
        name = beside.place.name
        own = [
            sa.cast(sa.literal(""), sa.String(width)).label(_quoted(n))
            for n, width in (("purpose", 60), ("ground", 20))
        ]
        since = sa.cast(sa.null(), sa.Date).label(_quoted("since"))
        empty = sa.select(*beside.place.columns(beside.place.key), *own, since).where(sa.false())
        made = CreateTableAs(empty, _quoted(beside.name), schema=beside.schema)
        yield Grant(self._text(made), f"which rows of {name} refuse what; the types are those of its key")
        table = sa.Table(
            _quoted(beside.name),
            sa.MetaData(),
            *(sa.Column(_quoted(c.name)) for c in beside.table.c),
            schema=beside.schema,
        )
        once = sa.Index(
            _quoted(_short(f"{beside.name}_once")), *(table.c[c.name] for c in beside.columns), unique=True
        )  # fmt: skip
        yield Grant(self._text(CreateIndex(once)), "each refusal once, and found at once")
        if self._places.engine != "sqlite":
            quote = self._dialect.identifier_preparer.quote_identifier
            role = quote(account) + ("@`%`" if self._places.engine != "postgresql" else "")
            place = self._dialect.identifier_preparer.format_table(table)
            yield Grant(f"GRANT SELECT, INSERT, DELETE ON {place} TO {role}", "Troth keeps the table up to date")

    def _view(self, beside: _Beside, purpose: str, consent: bool) -> Grant:
        name = beside.place.name
        called = _quoted(view_name(purpose, name, consent=consent))
        why = f"rows of {name} whose data may be used for {purpose}"
        if consent:
            why = f"rows of {name} that have not refused {purpose}: use only those whose consent you hold yourself"
        return Grant(self._text(CreateView(self._allowed(beside, purpose), called, schema=beside.schema)), why)

    def _allowed(self, beside: _Beside, purpose: str) -> sa.Select[Any]:
        """The collection's rows that nothing of what Troth knows speaks against."""
        place, table = beside.place, beside.table
        same = [table.c[name] == place.column(name) for name in place.key]
        refused = sa.exists().where(*same, table.c.purpose.in_([sa.literal(purpose), sa.literal(EVERY)]))
        every = [place.column(name) for name in place.facts.columns]
        return sa.select(*every).where(*(_test(place, one) for one in place.where), ~refused)

    def _text(self, statement: Any) -> str:
        said = str(statement.compile(dialect=self._dialect, compile_kwargs={"literal_binds": True}))
        # These dialects write a percent sign twice, for drivers that take it for the place of a value.
        return said if self._places.engine == "sqlite" else said.replace("%%", "%")

    # --- kept up ------------------------------------------------------------------------------------------

    def tables(self) -> frozenset[str]:
        """The collections whose table is there."""
        with cleaned(self._store), self._engine.connect() as connection:
            look = sa.inspect(connection)
            return frozenset(
                name for name in self._places.collections() if self._has_key(name)
                for beside in (self._beside(name),) if look.has_table(beside.name, schema=beside.schema)
            )  # fmt: skip

    def present(self, collection: str) -> set[tuple[Key, str]]:
        """The refusals that are in the table: keys and purposes."""
        beside = self._beside(collection)
        with cleaned(self._store), self._lines.line() as line:
            rows = line.execute(sa.select(*beside.columns)).all()
        return {(tuple(scalar(part) for part in key), str(purpose)) for *key, purpose in rows}

    def change(self, collection: str, add: Iterable[Refused], remove: Iterable[tuple[Key, str]] = ()) -> int:
        """Put refusals in and take others out, in one transaction; how many rows were written. What is there already
        is written anew, so that doing it again changes nothing. Raises StoreRefused where the store is only observed.
        """
        beside, rows = self._beside(collection), 0
        with cleaned(self._store), self._lines.line() as line:
            line.begin()
            for key, purpose in remove:
                rows += self._remove(line, beside, key, purpose)
            for one in add:
                self._remove(line, beside, one.key, one.purpose)
                self._add(line, beside, one)
                rows += 1
            line.commit()
        return rows

    def _remove(self, line: Line, beside: _Beside, key: Key, purpose: str) -> int:
        return line.execute(sa.delete(beside.table).where(beside.is_row(key, purpose, self._places.engine))).rowcount

    def _add(self, line: Line, beside: _Beside, one: Refused) -> None:
        facts = beside.place.facts_of
        values = {n: fit(self._places.engine, facts(n), v) for n, v in zip(beside.place.key, one.key, strict=True)}
        own = {"purpose": one.purpose, "ground": one.ground, "since": one.since.isoformat()}
        # Named by us: a bound value is called after its column otherwise, and such a name may hold anything.
        bound: dict[str, Any] = {
            name: sa.bindparam(f"v{n}", value, type_=NULLTYPE) for n, (name, value) in enumerate((values | own).items())
        }
        line.execute(sa.insert(beside.table).values(bound))

    # --- where --------------------------------------------------------------------------------------------

    def _has_key(self, collection: str) -> bool:
        place = self._places[collection]
        return bool(place.key) and not set(place.key) & set(_OWN)

    def _beside(self, collection: str) -> _Beside:
        place = self._places[collection]
        if not self._has_key(collection):
            raise StoreRefused(
                f"collection {collection} has no key that a table of refusals could name its rows by",
                store=self._store.name, remedy="ask by the API instead, or give the table a primary key",
            )  # fmt: skip
        schema, _ = split(place.facts.table)
        name = table_name(collection)
        table = sa.table(
            _quoted(name), *(sa.column(_quoted(n)) for n in (*place.key, *_OWN)),
            schema=None if schema is None else _quoted(schema),
        )  # fmt: skip
        return _Beside(place, table, table.schema, name)


def _test(place: Place, condition: Condition) -> sa.ColumnElement[bool]:
    """A row filter of the policy with its values written out: a view takes no bound ones."""
    column = place.column(condition.column)
    values = [sa.literal(value) for value in condition.values if value is not None]
    if condition.op == "null":
        return column.is_(None)
    if condition.op == "not_null":
        return column.is_not(None)
    if condition.op == "in":
        return column.in_(values)
    if condition.op == "not_in":
        return sa.or_(column.is_(None), column.not_in(values))
    compared: sa.ColumnElement[bool] = column.op({"lt": "<", "le": "<=", "gt": ">", "ge": ">="}[condition.op])(
        values[0]
    )
    return compared
