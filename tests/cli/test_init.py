"""`troth init`, as it is called."""

from __future__ import annotations

import inspect
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import date
from pathlib import Path

import pytest

from core.policy_writing.given import TYPED, complaints, examined, typed
from databases import ChinookCase
from troth.cli import init as verb
from troth.cli.main import run
from troth.core.errors import UsageError
from troth.core.policy_writing.answers import Answers
from troth.core.policy_writing.questions import BY_KEY, QUESTIONS, Question

TODAY = date(2026, 11, 22)

Run = Callable[..., tuple[int, str, str]]


def options(**changes: str | None) -> list[str]:
    """All answers as options; None leaves one out."""
    answers = {**typed(**{k: v for k, v in changes.items() if v is not None})}
    for key in (k for k, v in changes.items() if v is None):
        answers.pop(key, None)
    return [word for key, text in answers.items() for word in (BY_KEY[key].flag, text)]


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Calls troth in an empty folder; gives exit code, output and errors."""
    monkeypatch.chdir(tmp_path)
    for name in ("LC_ALL", "LC_MESSAGES", "LANG", "TROTH_POLICY"):
        monkeypatch.delenv(name, raising=False)

    def called(*words: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as end:
            run(list(words))
        shown = capsys.readouterr()
        return int(end.value.code or 0), shown.out, shown.err

    return called


def test_what_it_writes_passes_the_check(call: Run, tmp_path: Path) -> None:
    code, out, _ = call("init", *options(), "--as-of", "2026-11-22")
    assert code == 0
    assert out.splitlines()[0].startswith("troth.yaml is written. Read every line")
    assert out.splitlines()[-1] == "Next: troth check troth.yaml"
    assert call("check", "troth.yaml", "--as-of", "2026-11-22")[0] == 0
    assert complaints((tmp_path / "troth.yaml").read_text("utf-8")) == []


def test_the_day_is_the_version(call: Run, tmp_path: Path) -> None:
    call("init", *options(), "--as-of", "2027-03-01")
    assert "\n  version: 2027-03-01\n" in (tmp_path / "troth.yaml").read_text("utf-8")


def test_nothing_is_overwritten(call: Run, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("mine")
    code, _, err = call("init", "-o", "mine.yaml")
    assert (code, err.splitlines()[0]) == (2, "error: mine.yaml is there already")
    assert (tmp_path / "mine.yaml").read_text() == "mine"


def test_what_appears_meanwhile_is_not_overwritten_either(tmp_path: Path) -> None:
    path = tmp_path / "troth.yaml"
    path.symlink_to(tmp_path / "nowhere")
    with pytest.raises(UsageError, match="already"):
        verb.written(path, _answers(), TODAY)
    assert not (tmp_path / "nowhere").exists()


def test_a_folder_that_is_not_there_is_told(call: Run) -> None:
    code, _, err = call("init", *options(), "-o", "no/such/troth.yaml")
    assert code == 2
    assert "no/such/troth.yaml cannot be written: No such file or directory" in err


def test_missing_answers_are_all_named_at_once(call: Run, tmp_path: Path) -> None:
    code, _, err = call("init", "--yes", "--country", "FR", "--does", "orders", "--registration", "RCS 1")
    assert code == 2
    named = set(err.splitlines()[0].partition(": these answers are missing: ")[2].split(", "))
    assert {"--language", "--name", "--legal-form", "--phone", "--director", "--host-agreement"} <= named
    assert named & {"--mailing-country", "--audience-tool", "--timezone", "--accounting-years", "--country"} == set()
    assert not (tmp_path / "troth.yaml").exists()


def test_without_a_terminal_nothing_is_asked(call: Run) -> None:
    code, out, err = call("init", *options(name=None))
    assert (code, out) == (2, "")
    assert "these answers are missing: --name" in err
    assert "in a terminal" in err


def test_what_has_a_default_need_not_be_given(call: Run) -> None:
    left_out = dict.fromkeys(("timezone", "accounting_years", "accounting_law", "contact_phone", "mailing_name",
                              "mailing_country", "mailing_agreement"))  # fmt: skip
    assert call("init", *options(**left_out))[0] == 0
    assert call("check", "troth.yaml")[0] == 0


def test_an_answer_that_does_not_fit_names_its_option(call: Run) -> None:
    code, _, err = call("init", *options(country="UK"))
    assert (code, err) == (2, "error: --country: two letters such as FR; did you mean GB?\n")


def test_an_answer_nobody_asked_for_is_not_dropped_in_silence(call: Run) -> None:
    code, _, err = call("init", *options(does="contact"))
    assert (code, err) == (2, "error: --mailing-name has no use with the other answers\n")


def test_it_speaks_french(call: Run) -> None:
    code, _, err = call("init", "--lang", "fr", *options(country="UK"))
    assert (code, err) == (2, "error: --country: deux lettres comme FR ; vouliez-vous dire GB ?\n")
    assert call("init", "--lang", "fr", *options())[1].startswith("troth.yaml est écrit.")


def test_json_tells_what_was_written(call: Run) -> None:
    code, out, _ = call("init", "--format", "json", *options(host_agreement="none"))
    assert code == 0
    assert json.loads(out) == {"policy": "troth.yaml", "without_agreement": ["Nuages SAS"]}


def test_a_missing_agreement_is_said_and_then_reported(call: Run) -> None:
    _, out, _ = call("init", *options(host_agreement="none"))
    assert "Nuages SAS: no agreement is signed" in out
    code, out, _ = call("check", "troth.yaml")
    assert code == 1
    assert "processor_without_agreement" in out


def test_every_question_is_an_option_and_every_option_is_known() -> None:
    parameters = {name.rstrip("_") for name in inspect.signature(verb.init).parameters}
    keys = {question.key for question in QUESTIONS}
    assert keys - parameters == set()
    others = {"output", "yes", "as_of", "format", "lang", "database", "store"}
    assert parameters - keys - others == set()


# --- asking -------------------------------------------------------------------------------------------


def _answers(**changes: str) -> Answers:
    return verb.collected(typed(**changes), TODAY, "en", None)


def test_only_what_was_not_given_and_matters_is_asked(capsys: pytest.CaptureFixture[str]) -> None:
    asked: list[str] = []

    def ask(question: Question, default: str | None) -> str:
        asked.append(question.key)
        return TYPED[question.key]

    verb.collected({"country": "DE", "does": "contact,logs", "language": "en"}, TODAY, "en", ask)
    assert asked == [
        "name", "timezone", "address", "registration", "phone", "contact_name", "contact_email", "contact_phone", "site",
        "host_name", "host_country", "host_address", "host_phone", "host_agreement",
    ]  # fmt: skip
    assert capsys.readouterr().err == ""


def test_a_question_is_asked_again_until_the_answer_fits(capsys: pytest.CaptureFixture[str]) -> None:
    tries = iter(["", "www.lampes.test", "https://lampes.test/"])

    def ask(question: Question, default: str | None) -> str:
        return next(tries) if question.key == "site" else TYPED[question.key]

    found = verb.collected(typed() | {"site": None}, TODAY, "fr", ask)
    assert found.site == "https://lampes.test/"
    assert capsys.readouterr().err == "  ceci ne peut pas rester vide\n  une adresse qui commence par https://\n"


def test_questions_offer_what_is_usual() -> None:
    offered: dict[str, str | None] = {}

    def ask(question: Question, default: str | None) -> str:
        offered[question.key] = default
        return TYPED[question.key]

    verb.collected({}, TODAY, "en", ask)
    assert offered["timezone"] == "Europe/Paris"
    assert offered["accounting_years"] == "10"
    assert offered["accounting_law"] == "C. com. art. L123-22"
    assert offered["name"] is None
    assert set(offered) == set(TYPED)


def test_in_a_terminal_it_asks_and_writes(tmp_path: Path) -> None:
    ours, theirs = os.openpty()
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LC_ALL": "C.UTF-8", "TERM": "dumb"}
    asking = [sys.executable, "-m", "troth.cli.main", "init", "--as-of", "2026-11-22"]
    with subprocess.Popen(asking, cwd=tmp_path, stdin=theirs, stdout=theirs, stderr=theirs, env=environment) as process:
        os.close(theirs)
        answers = dict(TYPED, timezone="", accounting_years="", accounting_law="")
        os.write(ours, "".join(f"{answers[q.key]}\n" for q in QUESTIONS).encode())
        shown = b""
        with suppress(OSError):  # the other side has gone
            while part := os.read(ours, 4096):
                shown += part
    os.close(ours)
    assert process.returncode == 0, shown.decode()
    assert "Full legal name of the publisher?" in shown.decode()
    assert "[Europe/Paris]" in shown.decode()
    assert complaints((tmp_path / "troth.yaml").read_text("utf-8")) == []


# --- from a database ----------------------------------------------------------------------------------


def beginning_with(url: str, *more: str, **changes: str | None) -> list[str]:
    return ["init", *options(**changes), "--database", url, "--as-of", "2026-11-22", *more]


def test_it_begins_with_a_database_on_every_engine(call: Run, chinook: ChinookCase, tmp_path: Path) -> None:
    code, out, err = call(*beginning_with(chinook.url, "--store", "music-shop"))
    assert (code, err) == (0, "")
    assert "${MUSIC_SHOP_DATABASE_URL}" in out
    text = (tmp_path / "troth.yaml").read_text("utf-8")
    assert "\n    url: ${MUSIC_SHOP_DATABASE_URL}\n" in text
    assert call("check", "troth.yaml", "--as-of", "2026-11-22")[0] == 0
    found = examined(text).policy
    assert found is not None
    assert {chinook.name(t).lower() for t in ("Customer", "Employee", "Invoice")} <= {
        name.lower() for name in found.stores["music-shop"].collections
    }
    assert found.stores["music-shop"].mode == "observe"
    for secret in (chinook.url, chinook.database):
        assert secret not in text + out


def test_the_address_may_come_from_a_variable(call: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "shop.sqlite").touch()
    monkeypatch.setenv("SHOP_URL", "sqlite:///shop.sqlite")
    assert call(*beginning_with("${SHOP_URL}"))[0] == 0
    assert "url: ${SHOP_URL}" in (tmp_path / "troth.yaml").read_text("utf-8")


def test_a_variable_that_is_not_set_is_named(call: Run) -> None:
    code, _, err = call(*beginning_with("${NO_SUCH_URL}"))
    assert (code, err.splitlines()[0]) == (2, "error: the environment variable NO_SUCH_URL is not set")


def test_a_database_that_does_not_answer_ends_before_any_question(call: Run, tmp_path: Path) -> None:
    code, out, err = call("init", "--database", "postgresql://ana:s3cret@localhost:1/shop", "--store", "shop")
    assert code != 0
    assert "s3cret" not in out + err
    assert "missing" not in err
    assert not (tmp_path / "troth.yaml").exists()


def test_a_store_is_called_by_a_name(call: Run) -> None:
    code, _, err = call(*beginning_with("sqlite:///shop.sqlite", "--store", "my shop"))
    assert (code, err) == (2, "error: --store takes a name of letters, digits, hyphens and underscores\n")


TABLES = """
CREATE TABLE customers (id INTEGER PRIMARY KEY, email TEXT, name TEXT);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id), shipping_address TEXT);
CREATE TABLE newsletter_subscribers (id INTEGER PRIMARY KEY, email TEXT, unsubscribed_at TEXT);
CREATE TABLE messages (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id), body TEXT);
CREATE TABLE access_log (id INTEGER PRIMARY KEY, ip_address TEXT, created_at TEXT);
CREATE TABLE employees (id INTEGER PRIMARY KEY, email TEXT, salary NUMERIC);
INSERT INTO customers VALUES (1, 'ana@example.org', 'Ana Lopes'), (2, 'bo@example.org', 'Bo Berg');
"""


@pytest.mark.parametrize("does", ["none", "contact,newsletter,accounts,orders,audience,logs"])
@pytest.mark.parametrize("country", ["FR", "DE"])
def test_purposes_found_in_the_database_join_those_of_the_site(
    call: Run, tmp_path: Path, does: str, country: str
) -> None:
    with closing(sqlite3.connect(tmp_path / "shop.sqlite")) as shop:
        shop.executescript(TABLES)
    little = dict.fromkeys([k for k in TYPED if k.startswith(("mailing", "payment", "accounting", "audience"))])
    changes: dict[str, str | None] = {
        "does": does,
        "country": country,
        "language": "en",
        **(little if does == "none" else {}),
    }
    if country == "DE":
        changes |= dict.fromkeys(("legal_form", "capital", "director"))
    assert call(*beginning_with("sqlite:///shop.sqlite", **changes))[0] == 0
    code, out, _ = call("check", "troth.yaml", "--as-of", "2026-11-22")
    assert (code, [line for line in out.splitlines() if ": error: " in line]) == (0, [])
    found = examined((tmp_path / "troth.yaml").read_text("utf-8")).policy
    assert found is not None
    assert {"accounts", "orders", "newsletter", "messages", "staff"} <= set(found.purposes)
    # Nobody is found from the log: it stands in the draft as a comment, and has a purpose only if the site has.
    assert ("logs" in found.purposes) == (does != "none")
    assert "access_log" not in found.stores["main"].collections
    assert {"customers", "subscribers", "users", "employees", "visitors"} <= set(found.document.people)
    assert set(found.stores["main"].collections) >= {"customers", "orders", "messages"}
    strong = {name: kind.strong for name, kind in found.identifiers.items()}
    assert strong["email"]
    assert not any(is_strong for name, is_strong in strong.items() if name != "email")


def test_an_empty_database_adds_an_empty_store(call: Run, tmp_path: Path) -> None:
    (tmp_path / "shop.sqlite").touch()
    assert call(*beginning_with("sqlite:///shop.sqlite"))[0] == 0
    found = examined((tmp_path / "troth.yaml").read_text("utf-8")).policy
    assert found is not None
    assert found.stores["main"].collections == {}
    assert found.stores["main"].location == "FR"
