"""A hold for some rows only, such as orders from an amount on: through the command line, on every engine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from databases import EngineCase
from effort import usually
from troth.cli.main import build

HOLD = """because: {en: contract made on line for 120 euros or more}, source: C. conso. L213-1"""
POLICY = f"""
format: 1
policy: {{title: {{en: Privacy}}, version: 2026-11-22, languages: [en], authoritative: en}}
publisher: {{name: Test Ltd, country: FR, timezone: Europe/Paris, privacy_contact: {{email: privacy@example.org}}}}
events: {{delivered: {{per: row}}}}
purposes:
  service: {{title: {{en: Service}}, basis: contract, people: [clients], keep: {{for: 20 years, after: last_contact}}}}
stores:
  main:
    url: ${{MAIN_URL}}
    location: FR
    mode: enforce
    collections:
      member:
        for: service
        subject: {{email: email}}
        fields: {{email: EmailAddress, name: Name}}
        events: {{last_contact: {{of: seen, is: date}}}}
      orders:
        for: service
        belongs_to: {{member: member_id}}
        fields: {{total: Purchase, note: Communication}}
        events: {{delivered: {{of: delivered_on, is: date}}}}
        states: {{large: {{total: {{ge: 12000}}}}}}
        holds:
          online: {{if: large, fields: [total], parents: {{member: [name]}}, for: 10 years, after: delivered, {HOLD}}}
      line:
        for: service
        belongs_to: {{orders: order_id}}
        fields: {{what: Purchase}}
        holds:
          online: {{if: large, fields: all, for: 10 years, after: delivered, {HOLD}}}
"""


@pytest.fixture
def shop(engine_case: EngineCase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> EngineCase:
    amount = {"postgresql": "numeric(10,2)", "mariadb": "DECIMAL(10,2)"}.get(engine_case.kind, "NUMERIC")
    engine_case.execute_script(
        "CREATE TABLE member (id INTEGER NOT NULL PRIMARY KEY, email VARCHAR(99), name VARCHAR(40), seen DATE);"
        f"CREATE TABLE orders (id INTEGER NOT NULL PRIMARY KEY, member_id INTEGER, total {amount}, note VARCHAR(40), "
        "delivered_on DATE);"
        "CREATE TABLE line (id INTEGER NOT NULL PRIMARY KEY, order_id INTEGER, what VARCHAR(40));"
        "INSERT INTO member VALUES (1, 'ana@example.org', 'Ana', '2026-01-01');"
        "INSERT INTO orders VALUES (1, 1, 11999, 'ring', '2025-03-01'), (2, 1, 12000, 'ring', '2025-03-01'), "
        "(3, 1, 99999, 'ring', '2014-03-01'), (4, 1, NULL, 'ring', '2025-03-01');"
        "INSERT INTO line VALUES (1, 1, 'pen'), (2, 2, 'book'), (3, 3, 'map'), (4, 4, 'cup');"
    )
    (tmp_path / "troth.yaml").write_text(POLICY)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MAIN_URL", engine_case.url)
    assert CliRunner().invoke(build("keys"), ["keys", "init", "--origin", "example.org/troth"]).exit_code == 0
    return engine_case


def run(verb: str, *words: str) -> Result:
    return CliRunner().invoke(build(verb), [verb, *words])


def rows(case: EngineCase, columns: str, table: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in case.query(f"SELECT {columns} FROM {table} ORDER BY id")]


def test_only_orders_from_the_amount_on_are_held_with_their_lines_until_their_day(shop: EngineCase) -> None:
    done = run("erase", "ana@example.org", "--yes", "--as-of", "2026-11-22", "--format", "json")
    assert done.exit_code == 0, done.output
    kept = [one for one in json.loads(done.output)["outcomes"] if one["status"] == "kept" and one["kept"]]
    assert {one["kept"][0]["until"] for one in kept if one["collection"] == "orders"} - {None} == {"2035-03-01"}
    assert [(at, note) for at, _, note in rows(shop, "id, total, note", "orders")] == [(2, None)]
    assert rows(shop, "id, what", "line") == [(2, "book")]
    assert [name for (name,) in rows(shop, "name", "member")] == ["Ana"]
    for day, left in (("2035-03-01", 1), ("2035-03-02", 0)):
        swept = run("sweep", "--yes", "--as-of", day)
        assert swept.exit_code == 0, swept.output
        assert [len(rows(shop, "id", table)) for table in ("member", "orders", "line")] == [left] * 3


@pytest.mark.parametrize("engine_case", usually(["postgresql"], ["sqlite", "postgresql", "mariadb"]), indirect=True)
def test_an_amount_in_a_column_of_text_is_refused_before_anything_is_written(shop: EngineCase) -> None:
    kind = {"postgresql": "ALTER TABLE orders ALTER COLUMN total TYPE varchar(20)", "sqlite": "", "mariadb":
            "ALTER TABLE orders MODIFY total VARCHAR(20)"}[shop.kind]  # fmt: skip
    shop.execute_script(kind or "ALTER TABLE orders DROP COLUMN total; ALTER TABLE orders ADD COLUMN total TEXT")
    refused = run("erase", "ana@example.org", "--yes", "--as-of", "2026-11-22")
    assert refused.exit_code == 1
    assert "total of" in refused.output
    assert "is compared with a number" in refused.output
    assert len(rows(shop, "id", "orders")) == 4
