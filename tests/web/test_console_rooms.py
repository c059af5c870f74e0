"""The console's rooms about people's data: who may, what is shown, what is on record."""

from __future__ import annotations

import re
import sqlite3
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from web.conftest import Post, Site
from web.console_house import ANA, look_up, shop, site, work
from web.staff import employ
from web.test_console_gate import events

__all__ = ["site"]  # the shop takes the place of Maison Verdier


# --- who may ------------------------------------------------------------------------------------------------

ROOMS = {
    "/console/people": {"officer", "clerk", "seller"}, "/console/person": {"officer", "clerk", "seller"},
    "/console/person/correct": {"officer", "clerk", "seller"}, "/console/person/hold": {"officer"},
    "/console/holds": {"officer"}, "/console/sweeps": {"officer", "clerk", "seller", "auditor"},
    "/console/stores": {"officer", "clerk", "seller", "auditor"}, "/console/versions": {"officer"},
    "/console/ledger": {"officer", "auditor"}, "/console/ledger/0": {"officer", "auditor"},
    "/console/staff": {"officer"},
}  # fmt: skip


def test_each_role_enters_its_rooms_and_no_others(letters: Post, site: Site) -> None:
    """A role that may not is told so; one that may gets the page, or is led to where a person is opened first."""
    for role in ("officer", "clerk", "seller", "auditor"):
        member = employ(f"{role}@example.org", role)
        for path, roles in ROOMS.items():
            status = member.get(path).status_code
            assert (status in (200, 302)) == (role in roles), f"{role} at {path}: {status}"
            assert role in roles or status == 403


def test_every_change_wants_a_form_of_ours(letters: Post, site: Site) -> None:
    officer = employ("olga@example.org", "officer")
    look_up(officer)
    for path in ("people", "person/correct", "person/hold", "person/close", "count", "staff"):
        answer = officer.person.client.post(f"/console/{path}", {"who": ANA, "ground": "service"}, secure=True)
        assert answer.status_code == 403, path


# --- one person ---------------------------------------------------------------------------------------------


def test_a_look_is_on_record_before_anything_is_shown_and_names_nobody(letters: Post, site: Site) -> None:
    officer = employ("olga@example.org", "officer")
    assert look_up(officer, words="she called about her order").status_code == 200
    assert "Ana Exemple" in officer.page
    assert "accounting documents" in officer.page, "why something is kept"
    ((_, body),) = events(site, "staff.seen")
    assert (body["who"], body["what"], body["ground"]) == (officer.staff().public_id, "person", "asked_by_person")
    assert "ana" not in str(body).lower()
    assert "order" not in str(body), "what they wrote is not in the ledger"


def test_reason_and_person_lie_sealed_in_the_state_and_the_session(letters: Post, site: Site) -> None:
    from troth.desk.house import house
    from troth.web.accounts.models import Session
    from troth.web.accounts.sessions import SessionStore
    from troth.web.console.models import Look
    from troth.web.console.trace import _place

    officer = employ("olga@example.org", "officer")
    look_up(officer, words="she called")
    look = Look.objects.get()
    assert b"called" not in bytes(look.words)
    with house() as at:
        vault = at.records.state.keys.vault
        assert vault.open(bytes(look.words), _place(officer.staff().public_id, look.at)) == b"she called"
    other = employ("sam@example.org", "seller")
    keys = {one.person.cookies()["__Host-essai"]: one for one in (officer, other)}
    theirs, own = (SessionStore(key) for key in keys)
    own["console_person"] = theirs["console_person"]
    own.save()
    assert other.get("/console/person").status_code == 302, "sealed for another member"
    stored = [SessionStore().decode(row.session_data) for row in Session.objects.all()]
    assert any("console_person" in one for one in stored)
    assert "ana@" not in str(stored)


INCOMPLETE = [
    ({"ground": ""}, "Choose a reason"), ({"ground": "curiosity"}, "Choose a reason"),
    ({"ground": "other"}, "Say in your words"), ({"ground": "request"}, "Name the request"),
    ({"ground": "request", "ref": "req-nope"}, "no request of that name"),
    ({"who": "Ana Exemple"}, "names nobody"), ({"who": "shoe=44"}, "names nobody"), ({"who": "email="}, "names nobody"),
]  # fmt: skip


def test_without_a_reason_or_a_name_nothing_is_looked_at(letters: Post, site: Site) -> None:
    officer = employ("olga@example.org", "officer")
    officer.get("/console/people")
    for fields, said in INCOMPLETE:
        answer = officer.post("/console/people", **{"who": ANA, "ground": "service", **fields})
        assert answer.status_code == 400
        assert said in officer.page, fields
    assert events(site, "staff.seen") == []


def test_a_person_is_found_by_another_identifier_with_what_is_known_by_the_first(letters: Post, site: Site) -> None:
    from troth.core.requests.model import Channel, Right
    from troth.desk.files import Wish, open_file
    from troth.desk.house import house
    from troth.desk.particulars import Particulars

    with house() as at:
        wish = Wish(Right.RESTRICTION, Particulars((("email", ANA),), ANA, "en"), Channel.PHONE, verified="known")
        ref = open_file(at, wish, datetime.now(UTC)).request.ref
    seller = employ("sam@example.org", "seller")
    assert look_up(seller, "customer_id=1").status_code == 200
    assert "Ana Exemple" in seller.page
    assert ref in seller.page


def test_an_open_person_is_closed_after_a_quarter_of_an_hour_and_nobody_elses(
    letters: Post, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    from troth.web.console import person

    officer, seller = employ("olga@example.org", "officer"), employ("sam@example.org", "seller")
    look_up(officer)
    assert seller.get("/console/person").status_code == 302
    officer.post("/console/person/close")
    assert officer.get("/console/person")["Location"] == "/console/people?said=person_closed"
    look_up(officer)

    class Later(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return datetime.now(UTC) + timedelta(minutes=16)

    monkeypatch.setattr(person, "datetime", Later)
    assert officer.get("/console/person").status_code == 302


def test_what_belongs_to_two_people_is_flagged_and_not_shown(letters: Post, site: Site) -> None:
    connection = sqlite3.connect(site.folder / "shop.sqlite")
    connection.executescript(
        "CREATE TABLE c2 AS SELECT * FROM customers; DROP TABLE customers;"
        "CREATE TABLE customers (id INTEGER PRIMARY KEY, email TEXT, name TEXT, last_seen TEXT);"
        "INSERT INTO customers SELECT * FROM c2; DROP TABLE c2;"
        "INSERT INTO customers VALUES (3, 'ana@example.org', 'Zoe Cachee', '2026-10-03');"
    )
    connection.close()
    officer = employ("olga@example.org", "officer")
    look_up(officer)
    assert "may also belong to somebody else" in officer.page
    assert "Zoe" not in officer.page
    assert "Ana Exemple" not in officer.page


def test_without_the_ledger_nothing_is_shown(letters: Post, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process holds it and does not let go."""
    from troth.state import state

    monkeypatch.setattr(state, "WAIT", 0.2)
    original = state.Place.database
    monkeypatch.setattr(state.Place, "database", lambda self, *, wait=0.2, create=False: original(self, wait=0.2))
    officer = employ("olga@example.org", "officer")
    officer.get("/console/people")
    holder = sqlite3.connect(site.state / "state.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        answer = officer.post("/console/people", who=ANA, ground="service")
    finally:
        holder.close()
    assert answer.status_code == 503
    assert "Ana Exemple" not in officer.page
    assert officer.get("/console/person").status_code == 302, "it was not opened either"


# --- correcting ---------------------------------------------------------------------------------------------

NAME = "shop.customers.name"


OTHERS = """      employees:
        for: orders
        subject: {email: email}
        fields: {email: EmailAddress, job: Name}
      invoices:
"""
OFFERED = re.compile(r'<option value="(shop\.[^"]+)"')


def test_a_correction_is_previewed_and_then_goes_the_way_of_a_request(letters: Post, site: Site) -> None:
    from troth.desk.models import File

    officer = employ("olga@example.org", "officer")
    look_up(officer)
    officer.get("/console/person/correct")
    assert officer.post("/console/person/correct", field=NAME, value="Ana Juste", channel="phone").status_code == 200
    assert "(1)" in officer.page
    assert shop(site, "SELECT name FROM customers WHERE id = 1") == [("Ana Exemple",)]
    seen = officer.person.field("seen")
    answer = officer.post("/console/person/correct", field=NAME, value="Ana Juste", channel="phone", seen=seen)
    assert answer["Location"] == "/console/person?said=corrected"
    file = File.objects.get()
    assert (file.right, file.channel, file.verified) == ("rectification", "phone", "known")
    work()
    assert shop(site, "SELECT name FROM customers WHERE id = 1") == [("Ana Juste",)]
    assert "corrected" in letters.last(ANA)
    (change,) = [body for _, body in events(site, "staff.changed")]
    assert (change["what"], change["request"], change["who"]) == ("correction", file.ref, officer.staff().public_id)
    officer.get("/console/person")
    assert file.ref in officer.page


def test_nothing_is_offered_that_is_not_the_persons_to_correct(letters: Post, site: Site) -> None:
    """What is counted or noted by the publisher is in no list, nor a collection in which they have no row."""
    site.edit("troth.yaml", "fields: {total: Transaction}", "fields: {total: {is: Transaction, given: observed}}")
    site.edit("troth.yaml", "      invoices:\n", OTHERS)
    shop(site, "CREATE TABLE employees (id INTEGER PRIMARY KEY, email TEXT, job TEXT)")
    officer = employ("olga@example.org", "officer")
    look_up(officer)
    officer.get("/console/person/correct")
    assert OFFERED.findall(officer.page) == ["shop.customers.email", "shop.customers.name"]
    officer.get("/console/requests/new?right=rectification")
    assert OFFERED.findall(officer.page) == [
        "shop.customers.email", "shop.customers.name", "shop.employees.email", "shop.employees.job"
    ], "of a letter nobody knows yet who wrote it"  # fmt: skip
    shop(site, "INSERT INTO employees VALUES (1, 'ana@example.org', 'binder')")
    officer.get("/console/person/correct")
    assert "shop.employees.job" in OFFERED.findall(officer.page)


def test_a_correction_that_was_asked_for_already_is_not_said_to_be_done(letters: Post, site: Site) -> None:
    from troth.desk.models import File

    officer = employ("olga@example.org", "officer")
    look_up(officer)
    said = []
    for _ in range(2):
        officer.get("/console/person/correct")
        officer.post("/console/person/correct", field=NAME, value="Ana Juste", channel="phone")
        seen = officer.person.field("seen")
        answer = officer.post("/console/person/correct", field=NAME, value="Ana Juste", channel="phone", seen=seen)
        said.append(answer["Location"])
    assert said == ["/console/person?said=corrected", "/console/person?said=correction_joined"]
    assert File.objects.count() == 1
    officer.get(said[1])
    assert "had been asked for already" in officer.page


def test_what_was_not_shown_is_not_done(letters: Post, site: Site) -> None:
    from troth.desk.models import File

    officer = employ("olga@example.org", "officer")
    look_up(officer)
    officer.get("/console/person/correct")
    officer.post("/console/person/correct", field=NAME, value="Ana Juste")
    seen = officer.person.field("seen")
    shop(site, "UPDATE customers SET name = 'Ana Juste' WHERE id = 1")
    assert officer.post("/console/person/correct", field=NAME, value="Ana Juste", seen=seen).status_code == 400
    assert officer.post("/console/person/correct", field=NAME, value="Someone", seen="0" * 64).status_code == 400
    assert officer.post("/console/person/correct", field="shop.customers.shoe", value="44").status_code == 400
    answer = officer.post("/console/person/correct", field="shop.customers.email", value="pas une adresse")
    assert (answer.status_code, "no e-mail address" in officer.page) == (400, True)
    assert File.objects.count() == 0
    assert events(site, "staff.changed") == []


def test_a_site_manager_changes_only_where_the_policy_says_so(letters: Post, site: Site) -> None:
    """The clerk is a manager of accounts, and managers may see; the seller is none, and their role may change."""
    from troth.web.pages.published import kept

    clerk, seller = employ("carl@example.org", "clerk"), employ("sam@example.org", "seller")
    look_up(clerk)
    assert "/console/person/correct" not in clerk.page
    assert clerk.get("/console/person/correct").status_code == 403
    look_up(seller)
    assert seller.get("/console/person/correct").status_code == 200
    site.edit("troth.yaml", "managers_may: [see]", "managers_may: [see, change]")
    kept.forget()
    assert clerk.get("/console/person/correct").status_code == 200


# --- holds --------------------------------------------------------------------------------------------------


def test_a_hold_is_added_listed_and_released_on_record(letters: Post, site: Site) -> None:
    officer = employ("olga@example.org", "officer")
    assert officer.get("/console/holds").status_code == 200
    assert "No hold and no restriction" in officer.page
    look_up(officer)
    officer.get("/console/person/hold")
    until = (datetime.now(UTC).date() + timedelta(days=90)).isoformat()
    answer = officer.post("/console/person/hold", reason="claim no. 7", until=until, collection="shop.invoices")
    assert answer["Location"] == "/console/person?said=held"
    officer.get("/console/person")
    assert "claim no. 7" in officer.page
    officer.get("/console/holds")
    assert "claim no. 7" in officer.page
    ((_, added),) = events(site, "hold.added")
    assert (added["until"], added["collections"]) == (until, ["shop.invoices"])
    ref = added["request"]
    officer.get(f"/console/holds/{ref}")
    assert officer.post(f"/console/holds/{ref}")["Location"] == "/console/holds?said=released"
    assert [body["request"] for _, body in events(site, "hold.released")] == [ref]
    assert [body["request"] for _, body in events(site, "staff.changed")] == [ref, ref]
    assert "claim" not in str(events(site, "hold.added", "hold.released", "staff.changed", "staff.seen"))
    assert officer.get(f"/console/holds/{ref}").status_code == 404


NO_HOLD = [
    ({"reason": " "}, "needs a reason"), ({"until": "soon"}, "That is no day"),
    ({"until": "2020-01-01"}, "past already"), ({"collection": "shop.nothing"}, "is not in the collections"),
]  # fmt: skip


def test_a_hold_that_cannot_be_is_refused_with_a_sentence(letters: Post, site: Site) -> None:
    officer = employ("olga@example.org", "officer")
    look_up(officer)
    officer.get("/console/person/hold")
    for fields, said in NO_HOLD:
        assert officer.post("/console/person/hold", **{"reason": "claim", **fields}).status_code == 400
        assert said in officer.page, fields
    look_up(officer, "nobody@example.org")
    assert "Nothing is known under that" in officer.page
    officer.get("/console/person/hold")
    assert officer.post("/console/person/hold", reason="claim").status_code == 400
    assert "Nobody is known" in officer.page
    assert events(site, "hold.added") == []


def test_a_restriction_ends_only_when_the_person_was_told(letters: Post, site: Site) -> None:
    from troth.core.rights.erase import identify
    from troth.core.rights.identity import Decisions, Subject
    from troth.core.rights.restrict import plan_restriction, run_restriction
    from troth.desk.house import house, stores

    officer = employ("olga@example.org", "officer")
    with house() as at, stores(at.policy, datetime.now(UTC)) as session:
        identity = identify(session, Subject((("email", ANA),)), Decisions(), at.records)
        run_restriction(session, plan_restriction(session, identity), at.runner("req-x"), "requested", None)
    officer.get("/console/holds/req-x")
    assert officer.post("/console/holds/req-x").status_code == 400
    assert events(site, "hold.released") == []
    assert officer.post("/console/holds/req-x", told="1").status_code == 302
