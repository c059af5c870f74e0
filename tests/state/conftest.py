"""One contract, every storage."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from troth.state.database import Database
from troth.state.memory import MemoryLedger
from troth.state.postgresql import PostgresDatabase
from troth.state.sqlite import SqliteDatabase
from troth.state.sqlledger import PostgresLedger, SqliteLedger
from troth.state.treelog import TreeLog
from troth.state.vault import Vault

AT = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


@pytest.fixture
def at() -> datetime:
    return AT


@pytest.fixture
def vault() -> Vault:
    return Vault(bytes(range(32)))


@pytest.fixture(params=["sqlite", "postgresql"])
def open_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[..., Database]]:
    """Opens one and the same database, as often as asked."""
    opened: list[Database] = []
    if request.param == "postgresql":
        server = request.getfixturevalue("postgres_server")
        dsn = server.dsn(server.create_database())

    def open_it(wait: float = 5.0) -> Database:
        if request.param == "sqlite":
            database: Database = SqliteDatabase(tmp_path / "state.db", wait=wait)
        else:
            database = PostgresDatabase(dsn, wait=wait)
        opened.append(database)
        database.create_tables()
        return database

    yield open_it
    for database in opened:
        database.close()


@pytest.fixture
def database(open_database: Callable[..., Database]) -> Database:
    return open_database()


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[TreeLog]:
    if request.param == "memory":
        made: MemoryLedger | SqliteLedger | PostgresLedger = MemoryLedger()
    elif request.param == "sqlite":
        made = SqliteLedger(str(tmp_path / "ledger.db"))
    else:
        server = request.getfixturevalue("postgres_server")
        made = PostgresLedger(server.dsn(server.create_database()))
    yield made
    made.close()
