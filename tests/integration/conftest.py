"""The shop and its newsletter, on each engine in turn or on SQLite only."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import databases
from integration.world import World, made


@pytest.fixture(params=databases.ENGINES)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """The shop and its newsletter on each engine in turn."""
    name = {"postgresql": "postgres_server", "mariadb": "mariadb_server"}.get(request.param)
    with made(request.param, tmp_path, request.getfixturevalue(name) if name else None) as one:
        yield one


@pytest.fixture
def file_world(tmp_path: Path) -> Iterator[World]:
    """The same on SQLite, for what has nothing to do with the engine."""
    with made("sqlite", tmp_path, None) as one:
        yield one
