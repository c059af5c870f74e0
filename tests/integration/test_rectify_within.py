"""Rectification of values inside JSON and PHP-serialised columns, through the command line, on every engine."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from databases import EngineCase
from troth.cli.main import build

POLICY = """
format: 1
policy: {title: {en: Privacy}, version: 2026-11-22, languages: [en], authoritative: en}
publisher: {name: Test Ltd, country: FR, timezone: Europe/Paris, privacy_contact: {email: privacy@example.org}}
purposes:
  service:
    title: {en: Service}
    basis: contract
    people: [clients]
    keep: {for: 3 years, after: last_contact}
stores:
  main:
    url: ${MAIN_URL}
    location: FR
    mode: enforce
    collections:
      member:
        for: service
        subject: {email: email}
        fields:
          email: EmailAddress
          settings: {json: {"address.city": City, "tags.*": Interest}}
          options: {php: {phone: TelephoneNumber}}
        events: {last_contact: {of: seen, is: date}}
"""
SETTINGS = {"address": {"city": "Lion", "zip": "69001"}, "tags": ["a"]}
OPTIONS = 'a:2:{s:5:"phone";s:4:"0123";s:5:"theme";s:4:"dark";}'


@pytest.fixture
def member(engine_case: EngineCase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> EngineCase:
    kind = {"postgresql": "jsonb", "mariadb": "json"}.get(engine_case.kind, "text")
    engine_case.execute_script(
        f"CREATE TABLE member (id INTEGER NOT NULL PRIMARY KEY, email VARCHAR(99), settings {kind}, options TEXT, seen DATE)"
    )
    engine_case.execute_script(
        f"INSERT INTO member VALUES (1, 'ana@example.org', '{json.dumps(SETTINGS)}', '{OPTIONS}', '2026-01-01')"
    )
    engine_case.execute_script(
        f"INSERT INTO member VALUES (2, 'bob@example.org', '{json.dumps(SETTINGS)}', '{OPTIONS}', '2026-01-01')"
    )
    (tmp_path / "troth.yaml").write_text(POLICY)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MAIN_URL", engine_case.url)
    made = CliRunner().invoke(build("keys"), ["keys", "init", "--origin", "example.org/troth"])
    assert made.exit_code == 0, made.output
    return engine_case


def rectify(*words: str) -> Result:
    return CliRunner().invoke(build("rectify"), ["rectify", "email=ana@example.org", *words])


def stored(case: EngineCase, column: str, row: int = 1) -> str:
    [(value,)] = case.query(f"SELECT {column} FROM member WHERE id = {row}")
    return value if isinstance(value, str) else json.dumps(value)


def test_a_value_inside_json_is_corrected_and_the_rest_stays(member: EngineCase) -> None:
    done = rectify("--yes", "settings.address.city=Nîmes")
    assert done.exit_code == 0, done.output
    assert json.loads(stored(member, "settings")) == {**SETTINGS, "address": {"city": "Nîmes", "zip": "69001"}}
    assert json.loads(stored(member, "settings", 2)) == SETTINGS
    again = rectify("--dry-run", "--format", "json", "settings.address.city=Nîmes")
    assert json.loads(again.output)["stores"][0]["steps"] == []


def test_a_value_inside_php_is_corrected_with_its_length(member: EngineCase) -> None:
    done = rectify("--yes", "options.phone=É45")
    assert done.exit_code == 0, done.output
    assert stored(member, "options") == 'a:2:{s:5:"phone";s:4:"É45";s:5:"theme";s:4:"dark";}'
    assert stored(member, "options", 2) == OPTIONS


def test_a_capital_is_a_correction(member: EngineCase) -> None:
    assert rectify("--yes", "settings.address.city=LION").exit_code == 0
    assert json.loads(stored(member, "settings"))["address"]["city"] == "LION"


def test_a_path_to_many_values_is_refused_before_anything_is_written(member: EngineCase) -> None:
    refused = rectify("--yes", "settings.tags.*=b")
    assert refused.exit_code == 1
    assert "which of its values is wrong" in refused.output
    assert json.loads(stored(member, "settings")) == SETTINGS


def test_what_cannot_be_read_is_not_rewritten(member: EngineCase) -> None:
    member.execute_script("UPDATE member SET options = 'a:1:{rubbish' WHERE id = 1")
    refused = rectify("--yes", "options.phone=0456")
    assert refused.exit_code == 1
    assert "does not hold what the map says" in refused.output
    assert stored(member, "options") == "a:1:{rubbish"


def test_only_rows_in_which_a_value_stands_are_corrected(member: EngineCase, tmp_path: Path) -> None:
    from datetime import UTC, date, datetime

    from troth import bootstrap
    from troth.core.rights.acting import run_plan
    from troth.core.rights.erase import Runner, identify
    from troth.core.rights.identity import Decisions, Subject
    from troth.core.rights.rectify import Correction, plan_rectification

    text = POLICY.replace(
        "        events:",
        "          born: BirthDate\n          floor: HouseNumber\n          note: Communication\n        events:",
    )
    (tmp_path / "troth.yaml").write_text(text)
    for column in ("born DATE", "floor INTEGER", "note TEXT"):
        member.execute_script(f"ALTER TABLE member ADD COLUMN {column}")
    member.execute_script("INSERT INTO member SELECT 3, email, settings, options, seen, born, floor, note FROM member "
                          "WHERE id = 1")  # fmt: skip
    member.execute_script("UPDATE member SET born = '1980-01-01', floor = 1, note = 'a' WHERE id = 1")
    member.execute_script("UPDATE member SET born = '1990-01-01', floor = 2, note = NULL WHERE id = 3")
    other = json.dumps({**SETTINGS, "address": {"city": "Lille", "zip": "59000"}})
    no_phone = 'a:1:{s:5:"theme";s:4:"dark";}'
    member.execute_script(f"UPDATE member SET settings = '{other}', options = '{no_phone}' WHERE id = 3")
    wanted = [
        Correction("main.member.born", "1991-02-03", ("1990-01-01",)), Correction("main.member.floor", "3", ("2",)),
        Correction("main.member.note", "b", (None, "")), Correction("settings.address.city", "Lyon", ("Lion",)),
        Correction("options.phone", "0999", ("0000",)),
    ]  # fmt: skip
    policy = bootstrap.load_policy(tmp_path / "troth.yaml")
    records = bootstrap.open_records(tmp_path / "troth-state")
    try:
        with bootstrap.open_session(policy, tmp_path / "troth.yaml", date(2026, 11, 22)) as session:
            identity = identify(session, Subject((("email", "ana@example.org"),)), Decisions(shared=True), records)
            planned = plan_rectification(session, identity, wanted)
            assert [one.code for one in planned.plan.refusals] == ["not_there"], "no 0000 stands there, nor 0999"
            runner = Runner(records, datetime.now(UTC), "req-x", None, lambda _: None, lambda: 0.0)
            assert {o.status for o in run_plan(session, planned, runner, "rectification")} == {"done"}
    finally:
        records.state.close()
    rows = member.query("SELECT id, born, floor, note FROM member ORDER BY id")
    assert [tuple(map(str, row)) for row in rows] == [
        ("1", "1980-01-01", "1", "a"), ("2", "None", "None", "None"), ("3", "1991-02-03", "3", "b"),
    ]  # fmt: skip
    cities = [json.loads(stored(member, "settings", row))["address"]["city"] for row in (1, 2, 3)]
    assert cities == ["Lyon", "Lion", "Lille"]
    assert stored(member, "options") == OPTIONS


def test_a_value_that_its_column_cannot_hold_or_somebody_else_has_is_refused(
    member: EngineCase, tmp_path: Path
) -> None:  # fmt: skip
    text = POLICY.replace("        events:", "          size: Height\n          floor: HouseNumber\n        events:")
    (tmp_path / "troth.yaml").write_text(text)
    for column in ("size NUMERIC(5,2)", "floor SMALLINT"):
        member.execute_script(f"ALTER TABLE member ADD COLUMN {column}")
    member.execute_script("UPDATE member SET size = 1.75, floor = 2")
    words = ["floor=two", "size=1,8", "email=bob@example.org"]
    words += [] if member.kind == "sqlite" else ["floor=40000", "size=1.805"]
    for word in words:
        refused = rectify("--yes", word)
        assert (refused.exit_code, "error: main.member." in refused.output) == (1, True), refused.output
    done = rectify("--yes", "floor=3", "size=1.80", "email=ana@new.example.org")
    assert done.exit_code == 0, done.output
    rows = member.query("SELECT floor, size, email FROM member ORDER BY id")
    assert [(int(floor), float(size), email) for floor, size, email in rows] == [
        (3, 1.8, "ana@new.example.org"), (2, 1.75, "bob@example.org"),
    ]  # fmt: skip
