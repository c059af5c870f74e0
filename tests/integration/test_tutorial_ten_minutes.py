"""docs/tutorial/your-database-in-ten-minutes.md: every command, as it is written, on servers, by a read-only account."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from manual import blocks, commands, shown
from servers import Server

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "tutorial" / "your-database-in-ten-minutes.md").read_text("utf-8")
DATABASE = "shop"
FIRST = ("Ana", "Bruno", "Carla", "Denis", "Elsa", "Farid", "Gilles", "Hanna")
LAST = ("Sorel", "Adam", "Martin", "Petit", "Durand", "Moreau", "Simon", "Laurent")

SCHEMA = """
CREATE TABLE customers (id INTEGER PRIMARY KEY, email VARCHAR(120) NOT NULL UNIQUE, first_name VARCHAR(60),
  last_name VARCHAR(60), phone VARCHAR(40), password_hash VARCHAR(120), last_seen_at TIMESTAMP NULL);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL, delivery_address VARCHAR(200),
  placed_at TIMESTAMP NULL, FOREIGN KEY (customer_id) REFERENCES customers (id));
CREATE TABLE newsletter (id INTEGER PRIMARY KEY, email VARCHAR(120), subscribed_on DATE);
CREATE TABLE products (id INTEGER PRIMARY KEY, label VARCHAR(80), price_cents INTEGER);
INSERT INTO products VALUES (1, 'Shelf', 4200);
"""


def rows() -> str:
    lines = []
    for i in range(1, 41):
        first, last = FIRST[(i - 1) % 8], LAST[(i - 1) // 8]
        email = "ana@example.org" if i == 1 else f"{first}.{last}@example.org".lower()
        digest, year = hashlib.md5(bytes([i])).hexdigest(), 2014 + (i - 1) % 12
        lines += [
            f"INSERT INTO customers VALUES ({i}, '{email}', '{first}', '{last}', '+33 1 99 00 {i:02} 00', '{digest}',"
            f" '{year}-03-04 10:00:00');",
            f"INSERT INTO orders VALUES ({i}, {i}, '{i} rue Haute, 75001 Paris', '{year}-03-05 10:00:00');",
            f"INSERT INTO newsletter VALUES ({i}, '{email}', '2021-01-02');",
        ]
    return "\n".join(lines)


def account_of(title: str) -> str:
    [sql] = [b for b in blocks(PAGE, "sql") if b.startswith(f"-- {title}")]
    return sql


@pytest.fixture(
    params=[("postgres_server", "PostgreSQL"), ("mariadb_server", "MariaDB")], ids=["postgresql", "mariadb"]
)
def address(request: pytest.FixtureRequest) -> Iterator[str]:
    """A server with the shop, and the address of the account that the page makes on it."""
    fixture, title = request.param
    server: Server = request.getfixturevalue(fixture)
    server._create_database(DATABASE)
    server.admin_execute(SCHEMA + rows(), DATABASE)
    server.admin_execute(account_of(title), DATABASE)
    yield server.url(DATABASE, "troth_reader", "choose-one")
    server.drop_database(DATABASE)


def contents(server_url: str) -> str:
    """All rows, to see that none was changed."""
    from sqlalchemy import create_engine, text

    engine = create_engine(server_url, hide_parameters=True)
    try:
        with engine.connect() as connection:
            return repr(
                [connection.execute(text(f"SELECT * FROM {t} ORDER BY 1")).all() for t in ("customers", "orders")]
            )
    finally:
        engine.dispose()


def test_the_tutorial_runs_as_it_is_written(address: str, tmp_path: Path) -> None:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    env = {
        "PATH": path, "HOME": str(tmp_path), "LC_ALL": "C.UTF-8", "COLUMNS": "80", "SHOP_DATABASE_URL": address,
    }  # fmt: skip
    before = contents(address)
    listed = commands(PAGE)
    for line, expected in listed:
        done = subprocess.run(
            ["bash", "-c", line], cwd=tmp_path, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL, timeout=120,
        )  # fmt: skip
        assert shown(expected, done.stdout), f"$ {line}\n--- the page says\n{expected}\n--- it printed\n{done.stdout}"
    assert len(listed) >= 7
    assert contents(address) == before
    assert (tmp_path / "survey.html").is_file()
    assert (tmp_path / "ana" / "index.html").is_file()


def test_every_command_of_the_page_is_one_of_troth_or_an_edit() -> None:
    assert {line.partition(" ")[0] for line, _ in commands(PAGE)} == {"troth", "sed"}
