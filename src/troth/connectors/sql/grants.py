"""The rights Troth needs in a database, as statements, and why each is needed.

Two accounts: ``inspect`` sees the schema with everything that acts by itself (triggers, foreign keys from
elsewhere) and reads no rows; it is used at set-up and when the schema changes. ``act`` works every day with the
least that finding, changing and verifying mapped rows takes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from sqlalchemy import Dialect
from sqlalchemy.dialects import mysql, postgresql

from troth.connectors.sql.checks import columns_used
from troth.connectors.sql.facts import resolve, split
from troth.core.policy.model import Collection, Store
from troth.core.ports import Grant, StoreFacts, TableFacts

Account = Literal["inspect", "act"]

_SEARCHED = frozenset({"text", "json", "array"})
"""Families of columns that the search for residue reads."""


def grants(facts: StoreFacts, store: Store, account: Account, *, name: str | None = None) -> list[Grant]:
    """The statements for one account, in an order in which they can be run by an administrator.

    ``name`` of the account: ``troth_inspect`` or ``troth_act`` unless given. On SQLite the "statements" are
    sentences, because an SQLite file knows no accounts.
    """
    if facts.engine == "sqlite":
        return _sqlite(account)
    writer = _Writer(facts, store, name or f"troth_{account}")
    if facts.engine == "postgresql":
        return writer.postgresql_inspect() if account == "inspect" else writer.postgresql_act()
    return writer.mariadb_inspect() if account == "inspect" else writer.mariadb_act()


def _sqlite(account: Account) -> list[Grant]:
    if account == "inspect":
        return [Grant("read permission on the database file, its -wal and its -shm", "to read schema and rows")]
    return [
        Grant("read and write permission on the database file, its -wal and its -shm", "to change rows"),
        Grant("write permission on the folder of the file", "SQLite makes its journal beside the file"),
        Grant("run Troth as the user who owns the file", "a journal of another user locks the application out"),
    ]


class Needs:
    """The columns of one table that Troth selects and updates, over all collections mapped to it."""

    def __init__(self, facts: TableFacts) -> None:
        self.facts = facts
        self.select: set[str] = set()
        self.update: set[str] = set()
        self.delete = False

    def add(self, collection: Collection) -> None:
        """What this collection needs of its own table."""
        # An access hands over columns that are none of the person's, such as a quantity, beside those that are.
        self.select |= self._real([*columns_used(collection), *collection.others]) | set(self.facts.key)
        self.select |= {c.name for c in self.facts.columns.values() if c.family in _SEARCHED or c.updates_itself}
        fields = self._real(f.column for f in collection.fields)
        flag = self._real(flag.column for flag in collection.flags)
        itself = {c.name for c in self.facts.columns.values() if c.updates_itself}
        self.update |= {c for c in fields | flag | (itself if fields or flag else set()) if self._writable(c)}
        if collection.identifiers and not self.update:
            # SELECT … FOR UPDATE asks for the right to update some column.
            self.update |= self._real(i.column for i in collection.identifiers)
        self.delete = self.delete or collection.on_erase == "delete"

    def _writable(self, column: str) -> bool:
        facts = self.facts.columns[column]
        return not (facts.generated or facts.always_identity)

    def _real(self, names: Iterable[str]) -> set[str]:
        return {real for name in names if (real := resolve(name, self.facts.columns)) is not None}


def needs(facts: StoreFacts, store: Store) -> dict[str, Needs]:
    """By qualified table: what the collections, the links to them and foreign keys from elsewhere ask for."""
    found: dict[str, Needs] = {}
    for name, table in facts.tables.items():
        found.setdefault(table.table, Needs(table)).add(store.collections[name])
    for name in facts.tables:
        for link in store.collections[name].links:
            parent = facts.tables.get(link.parent)
            if parent is not None:
                theirs = {resolve(other, parent.columns) for _, other in link.columns if other}
                found[parent.table].select |= {c for c in theirs if c is not None}
    for table in facts.tables.values():
        _circles(table, facts.tables, found[table.table])
    _referring(facts, found)
    return found


def _circles(table: TableFacts, tables: Mapping[str, TableFacts], need: Needs) -> None:
    """A foreign key that closes a circle is emptied before the rows go."""
    for key in table.outgoing:
        if key.nullable and _reaches(key.target, table.table, {t.table: t for t in tables.values()}):
            need.update |= set(key.columns)
            need.select |= set(key.columns)


def _reaches(start: str, goal: str, tables: Mapping[str, TableFacts]) -> bool:
    seen, edge = set[str](), [start]
    while edge:
        here = edge.pop()
        if here == goal:
            return True
        if here not in seen and here in tables:
            seen.add(here)
            edge += [key.target for key in tables[here].outgoing]
    return False


def _referring(facts: StoreFacts, found: dict[str, Needs]) -> None:
    """Rows outside the map that hold mapped rows back are looked for, by the columns that refer."""
    for other in facts.others.values():
        held = [k for k in other.outgoing if k.target in found and k.on_delete in ("no action", "restrict")]
        for key in held:
            found.setdefault(other.table, Needs(other)).select |= set(key.columns)
            if key.target in found:
                found[key.target].select |= set(key.target_columns)


class _Writer:
    """Statements for one engine; every name quoted."""

    def __init__(self, facts: StoreFacts, store: Store, account: str) -> None:
        self.facts = facts
        self.store = store
        dialect: Dialect = postgresql.dialect() if facts.engine == "postgresql" else mysql.dialect()  # type: ignore[no-untyped-call]
        self._quote = dialect.identifier_preparer.quote_identifier
        role = self._quote(account)
        self.account = role if facts.engine == "postgresql" else f"{role}@`%`"

    def _table(self, table: str) -> str:
        return ".".join(self._quote(part) for part in split(table) if part is not None)

    def _columns(self, columns: Iterable[str]) -> str:
        return ", ".join(self._quote(c) for c in sorted(columns))

    # --- PostgreSQL ------------------------------------------------------------------------------------

    def postgresql_inspect(self) -> list[Grant]:
        return [
            Grant(
                f"CREATE ROLE {self.account} LOGIN",
                "an account of its own (set its password with \\password); PostgreSQL's catalogues are open, so "
                "that it needs no right on any table",
            ),
            Grant(
                f"GRANT pg_read_all_stats TO {self.account}",
                "to see how long other sessions' transactions keep old versions of erased rows",
            ),
        ]

    def postgresql_act(self) -> list[Grant]:
        found = needs(self.facts, self.store)
        result = [Grant(f"CREATE ROLE {self.account} LOGIN", "an account of its own; set its password with \\password")]
        for schema in sorted({split(t)[0] or "" for t in found}):
            statement = f"GRANT USAGE ON SCHEMA {self._quote(schema)} TO {self.account}"
            result.append(Grant(statement, "to name the tables in it"))
        for table, need in sorted(found.items()):
            result += self._on_table(table, need)
            if need.facts.row_security:
                result.append(
                    Grant(
                        f"ALTER ROLE {self.account} BYPASSRLS",
                        f"row-level security hides rows of {table}; instead, policies may show them all",
                    )
                )
        return list({grant.statement: grant for grant in result}.values())

    def _on_table(self, table: str, need: Needs) -> list[Grant]:
        place = f"ON {self._table(table)} TO {self.account}"
        result = []
        if need.select:
            why = f"to find, hand over, verify and search rows of {table}"
            result.append(Grant(f"GRANT SELECT ({self._columns(need.select)}) {place}", why))
        if need.update:
            why = f"to empty, correct, restrict and lock rows of {table}"
            result.append(Grant(f"GRANT UPDATE ({self._columns(need.update)}) {place}", why))
        if need.delete:
            result.append(Grant(f"GRANT DELETE {place}", f"to erase rows of {table}"))
        return result

    # --- MariaDB and MySQL -----------------------------------------------------------------------------

    def _create_user(self) -> Grant:
        return Grant(
            f"CREATE USER {self.account} ACCOUNT LOCK",
            "an account of its own; then ALTER USER … IDENTIFIED BY '…' ACCOUNT UNLOCK, and write the host Troth "
            "runs on instead of %",
        )

    def mariadb_inspect(self) -> list[Grant]:
        result = [
            self._create_user(),
            Grant(
                f"GRANT REFERENCES ON *.* TO {self.account}",
                "to see columns, keys, CHECKs, and foreign keys from every database of the server; reads no rows",
            ),
        ]
        tables = [*self.facts.tables.values(), *self.facts.others.values()]
        for table in sorted({t.table for t in tables if t.kind != "view"}):
            why = f"to see the triggers of {table} (it would also let the account create some: for set-up only)"
            result.append(Grant(f"GRANT TRIGGER ON {self._table(table)} TO {self.account}", why))
        for table in sorted({t.table for t in tables if t.kind == "view"}):
            why = f"to see whether rows can be changed through {table}"
            result.append(Grant(f"GRANT SHOW VIEW ON {self._table(table)} TO {self.account}", why))
        return result

    def mariadb_act(self) -> list[Grant]:
        result = [self._create_user()]
        for table, need in sorted(needs(self.facts, self.store).items()):
            result += self._on_table(table, need)
            result.append(
                Grant(
                    f"GRANT REFERENCES ON {self._table(table)} TO {self.account}",
                    f"to see all columns and keys of {table}, also those added later; reads no rows",
                )
            )
        return result
