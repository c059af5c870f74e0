"""`troth discover`, as it is called."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from troth.bootstrap import examine_policy
from troth.cli import databases, discover

SCHEMA = """
    CREATE TABLE customers (id INTEGER PRIMARY KEY, email VARCHAR(120) UNIQUE, first_name TEXT, phone TEXT);
    CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id), placed_at DATETIME);
    CREATE TABLE colours (id INTEGER PRIMARY KEY, label TEXT);
"""


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    path = tmp_path / "shop.sqlite"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript(SCHEMA)
        people = [(n, f"person{n}@example.test", "Ana", f"+33 6 12 34 56 {n:02}") for n in range(1, 31)]
        connection.executemany("INSERT INTO customers VALUES (?, ?, ?, ?)", people)
        placed = [(n, n % 30 + 1, f"2025-03-{n % 28 + 1:02} 10:00:00") for n in range(1, 61)]
        connection.executemany("INSERT INTO orders VALUES (?, ?, ?)", placed)
    return path


def run(*words: str):
    app = typer.Typer()
    app.callback()(lambda: None)
    discover.register(app)
    return CliRunner().invoke(app, ["discover", *words])


def change(path: Path, sql: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript(sql)


def test_a_database_becomes_a_policy_that_loads(shop: Path) -> None:
    result = run("sqlite:///shop.sqlite", "-o", "troth.yaml")
    assert result.exit_code == 0, result.output
    examined = examine_policy("troth.yaml", env={})
    assert examined.policy is not None, examined.problems
    assert set(examined.policy.stores["shop"].collections) == {"customers", "orders"}
    assert "3 tables: 1 about people, 1 that hang on them" in result.stderr
    assert result.stdout == ""


def test_without_a_file_the_draft_is_printed_alone(shop: Path) -> None:
    result = run("sqlite:///shop.sqlite")
    assert result.exit_code == 0
    assert result.stdout.startswith("# A draft by `troth discover`")
    assert "tables:" not in result.stdout
    assert "person1@" not in result.output


def test_nothing_is_ever_overwritten(shop: Path) -> None:
    Path("troth.yaml").write_text("mine", "utf-8")
    result = run("sqlite:///shop.sqlite", "-o", "troth.yaml")
    assert result.exit_code == 2
    assert "is there already" in result.stderr
    assert Path("troth.yaml").read_text("utf-8") == "mine"


def test_the_path_in_the_file_counts_from_the_file(shop: Path, tmp_path: Path) -> None:
    (tmp_path / "policies").mkdir()
    run(f"sqlite:///{shop}", "-o", "policies/troth.yaml")
    text = Path("policies/troth.yaml").read_text("utf-8")
    assert 'url: "sqlite:///../shop.sqlite"' in text
    assert str(tmp_path) not in text


@pytest.mark.parametrize("words", [("--url-from", "SHOP_URL"), ("${SHOP_URL}",)])
def test_the_address_may_come_from_the_environment_and_stays_there(
    shop: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.setenv("SHOP_URL", "sqlite:///shop.sqlite")
    result = run(*words)
    assert result.exit_code == 0
    assert "url: ${SHOP_URL}" in result.stdout
    assert "sqlite:" not in result.stdout


def test_a_password_is_never_written(monkeypatch: pytest.MonkeyPatch) -> None:
    address = databases.Address("postgresql://troth:hush@db.test/shop", None, Path())
    assert address.written(None) is None
    assert address.variable_for(address.name) == "SHOP_DATABASE_URL"


def test_the_part_for_an_include_has_nothing_but_stores(shop: Path) -> None:
    result = run("sqlite:///shop.sqlite", "--part", "stores", "--as", "boutique")
    lines = [line for line in result.stdout.splitlines() if line and not line.startswith((" ", "#"))]
    assert lines == ["stores:"]
    assert "  boutique:" in result.stdout
    assert "#   purposes: orders, accounts" in result.stdout


def test_french_is_spoken(shop: Path) -> None:
    result = run("sqlite:///shop.sqlite", "--lang", "fr")
    assert result.stdout.startswith("# Un brouillon")
    assert "languages: [fr]" in result.stdout
    assert "3 tables : 1 sur des personnes" in result.stderr


def test_json_tells_of_every_table_and_of_no_value(shop: Path) -> None:
    result = run("sqlite:///shop.sqlite", "--format", "json")
    data = json.loads(result.stdout)
    assert {t["table"]: t["role"] for t in data["tables"]} == {
        "customers": "person", "orders": "belongs", "colours": "none",
    }  # fmt: skip
    assert "person1@" not in result.stdout


def test_an_empty_database_is_no_failure() -> None:
    with closing(sqlite3.connect("empty.sqlite")) as connection:
        connection.execute("PRAGMA user_version = 1")
    result = run("sqlite:///empty.sqlite", "-o", "troth.yaml")
    assert result.exit_code == 0, result.output
    examined = examine_policy("troth.yaml", env={})
    assert examined.policy is not None, examined.problems
    assert "no tables that this account sees" in Path("troth.yaml").read_text("utf-8")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "which database?"),
        (("sqlite:///missing.sqlite",), "missing.sqlite"),
        (("nonsense",), "write one of sqlite:///path"),
        (("--url-from", "UNSET_URL"), "UNSET_URL is not set"),
        (("--url-from", "not a name"), "takes the name"),
        (("${UNSET_URL}",), "UNSET_URL is not set"),
        (("sqlite:///shop.sqlite", "--url-from", "X"), "one of the two"),
        (("sqlite:///shop.sqlite", "-o", "no/such/folder/x.yaml"), "cannot write"),
        (("sqlite:///shop.sqlite", "--since", "no.json"), "cannot read"),
        (("sqlite:///shop.sqlite", "--policy", "no.yaml"), "cannot read"),
        (("sqlite:///shop.sqlite", "--lang", "xx"), "no texts"),
    ],
)
def test_wrong_use_is_told_in_a_sentence(shop: Path, words: tuple[str, ...], said: str) -> None:
    result = run(*words)
    assert result.exit_code == (1 if "missing" in said else 2), result.output
    assert said in result.stderr
    assert "Traceback" not in result.output


# --- what changed ---------------------------------------------------------------------------------


def test_nothing_has_changed_since_the_draft(shop: Path) -> None:
    run("sqlite:///shop.sqlite", "-o", "troth.yaml")
    result = run("--policy", "troth.yaml")
    assert (result.exit_code, result.stdout) == (0, "nothing has changed\n")


def test_a_new_personal_column_ends_with_one(shop: Path) -> None:
    run("sqlite:///shop.sqlite", "-o", "troth.yaml")
    change(shop, "ALTER TABLE customers ADD COLUMN birth_date DATE")
    result = run("--policy", "troth.yaml", "--as", "shop", "--format", "json")
    assert result.exit_code == 1
    (told,) = json.loads(result.stdout)["changes"]
    assert (told["code"], told["column"], told["personal"]) == ("column_unmapped", "birth_date", True)


def test_a_harmless_change_since_an_earlier_look_is_told_and_ends_well(shop: Path) -> None:
    run("sqlite:///shop.sqlite", "--format", "json", "-o", "look.json")
    change(shop, "ALTER TABLE colours ADD COLUMN hue INTEGER")
    result = run("sqlite:///shop.sqlite", "--since", "look.json")
    assert (result.exit_code, result.stdout) == (0, "colours.hue: new (INTEGER)\n")


def test_a_store_that_the_policy_does_not_have_is_told(shop: Path) -> None:
    run("sqlite:///shop.sqlite", "-o", "troth.yaml")
    result = run("--policy", "troth.yaml", "--as", "other")
    assert result.exit_code == 2
    assert "it has: shop" in result.stderr
