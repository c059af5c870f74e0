"""What people read that the house knows by codes: who has looked, what hangs on what, states and numbers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from desk.house_of import Front
from desk.test_for_another import asked, bo
from desk.test_portal import Browser, browser  # noqa: F401  (a fixture)
from desk.test_standing import at_the_desk
from troth.core.policy.model import Policy
from troth.web.wording import Words

AT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


def _example(name: str) -> Policy:
    from databases import CHECKOUT
    from troth.bootstrap import load_policy

    return load_policy(CHECKOUT / "examples" / name / "troth.yaml", env={})


# --- who has looked


def test_what_one_role_did_for_one_reason_is_one_plain_sentence_in_both_languages() -> None:
    from troth.web.console.trace import Trace
    from troth.web.portal import looks

    policy = _example("maison")
    one = Trace(AT, "seen", "request", "request", "req-x", "who-1", ("privacy",))
    traces = [replace(one, at=AT - timedelta(days=day)) for day in range(8)]
    traces += [replace(one, kind="changed", what="request.approve", at=AT - timedelta(days=9))]
    traces += [replace(one, what="from-later", ref="", ground="", roles=(), at=AT - timedelta(days=10))]
    read, agreed, later = (line.what for line in looks._told(policy, traces, "en"))
    assert read == "Our privacy officer looked at your request, 8 times, last on 22 November 2026, 10:30, to answer it."
    assert agreed.startswith("Our privacy officer agreed to what your request asks for on 13 November")
    assert later.startswith("Somebody here looked at something about you")
    said = looks._told(policy, traces, "fr")[0].what
    assert said.startswith("Notre responsable des données a consulté votre demande 8 fois, la dernière le 22 novembre")


def test_every_act_and_reason_of_staff_has_words_for_the_person() -> None:
    from troth.web.console import acts, person

    console, words = Words("console", "en"), Words("portal", "en")
    did = [name.removeprefix("trace_what_request.") for name in console._said if "trace_what_request." in name]
    assert did, acts
    assert not [one for one in did if not words.has(f"change_did_request.{one}")]
    assert not [one for one in person.GROUNDS if not words.has(f"look_why_{one}")]


def test_a_look_at_somebody_elses_data_is_not_shown_to_whoever_asks_for_them(
    browser: Browser, monkeypatch: pytest.MonkeyPatch  # noqa: F811
) -> None:  # fmt: skip
    from types import SimpleNamespace

    from troth.desk.house import house
    from troth.web.console import trace
    from troth.web.console.models import Staff

    ref = asked(browser)
    staff = Staff.objects.create(public_id="who-1", roles=["privacy"], added=AT)
    me: Any = SimpleNamespace(staff=staff, public_id="who-1")
    ana, theirs = (("email", "ana@example.org"),), (("email", "bo@example.org"),)
    with house() as at:
        trace.seen(me, "request", at=at, ref=ref, person=theirs, ground="request")
        assert len(trace.about(at, theirs)) == 1
        assert trace.about(at, ana) == []


# --- for somebody else


def test_who_ended_a_request_for_somebody_else_is_said_and_the_other_gets_a_mail(browser: Browser) -> None:  # noqa: F811
    import re

    front, ref = browser.front, asked(browser)
    front.work()
    front.box.received.clear()
    other = bo(front)
    front.box.received.clear()
    csrf = re.search(r'name="csrf" value="([^"]+)"', other.get("/me")[1])
    assert csrf is not None
    other.client.post(f"/me/requests/{ref}/withdraw", {"csrf": csrf[1]})
    front.work()
    mail = front.box.the_only()
    assert mail.recipients == ["ana@example.org"]
    assert "they do not want it: nothing more is done" in " ".join(mail.text().split())
    assert "you did not want it any more" in other.get(f"/me/requests/{ref}")[1]
    assert "the person it is about did not want it" in browser.get(f"/me/requests/{ref}")[1]


def test_whom_it_is_about_hears_that_whoever_asked_has_ended_it_only_after_a_human_let_them_ask(front: Front) -> None:
    from troth.core.requests.model import Act, Behalf, By, Channel, Happened, Request, Right, State
    from troth.desk import informed
    from troth.desk.particulars import Particulars

    who = Particulars((("email", "bo@example.org"),), "ana@example.org", speaker="Ana Exemple")
    request = Request("req-bcdfghjkmnpq", Right.ACCESS, "x", AT, Channel.PORTAL, behalf=Behalf.MANDATE)
    shown = (Happened(Act.IDENTITY_SHOWN, AT, By.STAFF, reference="known"),)
    assert informed._theirs(request, who) == "", "anybody could have any address written to"
    let = replace(request, history=shown, state=State.WITHDRAWN)
    assert informed._theirs(let, who) == "bo@example.org"
    assert informed._theirs(replace(let, behalf=Behalf.HEIR), who) == ""
    from troth.desk.house import house

    with house() as at:
        informed._write_called_off(at, let, who, informed.SPEAKER, "bo@example.org")
    text = " ".join(front.box.the_only().text().split())
    assert "Ana Exemple" in text
    assert "a elle-même mis fin à la demande" in text


# --- what is taken back


def test_a_refusal_that_is_taken_back_is_confirmed_by_one_mail_also_after_a_crash(front: Front) -> None:
    from types import SimpleNamespace

    from troth.desk import informed

    ref = front.ask("objection", scope=["offers"]).request.ref
    front.work()
    front.box.received.clear()
    ana = (("email", "ana@example.org"),)
    at_the_desk("lift", "standing", ana, "objection", "offers", datetime.now(UTC))
    front.work()
    front.work()
    first = front.box.the_only()
    assert first.recipients == ["ana@example.org"]
    assert "took back your objection to this use of your data: Offers" in " ".join(first.text().split())
    claim = SimpleNamespace(reference=ref, plan={"purpose": "offers"})
    informed._confirm(SimpleNamespace(claim=claim, still_mine=lambda: None))  # type: ignore[arg-type]
    assert front.box.received[-1].message["Message-ID"] == first.message["Message-ID"], "to a reader the same letter"


# --- what stays


def test_what_stays_for_what_hangs_on_it_names_that_and_until_when() -> None:
    from troth.desk.kept import kept_lines

    policy = _example("maison")
    invoices = ("shop", "invoices", "hold", "2036-12-31", "invoices/accounting", ("total_cents",))
    kept = [("shop", "customers", "needed_by_kept", "", "below", ()), invoices]
    english = kept_lines(policy, Words("portal", "en"), kept, "en")[0]
    assert english == "Clients: it is needed for what stays of: Invoices, until 31 December 2036"
    french = kept_lines(policy, Words("portal", "fr"), kept, "fr")[0]
    assert "il le faut pour ce qui reste de\u00a0: Factures, jusqu’au 31 décembre 2036" in french
    open_end = [kept[0], (*invoices[:3], "", *invoices[4:])]
    assert "until" not in kept_lines(policy, Words("portal", "en"), open_end, "en")[0]
    alone = kept_lines(policy, Words("portal", "en"), kept[:1], "en")[0]
    assert "also concerns somebody else" in alone
    nested = [("shop", name, "needed_by_kept", "", "below", ()) for name in ("customers", "orders")]
    said = kept_lines(policy, Words("portal", "en"), nested, "en")
    assert said[0] == "Clients: it is needed for what stays of: Orders"
    assert "also concerns somebody else" in said[1]


# --- codes and numbers


def _row(policy: Policy, place: tuple[str, str], row: dict[str, Any], language: str) -> dict[str, str]:
    """One row of an example as the personal space shows it: the parts that tell it from others."""
    from types import SimpleNamespace

    from troth.core.policy.model import Collection
    from troth.core.rights.access import Column, Reading
    from troth.desk.holdings import _Drawing

    collection: Collection = policy.stores[place[0]].collections[place[1]]
    clocks = {clock.column: event for event, clock in collection.events.items()}
    columns = tuple(
        Column(name, "event", "date", detail=clocks[name]) if name in clocks else Column(name, "other", "text")
        for name in row
    )
    reading = Reading(collection, None, columns, frozenset())  # type: ignore[arg-type]
    house: Any = SimpleNamespace(policy=policy)
    drawing = _Drawing(house, language, {place: reading}, {place: [row]})
    return {label: cells[0] for label, cells in drawing._beside(reading, [row, row])}


def test_each_number_and_date_of_an_invoice_has_its_own_word_in_the_order_of_the_policy() -> None:
    row = {"due_on": "2025-02-01", "number": "F-1", "issued_on": "2025-01-02", "paid_on": "2025-01-09"}
    for example, store in (("maison", "shop"), ("atelier", "billing")):
        heads = [*_row(_example(example), (store, "invoices"), row, "en")]
        assert heads == ["Number of the invoice", "Issued on", "To be paid by", "Paid on"]


def test_coded_values_of_the_examples_are_said_in_the_readers_language() -> None:
    maison, atelier = _example("maison"), _example("atelier")
    order = {"reference": "O1", "status": "delivered"}
    assert _row(maison, ("shop", "orders"), order, "fr")["État"] == "livrée"
    assert _row(maison, ("shop", "orders"), order, "en")["State"] == "delivered"
    assert _row(atelier, ("service", "tickets"), {"status": "closed"}, "fr")["État"] == "close"
