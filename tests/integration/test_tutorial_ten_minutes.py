"""The tutorial in both languages: every command, as it is written, on servers, by a read-only account."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from effort import usually
from manual import blocks, commands, shown
from servers import Server

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "tutorial"
PAGES = {
    "en": (FOLDER / "your-database-in-ten-minutes.md").read_text("utf-8"),
    "fr": (FOLDER / "votre-base-en-dix-minutes.md").read_text("utf-8"),
}
each_page = pytest.mark.parametrize("language", PAGES)
LOCALES = {"en": "C.UTF-8", "fr": "fr_FR.UTF-8"}
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
    """The same statements in both pages."""
    found = {b for page in PAGES.values() for b in blocks(page, "sql") if b.startswith(f"-- {title}")}
    [sql] = found
    return sql


BOTH = [("postgresql", "fr"), ("mariadb", "en"), ("postgresql", "en"), ("mariadb", "fr")]


@pytest.fixture
def address(request: pytest.FixtureRequest) -> Iterator[str]:
    """A server with the shop, and the address of the account that the page makes on it."""
    fixture, title = {
        "postgresql": ("postgres_server", "PostgreSQL"), "mariadb": ("mariadb_server", "MariaDB"),
    }[request.param]  # fmt: skip
    server: Server = request.getfixturevalue(fixture)
    server._create_database(DATABASE)
    server.admin_execute(SCHEMA + rows(), DATABASE)
    server.admin_execute(account_of(title), DATABASE)
    yield server.url(DATABASE, "troth_reader", "choose-one")
    server.drop_database(DATABASE)
    server.admin_execute("DROP ROLE troth_reader" if title == "PostgreSQL" else "DROP USER 'troth_reader'@'%'")


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


@pytest.mark.parametrize(
    ("address", "language"),
    usually(BOTH[:2], BOTH),
    indirect=["address"],
)
def test_the_tutorial_runs_as_it_is_written(address: str, tmp_path: Path, language: str) -> None:
    """Each page on one of the servers, whose statements are the same in both; ``TROTH_EXHAUSTIVE=1``: on both."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    env = {
        "PATH": path, "HOME": str(tmp_path), "LC_CTYPE": "C.UTF-8", "LC_MESSAGES": LOCALES[language], "COLUMNS": "80",
        "SHOP_DATABASE_URL": address,
    }  # fmt: skip
    before = contents(address)
    listed = commands(PAGES[language])
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


@each_page
def test_every_command_of_the_page_is_one_of_troth_or_an_edit(language: str) -> None:
    assert {line.partition(" ")[0] for line, _ in commands(PAGES[language])} == {"troth", "sed"}


def test_both_pages_have_the_same_steps() -> None:
    steps = {
        language: [
            line.replace(" --lang fr", "").partition("privacy_contact")[0].split()[:3] for line, _ in commands(page)
        ]
        for language, page in PAGES.items()
    }
    assert steps["en"] == steps["fr"]
    assert len({page.count("\n## ") for page in PAGES.values()}) == 1
