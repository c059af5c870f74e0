"""The house of the desk's tests, in files and on a server, to be saved and put back."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from desk.conftest import _tables, box  # Django knows its settings from here on

# isort: split
from backup.saving import Saving
from crash.houses import house, tables_on
from letterbox import Mailbox
from servers import PostgresServer

__all__ = ["_tables", "box"]


@pytest.fixture(scope="session")
def _on_server(postgres_server: PostgresServer) -> str:
    return tables_on(postgres_server)


@pytest.fixture
def files(tmp_path: Path, box: Mailbox, _tables: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Saving]:
    """A house whose state lies in files."""
    _alone(tmp_path, monkeypatch)
    with house(tmp_path, box, _tables, monkeypatch) as front:
        yield Saving(front)


@pytest.fixture
def server(
    tmp_path: Path, box: Mailbox, _tables: Path, _on_server: str, postgres_server: PostgresServer,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Saving]:  # fmt: skip
    """A house whose state lies on a server."""
    _alone(tmp_path, monkeypatch)
    with house(tmp_path, box, _tables, monkeypatch, postgres_server, _on_server) as front:
        made = Saving(front, postgres_server, _on_server)
        yield made
    for name in made.copies:
        postgres_server.drop_database(name)


@pytest.fixture(params=["files", "server"])
def both(request: pytest.FixtureRequest) -> Saving:
    """A house on each engine in turn."""
    made: Saving = request.getfixturevalue(request.param)
    return made


@pytest.fixture(params=["files", "server"] if os.environ.get("TROTH_EXHAUSTIVE") else ["files"])
def saving(request: pytest.FixtureRequest) -> Saving:
    """The same, on a server only when everything is to be tried."""
    made: Saving = request.getfixturevalue(request.param)
    return made


def _alone(folder: Path, patch: pytest.MonkeyPatch) -> None:
    patch.chdir(folder)
    for name in ("TROTH_STATE", "TROTH_KEYS", "TROTH_STATE_URL", "TROTH_PASSPHRASE", "TROTH_POLICY", "TROTH_STARTED"):
        patch.setenv(name, "")
        patch.delenv(name)
