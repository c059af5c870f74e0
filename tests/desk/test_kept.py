"""What an erasure leaves: said with its reason, and only where it was asked for."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from desk.house_of import Front
from desk.test_mirror import Say, say  # noqa: F401  (a fixture)
from desk.test_portal import Browser, browser  # noqa: F401  (a fixture)
from desk.test_space import rewritten

FIELDS = "fields: {email: EmailAddress, name: Name}"
TASTES = "fields: {email: EmailAddress, name: Name, tastes: {is: Interest, for: offers}}"
PANEL = """  panel:
    title: {fr: Panel, en: Panel}
    basis: consent
    people: [clients]
    categories: [Interest]
    keep: {for: 3 years, after: last_contact}
"""
FRAUD = """  fraud:
    title: {fr: Fraude, en: Fraud}
    basis: legitimate_interest
    people: [clients]
    categories: [EmailAddress]
    keep: {for: 3 years, after: last_contact}
"""
ANSWERS = """      panel:
        for: panel
        belongs_to: {customers: customer_id}
        fields: {answer: Interest}
"""


@pytest.fixture
def shop(front: Front) -> Front:
    """The shop with something that serves only its offers."""
    front.change("ALTER TABLE customers ADD COLUMN tastes TEXT")
    front.change("UPDATE customers SET tastes = 'chairs' WHERE id = 1")
    rewritten(front, FIELDS, TASTES)
    rewritten(front, "categories: [EmailAddress]", "categories: [EmailAddress, Interest]")
    rewritten(front, "parents: {customers: [name]}", "parents: {customers: [name, tastes]}")
    return front


def letter(front: Front, ref: str) -> str:
    """What the person is told when somebody has said yes."""
    front.work()
    front.say_yes(ref)
    front.work()
    return " ".join(next(one for one in front.box.received if one.recipients == ["ana@example.org"]).text().split())


def test_uses_that_hold_nothing_of_their_own_erase_nothing_and_it_is_not_said_to_be_erased(front: Front) -> None:
    ref = front.ask("erasure", scope=("offers",)).request.ref
    told = letter(front, ref)
    assert "Nothing was erased" in told
    assert "The uses: – Offers If you want us to stop such a use, object to it" in told
    for untrue in ("has been erased", "stays for now", "customers", "invoices"):
        assert untrue not in told
    assert front.state_of(ref) == "answered"
    assert front.rows("SELECT name, email FROM customers WHERE id = 1") == [("Ana Exemple", "ana@example.org")]


def test_of_uses_only_their_own_goes_and_what_others_need_is_not_promised_to_go(shop: Front) -> None:
    shop.change("DELETE FROM invoices")
    ref = shop.ask("erasure", scope=("offers",)).request.ref
    told = letter(shop, ref)
    assert "What we held about you only for these uses has been erased" in told
    assert "stays for now" not in told
    assert shop.rows("SELECT name, tastes FROM customers WHERE id = 1") == [("Ana Exemple", None)]
    assert shop.state_of(ref) == "answered"


def test_what_the_law_keeps_of_these_very_uses_is_named_with_field_law_and_end(shop: Front) -> None:
    ref = shop.ask("erasure", scope=("offers",), language="fr").request.ref
    told = letter(shop, ref)
    assert "Rien n’a été effacé" in told
    told = told.replace("\u00a0", " ")
    assert "– customers : centres d’intérêt – pièces comptables (C. com. L123-22), jusqu’au 31 décembre 2036" in told
    assert shop.state_of(ref) == "partly_refused"


def test_before_that_the_page_says_so_offers_no_button_and_the_ways_that_help(browser: Browser) -> None:  # noqa: F811
    from troth.desk.models import File

    browser.come_in()
    _, page = browser.get("/me/ask/erasure?purpose=offers")
    assert "our databases hold nothing about you that serves only what you have ticked" in page
    assert 'href="/me/ask/objection?lang=en&amp;purpose=offers"' in page
    for gone in ("This stays for now", "Ask for the erasure", "I have read what goes"):
        assert gone not in page
    _, page = browser.post("/me/ask/erasure", purpose="offers", seen="offers", sure="1")
    assert "serves only what you have ticked" in page
    assert not File.objects.exists()


def test_who_asked_for_everything_can_read_that_afterwards(browser: Browser) -> None:  # noqa: F811
    browser.come_in()
    assert "C. com. L123-22" in browser.get("/me/ask/erasure")[1]
    browser.post("/me/ask/erasure", everything="1", seen="", sure="1")
    from troth.desk.models import File

    assert "Everything, whatever it is used for." in browser.get(f"/me/requests/{File.objects.get().ref}")[1]


def test_each_place_is_told_once_with_all_its_reasons_and_older_results_are_read(front: Front) -> None:
    from troth.core.requests.model import Channel, Request, Right
    from troth.desk.house import house
    from troth.desk.kept import kept_lines, of_ledger
    from troth.web.wording import Words

    found: list[Any] = [
        ["shop", "customers", "hold", "2036-12-31", "invoices/accounting", ["Name"]],
        ["shop", "customers", "manual", "", "frozen", ["name", "email"]],
        ["shop", "customers", "", "", "below", []],
        ["shop", "invoices", "hold", "2036-12-31"],
    ]
    with house() as at:
        assert kept_lines(at.policy, Words("portal", "en"), found, "en") == [
            "customers: name – accounting documents (C. com. L123-22), until 31 December 2036; "
            "name, e-mail address – your data is frozen; once the freeze has ended, it can be erased",
            "invoices: it is still needed, until 31 December 2036",
        ]
        asked = Request("req-1", Right.ERASURE, "s", datetime(2026, 1, 1, tzinfo=UTC), Channel.PORTAL)
        read = of_ledger(at.policy, asked, [("shop", "customers", "hold", "2036-12-31")])
        asked = replace(asked, categories=frozenset({"EmailAddress"}))
        narrow = of_ledger(at.policy, asked, [("shop", "customers", "manual", "")])
    assert narrow == (("shop", "customers", "manual", "", "", ("email",)),)
    assert read == (("shop", "customers", "hold", "2036-12-31", "invoices/accounting", ("name",)),)


def test_the_space_the_page_before_an_erasure_and_the_answer_use_the_same_words(browser: Browser) -> None:  # noqa: F811
    front = browser.front
    rewritten(front, "name: Name}", "name: {is: Name, title: {fr: nom de famille, en: family name}}}")
    rewritten(
        front, "{total: Transaction}",
        "{total: {is: Transaction, title: {fr: montant, en: amount}, money: {currency: EUR, unit: hundredths}}}",
    )  # fmt: skip
    browser.come_in()
    space, before = browser.get("/me")[1], browser.get("/me/ask/erasure")[1]
    front.box.received.clear()
    ref = front.ask("erasure").request.ref
    answer = letter(front, ref)
    browser.come_in()
    after, page = browser.get("/me")[1], browser.get(f"/me/requests/{ref}")[1]
    for text in (space, before, answer, after, page):
        assert "family name" in text.lower()
        assert "amount" in text.lower()
        assert not re.search(r"[>\s,]transactions?[\s,<]", text)


@pytest.mark.evidence("outcome_missing")
def test_rows_that_a_try_meant_to_change_before_it_was_cut_short_count_as_changed(front: Front) -> None:
    from troth.core.evidence.leaf import Event
    from troth.desk.house import house
    from troth.desk.kept import rows_of

    request = front.ask("erasure").request
    steps: list[Any] = [["shop", "customers", "clear", 1], ["shop", "invoices", "keep", 5]]
    with house() as at:
        at.records.note(Event("erasure.intended", datetime.now(UTC), {"request": request.ref, "steps": steps}))
        assert rows_of(at, request) == 1


def test_what_was_erased_for_offers_is_a_no_where_rows_stay_and_the_person_may_end_it(front: Front) -> None:
    from desk.test_standing import at_the_desk

    front.change("ALTER TABLE customers ADD COLUMN wants_offers INTEGER NOT NULL DEFAULT 1")
    rewritten(front, FIELDS, FIELDS + "\n        refused: {offers: {flag: wants_offers, value: 0}}")
    rewritten(front, "stores:\n", FRAUD + "stores:\n")
    rewritten(front, "for: [orders, offers]", "for: [orders, offers, fraud]")
    ana, now = (("email", "ana@example.org"),), datetime.now(UTC)
    ref = front.ask("erasure").request.ref
    assert "What stays is no longer used for this" in letter(front, ref)
    assert front.rows("SELECT wants_offers FROM customers ORDER BY id") == [(0,), (1,)]
    assert at_the_desk("may", "may", ana, "offers").reason == "objection"
    assert at_the_desk("may", "may", (("customer_id", "1"),), "offers").reason == "objection"
    assert at_the_desk("may", "may", ana, "fraud").reason == "objection", "what the invoice does not stay for"
    assert at_the_desk("may", "may", ana, "orders").may, "a contract: nobody objects to one"
    standing = at_the_desk("in_force", "standing", ana, now)
    assert {(one.kind, one.name) for one in standing} == {("objection", "offers"), ("objection", "fraud")}
    assert front.ledger(ref).count("objection.made") == 1
    at_the_desk("lift", "standing", ana, "objection", "offers", datetime.now(UTC))
    assert at_the_desk("may", "may", ana, "offers").may


def test_where_nothing_stays_an_erasure_is_no_refusal_of_anything(front: Front) -> None:
    from troth.desk.models import Refusal

    front.change("DELETE FROM invoices")
    ref = front.ask("erasure").request.ref
    assert "no longer used for this" not in letter(front, ref)
    assert front.rows("SELECT count(*) FROM customers") == [(1,)]
    assert not Refusal.objects.exists()


def test_an_erasure_refuses_offers_and_consents_even_if_a_worker_dies_in_between(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    from desk.test_refused import PURPOSE, REFUSED, flags
    from desk.test_standing import at_the_desk
    from jobs.scene import Journal
    from troth.desk import carry

    for column in ("wants_offers INTEGER DEFAULT 1", "letter TEXT DEFAULT 'subscribed'", "letter_ended TEXT"):
        front.change(f"ALTER TABLE customers ADD COLUMN {column}")
    front.change("CREATE TABLE panel (id INTEGER PRIMARY KEY, customer_id INTEGER, answer TEXT)")
    front.change("INSERT INTO panel VALUES (1, 1, 'yes')")
    rewritten(front, "stores:\n", PURPOSE)
    rewritten(front, "  letter:\n", f"{PANEL}  letter:\n")
    rewritten(front, "      invoices:\n", f"{ANSWERS}      invoices:\n")
    rewritten(front, "for: [orders, offers]", "for: [orders, offers, letter]")
    rewritten(front, FIELDS, FIELDS + REFUSED)
    rewritten(front, "parents: {customers: [name]}", "parents: {customers: [name, email]}")

    real = vars(carry)["no_more"]

    def died(*_: Any) -> Any:
        monkeypatch.setattr(carry, "no_more", real)
        raise RuntimeError

    ref = front.ask("erasure").request.ref
    front.work()
    monkeypatch.setattr(carry, "no_more", died)
    front.say_yes(ref)
    front.work()
    assert "erasure.done" in front.ledger(ref)
    assert flags(front)[0] == 1
    Journal("sqlite", {}).pass_time(86400)
    front.work()
    assert front.state_of(ref) == "partly_refused"
    assert flags(front)[:2] == (0, "unsubscribed")
    ana = (("email", "ana@example.org"),)
    found = at_the_desk("in_force", "standing", ana, datetime.now(UTC))
    assert {(one.kind, one.name) for one in found} == {("objection", "offers"), ("withdrawal", "letter")}, (
        "no row of the panel has stayed"
    )
    assert front.ledger(ref).count("objection.made") == 1


def test_an_erasure_at_the_command_line_is_the_same_no_in_the_rows_in_the_answers_and_in_the_space(
    front: Front,
    say: Say,  # noqa: F811
) -> None:
    from desk.test_standing import at_the_desk
    from troth.desk.models import Refusal

    front.change("ALTER TABLE customers ADD COLUMN wants_offers INTEGER NOT NULL DEFAULT 1")
    rewritten(front, FIELDS, FIELDS + "\n        refused: {offers: {flag: wants_offers, value: 0}}")
    rewritten(front, "parents: {customers: [name]}", "parents: {customers: [name, email]}")
    for _ in range(2):
        code, printed = say("erase", "ana@example.org", "--yes", "--residue-seconds", "0")
        assert (code, "What stays is no longer used for: offers" in printed) == (0, True), printed
    assert front.rows("SELECT wants_offers FROM customers ORDER BY id") == [(0,), (1,)]
    ana, now = (("email", "ana@example.org"),), datetime.now(UTC)
    assert at_the_desk("may", "may", ana, "offers").reason == "objection"
    assert [(one.kind, one.name) for one in at_the_desk("in_force", "standing", ana, now)] == [("objection", "offers")]
    assert Refusal.objects.count() == 2, "of each identifier once"
    at_the_desk("lift", "standing", ana, "objection", "offers", now)
    assert at_the_desk("may", "may", ana, "offers").may
    assert front.rows("SELECT wants_offers FROM customers ORDER BY id") == [(1,), (1,)]
