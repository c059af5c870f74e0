"""At the console: a client's request after it was handed on, and what follows from a review by a human."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from desk.house_of import Front
from desk.officer import Officer, opened
from desk.test_console_requests import file_of, traced


@pytest.fixture
def officer(front: Front) -> Officer:
    return opened(front, "privacy")


def reviewed(officer: Officer, outcome: str = "changed", about: str = "") -> str:
    """A request for a review, approved, and its result written down; its name."""
    ref = str(officer.front.ask("human_review").request.ref)
    officer.front.work()
    officer.get(f"/console/requests/{ref}/approve")
    officer.post(f"/console/requests/{ref}/approve", sure="1", seen=officer.field("seen"))
    officer.front.work()
    officer.get(f"/console/requests/{ref}/done")
    assert officer.post(f"/console/requests/{ref}/done", outcome=outcome, why="Counted again.", about=about, sure="1") == 302  # fmt: skip
    return ref


def refused(officer: Officer, who: str = "ana@example.org", **wish: Any) -> str:
    ref = str(officer.front.ask("erasure", who, **wish).request.ref)
    officer.front.work()
    page = f"/console/requests/{ref}/refuse"
    officer.get(page)
    officer.post(page, reason="manifestly_unfounded")
    officer.post(page, reason="manifestly_unfounded", seen=officer.field("seen"))
    officer.front.work()
    assert officer.front.state_of(ref) == "refused"
    return ref


# --- a client's request


def test_the_client_hears_how_far_it_is_known_who_asks_and_by_when_to_answer(officer: Officer) -> None:
    front = officer.front
    ref = front.ask("erasure", controller="fabrique").request.ref
    front.work()
    told = " ".join(front.box.received[0].text().replace("\xa0", " ").split())
    assert front.box.received[0].recipients == ["dpo@fabrique.test"]
    for said in ("Comment nous savons qui demande : un lien envoyé à son adresse.", " : ana@example.org",
                 "un mois après nous être parvenue (RGPD, article 12(3))"):  # fmt: skip
        assert said in told, said
    assert "email: ana" not in told
    officer.get(f"/console/requests/{ref}")
    for said in ("Fabrique SA (dpo@fabrique.test)", "To be handed on by", "The client has to answer by",
                 "not noted yet", "Nous vous transmettons la demande"):  # fmt: skip
        assert said in officer.text, said


def test_who_nobody_has_verified_is_said_to_be_unverified(officer: Officer) -> None:
    front = officer.front
    ref = front.ask("erasure", controller="fabrique", verified="").request.ref
    front.work()
    assert "n’avons pas vérifié qui demande" in front.box.received[0].text()
    officer.get(f"/console/requests/{ref}?lang=fr")
    assert "Le client doit répondre au plus tard" in officer.text


def test_staff_note_the_clients_answer_once_on_record_with_a_day_that_can_be(officer: Officer) -> None:
    front = officer.front
    ref = front.ask("erasure", controller="fabrique").request.ref
    front.work()
    page, today = f"/console/requests/{ref}", datetime.now(UTC).date()
    officer.get(page)
    for day, number in ((today + timedelta(days=2), ""), (today - timedelta(days=9), ""), (today, "told by Carl")):
        officer.post(f"{page}/client", day=day.isoformat(), number=number)
        assert "Not noted" in officer.text
    assert traced(front, "request.client_answered") == []
    officer.post(f"{page}/client", day=today.isoformat(), number="ticket-4711")
    assert "Noted." in officer.text
    assert "ticket-4711" in officer.text
    ((_, body),) = traced(front, "request.client_answered")
    assert (body["request"], body["day"], body["number"]) == (ref, today.isoformat(), "ticket-4711")
    officer.get("/console/people")
    officer.post(f"{page}/client", day=today.isoformat())
    assert len(traced(front, "request.client_answered")) == 1
    own = front.ask("access").request.ref
    officer.get("/console/people")
    assert officer.post(f"/console/requests/{own}/client", day=today.isoformat()) == 404


def test_a_client_that_has_not_answered_in_time_is_seen(officer: Officer) -> None:
    front = officer.front
    ref = front.ask("erasure", controller="fabrique").request.ref
    front.work()
    row = file_of(ref)
    row.received -= timedelta(days=60)
    row.save()
    officer.get(f"/console/requests/{ref}")
    assert "no answer is noted. Ask them." in officer.text


# --- a review


def test_a_changed_decision_opens_the_refused_request_again_in_one_press(officer: Officer) -> None:
    front = officer.front
    about = refused(officer, scope=("offers",))
    ref = reviewed(officer, about=about)
    officer.get(f"/console/requests/{ref}")
    assert about in officer.text
    assert "nothing has been done about that yet" in officer.text
    assert "Whoever looked at it again had decided it." in officer.text
    assert officer.post(f"/console/requests/{ref}/anew") == 302
    assert "Opened, in the person’s name." in officer.text
    from troth.desk.models import Hand

    row = file_of(Hand.objects.get(file__ref=ref, stop="by_hand").anew)
    assert (row.right, row.scope, row.behalf) == ("erasure", ["offers"], "")
    assert row.state == "received", "somebody approves it before anything is done"
    assert [body["request"] for _, body in traced(front, "staff.changed") if body["what"] == "request.enter"] == [row.ref]  # fmt: skip
    officer.get("/console/people")
    officer.post(f"/console/requests/{ref}/anew")
    assert "Not opened" in officer.text
    officer.get(f"/console/requests/{ref}")
    assert row.ref in officer.text
    assert "Open the request again" not in officer.text
    officer.get(f"/console/requests/{about}")
    assert "Looked at again in:" in officer.text


def test_of_what_was_refused_only_the_wish_is_taken_and_not_who_asked(officer: Officer) -> None:
    """It may have been refused because nobody knew who they were."""
    from troth.desk.files import read
    from troth.desk.house import house
    from troth.desk.models import Hand

    about = refused(officer, answer_to="somebody.else@example.org")
    ref = reviewed(officer, about=about)
    officer.post(f"/console/requests/{ref}/anew")
    with house() as at:
        assert read(at, Hand.objects.get(file__ref=ref, stop="by_hand").anew)[1].answer_to == "ana@example.org"


def test_whoever_decided_is_warned_and_a_decision_that_stays_opens_nothing(officer: Officer) -> None:
    about = refused(officer)
    ref = officer.front.ask("human_review").request.ref
    officer.front.work()
    officer.get(f"/console/requests/{ref}/approve")
    officer.post(f"/console/requests/{ref}/approve", sure="1", seen=officer.field("seen"))
    officer.front.work()
    officer.get(f"/console/requests/{ref}/done")
    assert "decided by you" in officer.text
    assert "You decided the request" in officer.text
    said = {"outcome": "stays", "why": "Counted again.", "sure": "1"}
    other, granted = refused(officer, "bo@example.org"), officer.front.ask("restriction").request.ref
    officer.front.work()
    assert officer.front.state_of(granted) == "answered"
    officer.get(f"/console/requests/{ref}/done?lang=fr")
    assert "Vous avez vous-même décidé" in officer.text
    assert about in officer.text
    assert other not in officer.text, "somebody else's"
    assert granted not in officer.text, "what was granted needs no review of this kind"
    assert officer.post(f"/console/requests/{ref}/done", about=other, **said) == 400
    assert officer.post(f"/console/requests/{ref}/done", about=about, **said) == 302
    officer.get(f"/console/requests/{ref}")
    assert "Open the request again" not in officer.text
    officer.get("/console/people")
    officer.post(f"/console/requests/{ref}/anew")
    assert "Not opened" in officer.text
