"""A no reaches the publisher's own rows: the flags by which its software knows, set and taken back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from desk.house_of import Front
from desk.test_space import rewritten
from desk.test_standing import at_the_desk
from jobs.scene import Journal
from troth.core.errors import StoreUnreachable

FIELDS = "fields: {email: EmailAddress, name: Name}"
ANA = (("email", "ana@example.org"),)
PURPOSE = """  letter:
    title: {fr: Lettre, en: Letter}
    basis: consent
    people: [clients]
    categories: [EmailAddress]
    keep: {for: 3 years, after: last_contact}
stores:
"""
REFUSED = """
        refused:
          offers: {flag: wants_offers, value: 0}
          letter: [{flag: letter, value: unsubscribed}, {flag: letter_ended, is: text, format: "%d/%m/%Y"}]"""


@pytest.fixture
def shop(front: Front) -> Front:
    """The shop with its own columns: who wants offers, who gets the letter."""
    for column in ("wants_offers INTEGER NOT NULL DEFAULT 1", "letter TEXT DEFAULT 'subscribed'", "letter_ended TEXT"):
        front.change(f"ALTER TABLE customers ADD COLUMN {column}")
    rewritten(front, "stores:\n", PURPOSE)
    rewritten(front, "for: [orders, offers]", "for: [orders, offers, letter]")
    rewritten(front, FIELDS, FIELDS + REFUSED)
    return front


def flags(front: Front, who: int = 1) -> tuple[Any, ...]:
    return tuple(front.rows(f"SELECT wants_offers, letter, letter_ended FROM customers WHERE id = {who}")[0])


def lift(kind: str, purpose: str) -> None:
    at_the_desk("lift", "standing", ANA, kind, purpose, datetime.now(UTC))


def seen(ref: str) -> str:
    """What a member of staff sees of the rows in doubt, as its digest."""
    from troth.desk import sharing
    from troth.desk.files import file_of
    from troth.desk.house import house

    with house() as at:
        opened, who = file_of(at, ref, datetime.now(UTC))
        return sharing.doubt(at, opened.request, who, datetime.now(UTC)).digest


def test_an_objection_says_no_in_the_rows_and_what_stood_there_comes_back(shop: Front) -> None:
    ref = shop.ask("objection").request.ref
    shop.work()
    assert flags(shop) == (0, "subscribed", None)
    assert flags(shop, 2) == (1, "subscribed", None), "nobody else’s row"
    assert shop.state_of(ref) == "answered"
    assert [kind for kind in shop.ledger(ref) if kind.startswith("objection")] == [
        "objection.intended", "objection.done", "objection.made",
    ]  # fmt: skip
    lift("objection", "offers")
    assert flags(shop) == (1, "subscribed", None)
    assert at_the_desk("may", "may", ANA, "offers").may


def test_a_member_of_staff_sees_which_flags_would_be_set_before_saying_yes(shop: Front) -> None:
    from troth.desk import foretold
    from troth.desk.files import file_of
    from troth.desk.house import house

    rewritten(shop, "approval: {rectification: automatic}", "approval: {withdrawal: staff}")
    ref = shop.ask("withdrawal").request.ref
    shop.work()
    assert flags(shop)[1] == "subscribed"
    with house() as at:
        opened, who = file_of(at, ref, datetime.now(UTC))
        found = foretold.foresee(at, opened.request, who, "en", datetime.now(UTC))
    today = datetime.now(UTC).strftime("%d/%m/%Y")
    assert found.purposes == ("Letter",)
    assert [(one.field, one.value, one.rows) for one in found.writes] == [
        ("the mark of this refusal (<code>letter</code>)", "unsubscribed", 1),
        ("the mark of this refusal (<code>letter_ended</code>)", today, 1),
    ]  # fmt: skip
    shop.say_yes(ref)
    shop.work()
    assert flags(shop)[1:] == ("unsubscribed", today)


def test_whoever_had_refused_in_the_shop_itself_stays_refused_when_an_objection_is_lifted(shop: Front) -> None:
    shop.change("UPDATE customers SET wants_offers = 0")
    shop.ask("objection")
    shop.work()
    lift("objection", "offers")
    assert flags(shop) == (0, "subscribed", None)


def test_a_consent_withdrawn_sets_every_flag_and_is_not_given_again_by_taking_it_back(shop: Front) -> None:
    shop.ask("withdrawal")
    shop.work()
    today = datetime.now(UTC).strftime("%d/%m/%Y")
    assert flags(shop) == (1, "unsubscribed", today)
    lift("withdrawal", "letter")
    assert flags(shop) == (1, "unsubscribed", today)
    assert at_the_desk("may", "may", ANA, "letter", consent_given=True).may, "nothing stands against a new one"


def test_a_worker_that_dies_after_the_write_loses_nothing_of_what_stood_there(
    shop: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    from troth.desk import carry

    done = carry.run_refusal

    def died(*words: Any) -> Any:
        done(*words)
        raise RuntimeError

    ref = shop.ask("objection").request.ref
    monkeypatch.setattr(carry, "run_refusal", died)
    shop.work()
    assert flags(shop)[0] == 0
    assert "objection.made" not in shop.ledger(ref)
    monkeypatch.undo()
    Journal("sqlite", {}).pass_time(86400)
    shop.work()
    assert shop.ledger(ref).count("objection.intended") == shop.ledger(ref).count("objection.made") == 1
    lift("objection", "offers")
    assert flags(shop)[0] == 1


def test_while_a_store_is_away_or_only_looked_at_the_request_waits_and_the_answer_is_no(shop: Front) -> None:
    path = shop.folder / "shop.sqlite"
    path.rename(shop.folder / "away")
    ref = shop.ask("objection").request.ref
    shop.work()
    assert not at_the_desk("may", "may", ANA, "offers").may
    assert "objection.made" not in shop.ledger(ref)
    (shop.folder / "away").rename(path)
    rewritten(shop, "mode: enforce", "mode: observe")
    Journal("sqlite", {}).pass_time(86400)
    shop.work()
    assert flags(shop)[0] == 1
    rewritten(shop, "mode: observe", "mode: enforce")
    assert shop.say_yes(ref, "refused_plan") == 1
    shop.work()
    assert flags(shop)[0] == 0
    assert shop.state_of(ref) == "answered"
    path.rename(shop.folder / "away")
    with pytest.raises(StoreUnreachable):
        lift("objection", "offers")
    assert not at_the_desk("may", "may", ANA, "offers").may, "it stays in force"


def test_rows_that_are_somebody_elses_too_are_flagged_only_when_a_human_has_said_so(shop: Front) -> None:
    shop.change("CREATE TABLE pairs (id INTEGER PRIMARY KEY, one INTEGER, other INTEGER, offers INTEGER)")
    shop.change("INSERT INTO pairs VALUES (1, 1, 2, 1), (2, 2, 2, 1)")
    pairs = """      pairs:
        for: offers
        belongs_to: [{to: customers, by: one}, {to: customers, by: other}]
        fields: {other: Relationship}
        refused: {offers: {flag: offers, value: 0}}
      invoices:
"""
    rewritten(shop, "      invoices:\n", pairs)
    ref = shop.ask("objection").request.ref
    shop.work()
    assert shop.rows("SELECT offers FROM pairs") == [(1,), (1,)]
    assert not at_the_desk("may", "may", ANA, "offers").may
    shop.say_yes(ref, "shared", shared=True, seen="0" * 64)
    shop.work()
    assert shop.rows("SELECT offers FROM pairs") == [(1,), (1,)], "a yes is one to what was seen"
    shop.say_yes(ref, "shared", shared=True, seen=seen(ref))
    shop.work()
    assert shop.rows("SELECT offers FROM pairs") == [(0,), (1,)]
    assert shop.state_of(ref) == "answered"


def test_a_restriction_ends_in_the_rows_on_the_morning_after_its_last_day(shop: Front) -> None:
    from troth.core.rights.erase import identify
    from troth.core.rights.identity import Decisions, Subject
    from troth.core.rights.restrict import plan_restriction, run_restriction
    from troth.desk.house import house, stores

    rewritten(shop, "        refused:", "        restricted: {flag: name, value: frozen}\n        refused:")
    now = datetime.now(UTC)
    with house() as at, stores(at.policy, now) as session:
        planned = plan_restriction(session, identify(session, Subject(ANA), Decisions(), at.records))
        run_restriction(session, planned, at.runner("by-staff"), "a dispute", now.date() + timedelta(days=3))
    names = "SELECT name FROM customers WHERE id = 1"
    assert at_the_desk("end_due", "standing", now + timedelta(days=2)) == 0
    assert shop.rows(names) == [("frozen",)]
    path = shop.folder / "shop.sqlite"
    path.rename(shop.folder / "away")
    assert at_the_desk("end_due", "standing", now + timedelta(days=9)) == 0
    (shop.folder / "away").rename(path)
    assert at_the_desk("end_due", "standing", now + timedelta(days=9)) == 1
    assert shop.rows(names) == [("Ana Exemple",)]
    assert at_the_desk("end_due", "standing", now + timedelta(days=9)) == 0


def test_an_objection_is_lifted_for_all_by_which_the_person_is_known(shop: Front) -> None:
    shop.ask("objection")
    shop.work()
    shop.change("UPDATE customers SET email = 'ana@new.example.org' WHERE id = 1")
    new = (("email", "ana@new.example.org"), ("customer_id", "1"))
    assert not at_the_desk("may", "may", new, "offers").may
    at_the_desk("lift", "standing", new, "objection", "offers", datetime.now(UTC))
    for who in (new, ANA):
        assert at_the_desk("may", "may", who, "offers").may
    assert flags(shop)[0] == 1


def test_a_row_that_comes_later_hears_of_the_objection_and_of_the_freeze_by_night(shop: Front) -> None:
    from troth.desk import newcomers
    from troth.jobs.enqueue import Planned, enqueue

    rewritten(shop, "        refused:", "        restricted: {flag: name, value: frozen}\n        refused:")
    shop.change("CREATE TABLE guests (id INTEGER PRIMARY KEY, mail TEXT, offers INTEGER, letter INTEGER, mood TEXT)")
    guests = """      guests:
        for: [offers, letter]
        subject: {email: mail}
        fields: {mail: EmailAddress}
        restricted: {flag: mood, value: frozen}
        refused: {offers: {flag: offers, value: 0}, letter: {flag: letter, value: 0}}
      invoices:
"""
    rewritten(shop, "      invoices:\n", guests)
    for right in ("objection", "withdrawal", "restriction"):
        shop.ask(right)
    shop.work()
    shop.change("INSERT INTO guests VALUES (1, 'ana@example.org', 1, 1, 'x'), (2, 'bo@example.org', 1, 1, 'x')")
    shop.change("UPDATE customers SET wants_offers = 1 WHERE id = 1")
    newcomers.register()
    enqueue(newcomers.KIND, "night", [Planned(newcomers.KIND)])
    shop.work()
    told = "SELECT offers, letter, mood FROM guests"
    assert shop.rows(told) == [(0, 1, "frozen"), (1, 1, "x")], "who signs up for the letter has said yes"
    assert flags(shop)[0] == 1, "a row that has heard, and says something else since"
    assert shop.ledger(f"new-rows-{datetime.now(UTC):%Y-%m-%d}") == [
        "restriction.intended", "restriction.done", "objection.intended", "objection.done",
    ]  # fmt: skip
    lift("objection", "offers")
    assert shop.rows(told) == [(1, 1, "frozen"), (1, 1, "x")]
