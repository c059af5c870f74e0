"""A request for somebody else: what whoever asks is told, and what whom it is about."""

from __future__ import annotations

import re

import pytest

from desk.house_of import Front
from desk.test_portal import Browser, browser  # noqa: F401  (a fixture)
from desk.test_space import rewritten

WROTE = "The mandate is of 3 November 2026."


def asked(browser: Browser, ground: str = "mandate", right: str = "access") -> str:  # noqa: F811
    """Ana asks for Bo; the request's name."""
    from troth.desk.models import File

    browser.come_in()
    said = {"ground": ground, "person": "bo@example.org", "right": right, "speaker": "Ana Exemple", "message": WROTE}
    assert browser.post("/me/behalf", **said)[0] == 200
    return str(File.objects.get().ref)


def bo(front: Front) -> Browser:
    other = Browser(front)
    other.come_in("bo@example.org")
    return other


def answered(front: Front, ref: str) -> list[tuple[str, str]]:
    """Staff finds that they may ask, and agrees; who gets which mail."""
    from datetime import UTC, datetime

    from troth.desk import deciding
    from troth.desk.house import house

    front.work()
    with house() as at:
        deciding.identified(at, ref, "known", datetime.now(UTC))
    front.work()
    with house() as at:
        deciding.approve(at, ref, datetime.now(UTC))
    front.box.received.clear()
    front.work()
    return [(one.recipients[0], one.text()) for one in front.box.received]


def test_each_side_reads_what_is_true_of_them(browser: Browser) -> None:  # noqa: F811
    ref = asked(browser)
    _, page = browser.get(f"/me/requests/{ref}")
    for said in ("bo@example.org", WROTE, "They have given me a mandate", "whether you may speak for this person"):
        assert said in page
    other = bo(browser.front)
    _, page = other.get("/me")
    assert "Asked about you by somebody else" in page
    assert "What you asked for" not in page
    _, page = other.get(f"/me/requests/{ref}")
    for said in ("Ana Exemple", "You have given them a mandate", "a@essai.test", "may speak for you"):
        assert said in page
    for untrue in ("We have written to you", "you asked", "we hear from you", WROTE):
        assert untrue not in page


def test_whom_it_is_about_hears_of_the_answer_and_neither_side_is_told_what_was_the_others(
    browser: Browser,  # noqa: F811
) -> None:
    ref = asked(browser)
    mails = dict(answered(browser.front, ref))
    assert set(mails) == {"ana@example.org", "bo@example.org"}
    assert "Ana Exemple" in mails["bo@example.org"]
    assert "/answers/" not in mails["bo@example.org"]
    page = bo(browser.front).get(f"/me/requests/{ref}")[1]
    assert "sent to whoever asked" in page
    assert "we know that it is you" not in page
    assert "we know that you may ask" in browser.get(f"/me/requests/{ref}")[1]


def test_a_parent_of_a_child_too_young_to_decide_and_an_heir_are_answered_alone(front: Front) -> None:
    from dataclasses import replace
    from datetime import UTC, datetime

    from troth.core.policy.sections.people import Minors
    from troth.core.requests.model import Act, Behalf, By, Channel, Happened, Request, Right, State
    from troth.desk import aside
    from troth.desk.house import house
    from troth.desk.particulars import Particulars

    now = datetime(2026, 11, 22, 9, tzinfo=UTC)
    rewritten(front, "name: Name}", "name: Name, born: BirthDate}")
    front.change("ALTER TABLE customers ADD COLUMN born TEXT")
    who = Particulars((("email", "bo@example.org"),), "ana@example.org", speaker="Ana Exemple")
    done = Request(
        "req-bcdfghjkmnpq", Right.ACCESS, "x", now, Channel.PORTAL, behalf=Behalf.PARENT, state=State.ANSWERED,
        history=(Happened(Act.ANSWERED, now, By.TROTH),),
    )  # fmt: skip

    def heard(behalf: Behalf = Behalf.PARENT, **result: bool) -> str:
        with house() as at:
            policy = replace(at.policy, document=at.policy.document.model_copy(update={
                "minors": Minors.model_validate({"joint_consent_under": 15})
            }))  # fmt: skip
            return aside.heard_at(replace(at, policy=policy), replace(done, behalf=behalf), who, result, now)

    assert heard() == "bo@example.org", "no date of birth is known"
    front.change("UPDATE customers SET born = '2011-11-23' WHERE id = 2")
    assert heard() == ""
    front.change("UPDATE customers SET born = '2011-11-22' WHERE id = 2")
    assert heard() == "bo@example.org"
    assert heard(Behalf.MANDATE, nobody=True) == "", "an address that nobody here knows is not written to"
    assert heard(Behalf.HEIR) == ""


def test_a_mandate_is_ended_by_whoever_is_said_to_have_given_it_and_a_parents_request_is_not(
    browser: Browser,  # noqa: F811
) -> None:
    ref = asked(browser, "parent")
    other = bo(browser.front)
    assert "do not want this to be done" not in other.get(f"/me/requests/{ref}")[1]
    csrf = re.search(r'name="csrf" value="([^"]+)"', other.get("/me")[1])
    assert csrf is not None
    assert other.client.post(f"/me/requests/{ref}/withdraw", {"csrf": csrf[1]}).status_code == 404
    from troth.desk.models import File

    File.objects.update(behalf="mandate")
    assert "do not want this to be done" in other.get(f"/me/requests/{ref}")[1]
    other.client.post(f"/me/requests/{ref}/withdraw", {"csrf": csrf[1]})
    assert browser.front.state_of(ref) == "withdrawn"
    assert "withdrawn by you" not in browser.get("/me")[1]


def test_who_was_told_of_a_freeze_is_told_of_its_end_and_pages_say_what_ended(browser: Browser) -> None:  # noqa: F811
    front = browser.front
    ref = front.ask("restriction").request.ref
    front.work()
    answer = next(one.text() for one in front.box.received if one.recipients == ["ana@example.org"])
    assert "You can end the freeze at any time" in " ".join(answer.split())
    assert "https://privacy.verdier.test/me\n" in answer.replace("\r", "")
    browser.come_in()
    assert "only stored" in browser.get(f"/me/requests/{ref}")[1]
    front.box.received.clear()
    csrf = re.search(r'name="csrf" value="([^"]+)"', browser.get("/me")[1])
    assert csrf is not None
    sent = {"kind": "restriction", "name": ref, "csrf": csrf[1]}
    page = browser.client.post("/me/lift", sent, follow=True).content.decode()
    assert "the freeze has ended" in page
    front.work()
    mails = {one.recipients[0]: " ".join(one.text().split()) for one in front.box.received}
    assert set(mails) == {"ana@example.org", "rgpd@messager.test"}
    assert "You have ended the freeze" in mails["ana@example.org"]
    assert "ne sont plus limitées" in mails["rgpd@messager.test"]
    page = browser.get(f"/me/requests/{ref}")[1]
    assert ("the freeze ended" in page, "You will be told before this ends" in page) == (True, False)
    assert front.ledger(ref).count("recipients.told") == 2


def test_whoever_asked_for_a_freeze_hears_that_staff_ends_it_before_it_ends(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    from datetime import UTC, datetime

    from typer.testing import CliRunner

    from desk.test_standing import at_the_desk
    from troth.cli import main, request_common
    from troth.desk.house import house
    from troth.web.mail.errors import MailRefused

    ref = front.ask("restriction").request.ref
    front.work()
    front.box.received.clear()
    front.box.mode = "refuse_recipient"
    with pytest.raises(MailRefused):
        at_the_desk("release", "standing", ref, datetime.now(UTC))
    with house() as at:
        assert at.records.state.restrictions.get(ref).released_at is None
    front.box.mode = "accept"
    monkeypatch.setattr(request_common, "asking_house", lambda policy, state: house())
    done = CliRunner().invoke(main.build("hold"), ["hold", "release", ref])
    assert (done.exit_code, "told before by mail" in done.output) == (0, True), done.output
    assert "That ends now" in " ".join(front.box.the_only().text().split())
    front.work()
    assert [one.recipients for one in front.box.received[1:]] == [["rgpd@messager.test"]]
