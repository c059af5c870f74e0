"""A no that is tried again, since a store was away, knows what has been said and done meanwhile."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from desk.house_of import Front
from desk.test_refused import ANA, flags, lift, shop  # noqa: F401  (a fixture)
from desk.test_space import rewritten
from desk.test_standing import at_the_desk
from jobs.scene import Journal

NEWS = """stores:
  news:
    url: sqlite:///news.sqlite
    location: FR
    mode: enforce
    collections:
      readers:
        for: letter
        subject: {email: email, reader: id}
        fields: {email: EmailAddress}
        refused: {letter: {flag: gets, value: 0}}
"""
PARCELS = """      parcels:
        for: letter
        subject: {reader: reader}
        fields: {reader: EmailAddress}
        refused: {letter: {flag: letter, value: gone}}
      invoices:
"""


@pytest.fixture
def away(shop: Front) -> Path:  # noqa: F811
    """A second store, of the letter's readers; away until it is moved back to ``news.sqlite``."""
    elsewhere = shop.folder / "elsewhere"
    connection = sqlite3.connect(elsewhere)
    with connection:
        connection.execute("CREATE TABLE readers (id TEXT PRIMARY KEY, email TEXT UNIQUE, gets INTEGER)")
        connection.execute("INSERT INTO readers VALUES ('r-7', 'ana@example.org', 1)")
    connection.close()
    shop.change("CREATE TABLE parcels (id INTEGER PRIMARY KEY, reader TEXT, letter TEXT)")
    shop.change("INSERT INTO parcels VALUES (5, 'r-7', 'subscribed')")
    rewritten(shop, "customer_id: {strong: false}", "customer_id: {strong: false}, reader: {strong: true}")
    rewritten(shop, "      invoices:\n", PARCELS)
    rewritten(shop, "stores:\n", NEWS)
    return elsewhere


def back(front: Front, path: Path, name: str) -> None:
    """The store answers again, and its time has come."""
    path.rename(front.folder / name)
    later(front)


def later(front: Front) -> None:
    Journal("sqlite", {}).pass_time(86400)
    front.work()


def the_answer(front: Front) -> str:
    """There is one, and one mail that confirms that the objection was taken back."""
    confirmed, answers = [], []
    for one in front.box.received:
        (confirmed if "taken back" in str(one.message["Subject"]) else answers).append(one.text())
    assert (len(confirmed), len(answers)) == (1, 1)
    return answers[0]


def test_a_no_that_was_lifted_while_a_store_was_away_is_not_carried_out(shop: Front) -> None:  # noqa: F811
    path = shop.folder / "shop.sqlite"
    path.rename(shop.folder / "away")
    ref = shop.ask("objection").request.ref
    shop.work()
    lift("objection", "offers")
    back(shop, shop.folder / "away", "shop.sqlite")
    assert flags(shop) == (1, "subscribed", None)
    assert shop.state_of(ref) == "answered"
    for who in (ANA, (("customer_id", "1"),)):
        assert at_the_desk("may", "may", who, "offers").may
    assert "objection.made" not in shop.ledger(ref)
    mail = the_answer(shop)
    assert "This objection was lifted" in mail
    assert "no longer used" not in mail


def test_of_several_purposes_only_the_one_that_was_lifted_is_left_alone(shop: Front) -> None:  # noqa: F811
    rewritten(shop, "basis: contract", "basis: legitimate_interest")
    path = shop.folder / "shop.sqlite"
    path.rename(shop.folder / "away")
    ref = shop.ask("objection", scope=["orders", "offers"]).request.ref
    shop.work()
    lift("objection", "orders")
    back(shop, shop.folder / "away", "shop.sqlite")
    assert flags(shop)[0] == 0
    assert at_the_desk("may", "may", (("customer_id", "1"),), "orders").may
    assert not at_the_desk("may", "may", (("customer_id", "1"),), "offers").may
    assert shop.ledger(ref)[-1] != "objection.failed"
    mail = the_answer(shop)
    assert "Offers" in mail
    assert "– Orders" not in mail


def test_a_freeze_that_was_lifted_before_its_last_try_stays_lifted(
    shop: Front,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from troth.core.rights import marking
    from troth.core.rights.erase import Outcome

    def locked(session: Any, store: Any, *words: Any) -> list[Outcome]:
        return [Outcome(step, "failed", 0, "locked") for step in store.steps if step.number]

    rewritten(shop, "        refused:", "        restricted: {flag: name, value: frozen}\n        refused:")
    ref = shop.ask("restriction").request.ref
    with monkeypatch.context() as patched:
        patched.setattr(marking, "run_store", locked)
        shop.work()
    at_the_desk("lift", "standing", ANA, "restriction", ref, datetime.now(UTC))
    later(shop)
    assert shop.rows("SELECT name FROM customers WHERE id = 1") == [("Ana Exemple",)]
    assert shop.state_of(ref) == "answered"
    assert "This freeze ended" in shop.box.received[-1].text()


def test_a_consent_given_anew_in_a_store_that_has_heard_the_no_is_not_undone_by_the_next_try(
    shop: Front,  # noqa: F811
    away: Path,
) -> None:
    ref = shop.ask("withdrawal").request.ref
    shop.work()
    assert flags(shop)[1] == "unsubscribed"
    shop.change("UPDATE customers SET letter = 'subscribed', letter_ended = NULL WHERE id = 1")
    later(shop)
    assert flags(shop)[1] == "subscribed"
    assert shop.rows("SELECT letter FROM parcels") == [("subscribed",)]
    back(shop, away, "news.sqlite")
    assert flags(shop)[1] == "subscribed"
    assert shop.rows("SELECT letter FROM parcels") == [("gone",)], "a row that only the other store makes known"
    assert sqlite3.connect(shop.folder / "news.sqlite").execute("SELECT gets FROM readers").fetchall() == [(0,)]
    assert shop.state_of(ref) == "answered"


def test_a_restriction_released_while_the_daily_step_ends_those_of_the_past_keeps_it_from_nothing(
    shop: Front,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from troth.core.rights.erase import identify
    from troth.core.rights.identity import Decisions, Subject
    from troth.core.rights.restrict import plan_restriction, run_restriction
    from troth.desk import standing
    from troth.desk.house import house, stores

    now = datetime.now(UTC)
    with house() as at, stores(at.policy, now) as session:
        for ref, who in (("one", ANA), ("other", (("email", "bo@example.org"),))):
            planned = plan_restriction(session, identify(session, Subject(who), Decisions(), at.records))
            run_restriction(session, planned, at.runner(ref), "a dispute", now.date() + timedelta(days=3))
    lifting, seen = standing.lift_restriction, []

    def late(session: Any, runner: Any) -> Any:
        if not seen:
            standing.release_hold(runner, runner.ref)
        seen.append(runner.ref)
        return lifting(session, runner)

    monkeypatch.setattr(standing, "lift_restriction", late)
    assert at_the_desk("end_due", "standing", now + timedelta(days=9)) == 1
    assert len(seen) == 2


def test_a_replay_that_would_undo_consents_given_anew_asks_of_which_day_the_copy_is(
    shop: Front,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from typer.testing import CliRunner

    from troth.cli import main

    shop.ask("withdrawal")
    shop.work()
    shop.change("UPDATE customers SET letter = 'subscribed', letter_ended = NULL WHERE id = 1")
    words = [
        "replay",
        "--policy",
        str(shop.folder / "troth.yaml"),
        "--state",
        str(shop.folder / "troth-state"),
        "--yes",
    ]
    done = CliRunner().invoke(main.build("replay"), words)
    assert done.exit_code == 2, done.output
    assert "--since" in " ".join(done.output.split())
    assert flags(shop)[1] == "subscribed"
    tomorrow = str(datetime.now(UTC).date() + timedelta(days=1))
    assert CliRunner().invoke(main.build("replay"), [*words, "--since", tomorrow]).exit_code == 0
    assert flags(shop)[1] == "subscribed"
    done = CliRunner().invoke(main.build("replay"), [*words, "--since", str(datetime.now(UTC).date())])
    assert done.exit_code == 0, done.output
    assert flags(shop)[1] == "unsubscribed"


def test_what_was_approved_is_looked_at_again_after_a_try_that_did_nothing(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    from desk.test_doubt import decide
    from troth.core.errors import StoreError
    from troth.core.rights import erase
    from troth.desk.ahead import ahead

    def locked(*words: Any) -> Any:
        raise StoreError("the store is locked")

    ref = front.ask("erasure").request.ref
    front.work()
    decide("approve", ref)
    with monkeypatch.context() as patched:
        patched.setattr(erase, "execute_all", locked)
        front.work()
    assert front.ledger(ref)[-1] == "erasure.failed"
    front.change("INSERT INTO invoices VALUES (11, 1, 100, '2026-06-06')")
    later(front)
    assert ahead(ref).again
    assert front.rows("SELECT email FROM customers WHERE id = 1") == [("ana@example.org",)]
    decide("approve", ref)
    front.work()
    assert front.state_of(ref) == "partly_refused"
