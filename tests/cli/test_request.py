"""``troth request``: a letter comes in, is approved, carried out, and what the shop may do afterwards."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

import nursery
from desk.house_of import POLICY, SHOP
from letterbox import Mailbox, mailbox

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def box() -> object:
    with mailbox() as made:
        yield made


@pytest.fixture
def troth(tmp_path: Path, box: Mailbox) -> Run:
    (tmp_path / "troth.yaml").write_text(POLICY, encoding="utf-8")
    with sqlite3.connect(tmp_path / "shop.sqlite") as shop:
        shop.executescript(SHOP)
    shop.close()
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("TROTH_", "DJANGO_"))}

    def run(*words: str, fails: int = 0) -> subprocess.CompletedProcess[str]:
        done = nursery.run(words, cwd=tmp_path, env={**clean, "TROTH_MAIL_URL": box.url, "LANG": "C.UTF-8"})
        assert done.returncode == fails, done.stderr + done.stdout
        assert "Traceback" not in done.stderr
        return done

    run("keys", "init", "--origin", "essai.test/troth")
    nursery.make_tables(tmp_path / "troth-state")
    return run


def entered(done: subprocess.CompletedProcess[str]) -> str:
    return str(json.loads(done.stdout)["request"])


@pytest.mark.slow
def test_a_letter_is_entered_approved_and_carried_out(troth: Run, tmp_path: Path, box: Mailbox) -> None:
    received = datetime.now(UTC).date() - timedelta(days=3)
    letter = (
        "request",
        "new",
        "erasure",
        "ana@example.org",
        "--all",
        "--verified",
        "known",
        "--received",
        received.isoformat(),
    )
    ref = entered(troth(*letter, "--answer-to", "ana@example.org", "--format", "json"))
    again = json.loads(troth(*letter, "--format", "json").stdout)
    assert (again["request"], again["joined"]) == (ref, True)
    (listed,) = json.loads(troth("request", "list", "--format", "json").stdout)["requests"]
    assert 25 < (date.fromisoformat(listed["due"]) - received).days <= 30
    troth("worker", "--until-idle")
    troth("request", "approve", ref, "--yes")
    troth("worker", "--until-idle")
    row = sqlite3.connect(tmp_path / "shop.sqlite").execute("SELECT email, name FROM customers WHERE id = 1").fetchone()
    assert row == (None, "Ana Exemple")
    told = {mail.recipients[0] for mail in box.received} - {"a@essai.test"}  # whom the morning's mail goes to
    assert told == {"ana@example.org", "rgpd@messager.test"}
    assert "nothing is open" in troth("request", "list").stdout
    everything = troth("request", "list", "--all").stdout
    assert "partly_refused" in everything
    assert "ana@example.org" not in everything


@pytest.mark.slow
def test_after_an_objection_the_shop_may_not(troth: Run) -> None:
    troth("request", "new", "objection", "bo@example.org", "--verified", "known", "--purpose", "offers")
    troth("worker", "--until-idle")
    assert "no: objection" in troth("request", "may", "offers", "bo@example.org", fails=1).stdout
    assert json.loads(troth("request", "may", "orders", "bo@example.org", "--format", "json").stdout)["may"] is True


@pytest.mark.slow
def test_the_person_is_told_before_a_request_is_extended_refused_or_identity_asked(troth: Run, box: Mailbox) -> None:
    new = (
        "request",
        "new",
        "erasure",
        "ana@example.org",
        "--all",
        "--answer-to",
        "ana@example.org",
        "--format",
        "json",
    )
    ref = entered(troth(*new))
    assert "the clock stands still" in troth("request", "identity", ref).stdout
    troth("request", "identity", ref, "--shown", "known")
    troth("request", "extend", ref, "--because", "complexity")
    troth("request", "refuse", ref, "--because", "manifestly_unfounded")
    troth("worker", "--until-idle")
    assert len(box.received) == 3
    assert "https://www.cnil.fr" in box.received[-1].text()
    assert "refused" in troth("request", "list", "--all").stdout


@pytest.mark.slow
def test_wrong_words_say_what_would_be_right(troth: Run) -> None:
    for words, says in (
        (("new", "everything", "ana@example.org"), "one of: access"),
        (("new", "access", "ana@example.org", "--received", "2099-01-01"), "after today"),
        (("approve", "req-nothing"), "there is no request"),
        (("may", "nothing", "ana@example.org"), "there is no purpose"),
        (("new", "access", "ana@example.org", "--verified", "Ana, au guichet"), "not a way to know"),
        (("new", "access", "ana@example.org", "--verified", "identity_document"), "no copy of an identity document"),
        (("new", "access", "ana@example.org", "--verified", "known", "--answer-to", "m@evil.test"), "not among those"),
        (("new", "access", "ana@example.org", "--answer-to", "12 rue des Lices"), "no e-mail address"),
    ):
        assert says in troth("request", *words, fails=2).stderr
