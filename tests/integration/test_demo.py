"""The invented data, the demo's folder, and the whole tour."""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from troth.bootstrap import examine_policy, load_policy
from troth.core.check.run import all_problems
from troth.core.errors import UsageError
from troth.demo import invented
from troth.demo.commands import Result
from troth.demo.database import php
from troth.demo.earlier import FOLDER, VERSION, write_earlier
from troth.demo.folder import MARK, claimed, make, set_up
from troth.demo.generate import EXAMPLES, Example, generate
from troth.demo.making import make_apart
from troth.demo.tour import Step, Tour
from troth.publishing.build import policy_page
from troth.publishing.differences import differences

TODAY = date(2026, 11, 22)
MAIL = re.compile(r"[\w.+-]+@([\w.-]+\.\w+)")
RESERVED = re.compile(r"^(example\.(org|net|com)|[\w.-]*\.?(test|invalid))$", re.IGNORECASE)
FICTION = re.compile(r"^((01 99 00|02 61 91|03 53 01|04 65 71|05 36 49|06 39 98) \d\d \d\d|\+44 7700 900\d{3})$")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both examples' databases, 300 people each."""
    folder = tmp_path_factory.mktemp("data")
    for example in EXAMPLES:
        generate(folder, example, TODAY)
    return folder


def rows(path: Path, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchall()


def dump(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


# --- the data -------------------------------------------------------------------------------------


def test_nothing_has_happened_after_the_demo_begins_or_before_its_cause(data: Path) -> None:
    first_minute = f"{TODAY} 00:01"
    for name, table, column in (
        ("shop", "payments", "paid_at"), ("shop", "addresses", "updated_at"), ("shop", "messages", "sent_at"),
        ("shop", "customers", "created_at"), ("service", "documents", "updated_at"),
    ):  # fmt: skip
        late = rows(data / f"{name}.sqlite", f"SELECT count(*) FROM {table} WHERE {column} > '{first_minute}'")
        assert late == [(0,)], (table, column)
    log = "SELECT max(at_ms) / 1000 < CAST(strftime('%s', '2026-11-22 00:01') AS INTEGER) FROM login_log"
    assert rows(data / "service.sqlite", log) == [(1,)]
    unborn = "SELECT count(*) FROM {} WHERE {} LIKE '20%' AND created_at > {}"
    assert rows(data / "shop.sqlite", unborn.format("customers", *["last_seen_at"] * 2)) == [(0,)]
    assert rows(data / "service.sqlite", unborn.format("accounts", *["last_login_at"] * 2)) == [(0,)]


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_same_arguments_give_the_same_rows(example: Example, tmp_path: Path, data: Path) -> None:
    for path in generate(tmp_path, example, TODAY):
        assert dump(path) == dump(data / path.name)


def test_another_seed_gives_other_people(tmp_path: Path, data: Path) -> None:
    generate(tmp_path, "maison", TODAY, seed=7)
    assert dump(tmp_path / "shop.sqlite") != dump(data / "shop.sqlite")


def test_it_never_overwrites_a_database(tmp_path: Path) -> None:
    (tmp_path / "shop.sqlite").write_text("mine")
    with pytest.raises(FileExistsError):
        generate(tmp_path, "maison", TODAY, 60)
    assert (tmp_path / "shop.sqlite").read_text() == "mine"


def test_it_refuses_fewer_people_than_have_parts_to_play(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least"):
        generate(tmp_path, "maison", TODAY, 12)


@pytest.mark.parametrize("database", ["shop", "mailing", "service", "billing"])
def test_nobody_can_be_reached_by_mail(database: str, data: Path) -> None:
    domains = set(MAIL.findall("\n".join(dump(data / f"{database}.sqlite"))))
    assert domains
    assert [d for d in domains if not RESERVED.match(d)] == []


@pytest.mark.parametrize(
    ("database", "table"),
    [("shop", "customers"), ("shop", "employees"), ("service", "profiles"), ("billing", "contacts")],
)
def test_nobody_can_be_called(database: str, table: str, data: Path) -> None:
    numbers = [n for (n,) in rows(data / f"{database}.sqlite", f"SELECT phone FROM {table}") if n]
    assert numbers
    assert [n for n in numbers if not FICTION.match(n)] == []


def test_twelve_years_of_invoices_end_on_the_day_asked_for(data: Path) -> None:
    for database in ("shop", "billing"):
        first, last = rows(data / f"{database}.sqlite", "SELECT min(issued_on), max(issued_on) FROM invoices")[0]
        assert "2014-11-01" < first < "2016-06-01"
        assert "2026-11-01" < last <= "2026-11-22"


ODDITIES = {
    "one mailbox for two people": ("shop", "SELECT email FROM customers GROUP BY lower(email) HAVING count(*) > 1"),
    "the same person twice": (
        "shop", "SELECT phone FROM customers WHERE phone > '' GROUP BY phone HAVING count(DISTINCT lower(email)) > 1",
    ),
    "an address that several live at": (
        "shop", "SELECT line1 FROM addresses GROUP BY line1, city HAVING count(DISTINCT customer_id) > 1",
    ),
    "addresses without owner": (
        "shop", "SELECT id FROM addresses WHERE customer_id NOT IN (SELECT id FROM customers)",
    ),
    "unpaid invoices": ("shop", "SELECT id FROM invoices WHERE paid_on IS NULL"),
    "open orders": ("shop", "SELECT id FROM orders WHERE status = 'open'"),
    "zero dates": ("shop", "SELECT id FROM customers WHERE last_seen_at LIKE '0000%'"),
    "no date at all": ("shop", "SELECT id FROM customers WHERE last_seen_at IS NULL"),
    "dates that do not exist": ("mailing", "SELECT id FROM subscribers WHERE subscribed_on = '31/02/2019'"),
    "text that looks like an erasure": ("shop", "SELECT id FROM customers WHERE staff_note LIKE '%@erased.invalid%'"),
    "letters between two customers": (
        "shop", "SELECT id FROM messages WHERE sender_id IS NOT NULL AND recipient_id IS NOT NULL",
    ),
    "deleted only by a flag": ("shop", "SELECT id FROM customers WHERE is_deleted = 1"),
    "mail addresses in free text": ("shop", "SELECT id FROM messages WHERE body LIKE '%@%'"),
    "documents shared with another": ("service", "SELECT document_id FROM document_shares"),
    "documents in another's project": (
        "service", "SELECT d.id FROM documents d JOIN projects p ON p.id = project_id WHERE owner_id <> author_id",
    ),
    "clients who have left": ("service", "SELECT id FROM clients WHERE contract_to IS NOT NULL"),
    "sessions that have run out": ("service", "SELECT token FROM sessions WHERE expires < 1795305600"),
}  # fmt: skip


@pytest.mark.parametrize("oddity", ODDITIES)
def test_the_data_is_as_odd_as_real_data(oddity: str, data: Path) -> None:
    database, sql = ODDITIES[oddity]
    assert rows(data / f"{database}.sqlite", sql)


def test_one_person_is_the_same_account_in_both_databases(data: Path) -> None:
    uuid = rows(data / "service.sqlite", "SELECT uuid FROM accounts WHERE email = 'ana@example.org'")[0][0]
    paid = rows(data / "billing.sqlite", f"SELECT count(*) FROM subscriptions WHERE account_uuid = '{uuid}'")
    assert paid == [(1,)]


def test_no_card_number_is_anywhere(data: Path) -> None:
    text = "\n".join(line for name in ("shop", "billing") for line in dump(data / f"{name}.sqlite"))
    assert re.findall(r"(?<![\d.])\d{15,16}(?!\d)", text) == []


def test_php_counts_bytes_and_not_letters() -> None:
    assert php({"nom": "Zoé", 0: [True, None, 7]}) == 'a:2:{s:3:"nom";s:4:"Zoé";i:0;a:3:{i:0;b:1;i:1;N;i:2;i:7;}}'
    assert php({"2": 1.5}) == "a:1:{i:2;d:1.5;}"
    with pytest.raises(TypeError):
        php(object())


# --- the folder -----------------------------------------------------------------------------------


def test_it_refuses_a_folder_that_holds_anything_else(tmp_path: Path) -> None:
    (tmp_path / "maison").mkdir()
    (tmp_path / "maison" / "thesis.txt").write_text("mine")
    with pytest.raises(UsageError, match="did not make"):
        set_up(tmp_path, TODAY)
    assert [p.name for p in tmp_path.rglob("*")] == ["maison", "thesis.txt"]


def test_it_refuses_a_file_in_the_place_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "demo").write_text("mine")
    with pytest.raises(UsageError, match="not a folder"):
        set_up(tmp_path / "demo", TODAY)


def test_it_makes_its_own_folder_again(tmp_path: Path) -> None:
    set_up(tmp_path / "demo", TODAY)
    (tmp_path / "demo" / "maison" / "old").touch()
    (tmp_path / "demo" / "notes.txt").write_text("mine")
    homes = set_up(tmp_path / "demo", TODAY)
    assert not (homes["maison"] / "old").exists()
    assert (homes["maison"] / "data" / "shop.sqlite").is_file()
    assert (tmp_path / "demo" / "notes.txt").read_text() == "mine"


def test_what_is_made_in_a_process_of_its_own_is_the_same(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    homes = make_apart(tmp_path / "one", TODAY)
    assert {name: home.name for name, home in homes.items()} == {name: name for name in EXAMPLES}
    make(tmp_path / "two", TODAY)
    one, two = (sorted(p.relative_to(tmp_path / n) for p in (tmp_path / n).rglob("*")) for n in ("one", "two"))
    assert one == two
    assert dump(homes["maison"] / "data" / "shop.sqlite") == dump(tmp_path / "two" / "maison" / "data" / "shop.sqlite")


def test_what_goes_wrong_in_a_process_of_its_own_is_told_as_here(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(UsageError, match="cannot be written: not a directory") as refused:
        make_apart(tmp_path / "file" / "demo", TODAY)
    assert "--dir" in refused.value.remedy


def test_two_demos_do_not_share_a_folder(tmp_path: Path) -> None:
    with claimed(tmp_path / "demo") as again:
        assert not again
        with pytest.raises(UsageError, match="a demo is running"):
            set_up(tmp_path / "demo", TODAY)
    set_up(tmp_path / "demo", TODAY)
    with claimed(tmp_path / "demo") as again:
        assert again


def test_the_version_before_is_in_order_and_differs_in_what_it_says(tmp_path: Path) -> None:
    homes = set_up(tmp_path, TODAY)
    files = [homes["maison"] / name for name in (f"{FOLDER}/troth.yaml", "troth.yaml")]
    assert [p for p in all_problems(examine_policy(files[0]), TODAY) if p.severity == "error"] == []
    before, now = (load_policy(file) for file in files)
    assert before.version == VERSION < now.version
    found = differences(policy_page(before, "en", TODAY), policy_page(now, "en", TODAY))
    assert 3 <= len(found) < 9, "something to read, and not more than people read"
    gone = {text for one in found for line in one.lines for kind, text in line.parts if kind == "gone"}
    assert "eighteen" in gone


def test_a_sentence_that_is_no_longer_there_is_noticed(tmp_path: Path) -> None:
    homes = set_up(tmp_path, TODAY)
    shutil.rmtree(homes["maison"] / FOLDER)
    clauses = homes["maison"] / "clauses.yaml"
    clauses.write_text(clauses.read_text(encoding="utf-8").replace("twelve months at most", "a year"), "utf-8")
    with pytest.raises(ValueError, match=r"clauses.yaml holds 0 times, not once: Server logs"):
        write_earlier(homes["maison"])


def test_a_link_in_its_folder_leads_it_nowhere_else(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "thesis.txt").write_text("mine")
    demo = tmp_path / "demo"
    demo.mkdir()
    (demo / MARK).touch()
    (demo / "maison").symlink_to(precious, target_is_directory=True)
    homes = set_up(demo, TODAY)
    assert [p.name for p in precious.iterdir()] == ["thesis.txt"]
    assert not homes["maison"].is_symlink()


# --- the tour -------------------------------------------------------------------------------------


def run_demo(cwd: Path, *words: str) -> subprocess.CompletedProcess[str]:
    env = os.environ | {"HOME": str(cwd), "TROTH_STATE": str(cwd / "elsewhere"), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, "-m", "troth.cli.main", "demo", *words],
        cwd=cwd, env=env, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_every_step_does_what_it_announces(tmp_path: Path) -> None:
    # A day that most years lack; `make demo` takes today.
    done = run_demo(tmp_path, "--check", "--as-of", "2028-02-29")
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr
    assert "Every step did what it announced." in done.stdout
    assert re.search(r"ready \d+\.\d s after the start .*; with them it all held \d+ MB", done.stdout)
    assert "no file in .demo holds it" in done.stdout
    assert [p.name for p in tmp_path.iterdir()] == [".demo"]
    package = json.loads((tmp_path / ".demo" / "maison" / "ana" / "data.json").read_text(encoding="utf-8"))
    assert "ana@example.org" in json.dumps(package)
    assert "ana@example.org" not in "\n".join(dump(tmp_path / ".demo" / "maison" / "data" / "shop.sqlite"))


def test_it_refuses_a_strange_folder_with_2(tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").write_text("mine")
    done = run_demo(tmp_path, "--dir", "full")
    assert done.returncode == 2
    assert "nothing was touched" in done.stderr
    assert [p.name for p in (tmp_path / "full").iterdir()] == ["thesis.txt"]


def a_tour(tmp_path: Path, *, code: int = 0, printed: str = "") -> tuple[Tour, list[str]]:
    """A tour whose commands are not run but end so."""
    said: list[str] = []
    homes: dict[Example, Path] = {"maison": tmp_path, "atelier": tmp_path}
    return Tour(homes, TODAY, True, said.append, lambda words, home: Result(list(words), code, printed, "")), said


def test_a_step_that_ends_otherwise_is_remembered(tmp_path: Path) -> None:
    tour, said = a_tour(tmp_path, code=1)
    tour.take(Step("A title", "Why.", ["check"]))
    assert tour.failures == ["A title: it ended with 1, not 0"]
    assert any("not as expected" in line for line in said)


def test_a_step_that_ends_well_but_did_nothing_is_remembered(tmp_path: Path) -> None:
    tour, _ = a_tour(tmp_path)
    tour.take(Step("A title", "Why.", ["erase"], look=lambda home, result: "nothing was erased", then="All is well."))
    assert tour.failures == ["A title: nothing was erased"]


def test_it_shows_the_command_as_one_would_type_it(tmp_path: Path) -> None:
    tour, said = a_tour(tmp_path, printed="\n".join(f"line {n}" for n in range(9)))
    tour.take(Step("A title", "Why.", ["erase", "--yes", "ana@example.org"], lines=4))
    assert "   maison$ troth erase --yes ana@example.org --as-of 2026-11-22" in said
    assert said[-1] == "   │ … 5 more lines"


def test_without_faker_the_demonstration_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    invented._made.cache_clear()
    monkeypatch.setitem(sys.modules, "faker", None)
    with pytest.raises(UsageError) as refused:
        generate(tmp_path, "maison", TODAY)
    invented._made.cache_clear()
    assert "troth[demo]" in refused.value.remedy
    assert not list(tmp_path.iterdir())
