"""Fresh databases for tests: one face for SQLite, PostgreSQL and MariaDB."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from servers import Rows, Server

ENGINES = ("sqlite", "postgresql", "mariadb")
CHECKOUT = Path(__file__).resolve().parent.parent

_CHINOOK_FILES = {
    "sqlite": "chinook.sqlite",
    "postgresql": "chinook-postgresql.sql",
    "mariadb": "chinook-mysql.sql",
}


@dataclass(frozen=True)
class EngineCase:
    """A database of one test's own, on one of the three engines.

    `url` is what SQLAlchemy takes. `server` is None, and `path` is set, for SQLite only.
    """

    kind: str
    url: str
    database: str
    server: Server | None = None
    path: Path | None = None

    def execute_script(self, sql: str) -> Rows:
        """Run statements as the administrator; the rows of the last that has any.

        On SQLite a script of several statements gives no rows: use `query`.
        """
        if self.server is not None:
            return self.server.admin_execute(sql, self.database)
        with closing(sqlite3.connect(self.database)) as connection:
            connection.executescript(sql)
            return []

    def query(self, sql: str) -> Rows:
        """The rows of one SELECT, read past the code under test."""
        if self.server is not None:
            return self.server.admin_execute(sql, self.database)
        with closing(sqlite3.connect(self.database)) as connection:
            return connection.execute(sql).fetchall()


@dataclass(frozen=True)
class ChinookCase(EngineCase):
    """The Chinook music shop: 59 customers, 412 invoices, 2240 lines."""

    def name(self, canonical: str) -> str:
        """Chinook's name of a table or column (`InvoiceLine`) as this engine spells it."""
        if self.kind != "postgresql":
            return canonical
        return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", canonical).lower()


def sqlite_case(directory: Path) -> EngineCase:
    """An empty SQLite database in a directory."""
    path = directory / "store.sqlite"
    path.touch()
    return EngineCase("sqlite", f"sqlite:///{path}", str(path), path=path)


def server_case(server: Server) -> EngineCase:
    """An empty database on a server."""
    database = server.create_database()
    return EngineCase(server.kind, server.url(database), database, server=server)


def chinook_directory() -> Path:
    """Where the Chinook files lie: under $TROTH_SHARED, or `shared` beside the checkout."""
    shared = os.environ.get("TROTH_SHARED")
    return Path(shared or CHECKOUT.parent / "shared") / "data" / "chinook"


def chinook_script(kind: str) -> str:
    """The script of an engine, without the lines that choose a database of their own."""
    text = (chinook_directory() / _CHINOOK_FILES[kind]).read_text(encoding="utf-8-sig")
    return re.sub(r"(?m)^(DROP DATABASE|CREATE DATABASE|USE |\\c ).*$", "", text)


def load_chinook(server: Server) -> str:
    """Load Chinook into a database that the tests then clone; its name."""
    database = server.create_database("chinook_template")
    server.admin_execute(chinook_script(server.kind), database)
    return database


def chinook_on_sqlite(directory: Path) -> ChinookCase:
    """A copy of the Chinook file."""
    path = directory / "chinook.sqlite"
    shutil.copyfile(chinook_directory() / _CHINOOK_FILES["sqlite"], path)
    return ChinookCase("sqlite", f"sqlite:///{path}", str(path), path=path)


def chinook_on_server(server: Server, template: str) -> ChinookCase:
    """A copy of the template, in a database of its own."""
    database = server.clone_database(template, "chinook")
    return ChinookCase(server.kind, server.url(database), database, server=server)
