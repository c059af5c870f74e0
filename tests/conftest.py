"""Fixtures that every test may use; the servers start only when a test asks.

Nothing here is imported from `troth`: the fixtures must hold while it is broken.
"""

from __future__ import annotations

import gc
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

import databases
from databases import ENGINES, ChinookCase, EngineCase
from machine import ServerUnavailable, in_memory
from servers import SERVERS, MariaDBServer, PostgresServer, Server

ON_CI = os.environ.get("CI", "").lower() not in {"", "0", "false", "no"}

# CI draws the same examples every time: a red build can be repeated, and a change
# is never blamed for an example that it was the first to meet.
settings.register_profile(
    "ci",
    derandomize=True,
    deadline=None,
    database=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("dev", deadline=None, print_blob=True)
# For `make unit`, typed again and again: a third of the examples where a test does not say how many. Those that once
# failed are kept and tried first, and all other runs draw them all.
settings.register_profile("quick", settings.get_profile("dev"), max_examples=35)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if ON_CI else "dev"))

if "TMPDIR" not in os.environ and (memory := in_memory()):
    os.environ["TMPDIR"] = tempfile.tempdir = str(memory)

# While modules are imported and tests collected nothing becomes garbage; what they are stays to the end. To look
# through all of it again and again would cost a fifth of the time.
gc.disable()


def pytest_collection_finish() -> None:
    """From here on the collector looks at what tests leave behind, and not too often."""
    gc.freeze()
    gc.set_threshold(30_000, 10, 10)
    gc.enable()


@pytest.fixture(autouse=True)
def _own_environment() -> Iterator[None]:
    """A verb that runs within the test tells Django where the site lies by the environment: not the next test."""
    before = {name: value for name, value in os.environ.items() if name.startswith("TROTH_")}
    yield
    for name in [name for name in os.environ if name.startswith("TROTH_") and name not in before]:
        del os.environ[name]
    os.environ.update(before)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those that may take longest begin first, so that no worker is left alone with one at the end."""
    items.sort(key=_may_take, reverse=True)


def _may_take(item: pytest.Item) -> float:
    marker = item.get_closest_marker("timeout")
    seconds: list[float] = [float(item.config.getini("timeout")), *(marker.args if marker else ())]
    return max(seconds)


def _give_up(reason: str) -> None:
    """Skip on a developer's machine; on CI a test that cannot run has failed."""
    if ON_CI:
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


@contextmanager
def _started(kind: str) -> Iterator[Server]:
    try:
        server = SERVERS[kind]()
    except ServerUnavailable as reason:
        _give_up(f"no {kind} server: {reason}")
        raise
    with server:
        yield server


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A PostgreSQL server of this test process's own."""
    with _started("postgresql") as server:
        assert isinstance(server, PostgresServer)
        yield server


@pytest.fixture(scope="session")
def mariadb_server() -> Iterator[MariaDBServer]:
    """A MariaDB server of this test process's own."""
    with _started("mariadb") as server:
        assert isinstance(server, MariaDBServer)
        yield server


def _server(request: pytest.FixtureRequest, kind: str) -> Server:
    name = {"postgresql": "postgres_server", "mariadb": "mariadb_server"}[kind]
    server: Server = request.getfixturevalue(name)
    return server


@pytest.fixture(params=ENGINES)
def engine_case(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[EngineCase]:
    """An empty database on each engine in turn, gone after the test."""
    if request.param == "sqlite":
        yield databases.sqlite_case(tmp_path)
        return
    server = _server(request, request.param)
    case = databases.server_case(server)
    yield case
    server.drop_database(case.database)


@pytest.fixture(scope="session")
def _chinook_templates() -> dict[str, str]:
    """Engine to the name of the database that holds a pristine Chinook."""
    return {}


@pytest.fixture(params=ENGINES)
def chinook(
    request: pytest.FixtureRequest, tmp_path: Path, _chinook_templates: dict[str, str]
) -> Iterator[ChinookCase]:
    """Chinook on each engine in turn: a copy of the test's own, gone afterwards."""
    data = databases.chinook_directory()
    if not data.is_dir():
        # Not a failure on CI: the data does not come with the repository.
        pytest.skip(f"no Chinook data in {data}: set TROTH_SHARED to the folder that holds data/chinook")
    if request.param == "sqlite":
        yield databases.chinook_on_sqlite(tmp_path)
        return
    server = _server(request, request.param)
    if server.kind not in _chinook_templates:
        _chinook_templates[server.kind] = databases.load_chinook(server)
    case = databases.chinook_on_server(server, _chinook_templates[server.kind])
    yield case
    server.drop_database(case.database)
