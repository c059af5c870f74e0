"""``troth grants`` on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from databases import EngineCase
from troth.cli.main import build

POLICY = """
format: 1
policy: {{title: {{en: Privacy}}, version: 2026-01-01, languages: [en], authoritative: en}}
publisher: {{name: Test Shop, country: FR, timezone: Europe/Paris, financial_year_end: 12-31, address: 1 Test Road,
  registration: none, privacy_contact: {{name: Ana, email: privacy@example.org}}}}
purposes:
  orders: {{title: {{en: Orders}}, basis: contract, people: clients, categories: [Name, EmailAddress], recipients: [],
    keep: {{for: 3 years, after: last_contact, then: erase}}}}
stores:
  shop:
    url: ${{SHOP_URL}}
    location: FR
    collections:
      person:
        for: orders
        subject: {{email: email}}
        fields: {{email: EmailAddress, name: {field}}}
        events: {{last_contact: seen_at}}
"""


@pytest.fixture
def policy(engine_case: EngineCase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A policy for one table on each engine."""
    engine_case.execute_script(
        "CREATE TABLE person (id integer PRIMARY KEY, email varchar(60), name varchar(60), seen_at timestamp NULL)"
    )
    monkeypatch.setenv("SHOP_URL", engine_case.url)
    path = tmp_path / "troth.yaml"
    path.write_text(POLICY.format(field="Name"))
    return path


def run(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(build("grants"), ["grants", *words])
    return done.exit_code, done.output


def test_it_prints_statements_that_can_be_run_and_says_why(policy: Path, engine_case: EngineCase) -> None:
    code, output = run("--policy", str(policy))
    assert code == 0, output
    assert "account inspect" in output
    assert "account act" in output
    if engine_case.kind == "sqlite":
        assert "permission" in output
        return
    sql = [line for line in output.splitlines() if line and not line.startswith("--")]
    assert all(line.endswith(";") for line in sql)
    assert any("GRANT SELECT" in line for line in sql)


def test_it_prints_one_account_as_json(policy: Path, engine_case: EngineCase) -> None:
    code, output = run("shop", "--account", "act", "--format", "json", "--policy", str(policy))
    [told] = json.loads(output)["stores"]
    assert (code, told["store"], told["engine"]) == (0, "shop", engine_case.kind)
    assert list(told["accounts"]) == ["act"]
    assert all(set(grant) == {"statement", "why"} for grant in told["accounts"]["act"])


def test_an_unknown_store_is_wrong_use(policy: Path) -> None:
    code, output = run("nosuch", "--policy", str(policy))
    assert code == 2
    assert "shop" in output


def test_it_says_what_it_could_not_see(policy: Path, engine_case: EngineCase) -> None:
    engine_case.execute_script("ALTER TABLE person RENAME TO persons")
    code, output = run("--policy", str(policy))
    assert code == 0, output
    assert "perhaps missing above" in output
    assert "did you mean persons?" in output
