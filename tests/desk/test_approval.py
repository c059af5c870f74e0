"""Who says yes, to what, and to whom the answer goes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from desk.house_of import Front
from desk.officer import Officer, opened
from desk.test_doubt import decide, later
from troth.core.errors import PlanRefused, StoreUnreachable, UsageError

VICTIM = {"kind": "email", "value_of_person": "ana@example.org", "channel": "post", "language": "en"}
ELSEWHERE = "mallory@evil.test"


@pytest.fixture
def officer(front: Front) -> Officer:
    return opened(front, "privacy")


def entered(officer: Officer, **more: str) -> str:
    """A letter is entered at the console: the name of its request."""
    from troth.desk.models import File

    officer.get("/console/requests/new?right=access")
    assert officer.post("/console/requests/new", right="access", **VICTIM, **more) == 302
    return str(File.objects.latest("pk").ref)


@pytest.mark.parametrize("vouched", ["at once", "afterwards"])
def test_whoever_enters_a_request_cannot_have_somebody_elses_data_sent_to_themselves(
    officer: Officer, vouched: str
) -> None:
    front = officer.front
    ref = entered(officer, answer_to=ELSEWHERE, verified="known" if vouched == "at once" else "")
    front.work()
    if vouched == "afterwards":
        officer.get(f"/console/requests/{ref}/identify")
        assert officer.post(f"/console/requests/{ref}/identify", how="known") == 302
        front.work()
    assert front.box.received == [], "nothing left by their word alone"
    officer.get(f"/console/requests/{ref}")
    assert f"{ref}/approve" not in officer.colleague.page
    assert "somebody else has to approve it" in officer.text
    assert officer.get(f"/console/requests/{ref}/approve") == 200
    officer.get("/console/requests/new?right=access")
    assert officer.post(f"/console/requests/{ref}/approve", sure="1") == 400
    front.work()
    assert front.box.received == []
    deputy = opened(front, "second")
    deputy.get(f"/console/requests/{ref}/approve")
    assert deputy.post(f"/console/requests/{ref}/approve", sure="1", seen=deputy.field("seen")) == 302
    front.work()
    assert [mail.recipients for mail in front.box.received] == [[ELSEWHERE]]


def test_an_answer_to_the_persons_own_address_needs_nobody_else(officer: Officer) -> None:
    entered(officer, answer_to="Ana@Example.org", verified="known")
    officer.front.work()
    assert [mail.recipients for mail in officer.front.box.received] == [["Ana@Example.org"]]


@pytest.mark.parametrize("right", ["erasure", "restriction", "rectification"])
def test_what_changed_after_the_approval_is_asked_about_again(front: Front, right: str) -> None:
    policy = front.folder / "troth.yaml"
    asks = "approval: {rectification: staff, restriction: staff}"
    policy.write_text(policy.read_text(encoding="utf-8").replace("approval: {rectification: automatic}", asks), "utf-8")
    front.change("ALTER TABLE customers ADD COLUMN frozen BOOLEAN DEFAULT 0")
    fields = "fields: {email: EmailAddress, name: Name}"
    text = policy.read_text(encoding="utf-8")
    policy.write_text(text.replace(fields, f"{fields}\n        restricted: frozen"), "utf-8")
    from troth.web.pages.published import kept

    kept.forget()
    corrections = {"customers.name": "Ana Juste"} if right == "rectification" else {}
    ref = front.ask(right, corrections=corrections).request.ref
    front.work()
    decide("approve", ref)
    front.change("DELETE FROM invoices")
    front.change("DELETE FROM customers WHERE id = 1")
    front.change("INSERT INTO customers VALUES (7, 'ana@example.org', 'Ana Autre', '2026-10-09', 0)")
    front.work()
    assert front.rows("SELECT email, name, frozen FROM customers WHERE id = 7") == [("ana@example.org", "Ana Autre", 0)]
    from troth.desk.ahead import ahead

    assert (ahead(ref).what, ahead(ref).stop) == ("approval", "carry_out")
    decide("approve", ref)
    front.work()
    assert front.rows("SELECT email, name, frozen FROM customers WHERE id = 7") != [("ana@example.org", "Ana Autre", 0)]


def test_the_console_says_why_it_asks_again(officer: Officer) -> None:
    front = officer.front
    ref = front.ask("erasure").request.ref
    front.work()
    decide("approve", ref)
    front.change("INSERT INTO invoices VALUES (11, 1, 100, '2026-06-06')")
    front.work()
    assert front.rows("SELECT count(*) FROM customers WHERE email IS NULL") == [(0,)]
    officer.get(f"/console/requests/{ref}")
    assert "an approval again" in officer.text
    page = f"/console/requests/{ref}/approve"
    officer.get(page)
    assert "The data have changed since it was approved" in officer.text
    assert officer.post(page, sure="1", seen=officer.field("seen")) == 302
    front.work()
    assert front.state_of(ref) == "partly_refused"


def test_a_yes_to_what_cannot_be_seen_is_not_taken(officer: Officer) -> None:
    front = officer.front
    ref = front.ask("erasure").request.ref
    front.work()
    shop = front.folder / "shop.sqlite"
    away = shop.rename(front.folder / "elsewhere")
    page = f"/console/requests/{ref}/approve"
    officer.get(f"/console/requests/{ref}")
    assert page not in officer.colleague.page
    assert officer.get(page) == 200
    assert 'name="sure"' not in officer.colleague.page
    officer.get("/console/requests/new?right=access")
    assert officer.post(page, sure="1") == 400
    with pytest.raises((StoreUnreachable, PlanRefused)):
        decide("approve", ref)
    away.rename(shop)
    later(4000)
    front.work()
    assert front.state_of(ref) == "received"
    officer.get(page)
    assert officer.post(page, sure="1", seen=officer.field("seen")) == 302


def test_staff_withdraw_in_their_own_name_and_the_person_hears_of_it(officer: Officer) -> None:
    front = officer.front
    ref = front.ask("erasure").request.ref
    front.work()
    page = f"/console/requests/{ref}/withdraw"
    officer.get(page)
    assert "It has been recorded that you no longer want it" in officer.text
    assert officer.post(page, seen=officer.field("seen")) == 302
    front.work()
    assert front.state_of(ref) == "withdrawn"
    (mail,) = front.box.received
    assert mail.recipients == ["ana@example.org"]
    assert "tell us, or ask again at any time" in mail.text().replace("\n", " ")
    assert acts(ref)[-1]["by"] == "staff"


def acts(ref: str) -> Any:
    from troth.desk.models import File

    return File.objects.get(ref=ref).acts


def test_what_others_ask_for_in_her_name_does_not_count_against_her(front: Front) -> None:
    from troth.core.requests.model import Behalf
    from troth.desk import files

    for n in range(files.MOST):
        mallory = (("email", f"mallory{n // 10}@evil.test"),)
        opened = front.ask("erasure", behalf=Behalf.MANDATE, verified="", answer_to=f"m{n}@evil.test", speaker=mallory)
        assert not opened.joined
    assert front.ask("access").request.ref
    assert front.ask(
        "access", "bo@example.org", behalf=Behalf.MANDATE, verified="", speaker=(("email", "ana@example.org"),)
    ).request.ref, "nor against what she asks for others"
    mallory = (("email", "mallory0@evil.test"),)
    another = {"behalf": Behalf.PARENT, "verified": "", "speaker": mallory}
    for n in range(files.MOST // 2):
        front.ask("access", f"p{n}@example.org", **another)
    with pytest.raises(files.TooMany):
        front.ask("access", "q@example.org", **another)


def test_who_it_is_is_known_only_in_ways_that_the_policy_names(front: Front) -> None:
    ref = front.ask("access", verified="").request.ref
    for how in ("phone", "customer_number", "identity_document"):
        with pytest.raises(UsageError, match="not a way to know"):
            decide("identified", ref, how)
    assert front.state_of(ref) == "received"
    at = datetime.now(UTC)
    decide("identified", ref, "known")
    assert datetime.fromisoformat(acts(ref)[-1]["at"]) >= at.replace(microsecond=0)
