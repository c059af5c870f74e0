"""An erasure that was approved while a freeze stood is approved again once that has ended, and everybody reads why."""

from __future__ import annotations

from datetime import UTC, datetime

from desk.house_of import Front
from desk.officer import opened
from desk.test_at_the_command_line import Run, troth  # noqa: F401  (a fixture)
from desk.test_doubt import decide
from desk.test_portal import Browser
from desk.test_space import rewritten
from desk.test_standing import at_the_desk


def test_the_person_the_officer_and_the_list_say_that_it_waits_for_an_approval_again_and_why(
    front: Front,
    troth: Run,  # noqa: F811
) -> None:
    fields = "fields: {email: EmailAddress, name: Name}"
    front.change("ALTER TABLE customers ADD COLUMN frozen BOOLEAN DEFAULT 0")
    rewritten(front, fields, f"{fields}\n        restricted: frozen")
    freeze = front.ask("restriction").request.ref
    front.work()
    ref = front.ask("erasure").request.ref
    front.work()
    decide("approve", ref)
    ana = (("email", "ana@example.org"),)
    at_the_desk("lift", "standing", ana, "restriction", freeze, datetime.now(UTC))
    front.work()
    assert "erasure.intended" not in front.ledger(ref), "nothing is done that nobody has seen"
    assert "your yes again: what would be done has changed since (approve)" in troth("list")
    officer = opened(front, "privacy")
    for path in ("/console", f"/console/requests/{ref}"):
        officer.get(path)
        assert "an approval again: what would be done is not what was approved" in officer.text
        assert "approved, to be approved again" in officer.text.lower()
    browser = Browser(front)
    browser.come_in()
    assert "being looked at again" in browser.get("/me")[1]
    assert "a freeze has begun or ended" in browser.get(f"/me/requests/{ref}")[1]
    decide("approve", ref)
    front.work()
    assert front.rows("SELECT email FROM customers WHERE id = 1") != [("ana@example.org",)]
