"""Correcting what finds a person: what they have said stays theirs, and rows that belong together stay together."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from desk.house_of import Front
from desk.test_refused import ANA, flags, shop  # noqa: F401  (a fixture)
from desk.test_space import rewritten
from desk.test_standing import at_the_desk

NEW = "ana@new.example.org"


def corrected(front: Front, field: str, value: str) -> str:
    ref = str(front.ask("rectification", corrections={field: value}).request.ref)
    front.work()
    return ref


def test_an_objection_and_a_restriction_hold_under_the_new_address_alone(shop: Front) -> None:  # noqa: F811
    shop.ask("objection")
    shop.work()
    restricted = shop.ask("restriction").request.ref
    shop.work()
    assert shop.state_of(corrected(shop, "customers.email", NEW)) == "answered"
    assert shop.rows("SELECT email FROM customers WHERE id = 1") == [(NEW,)]
    new = (("email", NEW),)
    assert at_the_desk("may", "may", new, "offers").reason == "restricted"
    at_the_desk("lift", "standing", new, "restriction", restricted, datetime.now(UTC))
    assert at_the_desk("may", "may", new, "offers").reason == "objection"
    at_the_desk("lift", "standing", new, "objection", "offers", datetime.now(UTC))
    assert at_the_desk("may", "may", new, "offers").may
    assert at_the_desk("may", "may", ANA, "offers").may
    assert flags(shop)[0] == 1


def test_said_twice_it_is_said_once_also_where_the_file_is_gone(front: Front) -> None:
    from troth.desk.house import house
    from troth.desk.models import Refusal
    from troth.desk.renaming import known_too

    now = datetime.now(UTC)
    with house() as at:
        vault = at.records.state.keys.vault
        [old], [new] = vault.indexes(ANA), vault.indexes([("email", NEW)])
        for purpose, ended in (("offers", None), ("orders", now)):
            Refusal.objects.create(hash=old, purpose=purpose, ground="objection", made=now, ended=ended)
        for _ in range(2):
            known_too(vault, ANA, [("email", NEW)])
    assert [(one.purpose, one.made) for one in Refusal.objects.filter(hash=new)] == [("offers", now)]


def test_a_correction_at_the_command_line_too(shop: Front, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    from django.conf import settings
    from typer.testing import CliRunner

    from troth.cli import main
    from troth.jobs import running

    for name in ("TROTH_POLICY", "TROTH_STATE", "TROTH_STARTED"):
        monkeypatch.setenv(name, "")
    monkeypatch.setattr(running, "ready", lambda: None)
    (settings.STATE / "site.db").touch()
    shop.ask("objection")
    shop.work()
    words = ["rectify", "email=ana@example.org", f"customers.email={NEW}", "--yes", "--state", str(settings.STATE)]
    done = CliRunner().invoke(main.build("rectify"), [*words, "--policy", str(settings.POLICY)])
    assert done.exit_code == 0, done.output
    assert at_the_desk("may", "may", (("email", NEW),), "offers").reason == "objection"


def test_an_address_that_is_somebody_elses_is_not_taken(shop: Front) -> None:  # noqa: F811
    shop.change("CREATE TABLE plain AS SELECT * FROM customers")
    shop.change("DROP TABLE customers")
    shop.change("ALTER TABLE plain RENAME TO customers")
    rewritten(
        shop,
        "        subject: {email: email, customer_id: id}",
        "        key: id\n        subject: {email: email, customer_id: id}",
    )
    shop.change("CREATE UNIQUE INDEX customers_id ON customers (id)")
    shop.ask("objection")
    shop.work()
    corrected(shop, "customers.email", "bo@example.org")
    assert shop.rows("SELECT email FROM customers ORDER BY id") == [("ana@example.org",), ("bo@example.org",)]
    assert at_the_desk("may", "may", (("email", "bo@example.org"),), "offers").may


def test_a_column_by_which_rows_belong_together_is_not_corrected(shop: Front) -> None:  # noqa: F811
    from troth.desk import ahead

    shop.change("CREATE TABLE notes (id INTEGER PRIMARY KEY, email TEXT, body TEXT)")
    shop.change("INSERT INTO notes VALUES (1, 'ana@example.org', 'hello')")
    notes = "      notes:\n        for: orders\n        belongs_to: {customers: {email: email}}\n"
    notes += "        fields: {body: Preference, email: EmailAddress}\n"
    rewritten(shop, "      invoices:\n", f"{notes}      invoices:\n")
    for field in ("customers.email", "notes.email"):
        ref = corrected(shop, field, NEW)
        assert (shop.state_of(ref), ahead.ahead(ref).what) == ("in_progress", "refused_plan")
    assert shop.rows("SELECT email FROM customers WHERE id = 1") == shop.rows("SELECT email FROM notes")
    assert shop.state_of(corrected(shop, "notes.body", "good day")) == "answered"


def test_the_old_and_the_new_address_both_hear_of_the_change(shop: Front) -> None:  # noqa: F811
    shop.ask("rectification", "bo@example.org", corrections={"customers.name": "Bo Juste"})
    shop.ask("rectification", corrections={"customers.email": NEW})
    shop.work()
    told = [one for one in shop.box.received if "e-mail address has been changed" in str(one.message["Subject"])]
    assert sorted(one.recipients[0] for one in told) == ["ana@example.org", NEW]
    for one in told:
        assert "not you who asked" in one.text()
        assert {"ana@example.org", NEW}.isdisjoint(one.text().split()), "neither tells the other"


def test_an_address_that_is_gone_holds_nothing_up(shop: Front) -> None:  # noqa: F811
    from troth.desk import moved
    from troth.web.mail.errors import MailRefused

    def gone(*_: object) -> None:
        raise MailRefused("recipient", code=550)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(moved, "_write", gone)
        assert shop.state_of(corrected(shop, "customers.email", NEW)) == "answered"


READERS = """      readers:
        for: offers
        subject: {email: mail}
        fields: {mail: EmailAddress}
        events: {last_contact: seen}
      invoices:
"""


def given_away(*people: tuple[tuple[str, str], ...]) -> None:
    """To an authority, once for each of these people."""
    from datetime import date

    from troth.desk import disclosures
    from troth.desk.house import house

    with house() as at:
        [what, *_] = disclosures.categories_of(at.policy)
        day = date(2026, 11, 2)
        for known in people:
            said = disclosures.Entry("authority", "Brigade", "legal_obligation", "x", (what,), day, "", day)
            disclosures.record(at, known, said, "x", datetime.now(UTC))


def told_of(*known: tuple[str, str]) -> int:
    """How many disclosures whoever has these identifiers is told of."""
    return len(at_the_desk("of", "disclosures", known, datetime.now(UTC).date()))


def test_what_was_given_away_about_them_is_told_at_the_new_address_and_no_longer_at_the_old(front: Front) -> None:
    front.change("CREATE TABLE readers (nr INTEGER PRIMARY KEY, mail TEXT, seen TEXT)")
    front.change("INSERT INTO readers VALUES (1, 'cy@example.org', '2026-10-01')")
    rewritten(front, "      invoices:\n", READERS)
    given_away((("email", "cy@example.org"),), (("email", "bo@example.org"),))
    front.ask("rectification", who="cy@example.org", corrections={"shop.readers.mail": "cy@new.example.org"})
    front.work()
    assert front.rows("SELECT mail FROM readers") == [("cy@new.example.org",)]
    assert told_of(("email", "cy@new.example.org")) == 1
    assert told_of(("email", "cy@example.org")) == 0
    assert told_of(("email", "bo@example.org")) == 1


def test_of_an_address_that_two_people_share_only_what_is_certainly_theirs_goes_along(front: Front) -> None:
    from troth.core.rights.identity import Decisions, Identity
    from troth.desk import renaming
    from troth.desk.house import house

    given_away((("customer_id", "7"),), (("email", "both@example.org"),))
    known, new = (("email", "both@example.org"), ("customer_id", "7")), (("email", NEW),)
    found = Identity(known, {})
    with house() as at:
        doubt = renaming.doubtful(found, Decisions(shared=True), new)
        for _ in range(2):
            renaming.known_too(at.records.state.keys.vault, known, new, doubt)
    assert told_of(*new) == 1
