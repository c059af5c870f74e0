"""What no program can do: it has somebody who does it, a day, and something that shows it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from desk.house_of import Front
from desk.officer import Officer, opened
from desk.test_console_requests import file_of, traced
from troth.core.errors import UsageError

PAPERS = """
  by_hand:
    by: second
    systems:
      cupboard: {title: {fr: Armoire des dossiers papier, en: Cupboard of paper files}, rights: [access, erasure]}
"""


@pytest.fixture
def officer(front: Front) -> Officer:
    from troth.web.pages.published import kept

    policy = front.folder / "troth.yaml"
    said = policy.read_text(encoding="utf-8").replace("rights:\n", f"rights:{PAPERS.rstrip()}\n", 1)
    policy.write_text(said, encoding="utf-8")
    kept.forget()
    return opened(front, "privacy")


def done(ref: str, **more: Any) -> None:
    from troth.desk.deciding import done_by_hand
    from troth.desk.house import house

    with house() as at:
        done_by_hand(at, ref, "file-7", datetime.now(UTC), **more)


def waits(ref: str) -> tuple[str, str]:
    from troth.desk.ahead import ahead

    return ahead(ref).what, ahead(ref).stop


def mornings(days: int) -> int:
    """How many letters leave on the morning in so many days."""
    from troth.desk.house import house
    from troth.web.console.reminding import remind

    with house() as at:
        return remind(at, datetime.now(UTC).date() + timedelta(days=days))


def test_a_system_without_a_connector_is_seen_to_by_hand_before_the_answer(officer: Officer) -> None:
    front = officer.front
    ref = front.ask("access").request.ref
    front.work()
    assert waits(ref) == ("staff", "by_hand")
    assert front.box.received == [], "nothing is told before"
    page = f"/console/requests/{ref}/done"
    assert officer.get(page) == 200
    assert "Cupboard of paper files" in officer.text
    assert officer.post(page, evidence="file-7", sure="1") == 400, "what was found is said, not taken for granted"
    assert officer.post(page, found="yes", evidence="file-7", note="Two letters, copied for her.", sure="1") == 302
    front.work()
    assert front.state_of(ref) == "answered"
    officer.get(f"/console/requests/{ref}")
    assert "Two letters, copied for her." in officer.text
    assert "file-7" in officer.text
    assert "privacy@" in officer.text
    assert b"letters" not in bytes(file_of(ref).hands.get().note), "sealed"
    assert "letters" not in str(traced(front, "request.approved", "staff.changed"))


@pytest.mark.parametrize("found", [True, False])
def test_who_is_only_on_paper_is_not_told_that_nothing_is_known(officer: Officer, found: bool) -> None:
    front = officer.front
    ref = front.ask("erasure", "zoe@example.org").request.ref
    from desk.test_doubt import decide

    front.work()
    decide("approve", ref)
    front.work()
    done(ref, found=found)
    front.work()
    (mail,) = front.box.received
    from troth.web.wording import Words

    nobody = Words("portal", "en")["nobody"].split(".")[0]
    assert (nobody in " ".join(mail.text().split())) is not found


def test_what_was_said_twice_counts_for_one_stop_only(officer: Officer) -> None:
    """Two officers press at once: the second is not taken for the letter that nobody has sent."""
    front = officer.front
    ref = front.ask("access", answer_to="").request.ref
    front.work()
    done(ref)
    with pytest.raises(UsageError):
        done(ref)
    front.work()
    assert waits(ref) == ("staff", "answer")
    assert front.state_of(ref) == "in_progress"
    done(ref)
    front.work()
    assert front.state_of(ref) == "answered"


def test_nothing_is_said_to_be_done_where_nothing_waits_for_a_hand(officer: Officer) -> None:
    ref = officer.front.ask("erasure").request.ref
    officer.front.work()
    with pytest.raises(UsageError, match="nothing is to be done by hand"):
        done(ref)


def test_it_waits_for_whom_the_policy_names_until_somebody_else_takes_it(officer: Officer) -> None:
    front = officer.front
    deputy = opened(front, "second")
    ref = front.ask("access").request.ref
    front.work()
    officer.get("/console")
    assert "With colleagues (1)" in officer.text
    assert "Deputy has it" in officer.text
    assert deputy.get("/console") == 200
    assert "Waiting for you (1)" in deputy.text
    page = f"/console/requests/{ref}/assign"
    assert officer.get(page) == 200
    assert officer.post(page, to="nobody-at-all") == 400
    mine = officer.colleague.staff().public_id
    assert officer.post(page, to=mine) == 302
    assert "you have it" in officer.text
    officer.get("/console")
    assert "Waiting for you (1)" in officer.text
    deputy.get("/console")
    assert "Waiting for you" not in deputy.text
    assert "With colleagues (1)" in deputy.text
    for which, there in (("mine", False), ("waiting", True)):
        deputy.get(f"/console/requests?show={which}")
        assert (ref in deputy.text) is there, which
    ((_, body),) = traced(front, "request.assigned")
    assert body == {"request": ref, "to": mine, "by": mine, "from": None}
    assert deputy.get(page) == 200
    assert deputy.post(page, to="nobody") == 302
    assert file_of(ref).assigned == ""


def test_whoever_has_left_has_nothing_to_do_any_more(officer: Officer) -> None:
    front = officer.front
    deputy = opened(front, "second")
    ref = front.ask("erasure").request.ref
    front.work()
    officer.get(f"/console/requests/{ref}/assign")
    officer.post(f"/console/requests/{ref}/assign", to=deputy.colleague.staff().public_id)
    officer.get("/console")
    assert "With colleagues (1)" in officer.text
    from troth.web.console.staffing import end

    end(deputy.colleague.staff(), datetime.now(UTC))
    officer.get("/console")
    assert "Waiting for you (1)" in officer.text


def test_a_letter_comes_when_it_is_new_before_its_day_and_when_it_is_late(officer: Officer) -> None:
    front = officer.front
    opened(front, "second")
    ref = front.ask("access").request.ref
    front.work()
    left = (file_of(ref).due - datetime.now(UTC).date()).days
    told = [day for day in range(left + 2) if mornings(day)]
    assert told == [left - 10, left - 5, left - 1, left + 1]
    assert {tuple(mail.recipients) for mail in front.box.received} == {("second@essai.test",)}
    assert not any("ana" in mail.text().lower() for mail in front.box.received)
    before = len(front.box.received)
    officer.get(f"/console/requests/{ref}/assign")
    officer.post(f"/console/requests/{ref}/assign", to=officer.colleague.staff().public_id)
    assert mornings(0) == 1, "new with them"
    assert front.box.received[before].recipients == ["privacy@essai.test"]
    assert "New with you: 1" in front.box.received[before].text().replace("\u00a0", " ")


def test_a_review_by_a_human_ends_with_a_result_and_reasons_that_the_person_reads(officer: Officer) -> None:
    from troth.desk.files import file_of as opened_file
    from troth.desk.house import house
    from troth.desk.telling import letter_lines, reviewed

    front = officer.front
    ref = front.ask("human_review").request.ref
    front.work()
    from desk.test_doubt import decide

    decide("approve", ref)
    front.work()
    with pytest.raises(UsageError, match="its result and its reasons"):
        done(ref, note="looked again: stays")
    page = f"/console/requests/{ref}/done"
    assert officer.get(page) == 200
    assert officer.post(page, sure="1", outcome="partly") == 400
    assert "the person reads both" in officer.text
    assert officer.post(page, sure="1", outcome="partly", why="Your invoice of May was counted twice.") == 302
    assert "a human has looked at the decision again (privacy@" in officer.text
    assert officer.text.count("approved (") == 1, "that is another thing than a yes to the request"
    front.work()
    (mail,) = front.box.received
    told = " ".join(mail.text().split())
    assert "The decision is changed in part." in told
    assert "counted twice" in told
    with house() as at:
        found, who = opened_file(at, ref, datetime.now(UTC))
        assert "counted twice" in " ".join(letter_lines(at, found.request, who, {}))
        assert reviewed(at, found.request, "fr")[0] == "La décision est changée en partie."
    assert "twice" not in str(traced(front, "request.approved", "staff.changed", "request.answered"))
