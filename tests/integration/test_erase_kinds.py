"""One kind of data erased through the command line, on every engine: columns, rows of keys and values, values inside
JSON and PHP, a hold, and the day on which it ends."""

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

POLICY = """
format: 1
policy: {title: {en: Privacy}, version: 2026-11-22, languages: [en], authoritative: en}
publisher: {name: Test Ltd, country: FR, timezone: Europe/Paris, financial_year_end: 12-31, privacy_contact: {email: privacy@example.org}}
identifiers: {email: {strong: true}, phone: {strong: true}}
purposes:
  service: {title: {en: Service}, basis: contract, people: [clients], keep: {for: 10 years, after: last_contact}}
  offers: {title: {en: Offers}, basis: consent, people: [clients], keep: {for: 10 years, after: last_contact}}
stores:
  main:
    url: ${MAIN_URL}
    location: FR
    mode: enforce
    collections:
      member:
        for: service
        subject: {email: email, phone: phone}
        fields:
          email: EmailAddress
          phone: TelephoneNumber
          name: Name
          settings: {json: {"contact.phone": TelephoneNumber, "contact.city": City}}
          options: {php: {phone: TelephoneNumber, nick: Username}}
        events: {last_contact: {of: seen, is: date}}
      meta:
        for: service
        belongs_to: {member: member_id}
        rows: {key: meta_key, value: meta_value, fields: {mobile: TelephoneNumber, nick: Username}}
      calls:
        for: offers
        belongs_to: {member: member_id}
        fields: {number: TelephoneNumber}
      invoice:
        for: service
        belongs_to: {member: member_id}
        fields: {phone: TelephoneNumber, total: Transaction}
        events: {financial_year_end: {of: issued, is: date}}
        holds:
          accounting: {fields: [phone, total], for: 10 years, after: financial_year_end, because: accounting}
"""
SETTINGS = {"contact": {"phone": "0199", "city": "Lyon"}}
OPTIONS = 'a:2:{s:5:"phone";s:4:"0199";s:4:"nick";s:3:"ana";}'


@pytest.fixture
def members(engine_case: EngineCase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> EngineCase:
    """Two members with everything; the second is nobody's business."""
    kind = {"postgresql": "jsonb", "mariadb": "json"}.get(engine_case.kind, "text")
    engine_case.execute_script(
        f"CREATE TABLE member (id INTEGER NOT NULL PRIMARY KEY, email VARCHAR(99) NOT NULL, phone VARCHAR(40), "
        f"name VARCHAR(40), settings {kind}, options TEXT, seen DATE);"
        "CREATE TABLE meta (id INTEGER NOT NULL PRIMARY KEY, member_id INTEGER, meta_key VARCHAR(40), meta_value TEXT);"
        "CREATE TABLE calls (id INTEGER NOT NULL PRIMARY KEY, member_id INTEGER, number VARCHAR(40) NOT NULL);"
        "CREATE TABLE invoice (id INTEGER NOT NULL PRIMARY KEY, member_id INTEGER, phone VARCHAR(40), total INTEGER, "
        "issued DATE);"
    )
    for at, name in ((1, "ana"), (2, "bob")):
        engine_case.execute_script(
            f"INSERT INTO member VALUES ({at}, '{name}@example.org', '0{at}99', '{name}', '{json.dumps(SETTINGS)}', "
            f"'{OPTIONS}', '2026-01-01');"
            f"INSERT INTO meta VALUES ({at}0, {at}, 'mobile', '0688'), ({at}1, {at}, 'nick', '{name}');"
            f"INSERT INTO calls VALUES ({at}, {at}, '0{at}99');"
            f"INSERT INTO invoice VALUES ({at}0, {at}, '0199', 5, '2010-03-01'), ({at}1, {at}, '0199', 5, '2020-03-01');"
        )
    (tmp_path / "troth.yaml").write_text(POLICY)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MAIN_URL", engine_case.url)
    assert CliRunner().invoke(build("keys"), ["keys", "init", "--origin", "example.org/troth"]).exit_code == 0
    return engine_case


def run(verb: str, *words: str) -> Result:
    return CliRunner().invoke(build(verb), [verb, *words])


def erase(*words: str) -> Result:
    return run("erase", "ana@example.org", "--as-of", "2026-11-22", *words)


def steps(plan: dict[str, Any]) -> list[tuple[str, str, tuple[str, ...]]]:
    found = [step for store in plan["stores"] for step in store["steps"]]
    return [(step["collection"], step["action"], tuple(step["fields"])) for step in found]


def everything(case: EngineCase, member: int) -> dict[str, Any]:
    """All that is there of a member, without keys."""
    [(email, phone, name, settings, options)] = case.query(
        f"SELECT email, phone, name, settings, options FROM member WHERE id = {member}"
    )
    of = f"WHERE member_id = {member} ORDER BY id"
    return {
        "member": (email, phone, name, options),
        "settings": json.loads(settings) if isinstance(settings, str) else settings,
        "meta": [tuple(row) for row in case.query(f"SELECT meta_key, meta_value FROM meta {of}")],
        "calls": [tuple(row) for row in case.query(f"SELECT number FROM calls {of}")],
        "invoice": [tuple(row) for row in case.query(f"SELECT phone, total FROM invoice {of}")],
    }


def test_telephone_numbers_go_wherever_they_stand_and_the_held_one_on_its_day(members: EngineCase) -> None:
    before, other = everything(members, 1), everything(members, 2)
    shown = erase("--category", "TelephoneNumber", "--dry-run", "--format", "json")
    plan = json.loads(shown.output)
    assert {field.rpartition(".")[2] for _, _, fields in steps(plan) for field in fields} <= {
        "phone",
        "number",
        "meta_value",
    }
    assert ("invoice", "keep", ("phone",)) in steps(plan)
    assert everything(members, 1) == before
    done = erase("--category", "TelephoneNumber", "--plan", plan["digest"], "--format", "json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.output)["stopped"] == [], "a no to no use"
    assert everything(members, 1) == {
        "member": ("ana@example.org", None, "ana", 'a:1:{s:4:"nick";s:3:"ana";}'),
        "settings": {"contact": {"city": "Lyon"}},
        "meta": [("nick", "ana")],
        "calls": [],
        "invoice": [(None, 5), ("0199", 5)],
    }
    assert everything(members, 2) == other
    members.execute_script("UPDATE member SET phone = '0777' WHERE id = 1")
    for day, left in (("2030-12-31", "0199"), ("2031-01-01", None)):
        swept = run("sweep", "--yes", "--as-of", day)
        assert swept.exit_code == 0, swept.output
        assert everything(members, 1)["invoice"] == [(None, 5), (left, 5)], "held until the end of 2030"
    assert everything(members, 1)["member"][1] == "0777", "given since"


@pytest.mark.parametrize("engine_case", usually(["sqlite"], ["sqlite", "postgresql", "mariadb"]), indirect=True)
def test_beside_a_use_only_what_serves_nothing_else_goes_and_a_word_too_many_is_refused(members: EngineCase) -> None:
    wrong = erase("--category", "TelephonNumber", "--yes")
    assert wrong.exit_code == 2
    assert "did you mean TelephoneNumber?" in wrong.output
    before = everything(members, 1)
    done = erase("--category", "TelephoneNumber", "--purpose", "offers", "--yes")
    assert done.exit_code == 0, done.output
    assert everything(members, 1) == {**before, "calls": []}
    done = erase("--category", "TelephoneNumber", "--collection", "main.member", "--yes")
    assert done.exit_code == 0, done.output
    assert everything(members, 1)["member"][:3] == ("ana@example.org", None, "ana")
    assert everything(members, 1)["invoice"] == before["invoice"]
