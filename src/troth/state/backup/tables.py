"""A snapshot of the state's tables on PostgreSQL while others write to them, and putting such tables back."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from troth.core.errors import EvidenceError, UsageError
from troth.core.evidence.ports import Head
from troth.state.backup.fence import Fence, fence
from troth.state.database import queries, schema

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from troth.state.postgresql import PostgresDatabase

_SQL = queries("backup")
_TABLE = re.compile(r"CREATE TABLE IF NOT EXISTS (\w+)")
_SITES_OWN = ("django_migrations", "django_content_type", "auth_permission", "jobs_tick", "jobs_job", "jobs_step")
"""Tables that hold something as soon as they are made, or a worker has looked at them: not yet anybody's data."""

_COPY_HEAD = b"PGCOPY\n\xff\r\n\0"
_CHUNK = 256 * 1024


def state_tables() -> list[str]:
    """The tables of the state itself, each after those that it refers to."""
    return [found[1] for statement in schema() if (found := _TABLE.match(statement))]


class Snapshot:
    """All tables as they were at one moment."""

    def __init__(self, connection: Any, site: Sequence[str]) -> None:
        self._connection = connection
        self.tables: dict[str, list[str]] = {}
        for name in (*state_tables(), *site):
            rows = connection.execute(_named(_SQL["columns"]), {"name": name}).fetchall()
            if rows:
                self.tables[name] = [column for (column,) in rows]
        size, root, _, signer = connection.execute(_SQL["head"].encode()).fetchone()
        self.head = Head(size, bytes(root), signer)

    def packages(self) -> list[str]:
        """The names of the packages that wait to be fetched."""
        if "desk_package" not in self.tables:
            return []
        return [str(name) for (name,) in self._connection.execute(_SQL["packages"].encode())]

    def read(self, name: str) -> Iterator[bytes]:
        """A table's rows, as COPY writes them; the ledger's in their order."""
        from psycopg import Error

        held = bytearray()
        try:
            with self._connection.cursor().copy(_copy_out(name, self.tables[name])) as copy:
                for data in copy:
                    held += data
                    if len(held) >= _CHUNK:
                        yield bytes(held)
                        held.clear()
        except Error as error:
            raise _refused(error) from None
        yield bytes(held)


@contextmanager
def snapshot(database: PostgresDatabase, site: Sequence[str]) -> Iterator[Snapshot]:
    """Everything at one moment, by one transaction that only reads. Raises EvidenceError."""
    from psycopg import Error

    try:
        with database.another() as connection:
            connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield Snapshot(connection, site)
    except Error as error:
        raise _refused(error) from None


class Putting:
    """Puts tables back, in the transaction that is under way on ``connection``."""

    def __init__(self, connection: Any, tables: Mapping[str, Sequence[str]]) -> None:
        self._connection, self._tables = connection, tables

    def begin(self) -> None:
        """Nobody else sees the tables from here on. Raises UsageError when they are missing or hold something."""
        from psycopg import sql

        for name, columns in self._tables.items():
            there = {c for (c,) in self._connection.execute(_named(_SQL["columns"]), {"name": name}).fetchall()}
            if not there >= set(columns):
                raise UsageError(
                    f"the database here has no table {name} as in the backup",
                    remedy="restore with the Troth that made the backup, then run `troth migrate` with the new one",
                )
        names = [sql.Identifier(name) for name in self._tables]
        self._run(sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(sql.SQL(", ").join(names)))
        for name in self._tables:
            if name not in (*_SITES_OWN, "troth_schema") and self._holds(name):
                raise UsageError(
                    f"the database here is not empty: there are rows in {name}",
                    remedy="restore into a new database; nothing was changed",
                )
        self._run(sql.SQL("TRUNCATE {}").format(sql.SQL(", ").join(names)))

    def put(self, name: str, chunks: Iterable[bytes]) -> None:
        """The rows of one table. Raises EvidenceError."""
        from psycopg import sql

        columns = sql.SQL(", ").join(map(sql.Identifier, self._tables[name]))
        copy_in = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT binary)").format(sql.Identifier(name), columns)
        with self._connection.cursor().copy(copy_in) as copy:
            for chunk in chunks:
                copy.write(chunk)

    def end(self) -> None:
        """New rows get numbers that are not taken."""
        from psycopg import sql

        for name in self._tables:
            for (column,) in self._connection.execute(_named(_SQL["identities"]), {"name": name}).fetchall():
                self._run(
                    sql.SQL("SELECT setval(pg_get_serial_sequence({}, {}), max({})) FROM {}").format(
                        name, column, sql.Identifier(column), sql.Identifier(name)
                    )
                )

    def fenced(self) -> Fence:
        """The fence about the site in these tables."""
        return fence(self._tables, lambda query: self._connection.execute(query.encode()))

    def scratch(self) -> None:
        """Work on empty likenesses of the tables, which vanish with the transaction: for a drill."""
        from psycopg import sql

        for name in self._tables:
            table = sql.Identifier(name)
            self._run(sql.SQL("CREATE TEMPORARY TABLE {} (LIKE {} INCLUDING ALL)").format(table, table))

    def leaves(self) -> Iterator[tuple[int, bytes, bytes]]:
        """The ledger's leaves as they lie there now."""
        with self._connection.cursor(name="troth_leaves") as cursor:
            for position, data, hashes in cursor.execute(_SQL["leaves"].encode()):
                yield position, bytes(data), bytes(hashes)

    def _holds(self, name: str) -> bool:
        from psycopg import sql

        found = self._connection.execute(sql.SQL("SELECT 1 FROM {} LIMIT 1").format(sql.Identifier(name)))
        if name == "ledger_head":
            return bool(self._connection.execute(b"SELECT 1 FROM ledger_head WHERE size > 0").fetchone())
        return found.fetchone() is not None

    def _run(self, query: Any) -> None:
        self._connection.execute(query)


def _copy_out(name: str, columns: Sequence[str]) -> Any:
    from psycopg import sql

    order = sql.SQL(" ORDER BY position") if name == "ledger_leaves" else sql.SQL("")
    chosen = sql.SQL(", ").join(map(sql.Identifier, columns))
    select = sql.SQL("SELECT {} FROM {}").format(chosen, sql.Identifier(name)) + order
    return sql.SQL("COPY ({}) TO STDOUT (FORMAT binary)").format(select)


def copied_rows(chunks: Iterable[bytes]) -> Iterator[list[bytes | None]]:
    """The rows of what COPY wrote in its binary form, values undecoded (PostgreSQL's documentation of COPY)."""
    held, source = bytearray(), iter(chunks)

    def take(size: int) -> bytes:
        while len(held) < size:
            chunk = next(source, None)
            if chunk is None:
                raise EvidenceError("a table in this backup is cut off")
            held.extend(chunk)
        taken = bytes(held[:size])
        del held[:size]
        return taken

    if take(len(_COPY_HEAD)) != _COPY_HEAD:
        raise EvidenceError("a table in this backup is in no form that Troth writes")
    _, extension = struct.unpack(">II", take(8))
    take(extension)
    while (count := struct.unpack(">h", take(2))[0]) >= 0:
        lengths = (struct.unpack(">i", take(4))[0] for _ in range(count))
        yield [take(length) if length >= 0 else None for length in lengths]


def _named(query: str) -> bytes:
    return query.replace(":name", "%(name)s").encode()


def _refused(error: Any) -> EvidenceError:
    state = getattr(error, "sqlstate", None) or "none: no connection"
    return EvidenceError(f"the database of Troth's state refused (SQLSTATE {state})")
