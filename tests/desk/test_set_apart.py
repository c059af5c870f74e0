"""Rows in doubt that are somebody else's: the request goes on without them, and nobody learns what they were."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest

from desk.house_of import Front
from desk.officer import Officer, opened
from desk.test_at_the_command_line import Run, troth
from desk.test_console_doubt import with_reviews
from troth.core.errors import UsageError

__all__ = ["troth"]  # the command line

MESSAGES = """      messages:
        for: orders
        belongs_to: [{to: customers, by: sender}, {to: customers, by: reader}]
        fields: {words: Communication}
      files:
        for: orders
        belongs_to: {messages: message}
        fields: {name: Communication}
      invoices:
"""


def row(ref: str, name: str, number: int) -> str:
    """What a row is called at the command line."""
    from troth.desk.house import house

    with house() as at:
        return at.records.tag("shop", name, (number,))


def shared(ref: str, apart: Any = ()) -> None:
    """Somebody of staff looks, and says which rows are somebody else's."""
    from desk.test_way import digest_of
    from troth.desk import deciding
    from troth.desk.house import house

    seen = digest_of(ref)
    with house() as at:
        deciding.share(at, ref, seen, datetime.now(UTC), apart)


def couple(front: Front) -> None:
    """Two customers behind one address; the number of one of them leads on to a card."""
    path = front.folder / "troth.yaml"
    card = "      cards: {for: orders, subject: {customer_id: client}, fields: {word: Transaction}}\n      invoices:\n"
    path.write_text(path.read_text().replace("      invoices:\n", card, 1), encoding="utf-8")
    front.change("CREATE TABLE cards (id INTEGER PRIMARY KEY, client INTEGER, word TEXT)")
    front.change("INSERT INTO cards VALUES (90, 2, 'gold')")
    front.change("DROP TABLE customers")
    front.change("CREATE TABLE customers (id INTEGER PRIMARY KEY, email TEXT, name TEXT, last_seen TEXT)")
    for number, name in ((1, "Ana Exemple"), (2, "Bo Autre")):
        front.change(f"INSERT INTO customers VALUES ({number}, 'ana@example.org', '{name}', '2026-10-01')")
    front.change("INSERT INTO invoices VALUES (20, 2, 77, '2026-05-06')")


def correspondence(front: Front) -> None:
    """A message of two people, with a file that hangs from it."""
    path = front.folder / "troth.yaml"
    path.write_text(path.read_text().replace("      invoices:\n", MESSAGES, 1), encoding="utf-8")
    front.change("CREATE TABLE messages (id INTEGER PRIMARY KEY, sender INTEGER, reader INTEGER, words TEXT)")
    front.change("CREATE TABLE files (id INTEGER PRIMARY KEY, message INTEGER, name TEXT)")
    front.change("INSERT INTO messages VALUES (5, 1, 2, 'theirs'), (6, 2, 1, 'mine')")
    front.change("INSERT INTO files VALUES (50, 5, 'a.png'), (60, 6, 'b.png')")


def told(front: Front) -> str:
    mail = next(mail for mail in front.box.received if mail.recipients == ["ana@example.org"])
    return " ".join(mail.text().split())


def test_an_access_goes_on_without_the_rows_that_are_somebody_elses(front: Front) -> None:
    officer: Officer = with_reviews(front)
    ref = front.ask("access").request.ref
    front.work()
    page = f"/console/requests/{ref}/share"
    officer.get(page)
    mine, others = row(ref, "reviews", 71), row(ref, "reviews", 73)
    assert f'value="{mine}"' in officer.colleague.page
    assert officer.post(page, sure="1", seen=officer.field("seen"), apart=others) == 302
    front.work()
    assert front.state_of(ref) == "answered"
    assert "left aside" in told(front)
    assert "From the desk of Bo" not in packed(front)
    assert "A fine lamp" in packed(front)
    assert ("request.set_apart", {"request": ref, "rows": [others]}) in events(ref)


def test_an_erasure_leaves_the_other_person_behind_one_address_alone(front: Front) -> None:
    couple(front)
    ref = approved(front)
    shared(ref, (row(ref, "customers", 2),))
    front.work()
    assert front.rows("SELECT id, name FROM customers") == [(1, "Ana Exemple"), (2, "Bo Autre")]
    assert front.rows("SELECT email FROM customers WHERE id = 1") != [("ana@example.org",)]
    assert front.rows("SELECT email FROM customers WHERE id = 2") == [("ana@example.org",)]
    assert front.rows("SELECT word FROM cards") == [("gold",)]
    assert "left aside" in told(front)
    assert "Bo" not in told(front)
    carrier = next(mail for mail in front.box.received if mail.recipients == ["rgpd@messager.test"])
    assert "quelqu’un d’autre est aussi connu ainsi" in " ".join(carrier.text().split())
    intended = next(body for kind, body in events(ref) if kind == "erasure.intended")
    assert intended["scope"]["apart"] == [row(ref, "customers", 2)]


def test_what_hangs_from_a_row_of_somebody_else_stays_with_it(front: Front) -> None:
    correspondence(front)
    ref = approved(front)
    shared(ref, (row(ref, "messages", 5),))
    front.work()
    assert front.rows("SELECT id FROM messages") == [(5,)]
    assert front.rows("SELECT id FROM files") == [(50,)]


@pytest.mark.evidence("outcome_missing")
def test_what_was_set_apart_stays_so_after_a_crash_between_two_tries(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once the person's own row is gone, nothing but that word tells that the other one is not theirs."""
    from troth.core.rights import erase
    from troth.desk.house import house, stores

    couple(front)
    ref = approved(front)
    shared(ref, (row(ref, "customers", 2),))
    monkeypatch.setattr(erase, "finish", lambda *_: (_ for _ in ()).throw(RuntimeError("the machine dies")))
    front.work()
    monkeypatch.undo()
    front.change("DELETE FROM customers WHERE id = 1")
    with house() as at, stores(at.policy, datetime.now(UTC)) as session:
        [pending] = at.records.unfinished([("email", "ana@example.org")])
        wish = erase.wish_of(pending)
        again = erase.identify(session, erase.Subject(pending.known), wish.decisions, at.records)
    assert again.anchors["shop"] == {"customers": ((1,),)}


def test_with_none_of_them_theirs_nobody_is_found_and_the_person_hears_why(front: Front) -> None:
    couple(front)
    ref = front.ask("access", language="fr").request.ref
    front.work()
    shared(ref, None)
    front.work()
    assert front.state_of(ref) == "answered"
    assert "aucune donnée sur vous" in told(front)
    assert "laissées de côté" in told(front)


def test_only_a_row_in_doubt_can_be_set_apart(front: Front) -> None:
    with_reviews(front)
    ref = front.ask("access").request.ref
    front.work()
    with pytest.raises(UsageError, match="no row in doubt"):
        shared(ref, (row(ref, "customers", 1),))
    assert front.state_of(ref) == "in_progress"


def test_at_the_command_line_rows_are_named_by_hashes_and_set_apart_by_them(front: Front, troth: Run) -> None:
    couple(front)
    ref = front.ask("access").request.ref
    front.work()
    shown = troth("share", ref)
    others = row(ref, "customers", 2)
    assert others in shown
    seen = re.search(r"--seen ([0-9a-f]{64})", shown)
    assert seen is not None
    listed = json.loads(troth("share", ref, "--format", "json"))["rows"]
    assert {"store": "shop", "collection": "customers", "row": others} in listed
    assert "not the rows" in troth("share", ref, "--seen", seen[1], "--not-theirs", others, fails=2)
    assert "none of the rows in doubt counts" in troth("share", ref, "--none-theirs")
    aside = troth("share", ref, "--not-theirs", others)
    assert f"Left aside as somebody else’s: – {others}" in aside
    troth("share", ref, "--seen", re.findall(r"--seen ([0-9a-f]{64})", aside)[0], "--not-theirs", others)
    front.work()
    assert front.state_of(ref) == "answered"
    assert "Ana Exemple" in packed(front)
    assert "Bo Autre" not in packed(front)


def approved(front: Front) -> str:
    from troth.desk import deciding
    from troth.desk.house import house

    ref = str(front.ask("erasure").request.ref)
    front.work()
    with house() as at:
        deciding.approve(at, ref, datetime.now(UTC))
    front.work()
    return ref


def events(ref: str) -> list[Any]:
    from troth.desk.house import house

    with house() as at:
        return list(at.records.state.events_of(ref))


def packed(front: Front) -> str:
    """What lies in the package of the only request, in clear."""
    import io
    import zipfile

    from troth.desk import packages
    from troth.desk.house import house
    from troth.desk.models import Package

    with house() as at:
        plain = b"".join(packages.read(at.records.state.keys.vault, Package.objects.get().name))
    return zipfile.ZipFile(io.BytesIO(plain)).read("data.json").decode()


def test_whoever_says_whose_rows_are_sees_first_what_goes_and_what_stays(front: Front) -> None:
    """All of it is in doubt: nobody says yes to an empty plan, and whose the rows are is the only question."""
    couple(front)
    officer = opened(front, "privacy")
    ref = front.ask("erasure").request.ref
    front.work()
    page, approve = (f"/console/requests/{ref}/{name}" for name in ("share", "approve"))
    officer.get(f"/console/requests/{ref}")
    assert page in officer.colleague.page
    assert approve not in officer.colleague.page
    assert "Waits for: a decision" in officer.text
    assert officer.get(approve) == 302, "led to the rows"
    for said in ("This goes", "This stays", "until 31 December 2036", "it is final"):
        assert said in officer.text, said
    unseen = {"sure": "1", "seen": officer.field("seen")}
    assert officer.post(page, **unseen) == 200, "the plan was not on their page"
    assert front.state_of(ref) == "received"
    others = row(ref, "customers", 2)
    shown = officer.field("shown")
    assert officer.post(page, **unseen, shown=shown, apart=others) == 200, "nor what these rows make of it"
    assert "Look once more, then confirm Nothing was done yet" in officer.text
    assert "did not work" not in officer.text
    assert officer.field("shown") != shown
    front.work()
    assert front.rows("SELECT count(*) FROM customers WHERE email IS NULL") == [(0,)]
    assert officer.post(page, **unseen, shown=officer.field("shown"), apart=others) == 302
    front.work()
    assert front.rows("SELECT id, email FROM customers") == [(1, None), (2, "ana@example.org")]


def test_whose_rows_are_is_not_said_by_whoever_may_not_approve(front: Front) -> None:
    """It is the approval too, where nothing but rows in doubt was found."""
    couple(front)
    officer, more = opened(front, "privacy"), {"kind": "email", "value_of_person": "ana@example.org", "everything": "1"}
    officer.get("/console/requests/new?right=erasure")
    more |= {"answer_to": "else@example.com", "verified": "known"}
    assert officer.post("/console/requests/new", right="erasure", **more) == 302
    ref = officer.colleague.page.partition("req-")[2][:12]
    front.work()
    officer.get(f"/console/requests/req-{ref}")
    assert f"{ref}/share" not in officer.colleague.page
    assert officer.get(f"/console/requests/req-{ref}/share") == 200
    assert "somebody else has to approve it" in officer.text
    page, fields = officer.colleague.page, {"sure": "1"}
    assert 'id="deed"' not in page
    officer.get("/console/requests/new?right=access")
    assert officer.post(f"/console/requests/req-{ref}/share", **fields) == 400
    assert front.state_of(f"req-{ref}") == "received"
    deputy, url = opened(front, "second"), f"/console/requests/req-{ref}/share"
    deputy.get(url)
    fields |= {name: deputy.field(name) for name in ("seen", "shown")}
    assert deputy.post(url, **fields) == 302
    front.work()
    assert front.rows("SELECT count(email) FROM customers") == [(0,)]


def test_what_changed_since_somebody_said_whose_rows_are_is_shown_to_them_again(front: Front) -> None:
    """Another policy makes another plan of the same rows: what was to stay would go."""
    from desk.test_doubt import decide
    from troth.web.pages.published import kept

    couple(front)
    ref = front.ask("erasure").request.ref
    front.work()
    decide("approve", ref)
    front.work()
    shared(ref)
    policy = front.folder / "troth.yaml"
    policy.write_text(policy.read_text().replace("            parents: {customers: [name]}\n", ""), "utf-8")
    kept.forget()
    front.work()
    assert front.rows("SELECT count(*) FROM customers WHERE email IS NULL") == [(0,)]
    from troth.desk.ahead import ahead

    assert ahead(ref).what == "shared"
    shared(ref)
    front.work()
    assert front.rows("SELECT count(*) FROM customers WHERE email IS NULL") == [(2,)]


def test_at_the_command_line_the_plan_is_shown_and_no_other_is_carried_out(front: Front, troth: Run) -> None:
    from desk.test_doubt import decide

    couple(front)
    ref = front.ask("erasure").request.ref
    front.work()
    decide("approve", ref)
    front.work()
    others = row(ref, "customers", 2)
    digests = [
        re.findall(r"--seen ([0-9a-f]{64})", troth("share", ref, *more)) for more in ([], ["--not-theirs", others])
    ]
    assert digests[0] != digests[1]
    shown = troth("share", ref, "--not-theirs", others)
    assert "This stays" in shown
    assert "This is final" in shown
    assert "something else would be done" in troth(
        "share", ref, "--seen", digests[0][0], "--not-theirs", others, fails=2
    )
    troth("share", ref, "--seen", digests[1][0], "--not-theirs", others)
    front.work()
    assert front.rows("SELECT id, email FROM customers") == [(1, None), (2, "ana@example.org")]
