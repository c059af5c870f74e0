"""``troth migrate``: shows, does, and does nothing twice; on SQLite and on PostgreSQL."""

from __future__ import annotations

import json
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

import nursery
from machine import free_port
from servers import PostgresServer
from web.served import clean, publisher, served

Migrate = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return publisher(tmp_path / "maison")


@pytest.fixture
def troth(folder: Path) -> Migrate:
    def run(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return nursery.run(words, cwd=folder, env={**clean(), **environment})

    return run


@pytest.fixture
def database(postgres_server: PostgresServer) -> Iterator[str]:
    name = postgres_server.create_database()
    yield postgres_server.url(name).replace("postgresql+psycopg://", "postgresql://")
    postgres_server.drop_database(name)


def test_the_check_tells_what_is_to_do_and_changes_nothing(troth: Migrate, folder: Path) -> None:
    before = sorted(path.name for path in (folder / "troth-state").iterdir())
    told = troth("migrate", "--check")
    assert told.returncode == 1, told.stderr
    assert "accounts.0001_initial" in told.stdout
    assert "Nothing was changed" in told.stdout
    assert sorted(path.name for path in (folder / "troth-state").iterdir()) == before


def test_it_is_done_once(troth: Migrate, folder: Path) -> None:
    first = json.loads(troth("migrate", "--format", "json").stdout)
    again = json.loads(troth("migrate", "--format", "json").stdout)
    assert first["changed"]
    assert first["site"]
    assert again == {"state": first["state"], "site": [], "changed": False}
    assert troth("migrate", "--check").returncode == 0
    assert (folder / "troth-state" / "site.db").exists()


def test_a_state_of_an_older_troth_is_brought_up(troth: Migrate, folder: Path) -> None:
    with closing(sqlite3.connect(folder / "troth-state" / "state.db")) as db, db:
        db.execute("DROP TABLE publications")
        db.execute("UPDATE troth_schema SET version = 1")
    told = json.loads(troth("migrate", "--check", "--format", "json").stdout)
    assert told["state"]["found"] == 1 < told["state"]["wanted"]
    assert troth("migrate").returncode == 0
    assert (
        json.loads(troth("migrate", "--check", "--format", "json").stdout)["state"]["found"] == told["state"]["wanted"]
    )


def test_it_speaks_french(troth: Migrate) -> None:
    assert "étapes à faire" in troth("migrate", "--check", "--lang", "fr").stdout
    assert "C’est fait." in troth("migrate", "--lang", "fr").stdout


def test_without_a_state_it_says_what_to_do_and_makes_nothing(troth: Migrate, folder: Path) -> None:
    told = troth("migrate", "--state", "elsewhere")
    assert told.returncode == 1
    assert "troth keys init" in told.stderr
    assert not (folder / "elsewhere").exists()


@pytest.mark.slow
def test_the_site_starts_on_a_database_of_postgresql_only_after_it(
    troth: Migrate, folder: Path, database: str, tmp_path: Path
) -> None:
    secret = tmp_path / "url"
    secret.write_text(f"{database}\n", encoding="utf-8")
    by_file = {"TROTH_STATE_URL_FILE": str(secret)}
    made = troth("keys", "init", "--origin", "verdier.test/troth", "--state", "other", **by_file)
    assert made.returncode == 0, made.stderr
    refused = troth("serve", "--port", str(free_port()), "--state", "other", "--database-url", database)
    assert refused.returncode == 2
    assert "troth migrate" in refused.stderr
    assert troth("migrate", "--check", "--state", "other", **by_file).returncode == 1
    done = troth("migrate", "--state", "other", **by_file)
    assert done.returncode == 0, done.stderr
    with served(folder, "--state", "other", **by_file) as site:
        assert site.ask("/en/").startswith("HTTP/1.1 200")
        assert site.stop() == 0
    assert not list((folder / "other").glob("*.db"))


@pytest.mark.slow
def test_an_account_that_may_not_make_tables_is_told_so_without_a_trace(
    troth: Migrate, postgres_server: PostgresServer, database: str
) -> None:
    made = troth("keys", "init", "--origin", "verdier.test/troth", "--state", "other", TROTH_STATE_URL=database)
    assert made.returncode == 0, made.stderr
    postgres_server.admin_execute("CREATE ROLE narrow LOGIN PASSWORD 'canary-password'")
    name = database.rpartition("/")[2]
    postgres_server.admin_execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO narrow", name)
    url = postgres_server.url(name, "narrow", "canary-password").replace("postgresql+psycopg://", "postgresql://")
    told = troth("migrate", "--state", "other", "--database-url", url)
    assert told.returncode == 1
    assert "rights" in told.stderr
    assert "Traceback" not in told.stderr
    assert "canary" not in told.stderr + told.stdout
