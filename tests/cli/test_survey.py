"""`troth survey`: a report on any database, nothing personal in it, a clear line for whatever goes wrong."""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from databases import EngineCase
from troth.cli.main import run

SHOP = """
CREATE TABLE customers (id INTEGER PRIMARY KEY, email VARCHAR(120), first_name VARCHAR(60), last_name VARCHAR(60),
  phone VARCHAR(40), password VARCHAR(120), card_number VARCHAR(30), iban VARCHAR(40), notes TEXT, settings TEXT,
  last_login VARCHAR(30));
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER, delivery_address VARCHAR(200), placed_at VARCHAR(30));
CREATE TABLE products (id INTEGER PRIMARY KEY, label VARCHAR(80), price INTEGER);
"""


def filled(case: EngineCase, people: int = 12) -> list[str]:
    """A shop with values that must never be seen again; those values."""
    planted, lines = [], []
    cards = ["4539578763621486", "4716059312345674", "4485275742308327"]
    for i in range(people):
        words = [
            f"Tok{i}zebra@example.org", f"Tokfirst{i}", f"Toklast{i}", f"+3319900{i:04}", hashlib.md5(bytes([i])).hexdigest(),
            cards[i % 3], "FR7630006000011234567890189", f"secret tokennote{i} about them",
            json.dumps({"nick": f"tokinner{i}", "mail": f"in{i}@example.org"}), "2012-03-04 10:00:00",
        ]  # fmt: skip
        planted += [w for w in words[:-1] if not w.startswith("{")] + [f"tokinner{i}", f"in{i}@example.org"]
        values = ", ".join("'" + w + "'" for w in words)
        lines.append(f"INSERT INTO customers VALUES ({i + 1}, {values});")
        lines.append(
            f"INSERT INTO orders VALUES ({i + 1}, {i + 1 if i else 99}, 'tokstreet {i} rue Haute', '2013-01-0{i % 9 + 1}');"
        )
        planted.append(f"tokstreet {i}")
    case.execute_script(SHOP + "\n".join(lines))
    return planted


def surveyed(*arguments: str) -> int:
    """The exit status of `troth survey`."""
    with pytest.raises(SystemExit) as ended:
        run(["survey", *arguments])
    return int(ended.value.code or 0)


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")


def shop(folder: Path) -> str:
    """A SQLite shop; its address."""
    path = folder / "shop.sqlite"
    path.touch()
    filled(EngineCase("sqlite", f"sqlite:///{path}", str(path), path=path))
    return f"sqlite:///{path}"


def read(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    return document


def test_nothing_personal_is_in_the_report(
    engine_case: EngineCase, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    planted = filled(engine_case)
    assert surveyed(engine_case.url, "--as", "shop", "--as-of", "2026-11-22") == 0
    printed = capsys.readouterr()
    page = (tmp_path / "survey.html").read_text("utf-8")
    assert surveyed(engine_case.url, "--as", "shop", "--format", "json") == 0
    document = capsys.readouterr()
    told = f"{page}{printed.out}{printed.err}{document.out}{document.err}".lower()
    assert [word for word in planted if word.lower() in told] == []
    assert "customers" in page
    headline = json.loads(document.out)["headline"]
    assert headline["tables_with_people"] == 2
    assert headline["people"] == {"value": 12, "basis": "counted", "of": None}


def test_what_hurts_is_found(engine_case: EngineCase, capsys: pytest.CaptureFixture[str]) -> None:
    filled(engine_case)
    assert surveyed(engine_case.url, "--format", "json", "--as-of", "2026-11-22") == 0
    document = read(capsys)
    assert {"card", "md5", "iban"} <= {s["kind"] for s in document["secrets"]}
    assert [(o["table"], o["column"], o["parent"], o["missing"]) for o in document["orphans"]] == [
        ("orders", "customer_id", "customers", 1)
    ]
    assert "cards" in {f["code"] for f in document["findings"]}
    assert document["inspected"] is True
    assert document["not_seen"] == []


def test_rows_past_their_usual_time_are_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert surveyed(shop(tmp_path), "--format", "json", "--as-of", "2026-11-22") == 0
    [age] = [a for a in read(capsys)["ages"] if a["table"] == "customers"]
    assert age["oldest"] == "2012-03-04"
    assert age["over"] is True
    assert age["beyond"] == {"value": 12, "basis": "counted", "of": None}
    assert age["period"]["period"] == "3 years"
    assert age["period"]["source"]


def test_the_database_is_not_changed(tmp_path: Path) -> None:
    url = shop(tmp_path)
    before = (tmp_path / "shop.sqlite").read_bytes()
    assert surveyed(url) == 0
    assert (tmp_path / "shop.sqlite").read_bytes() == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["shop.sqlite", "survey.html"]


def test_the_same_database_makes_the_same_report(tmp_path: Path) -> None:
    url = shop(tmp_path)
    for name in ("a.html", "b.html"):
        assert surveyed(url, "-o", name, "--as-of", "2026-11-22") == 0
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()


def test_the_headline_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert surveyed(shop(tmp_path), "--lang", "fr", "-o", "r.html") == 0
    printed = capsys.readouterr()
    assert "▲ À traiter : Des numéros de cartes de paiement" in printed.out
    assert printed.out.rstrip().endswith("Le rapport est dans r.html.")
    assert printed.err == ""
    assert 'lang="en"' not in (tmp_path / "r.html").read_text("utf-8")


def test_an_existing_file_is_not_replaced_unless_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    url = shop(tmp_path)
    (tmp_path / "survey.html").write_text("mine")
    assert surveyed(url) == 2
    assert "--force" in capsys.readouterr().err
    assert (tmp_path / "survey.html").read_text() == "mine"
    assert surveyed(url, "--force") == 0
    assert (tmp_path / "survey.html").read_text("utf-8").startswith("<!DOCTYPE html>")


def test_the_address_may_come_from_a_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SURVEYED", shop(tmp_path))
    assert surveyed("--url-from", "SURVEYED", "-o", "a.html") == 0
    assert surveyed("${SURVEYED}", "-o", "b.html") == 0
    assert (tmp_path / "b.html").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        [], ["sqlite:///x.sqlite", "--url-from", "X"], ["--url-from", "NOT_SET"], ["--url-from", "sqlite:///x"],
        ["nonsense"], ["sqlite:///x.sqlite", "--as-of", "tomorrow"], ["sqlite:///x.sqlite", "--lang", "tlh"],
        ["sqlite:///x.sqlite", "--policy", "nowhere.yaml"], ["sqlite:///x.sqlite", "-o", "."],
    ],
)  # fmt: skip
def test_wrong_use_is_told_in_a_line(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert surveyed(*arguments) == 2
    told = capsys.readouterr().err
    assert told.startswith("error: ")
    assert "Traceback" not in told
    assert "fault in Troth" not in told


def test_a_report_that_cannot_be_written_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert surveyed(shop(tmp_path), "-o", "no/such/folder.html") == 2
    assert "cannot write no/such/folder.html" in capsys.readouterr().err


def test_a_database_that_is_not_there_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert surveyed("sqlite:///nowhere.sqlite") == 1
    told = capsys.readouterr().err
    assert told.startswith("error: ")
    assert "fault in Troth" not in told


def test_a_file_that_is_no_database_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "rubbish.sqlite").write_bytes(bytes(range(256)) * 50)
    assert surveyed("sqlite:///rubbish.sqlite") == 1
    told = capsys.readouterr().err
    assert told.startswith("error: ")
    assert "fault in Troth" not in told


def script(tmp_path: Path, sql: str) -> str:
    with closing(sqlite3.connect(tmp_path / "odd.sqlite")) as connection:
        connection.executescript(sql)
    return "sqlite:///odd.sqlite"


def test_an_empty_database_has_a_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert surveyed(script(tmp_path, ""), "--lang", "en") == 0
    assert "no tables" in capsys.readouterr().out
    assert "no tables" in (tmp_path / "survey.html").read_text("utf-8")


def test_a_failing_view_is_a_line_of_the_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sql = SHOP + "CREATE TABLE gone (a); CREATE VIEW broken AS SELECT a FROM gone; DROP TABLE gone;"
    assert surveyed(script(tmp_path, sql), "--format", "json") == 0
    assert [(u["code"], u["table"]) for u in read(capsys)["not_seen"]] == [("view_fails", "broken")]


def test_a_cyclic_schema_has_a_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sql = """
    CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT, manager_id INTEGER REFERENCES users (id),
      team_id INTEGER REFERENCES teams (id));
    CREATE TABLE teams (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users (id));
    INSERT INTO users VALUES (1, 'a@example.org', 2, 1), (2, 'b@example.org', 1, 1);
    INSERT INTO teams VALUES (1, 2);
    """
    assert surveyed(script(tmp_path, sql), "--format", "json") == 0
    assert "users" in read(capsys)["headline"]["people_tables"]


def test_many_tables_have_a_report_in_time(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sql = "".join(f"CREATE TABLE t{i} (id INTEGER PRIMARY KEY, user_id INTEGER, label TEXT);" for i in range(1500))
    assert surveyed(script(tmp_path, f"BEGIN;{SHOP}{sql}COMMIT;"), "--seconds", "8", "--lang", "en") == 0
    assert "of 1,503 in all" in capsys.readouterr().out


def test_names_made_to_hurt_are_shown_and_nothing_more(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name = "customers <script>alert(1)</script>\x1b[31m"
    sql = f'CREATE TABLE "{name}" (id INTEGER PRIMARY KEY, "email" TEXT, "{"c" * 200}" TEXT);'
    sql += f"INSERT INTO \"{name}\" VALUES (1, 'a@example.org', 'x'), (2, 'b@example.org', 'y');"
    assert surveyed(script(tmp_path, sql)) == 0
    page = (tmp_path / "survey.html").read_text("utf-8")
    assert "<script" not in page
    assert "customers &lt;script&gt;alert" in page
    assert "\x1b" not in page + capsys.readouterr().out


POLICY = """format: 1
policy: {title: {en: Privacy}, version: 2026-01-01, languages: [en], authoritative: en}
publisher: {name: Example, country: FR, timezone: Europe/Paris, financial_year_end: 12-31,
  privacy_contact: {name: Desk, email: privacy@example.org}}
purposes:
  orders: {title: Orders, basis: contract, people: customers, keep: {for: 5 years, after: account_activity},
    categories: [EmailAddress, Name, TelephoneNumber]}
stores:
  shop:
    url: sqlite:///shop.sqlite
    location: FR
    collections:
      customers:
        for: orders
        subject: {email: email, customer_id: id}
        fields: {email: EmailAddress, first_name: Name, gone: Name}
        events: {account_activity: {of: last_login, is: text, format: "%Y-%m-%d %H:%M:%S"}}
      carts: {for: orders, belongs_to: {customers: customer_id}, fields: {note: Name}}
"""


def test_a_policy_is_compared_with_the_database(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "troth.yaml").write_text(POLICY)
    assert surveyed(shop(tmp_path), "--policy", "troth.yaml", "--format", "json", "--as-of", "2026-11-22") == 0
    document = read(capsys)
    gaps = {(g["code"], g["table"]): g["columns"] for g in document["gaps"]}
    assert set(gaps) == {
        ("table_unmapped", "orders"), ("column_unmapped", "customers"), ("table_gone", "carts"),
        ("column_gone", "customers"),
    }  # fmt: skip
    assert gaps["column_gone", "customers"] == ["gone"]
    assert "iban" in gaps["column_unmapped", "customers"]
    assert "first_name" not in gaps["column_unmapped", "customers"]
    [age] = [a for a in document["ages"] if a["table"] == "customers"]
    assert age["period"]["of_policy"] is True
    assert age["period"]["period"] == "5 years"
    assert surveyed(f"sqlite:///{tmp_path}/shop.sqlite", "--policy", "troth.yaml") == 0
    assert 'id="en-policy"' in (tmp_path / "survey.html").read_text("utf-8")


def fields_of(value: object) -> set[str]:
    if isinstance(value, dict):
        return set(value).union(*(fields_of(below) for below in value.values()))
    return set().union(*(fields_of(below) for below in value)) if isinstance(value, list) else set()


def test_every_field_of_the_json_is_described(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "troth.yaml").write_text(POLICY)
    assert surveyed(shop(tmp_path), "--policy", "troth.yaml", "--format", "json") == 0
    page = Path(__file__).parents[2].joinpath("docs/reference/json.md").read_text("utf-8")
    section = page.partition("\n## survey\n")[2].partition("\n## ")[0]
    described = {word for piece in re.findall(r"`([^`\n]+)`", section) for word in re.findall(r"\w+", piece)}
    found = fields_of(read(capsys))
    assert len(found) > 40
    assert found - described == set()


def test_no_password_of_an_address_is_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert surveyed("postgresql://troth:hunter2@127.0.0.1:1/shop", "--seconds", "3") == 1
    printed = capsys.readouterr()
    assert "hunter2" not in printed.out + printed.err
    assert re.match(r"error: .+", printed.err)
