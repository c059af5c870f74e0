"""What goes wrong at a console with several people: two decide at once, somebody goes back, a session ends in the middle
of typing; and what the person reads of it all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from desk.house_of import Front
from desk.officer import Officer, opened
from desk.test_console_requests import file_of, traced
from desk.test_portal import Browser, browser  # noqa: F401  (a fixture)


@pytest.fixture
def officer(front: Front) -> Officer:
    return opened(front, "privacy")


@pytest.fixture
def idle(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Lets half an hour go by at the gate."""
    from troth.web.console import gate

    class Later(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return datetime.now(UTC) + timedelta(minutes=31)

    def goes_by() -> None:
        monkeypatch.setattr(gate, "datetime", Later)

    return goes_by


def test_two_officers_at_once_and_the_second_hears_that_it_has_moved_on(officer: Officer) -> None:
    front, deputy = officer.front, opened(officer.front, "second")
    ref = front.ask("erasure").request.ref
    front.work()
    page = f"/console/requests/{ref}"
    for who in (officer, deputy):
        assert who.get(f"{page}/approve") == 200
    assert officer.post(f"{page}/approve", sure="1", seen=officer.field("seen")) == 302
    assert deputy.post(f"{page}/approve", sure="1", seen=deputy.field("seen")) == 302
    assert "no longer" in deputy.text
    front.work()
    assert [one["act"] for one in file_of(ref).acts].count("approved") == 1
    assert front.state_of(ref) == "partly_refused"


def test_what_was_withdrawn_meanwhile_is_not_approved_from_a_page_that_was_left_open(officer: Officer) -> None:
    from desk.test_doubt import decide

    front = officer.front
    ref = front.ask("erasure").request.ref
    front.work()
    page = f"/console/requests/{ref}/approve"
    officer.get(page)
    seen = officer.field("seen")
    decide("withdraw", ref)
    front.work()
    assert officer.post(page, sure="1", seen=seen) == 302
    assert "no longer" in officer.text
    assert front.rows("SELECT count(*) FROM customers WHERE email IS NULL") == [(0,)]


def test_what_was_typed_is_there_again_after_the_second_factor(officer: Officer, idle: Callable[[], None]) -> None:
    """The session ends while somebody types a note: they prove again who they are, and the text is not lost."""
    front = officer.front
    ref = front.ask("access", answer_to="").request.ref
    front.work()
    page = f"/console/requests/{ref}/done"
    officer.get(page)
    idle()
    answer = officer.colleague.post(page, evidence="file-9", note="Sent by registered post.")
    assert answer.status_code == 401
    assert "Nothing was done" in officer.colleague.page
    assert "Sent by registered post." in officer.colleague.page
    assert "ana@example.org" not in officer.colleague.page, "whose request it is stays behind the gate"
    assert file_of(ref).hands.count() == 0


def test_the_person_reads_who_has_looked_by_role_and_only_where_the_policy_says_so(
    officer: Officer,
    browser: Browser,  # noqa: F811
) -> None:
    front = officer.front
    opened(front, "clerk")
    ref = front.ask("access", answer_to="").request.ref
    front.work()
    officer.get(f"/console/requests/{ref}")
    officer.get("/console/people")
    assert officer.post("/console/people", who="ana@example.org", ground="service", words="about her order") == 302
    clerk = opened(front, "clerk-two")
    assert clerk.get("/console") == 200
    kinds = [body["what"] for _, body in traced(front, "staff.seen")]
    assert kinds == ["request", "person"]
    _, page = browser.come_in()
    assert "Who has looked at your data" in page
    assert "Our officer looked" in page
    assert "privacy@essai.test" not in page
    assert "about her order" not in page
    _, request = browser.get(f"/me/requests/{ref}")
    assert "Our officer looked" in request
    bo = Browser(front)
    _, page = bo.come_in("bo@example.org")
    assert "Who has looked" not in page, "nobody has looked at Bo's"
    policy = front.folder / "troth.yaml"
    policy.write_text(policy.read_text(encoding="utf-8").replace("people_may: [see, change]", "people_may: [change]"))
    from troth.web.pages.published import kept

    kept.forget()
    assert "Who has looked" not in browser.get("/me")[1]
