"""What the report says of an erasure, on the three engines: what stops it, what slows it, what could not be seen."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from databases import EngineCase
from troth.cli.main import run

PEOPLE = """
CREATE TABLE customers (id INTEGER PRIMARY KEY, email VARCHAR(120), first_name VARCHAR(60), last_name VARCHAR(60));
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER, delivery_address VARCHAR(200), placed_at DATE);
CREATE TABLE visits (customer_id INTEGER, ip VARCHAR(45), seen_on DATE);
CREATE TABLE salaries (id INTEGER PRIMARY KEY, customer_id INTEGER, amount INTEGER);
"""
ROWS = "".join(
    f"INSERT INTO customers VALUES ({i}, 'p{i}@example.org', 'Ana', 'Sorel');"
    f"INSERT INTO orders VALUES ({i}, {i}, '{i} rue Haute, 75001 Paris', '2025-01-02');"
    f"INSERT INTO visits VALUES ({i}, '192.0.2.{i}', '2025-01-02');"
    for i in range(1, 13)
)


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def surveyed(url: str, capsys: pytest.CaptureFixture[str], *more: str) -> dict[str, list[dict[str, object]]]:
    with pytest.raises(SystemExit) as ended:
        run(["survey", url, "--format", "json", "--as-of", "2026-11-22", *more])
    printed = capsys.readouterr()
    assert not ended.value.code, printed.err
    document: dict[str, list[dict[str, object]]] = json.loads(printed.out)
    return document


def blocks(document: dict[str, list[dict[str, object]]]) -> set[tuple[str, str]]:
    """Code and table, named as everywhere else in the report."""
    return {(str(b["code"]), str(b["table"])) for b in document["blocks"]}


def test_a_table_without_a_key_is_told(engine_case: EngineCase, capsys: pytest.CaptureFixture[str]) -> None:
    engine_case.execute_script(PEOPLE + ROWS)
    document = surveyed(engine_case.url, capsys)
    assert document["inspected"]
    assert ("no_key", "visits") in blocks(document)
    assert ("no_key", "customers") not in blocks(document)


def test_a_table_that_forbids_the_deletion_is_told(engine_case: EngineCase, capsys: pytest.CaptureFixture[str]) -> None:
    stamps = "CREATE TABLE stamps (code INTEGER PRIMARY KEY, kind INTEGER, CONSTRAINT s FOREIGN KEY (kind) REFERENCES orders (id));"
    engine_case.execute_script(PEOPLE + stamps + ROWS)
    document = surveyed(engine_case.url, capsys)
    told = blocks(document)
    # Either the draft follows the key, and the rows go with the order's, or the report says that they stop it.
    mapped = {str(t["table"]).rpartition(".")[2] for t in document["tables"] if t["role"] != "none"}
    assert "stamps" in mapped or ("restrict_unmapped", "orders") in told


TRIGGERS = {
    "sqlite": "CREATE TRIGGER keep AFTER DELETE ON orders BEGIN INSERT INTO salaries VALUES (NULL, old.customer_id, 0); END;",
    "mariadb": "CREATE TRIGGER keep AFTER DELETE ON orders FOR EACH ROW INSERT INTO salaries VALUES (9, old.customer_id, 0);",
    "postgresql": "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN old; END';"
    "CREATE TRIGGER keep AFTER DELETE ON orders FOR EACH ROW EXECUTE FUNCTION f();",
}


def test_a_trigger_is_told(engine_case: EngineCase, capsys: pytest.CaptureFixture[str]) -> None:
    engine_case.execute_script(PEOPLE + ROWS)
    engine_case.execute_script(TRIGGERS[engine_case.kind])
    assert ("triggers", "orders") in blocks(surveyed(engine_case.url, capsys))


def test_an_engine_without_transactions_stops_an_erasure(
    engine_case: EngineCase, capsys: pytest.CaptureFixture[str]
) -> None:
    if engine_case.kind != "mariadb":
        pytest.skip("only MariaDB has such engines")
    engine_case.execute_script(PEOPLE + ROWS + "ALTER TABLE orders ENGINE=MyISAM;")
    document = surveyed(engine_case.url, capsys)
    assert ("untransactional", "orders") in blocks(document)
    assert "erasure_stops" in {f["code"] for f in document["findings"]}


ACCOUNT = {
    "postgresql": ["DROP ROLE IF EXISTS reader_s", "CREATE ROLE reader_s LOGIN PASSWORD 'invented'"],
    "mariadb": ["CREATE OR REPLACE USER 'reader_s'@'%' IDENTIFIED BY 'invented'"],
}


def test_a_table_that_may_not_be_read_is_a_line_of_the_report(
    engine_case: EngineCase, capsys: pytest.CaptureFixture[str]
) -> None:
    if engine_case.server is None:
        pytest.skip("SQLite has no accounts")
    engine_case.execute_script(PEOPLE + ROWS)
    tables = ("customers", "orders", "visits")
    if engine_case.kind == "postgresql":
        grants = [*ACCOUNT["postgresql"], *(f"GRANT SELECT ON {name} TO reader_s" for name in tables)]
    else:
        grants = [*ACCOUNT["mariadb"], *(f"GRANT SELECT ON {name} TO 'reader_s'@'%'" for name in tables)]
    engine_case.execute_script(";".join(grants) + ";")
    document = surveyed(engine_case.server.url(engine_case.database, "reader_s", "invented"), capsys)
    assert {t["table"] for t in document["tables"] if t["role"] != "none"} >= {"customers", "orders"}
    if engine_case.kind == "postgresql":  # MariaDB does not even show that the table exists
        assert [(u["code"], u["table"]) for u in document["not_seen"]] == [("no_right", "salaries")]


def test_a_server_that_has_stopped_answering_ends_in_a_line(
    engine_case: EngineCase, capsys: pytest.CaptureFixture[str]
) -> None:
    if engine_case.server is None:
        pytest.skip("SQLite has no server")
    engine_case.execute_script(PEOPLE)
    begun = time.monotonic()
    engine_case.server.pause()
    try:
        with pytest.raises(SystemExit) as ended:
            run(["survey", engine_case.url, "--seconds", "5"])
    finally:
        engine_case.server.resume()
    assert ended.value.code == 1
    assert capsys.readouterr().err.startswith("error: ")
    assert time.monotonic() - begun < 60


def test_an_inspection_that_does_not_end_is_given_up(
    engine_case: EngineCase, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    engine_case.execute_script(PEOPLE + ROWS)
    monkeypatch.setattr("troth.connectors.sql.connector.SqlConnector.inspect", lambda self: time.sleep(120))
    begun = time.monotonic()
    document = surveyed(engine_case.url, capsys, "--seconds", "6")
    assert document["inspected"] is False
    assert ("no_key", "visits") in blocks(document)  # what the schema alone tells
    assert time.monotonic() - begun < 30
