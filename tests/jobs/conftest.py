"""The journal in this process, on a database of the test's own."""

from __future__ import annotations

import atexit
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import django
import pytest

from servers import PostgresServer

# The journal's tables are Django's models, which can be imported only when Django knows its settings: before the
# test files are. The names of the site are those that its own tests, in the same process, are written for.
_FOLDER = tempfile.TemporaryDirectory()
atexit.register(_FOLDER.cleanup)
os.environ["DJANGO_SETTINGS_MODULE"] = "troth.web.settings"
with patch.dict(os.environ, TROTH_STATE=_FOLDER.name, TROTH_HOSTS="testserver,https://privacy.verdier.test"):
    django.setup()

from jobs.scene import Journal, on_postgresql, on_sqlite  # noqa: E402


@pytest.fixture(scope="session")
def _django() -> None:
    """What the fixtures of the site ask for: here it was done when this file was read."""


@pytest.fixture(scope="session")
def _template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the tables and nothing in them."""
    path = tmp_path_factory.mktemp("journal") / "site.db"
    with on_sqlite(path) as journal:
        journal.make_tables()
    return path


@pytest.fixture(scope="session")
def _database(postgres_server: PostgresServer) -> str:
    """A PostgreSQL database with the tables."""
    name = postgres_server.create_database("journal")
    with on_postgresql(postgres_server, name) as journal:
        journal.make_tables()
    return name


@pytest.fixture
def sqlite_journal(tmp_path: Path, _template: Path) -> Iterator[Journal]:
    """An empty journal in a file."""
    with on_sqlite(tmp_path / "site.db", _template) as journal:
        yield journal


@pytest.fixture
def postgresql_journal(postgres_server: PostgresServer, _database: str) -> Iterator[Journal]:
    """An empty journal on a server."""
    with on_postgresql(postgres_server, _database) as journal:
        journal.empty()
        yield journal


@pytest.fixture(params=["sqlite", "postgresql"])
def journal(request: pytest.FixtureRequest) -> Journal:
    """An empty journal on each engine in turn."""
    made: Journal = request.getfixturevalue(f"{request.param}_journal")
    return made


@pytest.fixture(autouse=True)
def _no_schedule(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing comes by itself, the journal's own housekeeping neither."""
    monkeypatch.setattr("troth.jobs.schedule._SCHEDULES", {})
