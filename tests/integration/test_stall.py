"""A server that falls silent, at the first word or in the middle: every verb that looks ends by itself and says so."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

import nursery
from integration.stalling import StallingProxy
from servers import Server

SCHEMA = """
CREATE TABLE customers (id INTEGER PRIMARY KEY, email VARCHAR(120) NOT NULL UNIQUE, first_name VARCHAR(60),
  last_name VARCHAR(60), last_seen_at TIMESTAMP NULL);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL, delivery_address VARCHAR(200),
  placed_at TIMESTAMP NULL, FOREIGN KEY (customer_id) REFERENCES customers (id));
CREATE INDEX orders_customer ON orders (customer_id);
"""
VERBS = {
    "discover": ["discover", "--url-from", "SHOP", "--as", "shop", "--seconds", "6", "-o", "again.yaml"],
    "check": ["check"],
    "survey": ["survey", "--url-from", "SHOP", "--as", "shop", "--seconds", "6", "-o", "survey.html"],
    "erase": ["erase", "--dry-run", "ana@example.org"],
    "grants": ["grants"],
}
GUARD_SECONDS = 90
PRINTED = "printed"
UNREACHABLE = re.compile(r"store shop (cannot be reached|stopped answering|closed the connection)")


@dataclass(frozen=True)
class Ended:
    """How a verb ended."""

    status: int
    said: str
    passed: int
    accepted: int


def rows() -> str:
    lines = []
    for i in range(1, 31):
        email = "ana@example.org" if i == 1 else f"person{i}@example.org"
        lines += [
            f"INSERT INTO customers VALUES ({i}, '{email}', 'Ana', 'Sorel', '2024-03-04 10:00:00');",
            f"INSERT INTO orders VALUES ({i}, {i}, '{i} rue Haute, Lyon', '2024-03-05 10:00:00');",
        ]
    return "\n".join(lines)


@dataclass(frozen=True)
class Shop:
    """A database with people, a policy drafted for it, and what each verb needs to hear of it."""

    server: Server
    database: str
    folder: Path
    heard: dict[str, int]

    def run(self, folder: Path, verbs: dict[str, list[str]], most: dict[str, int | None]) -> dict[str, Ended]:
        """All these verbs at once, each in a copy of the folder and on a line of its own."""
        with ExitStack() as stack:
            lines, running = {}, {}
            for verb, arguments in verbs.items():
                lines[verb] = stack.enter_context(StallingProxy(self.server.port, most[verb]))
                home = folder / verb
                shutil.copytree(self.folder, home)
                running[verb] = self.start(home, arguments, lines[verb].port)
            try:
                codes = {verb: process.wait(GUARD_SECONDS) for verb, process in running.items()}
            finally:
                for process in running.values():
                    process.kill()
            return {
                verb: Ended(code, printed(folder / verb), lines[verb].passed, lines[verb].accepted)
                for verb, code in codes.items()
            }

    def start(self, home: Path, arguments: list[str], port: int) -> nursery.Process:
        url = self.server.url(self.database).replace(f":{self.server.port}/", f":{port}/")
        env = {"PATH": os.environ.get("PATH", ""), "HOME": str(home), "LC_ALL": "C.UTF-8", "SHOP": url}
        with (home / PRINTED).open("wb") as out:
            return nursery.popen(arguments, cwd=home, env=env, out=out, err=out, known="integration.stalling:know")


def printed(home: Path) -> str:
    return (home / PRINTED).read_text(encoding="utf-8")


def drafted(shop: Shop) -> None:
    """The policy that `troth discover` drafts, completed, with short limits."""
    drafting = ["discover", "--url-from", "SHOP", "--as", "shop", "-o", "troth.yaml"]
    done(shop, drafting)
    policy = shop.folder / "troth.yaml"
    told = "  name: Sorbier Books\n  privacy_contact: {name: Desk, email: privacy@sorbier.example}"
    lines = policy.read_text(encoding="utf-8").split("\n")
    lines = [told if line.startswith("  name: TODO") else line for line in lines]
    at = next(i for i, line in enumerate(lines) if line.strip().startswith("url: "))
    lines.insert(at + 1, "    timeouts: {statement: 1, lock: 1}")
    policy.write_text("\n".join(lines), encoding="utf-8")
    done(shop, ["keys", "init", "--origin", "sorbier.example/troth"])


def done(shop: Shop, arguments: list[str]) -> None:
    """Run a verb in the shop's own folder, straight to the server."""
    process = shop.start(shop.folder, arguments, shop.server.port)
    assert process.wait(GUARD_SECONDS) == 0, printed(shop.folder)


@pytest.fixture(scope="module", params=["postgresql", "mariadb"])
def shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    fixture = {"postgresql": "postgres_server", "mariadb": "mariadb_server"}[request.param]
    server: Server = request.getfixturevalue(fixture)
    database = server.create_database()
    server.admin_execute(SCHEMA + rows(), database)
    made = Shop(server, database, tmp_path_factory.mktemp("shop"), {})
    drafted(made)
    whole = made.run(tmp_path_factory.mktemp("whole"), VERBS, dict.fromkeys(VERBS))
    for verb, ended in whole.items():
        assert ended.status in (0, 1), f"{verb}: {ended.said}"
        made.heard[verb] = ended.passed
    yield made
    server.drop_database(database)


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.0, 0.4, 0.8])
def test_every_verb_ends_by_itself_when_the_server_falls_silent(shop: Shop, tmp_path: Path, share: float) -> None:
    most: dict[str, int | None] = {verb: int(share * shop.heard[verb]) for verb in VERBS}
    found = shop.run(tmp_path, VERBS, most)
    for ended in found.values():
        assert "Traceback" not in ended.said, ended.said
        assert "fault in Troth" not in ended.said, ended.said
        assert shop.server.password not in ended.said
    assert (found["check"].status, found["check"].accepted) == (0, 0), "check has asked the database"
    assert found["erase"].status == 1
    assert UNREACHABLE.search(found["erase"].said), found["erase"].said
    assert found["grants"].status in (1, 2)
    assert UNREACHABLE.search(found["grants"].said), found["grants"].said
    assert "Nobody is known" not in found["erase"].said
    # A report on nothing is no report of an empty database.
    assert "has no tables" not in found["survey"].said
