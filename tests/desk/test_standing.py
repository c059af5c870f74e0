"""What a person put in force they can end; what they want after death is theirs to say; whoever speaks for another
waits."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from desk.house_of import Front
from desk.test_portal import Browser, browser  # noqa: F401  (a fixture)
from desk.test_space import rewritten
from troth.core.errors import UsageError

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


def at_the_desk(act: str, module: str, *words: Any, **more: Any) -> Any:
    """Something that the desk does."""
    import importlib

    from troth.desk.house import house

    with house() as at:
        return getattr(importlib.import_module(f"troth.desk.{module}"), act)(at, *words, **more)


# --- what stands in force


def test_a_freeze_and_an_objection_are_listed_and_ended_by_whoever_asked_for_them(browser: Browser) -> None:  # noqa: F811
    front = browser.front
    front.change("ALTER TABLE customers ADD COLUMN frozen BOOLEAN DEFAULT 0")
    rewritten(
        front,
        "fields: {email: EmailAddress, name: Name}",
        "fields: {email: EmailAddress, name: Name}\n        restricted: frozen",
    )
    browser.come_in()
    browser.post("/me/ask/restriction")
    browser.post("/me/ask/objection", purpose="offers")
    front.work()
    assert front.rows("SELECT frozen FROM customers ORDER BY id") == [(1,), (0,)]
    _, page = browser.get("/me")
    assert "Your data is frozen since" in page
    assert "to this use: Offers" in page
    assert "your data is frozen; once the freeze has ended" in browser.get("/me/ask/erasure")[1]
    name = re.search(r'name="kind" value="restriction"><input type="hidden" name="name" value="([^"]+)"', page)
    assert name is not None
    other = Browser(front)
    other.come_in("bo@example.org")
    other.get("/me")
    csrf = re.search(r'name="csrf" value="([^"]+)"', other.get("/me")[1])
    assert csrf is not None
    stranger = {"kind": "restriction", "name": name[1], "csrf": csrf[1]}
    assert other.client.post("/me/lift", stranger).status_code == 404
    for kind, what in (("restriction", name[1]), ("objection", "offers")):
        csrf = re.search(r'name="csrf" value="([^"]+)"', browser.get("/me")[1])
        assert csrf is not None
        browser.client.post("/me/lift", {"kind": kind, "name": what, "csrf": csrf[1]})
    _, page = browser.get("/me?said=lifted_objection")
    assert "your objection is taken back" in page
    assert "What stands in force" not in page
    assert front.rows("SELECT frozen FROM customers ORDER BY id") == [(0,), (0,)]
    assert at_the_desk("may", "may", [("email", "ana@example.org")], "offers").may


def test_a_consent_is_given_again_knowing_what_for_and_with_fresh_proof(
    browser: Browser,  # noqa: F811
) -> None:
    front = browser.front
    rewritten(front, "basis: legitimate_interest", "basis: consent")
    rewritten(front, "    direct_marketing: true\n", "    recipients: [carrier]\n")
    browser.come_in()
    browser.post("/me/ask/withdrawal", purpose="offers")
    front.work()

    def may() -> bool:
        return bool(at_the_desk("may", "may", [("email", "ana@example.org")], "offers", consent_given=True).may)

    assert not may()
    csrf = re.search(r'name="csrf" value="([^"]+)"', browser.get("/me")[1])
    assert csrf is not None
    sent = {"kind": "withdrawal", "name": "offers", "csrf": csrf[1]}
    page = browser.client.post("/me/lift", sent).content.decode()
    assert "Offers" in page
    assert "Messager" in page, "who would receive the data"
    assert not may(), "only read so far"
    from troth.web.portal import visitor

    fresh = visitor.FRESH
    visitor.FRESH = fresh * 0
    try:
        away = browser.client.post("/me/lift", sent | {"sure": "1"})
    finally:
        visitor.FRESH = fresh
    assert (away.status_code, away["Location"]) == (302, "/me/door?again=1")
    assert not may()
    browser.client.post("/me/lift", sent | {"sure": "1"})
    assert may()


def test_whoever_has_to_prove_again_who_they_are_comes_back_to_what_they_wanted(browser: Browser) -> None:  # noqa: F811
    from troth.web.portal import visitor

    browser.come_in()
    fresh = visitor.FRESH
    visitor.FRESH = fresh * 0
    try:
        status, page = browser.post("/me/ask/access")
        assert (status, "Send me the mail" in page) == (200, True)
    finally:
        visitor.FRESH = fresh
    status, page = browser.come_in()
    assert (status, "Ask for the copy" in page) == (200, True)
    assert "Ask for the copy" not in browser.come_in("bo@example.org")[1], "nobody else is led there"


def test_what_staff_put_in_force_is_not_the_persons_to_end(front: Front) -> None:
    from troth.core.rights.erase import identify
    from troth.core.rights.identity import Decisions, Subject
    from troth.core.rights.restrict import plan_restriction, run_restriction
    from troth.desk.house import house, stores

    ana = (("email", "ana@example.org"),)
    with house() as at, stores(at.policy, datetime.now(UTC)) as session:
        planned = plan_restriction(session, identify(session, Subject(ana), Decisions(), at.records))
        run_restriction(session, planned, at.runner("by-staff"), "a dispute", None)
    (one,) = at_the_desk("in_force", "standing", ana, datetime.now(UTC))
    assert not one.theirs
    with pytest.raises(UsageError, match="not the person's"):
        at_the_desk("lift", "standing", ana, "restriction", one.name, datetime.now(UTC))


def test_an_objection_where_nothing_can_be_objected_to_is_not_said_to_be_done(browser: Browser) -> None:  # noqa: F811
    front = browser.front
    rewritten(front, "basis: legitimate_interest", "basis: contract")
    rewritten(front, "    direct_marketing: true\n", "")
    ref = front.ask("objection").request.ref
    front.work()
    text = front.box.the_only().text()
    assert "nothing had to be stopped" in text
    assert "no longer used" not in text
    assert "objection.made" not in front.ledger(ref)
    browser.come_in()
    assert "/me/ask/objection" not in browser.get("/me")[1]
    assert "nothing had to be stopped" in browser.get("/me/ask/objection")[1]


def test_nobody_objects_to_what_rests_on_a_contract(front: Front) -> None:
    with pytest.raises(UsageError, match="orders is no purpose for objection"):
        front.ask("objection", scope=["orders"])


def test_a_flag_stays_while_another_restriction_needs_it_and_staff_take_it_away_with_the_last(front: Front) -> None:
    front.change("ALTER TABLE customers ADD COLUMN frozen BOOLEAN DEFAULT 0")
    fields = "fields: {email: EmailAddress, name: Name}"
    rewritten(front, fields, f"{fields}\n        restricted: frozen")
    ref = front.ask("restriction").request.ref
    front.work()
    from troth.core.rights.erase import identify
    from troth.core.rights.identity import Decisions, Subject
    from troth.core.rights.restrict import plan_restriction, run_restriction
    from troth.desk.house import house, stores

    with house() as at, stores(at.policy, datetime.now(UTC)) as session:
        found = identify(session, Subject((("email", "ana@example.org"),)), Decisions(), at.records)
        run_restriction(session, plan_restriction(session, found), at.runner("by-staff"), "a dispute", None)
    at_the_desk("release", "standing", "by-staff", datetime.now(UTC))
    assert front.rows("SELECT frozen FROM customers WHERE id = 1") == [(1,)]
    at_the_desk("release", "standing", ref, datetime.now(UTC))
    assert front.rows("SELECT frozen FROM customers WHERE id = 1") == [(0,)]
    assert front.ledger(ref)[-3:] == ["lifting.intended", "lifting.done", "hold.released"]
    with pytest.raises(UsageError, match="there is no"):
        at_the_desk("release", "standing", ref, datetime.now(UTC))


# --- the timeline


def test_a_request_says_what_has_happened_and_what_comes_next(browser: Browser) -> None:  # noqa: F811
    from troth.desk.ahead import ahead
    from troth.desk.models import File

    front = browser.front
    browser.come_in()
    browser.post("/me/ask/erasure", everything="1", sure="1", seen="")
    ref = File.objects.get().ref
    front.work()
    assert ahead(ref).what == "approval"
    assert "agrees or refuses with reasons" in browser.get(f"/me/requests/{ref}")[1]
    front.say_yes(ref)
    front.work()
    _, page = browser.get(f"/me/requests/{ref}")
    assert "What comes next" not in page
    for word in (
        "we began",
        "Some of it stays for now",
        "31 December 2036",
        "Whom we have told",
        "Messager</dt><dd>told by e-mail on",
        "Hôte</dt><dd>same base</dd>",
    ):
        assert word in page
    assert ahead(ref).what == ""


def test_a_mind_can_be_changed_until_the_cooling_off_is_over(browser: Browser) -> None:  # noqa: F811
    from jobs.scene import Journal
    from troth.desk.models import File

    front = browser.front
    rewritten(
        front, "  approval: {rectification: automatic}", "  approval: {erasure: automatic}\n  cooling_off: 3 days"
    )
    browser.come_in()
    browser.post("/me/ask/erasure", everything="1", sure="1", seen="")
    ref = File.objects.get().ref
    front.work()
    assert "You can still change your mind until" in browser.get(f"/me/requests/{ref}")[1]
    assert front.rows("SELECT email FROM customers WHERE id = 1") == [("ana@example.org",)]
    File.objects.update(received=File.objects.get().received - timedelta(days=4))
    Journal("sqlite", {}).pass_time(4 * 86400)
    front.work()
    assert front.rows("SELECT email FROM customers WHERE id = 1") == [(None,)]


def test_values_are_shown_as_a_person_reads_them(browser: Browser) -> None:  # noqa: F811
    front = browser.front
    front.change("ALTER TABLE customers ADD COLUMN civility TEXT DEFAULT 'mme'")
    front.change("ALTER TABLE customers ADD COLUMN born TEXT DEFAULT '0000-00-00'")
    front.change("ALTER TABLE customers ADD COLUMN nick_name TEXT DEFAULT 'Anette'")
    rewritten(
        front,
        "fields: {total: Transaction}",
        "fields: {total: {is: Transaction, money: {currency: EUR, unit: hundredths}}}",
    )
    rewritten(
        front, "fields: {email: EmailAddress, name: Name}",
        "fields: {email: EmailAddress, name: Name, nick_name: Name, born: BirthDate, last_seen: AuthenticationHistory,"
        " civility: {is: Gender, values: {mme: {fr: Madame, en: Ms}}}}",
    )  # fmt: skip
    browser.come_in()
    _, page = browser.get("/me")
    for shown in ("€42.00", "Ms", "Name (1)", "Name (2)", "1 October 2026"):
        assert shown in page, shown
    for raw in ("4200", "mme", "0000", "birth", "nick"):
        assert raw not in page, raw
    _, page = browser.get("/me?lang=fr")
    assert "42,00\u00a0€" in page
    assert "Madame" in page


def test_a_form_names_what_is_missing_and_offers_only_what_is_there(browser: Browser) -> None:  # noqa: F811
    browser.front.change("DELETE FROM invoices")
    browser.come_in()
    status, page = browser.post("/me/ask/rectification")
    assert status == 400
    assert 'href="#first"' in page
    assert "Nothing has been changed yet" in page
    assert "Invoices" not in page
    status, page = browser.post("/me/ask/human_review", message="")
    assert 'href="#message"' in page
    status, page = browser.post("/me/ask/erasure", seen="")
    assert 'href="#which"' in page
    status, page = browser.post("/me/ask/erasure", everything="1", seen="")
    assert 'href="#sure"' in page
    browser.front.change("DELETE FROM customers WHERE id = 2")
    other = Browser(browser.front)
    other.come_in("bo@example.org")
    assert 'name="purpose"' not in other.get("/me/ask/erasure")[1]


# --- directives


def record(browser: Browser, **said: str) -> tuple[int, str]:  # noqa: F811
    return browser.post("/me/directives", **said)


def with_directives(front: Front) -> None:
    rewritten(front, "withdrawal, human_review]", "withdrawal, human_review, directives_after_death]")
    rewritten(
        front,
        "clients:\n  fabrique",
        "after_death: {directives: [general, specific], executor: true}\nclients:\n  fabrique",
    )


def test_directives_are_recorded_changed_shown_to_an_heirs_request_and_withdrawn(browser: Browser) -> None:  # noqa: F811
    from troth.core.requests.model import Behalf
    from troth.desk.models import Directive
    from troth.web.accounts.post import post

    front = browser.front
    with_directives(front)
    browser.come_in()
    assert "Say what becomes of my data" in browser.get("/me")[1]
    assert "lacks" not in record(browser)[1]
    assert record(browser)[0] == 400
    assert 'href="#heir"' in record(browser, whole="hand_over")[1]
    status, page = record(
        browser, whole="hand_over", heir_name="Cléo Exemple", heir_contact="cleo@example.org",
        executor_name="Dario Exemple", words="Les lettres aussi.",
    )  # fmt: skip
    assert status == 200
    assert "recorded directives" in page
    post.wait()
    receipt = front.box.received[-1].text()
    assert "what is to become of your data after your death" in " ".join(receipt.split())
    assert "lettres" not in receipt
    record(browser, whole="erase", **{"part-orders": "keep"})
    reopened = browser.get("/me/directives")[1]
    assert 'value="erase" id="w-erase" checked' in reopened
    assert '<option value="keep" selected>' in reopened
    row = Directive.objects.get()
    assert b"Exemple" not in bytes(row.sealed)
    ref = front.ask("access", verified="", behalf=Behalf.HEIR, answer_to="cleo@example.org").request.ref
    from desk.test_console_requests import opened

    officer = opened(front, "privacy")
    for how in ("", "known"):  # anybody may claim to be an heir
        if how:
            at_the_desk("identified", "deciding", ref, how, datetime.now(UTC))
        with pytest.raises(UsageError, match="death was shown"):
            at_the_desk("shown_for", "directives", ref, NOW)
        assert officer.get(f"/console/requests/{ref}/directives") == 409
        assert "papers have shown the death" in officer.text
        assert "Orders keep" not in officer.text
    officer.get(f"/console/requests/{ref}/identify")
    assert officer.post(f"/console/requests/{ref}/identify", how="death") == 302
    found = at_the_desk("shown_for", "directives", ref, NOW)
    assert (found.directives.whole, dict(found.directives.parts)) == ("erase", {"orders": "keep"})
    assert front.ledger(ref)[-1] == "directives.shown"
    assert officer.get(f"/console/requests/{ref}") == 200
    assert f"{ref}/directives" in officer.colleague.page
    assert officer.get(f"/console/requests/{ref}/directives") == 200
    assert "Everything but what follows erase" in officer.text
    assert "Orders keep" in officer.text
    _nobody_alive_is_taken_for_dead(front, officer)
    _, page = record(browser, withdraw="1")
    assert "directives are deleted" in page
    assert not Directive.objects.exists()
    assert [kind for kind in every_event() if kind.startswith("directives.")] == [
        "directives.recorded", "directives.changed", "directives.shown", "directives.shown", "directives.withdrawn",
    ]  # fmt: skip


def _nobody_alive_is_taken_for_dead(front: Front, officer: Any) -> None:
    alive = front.ask("access").request.ref
    assert officer.get(f"/console/requests/{alive}/directives") == 404
    with pytest.raises(UsageError, match="not a way to know"):
        at_the_desk("identified", "deciding", alive, "death", datetime.now(UTC))
    with pytest.raises(UsageError, match="nobody’s death"):
        front.ask("access", "bo@example.org", verified="death")
    with pytest.raises(UsageError, match="after death"):
        at_the_desk("shown_for", "directives", alive, NOW)


def every_event() -> list[str]:
    from troth.core.evidence.leaf import decode
    from troth.desk.house import house

    with house() as at:
        ledger = at.records.state.ledger
        return [decode(ledger.leaf(position)).kind for position in range(ledger.size)]


def test_where_the_policy_takes_no_directives_there_is_no_such_page(browser: Browser) -> None:  # noqa: F811
    browser.come_in()
    assert browser.get("/me/directives")[0] == 404


# --- for somebody else


def test_whoever_speaks_for_another_waits_for_a_human_and_is_answered_at_the_address_they_have_shown(
    browser: Browser,  # noqa: F811
) -> None:
    from troth.desk import deciding
    from troth.desk.house import house
    from troth.desk.models import File

    front = browser.front
    browser.come_in("cleo@example.org")
    form = {"ground": "mandate", "person": "ana@example.org", "right": "access", "speaker": "Cléo", "message": "12/3"}
    for name in form:
        status, page = browser.post("/me/behalf", **{**form, name: ""})
        assert (status, f'href="#{name}"' in page) == (400, True), name
    assert browser.post("/me/behalf", **{**form, "person": "cleo@example.org"})[0] == 400
    front.box.received.clear()
    assert browser.post("/me/behalf", **{**form, "answer_to": "mallory@evil.test"})[0] == 200
    ref = File.objects.get().ref
    front.work()
    assert front.state_of(ref) == "received"
    assert front.box.received == []
    ana = Browser(front)
    ana.come_in()
    assert "Asked about you by somebody else" in ana.get("/me")[1]
    with house() as at:
        with pytest.raises(UsageError, match="not known yet"):
            deciding.approve(at, ref, datetime.now(UTC))
        deciding.identified(at, ref, "known", datetime.now(UTC))
        deciding.approve(at, ref, datetime.now(UTC))
    front.box.received.clear()
    front.work()
    assert [mail.recipients for mail in front.box.received] == [["cleo@example.org"], ["ana@example.org"]]
    bo = Browser(front)
    bo.come_in("bo@example.org")
    assert bo.get(f"/me/requests/{ref}")[0] == 404


# --- by hand


def test_a_recipient_that_is_told_by_post_waits_for_a_hand_and_then_the_person_is_answered(front: Front) -> None:
    from troth.desk import deciding
    from troth.desk.ahead import ahead
    from troth.desk.house import house

    rewritten(front, "{by: email, to: rgpd@messager.test}", "by: {by: post, to: 1 rue X}".removeprefix("by: "))
    ref = front.ask("rectification", corrections={"customers.name": "X"}).request.ref
    front.work()
    found = ahead(ref)
    assert (found.what, found.stop) == ("staff", "recipients")
    assert front.box.received == []
    with house() as at:
        deciding.done_by_hand(at, ref, "courrier-17", datetime.now(UTC))
    front.work()
    assert front.state_of(ref) == "answered"
    assert [mail.recipients for mail in front.box.received] == [["ana@example.org"]]


# --- for a client whose processor the publisher is


def test_a_request_for_a_client_is_handed_on_in_time_and_the_person_hears_of_it(front: Front) -> None:
    opened = front.ask("access", controller="fabrique", verified="")
    assert (opened.clock.due - opened.clock.received).days == 2
    front.work()
    front.work()
    client, person = front.box.received
    assert (client.recipients, person.recipients) == (["dpo@fabrique.test"], ["ana@example.org"])
    assert "ana@example.org" in client.text()
    assert "Fabrique SA" in person.text()
    assert front.state_of(opened.request.ref) == "forwarded"


def test_atelier_hands_on_what_concerns_the_data_of_its_clients(front: Front) -> None:
    import shutil

    from databases import CHECKOUT
    from troth.web.pages.published import kept

    for file in (CHECKOUT / "examples" / "atelier").iterdir():
        if file.is_file():
            shutil.copy(file, front.folder)
    kept.forget()
    opened = front.ask("erasure", controller="colombier", verified="", language="fr")
    front.work()
    client, person = front.box.received
    assert (client.recipients, person.recipients) == (["donnees@colombier.test"], ["ana@example.org"])
    assert "Imprimerie du Colombier" in person.text()
    assert (opened.clock.due - opened.clock.received).days == 2
    assert "request.forwarded" in front.ledger(opened.request.ref)
