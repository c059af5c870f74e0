"""``troth request approve`` shows what it approves; and who takes two people is asked for by name."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from desk.house_of import Front
from desk.officer import opened
from desk.test_approval import ELSEWHERE
from desk.test_console_doubt import with_reviews
from desk.test_console_requests import file_of, traced
from desk.test_doubt import decide

Run = Callable[..., Any]


@pytest.fixture
def troth(front: Front, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command line, in this house."""
    from typer.testing import CliRunner

    from troth.cli import main, request, request_approve, request_show, request_staff
    from troth.desk.house import house

    for module in (request, request_approve, request_show, request_staff):
        monkeypatch.setattr(module, "asking_house", lambda policy, state: house())

    def run(*words: str, fails: int = 0) -> str:
        done = CliRunner().invoke(main.build("request"), ["request", *words])
        assert done.exit_code == fails, done.output
        return " ".join(done.output.replace("\xa0", " ").split())

    return run


def digest(shown: str) -> str:
    found = re.search(r"--plan ([0-9a-f]{64})", shown)
    assert found is not None, shown
    return found[1]


def ready(front: Front, right: str, **more: Any) -> str:
    ref = str(front.ask(right, **more).request.ref)
    front.work()
    return ref


def test_the_plan_is_shown_and_only_what_was_shown_is_approved(front: Front, troth: Run) -> None:
    ref = ready(front, "erasure")
    shown = troth("approve", ref, "--dry-run")
    assert "This goes" in shown
    assert "This stays" in shown
    assert "accounting documents" in shown
    assert "ana" not in shown.lower()
    assert "<" not in shown, "no markup"
    assert front.state_of(ref) == "received"
    assert "needs --plan" in troth("approve", ref, fails=2), "nobody is there to be asked"
    front.change("INSERT INTO invoices VALUES (11, 1, 100, '2026-06-06')")
    assert "no longer what you looked at" in troth("approve", ref, "--plan", digest(shown), fails=1)
    assert "no longer what you looked at" in troth("approve", ref, "--plan", "abc", fails=1)
    assert front.state_of(ref) == "received"
    troth("approve", ref, "--plan", digest(troth("approve", ref, "--dry-run")))
    assert "approved already" in troth("approve", ref, "--yes", fails=2)
    front.work()
    assert front.state_of(ref) == "partly_refused"


def test_in_french_and_with_yes(front: Front, troth: Run) -> None:
    ref = ready(front, "erasure")
    assert "Ceci part" in troth("approve", ref, "--yes", "--lang", "fr")
    front.work()
    assert front.rows("SELECT email FROM customers WHERE id = 1") == [(None,)]


def test_what_cannot_be_seen_is_not_approved(front: Front, troth: Run) -> None:
    ref = ready(front, "erasure")
    shop = front.folder / "shop.sqlite"
    away = shop.rename(front.folder / "elsewhere")
    assert "does not answer" in troth("approve", ref, "--yes", fails=1)
    away.rename(shop)
    assert front.state_of(ref) == "received"


@pytest.fixture
def asked_first(front: Front) -> None:
    """Corrections wait for a yes."""
    from troth.web.pages.published import kept

    policy = front.folder / "troth.yaml"
    text = policy.read_text(encoding="utf-8")
    policy.write_text(text.replace("approval: {rectification: automatic}", "approval: {rectification: staff}"), "utf-8")
    kept.forget()


@pytest.mark.usefixtures("asked_first")
def test_a_value_that_the_person_has_changed_meanwhile_is_not_overwritten_unseen(front: Front, troth: Run) -> None:
    ref = ready(front, "rectification", corrections={"customers.name": "Ana Juste"})
    shown = troth("approve", ref, "--dry-run")
    assert "Ana" not in shown, "values only when they are asked for"
    assert "staff.seen" not in front.ledger(ref)
    told = troth("approve", ref, "--dry-run", "--values")
    assert "Now: Ana Exemple" in told
    assert "Then: Ana Juste" in told
    assert front.ledger(ref).count("staff.seen") == 1
    troth("approve", ref, "--plan", digest(shown))
    assert "Ana" not in str(file_of(ref).acts)
    front.change("UPDATE customers SET name = 'Ana Nouvelle' WHERE id = 1")
    front.work()
    assert front.rows("SELECT name FROM customers WHERE id = 1") == [("Ana Nouvelle",)]
    from troth.desk.ahead import ahead

    assert ahead(ref).what == "approval"
    assert "no longer" in troth("approve", ref, "--plan", digest(shown), fails=1)
    troth("approve", ref, "--yes")
    front.work()
    assert front.rows("SELECT name FROM customers WHERE id = 1") == [("Ana Juste",)]


@pytest.mark.usefixtures("asked_first")
def test_where_there_is_staff_nobody_sees_values_without_a_name(front: Front, troth: Run) -> None:
    officer = opened(front, "privacy").colleague.email
    ref = ready(front, "rectification", corrections={"customers.name": "Ana Juste"})
    refused = troth("approve", ref, "--dry-run", "--values", fails=2)
    assert "put on record" in refused
    assert "Ana" not in refused
    assert "staff.seen" not in front.ledger(ref)
    assert "Now: Ana Exemple" in troth("approve", ref, "--dry-run", "--values", "--as", officer)
    assert front.ledger(ref).count("staff.seen") == 1


@pytest.mark.usefixtures("asked_first")
def test_the_console_shows_what_stands_there_now(front: Front) -> None:
    officer = opened(front, "privacy")
    ref = ready(front, "rectification", corrections={"customers.name": "Ana Juste"})
    officer.get(f"/console/requests/{ref}/approve")
    assert "Now: Ana Exemple" in officer.text
    front.change("UPDATE customers SET name = 'Ana Nouvelle' WHERE id = 1")
    seen = officer.field("seen")
    assert officer.post(f"/console/requests/{ref}/approve", sure="1", seen=seen) == 400


def test_two_people_are_asked_for_by_name_and_one_of_them_is_not_both(front: Front, troth: Run) -> None:
    first, second = (opened(front, role).colleague.email for role in ("privacy", "second"))
    opened(front, "clerk")
    letter = ("new", "access", "ana@example.org", "--answer-to", ELSEWHERE)
    assert "two people" in troth(*letter, fails=2)
    assert "nobody of staff" in troth(*letter, "--as", "clerk@essai.test", fails=2), "their role answers no requests"
    ref = re.findall(r"req-[a-z]+", troth(*letter, "--as", first))[0]
    decide("identified", ref, "known")
    front.work()
    assert "two people" in troth("approve", ref, "--yes", fails=2)
    assert "you entered this request" in troth("approve", ref, "--yes", "--as", first, fails=2)
    front.work()
    assert front.box.received == []
    troth("approve", ref, "--yes", "--as", second)
    front.work()
    assert [mail.recipients for mail in front.box.received] == [[ELSEWHERE]]
    assert [body["what"] for _, body in traced(front, "staff.changed")] == ["request.enter", "request.approve"]


def test_whoever_entered_it_at_the_command_line_does_not_approve_it_in_the_console(front: Front, troth: Run) -> None:
    officer = opened(front, "privacy")
    line = troth("new", "access", "ana@example.org", "--answer-to", ELSEWHERE, "--as", officer.colleague.email)
    ref = re.findall(r"req-[a-z]+", line)[0]
    decide("identified", ref, "known")
    front.work()
    officer.get(f"/console/requests/{ref}")
    assert "somebody else has to approve it" in officer.text


def test_a_request_is_given_to_somebody_at_the_command_line(front: Front, troth: Run) -> None:
    deputy = opened(front, "second")
    ref = ready(front, "erasure")
    assert "nobody of staff" in troth("assign", ref, "--to", "clerk@essai.test", fails=2)
    name = deputy.colleague.staff().public_id
    assert "second@essai.test has it" in troth("assign", ref, "--to", deputy.colleague.email)
    assert "(second@essai.test has it)" in troth("list")
    ((_, body),) = traced(front, "request.assigned")
    assert (body["to"], body["by"]) == (name, "command")
    troth("withdraw", ref)
    assert "has ended" in troth("assign", ref, fails=2)
    assert file_of(ref).settled <= datetime.now(UTC)


@pytest.mark.usefixtures("asked_first")
def test_a_value_that_cannot_be_what_it_is_said_to_be_is_not_entered_and_is_told_before_approval(
    front: Front, troth: Run
) -> None:
    wrong = ["new", "rectification", "email=ana@example.org", "--correct"]
    said = troth(*wrong, "customers.email=pas une adresse", fails=2)
    assert "customers.email: the value is no e-mail address" in said
    assert "pas une" not in said
    assert not front.rows("SELECT 1 FROM customers WHERE email = 'pas une adresse'")
    ref = ready(front, "rectification", corrections={"customers.email": "pas une adresse"})
    shown = troth("approve", ref, "--dry-run")
    assert "This is no e-mail address" in shown
    assert "pas une" not in shown
    officer = opened(front, "privacy")
    officer.get(f"/console/requests/{ref}/approve")
    assert "This is no e-mail address" in officer.text


def test_one_request_is_shown_without_its_person_unless_somebody_says_who_looks(front: Front, troth: Run) -> None:
    opened(front, "privacy")
    ref = ready(front, "erasure")
    shown = troth("show", ref)
    assert "an approval" in shown
    assert "What has happened" in shown
    assert "you may answer as late as" in shown
    assert "ana@" not in shown
    assert "put on record" in troth("show", ref, "--values", fails=2)
    assert "ana@example.org" in troth("show", ref, "--values", "--as", "privacy@essai.test")
    assert [body["request"] for _, body in traced(front, "staff.seen")] == [ref]


def test_rows_in_doubt_are_listed_by_number_and_told_only_on_record(front: Front, troth: Run) -> None:
    with_reviews(front)
    ref = ready(front, "access")
    shown = troth("share", ref)
    assert "no. 71" in shown
    assert re.search(r"▲ reviews \[shop\.reviews\]: 2 rows, found by a sign that nobody has checked \(", shown), shown
    assert "unverified" not in shown, "reasons are words"
    assert f"to say so: troth request share {ref} --seen " in shown
    french = troth("share", ref, "--lang", "fr")
    assert re.search(rf"pour le dire\s: troth request share {ref} --seen ", french)
    assert "celles qui sont à quelqu’un d’autre" in french
    assert "to say so" not in french
    assert "customers [shop.customers]: 1 row reviews" in shown
    assert "A fine lamp" not in shown
    assert "A fine lamp" in troth("share", ref, "--values", "--as", "privacy@essai.test")
    assert len(traced(front, "staff.seen")) == 1


def test_without_a_reason_the_codes_are_listed(front: Front, troth: Run) -> None:
    ref = ready(front, "erasure")
    for verb, code in (("refuse", "identity_failure"), ("extend", "complexity")):
        assert code in troth(verb, ref, fails=2)
