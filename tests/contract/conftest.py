"""The shop of `worlds` behind each connector in turn."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import databases
from contract.worlds import SHOP, World, make_memory, make_sql, shop

KINDS = ("memory", *databases.ENGINES)


@contextmanager
def _made(request: pytest.FixtureRequest, kind: str, directory: Path) -> Iterator[World]:
    if kind == "memory":
        yield make_memory(shop(), SHOP)
        return
    if kind == "sqlite":
        made = make_sql(databases.sqlite_case(directory), shop(), SHOP)
        yield made
        made.connector.close()
        return
    server = request.getfixturevalue({"postgresql": "postgres_server", "mariadb": "mariadb_server"}[kind])
    case = databases.server_case(server)
    made = make_sql(case, shop(), SHOP)
    yield made
    made.connector.close()
    server.drop_database(case.database)


@pytest.fixture(params=KINDS)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """The shop on a connector of one test's own."""
    with _made(request, request.param, tmp_path) as made:
        yield made


@pytest.fixture(scope="module", params=KINDS)
def still_world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The shop for tests that only look."""
    with _made(request, request.param, tmp_path_factory.mktemp("shop")) as made:
        yield made
