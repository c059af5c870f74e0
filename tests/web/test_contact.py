"""The contact form: what it asks, what it sends, what it says when something is wrong."""

from __future__ import annotations

import re
from typing import Any

import pytest

from letterbox import Mailbox, Mode, mailbox
from web.contact_form import GIVEN, Clock, Writer


def test_a_message_leaves_by_mail_and_says_so(writer: Writer, box: Mailbox) -> None:
    answer = writer.send(first_name="Ana", civility="0", country="Portugal", address="1, rue du Lac\n69000 Lyon")
    assert (answer.trouble, answer.wrong) == ("", {})
    assert (answer.status, answer.heading) == (200, "Your message has left")
    got = box.the_only()
    assert got.recipients == ["bonjour@verdier.test"]
    assert got.sender == "donnees@verdier.test"
    assert got.message["Reply-To"] == "ana@example.org"
    assert got.message["From"] == "Maison Verdier SARL <donnees@verdier.test>"
    assert got.message["X-Policy-Acknowledged"] == "2026-11-22"
    text = got.text()
    assert "a pris acte de la politique de confidentialité\u00a0: version du 22 novembre 2026 (2026-11-22)" in " ".join(
        text.split(" ")
    )
    assert "Civilité: Madame" in text.replace("\u00a0:", ":")
    assert "Bonjour, un devis ?" in text
    assert text.index("pris acte") < text.index("Prénom") < text.index("Bonjour")
    assert "anglais" in text


def test_nothing_is_set_in_the_browser_and_nothing_is_cached(writer: Writer, box: Mailbox) -> None:
    page = writer.open()
    sent = writer.send()
    for answer in (page, sent):
        assert not answer.cookies
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


def test_the_form_asks_what_the_policy_says_and_why(writer: Writer) -> None:
    text = writer.open().text
    names = re.findall(r'<(?:input|select|textarea)[^>]* name="([^"]+)"', text)
    assert [n for n in names if not n.startswith("troth.")] == [
        "civility", "first_name", "last_name", "email", "phone", "address", "country", "message",
    ]  # fmt: skip
    assert "to answer you" in text
    assert re.findall(r'name="(\w+)" required', text) == ["email", "message"]
    assert "(3 years after" in text or "3 years" in text
    assert "Nuages du Rhône SAS (hosting, France)" in text
    assert "legitimate interest" in text


def test_the_box_is_never_ticked_beforehand_and_shows_the_version(writer: Writer, box: Mailbox) -> None:
    page = writer.open()
    assert "checked" not in page.text
    assert 'value="2026-11-22"' in page.text
    assert (
        '<a href="/history/2026-11-22?lang=en" target="_blank" rel="noopener">version of 22 November 2026</a>'
        in page.text
    )
    writer.clock.pass_by(20)
    back = writer.post(writer.fill(page, email="nobody"))
    assert back.status == 422
    assert 'value="2026-11-22" required checked' in back.text  # as they left it
    writer.clock.pass_by(20)
    filled = writer.fill(back, email="nobody")
    del filled["troth.read"]
    again = writer.post(filled)
    assert again.status == 422
    assert "checked" not in again.text


def test_without_the_tick_nothing_leaves(writer: Writer, box: Mailbox) -> None:
    page = writer.open()
    writer.clock.pass_by(20)
    fields = writer.fill(page)
    del fields["troth.read"]
    back = writer.post(fields)
    assert (back.status, box.received) == (422, [])
    assert "please tick the box" in back.trouble
    assert "Bonjour, un devis ?" in back.text


def test_a_version_that_came_while_writing_has_to_be_seen(site: Any, clock: Clock, box: Mailbox) -> None:
    site.publish()
    writer = Writer(site.client, clock)
    page = writer.open()
    site.edit("troth.yaml", "version: 2026-11-22", "version: 2026-12-01")
    site.publish()
    clock.pass_by(20)
    back = writer.post(writer.fill(page))
    assert (back.status, box.received) == (422, [])
    assert "a new version" in back.trouble
    assert 'value="2026-12-01"' in back.text


def without(site: Any, first: str, last: str) -> None:
    """Take lines out of the policy, and the clauses that speak of them."""
    path = site.folder / "site.yaml"
    text = path.read_text()
    path.write_text(text[: text.index(first)] + text[text.index(last) :])
    clauses = site.folder / "clauses.yaml"
    about = re.sub(r"about: \[.*?\]", "about: [purposes.contact]", clauses.read_text())
    clauses.write_text(about)
    site.publish()


def test_a_form_without_acknowledgement_asks_for_none(site: Any, clock: Clock, box: Mailbox) -> None:
    without(site, "  acknowledgement:\n", "  when_mail_fails:")
    assert Writer(site.client, clock).send().status == 200
    assert box.the_only().message["X-Policy-Acknowledged"] is None
    assert "pris acte" not in box.the_only().text()


def test_without_contact_in_the_policy_there_is_no_form_and_no_link(site: Any, clock: Clock) -> None:
    assert 'href="/contact' in site.get("/en/")[1]
    without(site, "contact:\n", "newsletter:\n")
    for path in ("/contact", "/contact/embed"):
        assert site.get(path)[0] == 404
        assert site.client.post(path, "x=1", content_type="application/x-www-form-urlencoded").status_code == 404
    assert 'href="/contact' not in site.get("/en/")[1]


WRONG = [
    ({"email": ""}, "email", "Please fill this in"),
    ({"message": "  \n "}, "message", "Please fill this in"),
    ({"email": "ana at example"}, "email", "not a mail address"),
    ({"email": "ana@example.org, eve@example.org"}, "email", "not a mail address"),
    ({"email": "ana@example.org\nBcc: eve@example.org"}, "email", "cannot be sent"),
    ({"first_name": "Ana\r\nBcc: eve@example.org"}, "first_name", "cannot be sent"),
    ({"first_name": "A\x00na"}, "first_name", "cannot be sent"),
    ({"message": "Hello\x1b[2J"}, "message", "cannot be sent"),
    ({"message": "invoice\u202efdp.exe"}, "message", "cannot be sent"),
    ({"first_name": "A" * 201}, "first_name", "201 characters, at most 200"),
    ({"message": "A" * 20_001}, "message", "20001 characters, at most 20000"),
    ({"phone": "call me"}, "phone", "not a telephone number"),
    ({"civility": "7"}, "civility", "choose one"),
    ({"civility": "Madame"}, "civility", "choose one"),
    ({"message": "My card: 4111 1111 1111 1111, until 12/27"}, "message", "payment card"),
    ({"phone": "4111111111111111"}, "phone", "payment card"),
]


@pytest.mark.parametrize(("given", "name", "said"), WRONG)
def test_what_is_wrong_is_said_beside_its_field_and_the_text_stays(
    writer: Writer, box: Mailbox, given: dict[str, str], name: str, said: str
) -> None:
    back = writer.send(**given)
    assert (back.status, box.received) == (422, [])
    assert said in back.wrong[name]
    assert set(back.wrong) == {name}
    assert f'href="#field-{name}"' in back.text
    other = "message" if name != "message" else "email"
    assert GIVEN[other] in back.text


@pytest.mark.parametrize(
    ("language", "wait", "said"),
    [("fr", 20, "Votre message est parti"), ("en", 20, "Your message has left")],
)
def test_without_scripts_a_question_is_answered_instead(
    writer: Writer, box: Mailbox, language: str, wait: int, said: str
) -> None:
    from troth.web.contact import tickets
    from troth.web.contact.questions import question

    writer.language = language
    page = writer.open()
    seed = tickets.read(page.hidden("troth.token"), writer.clock.now).seed
    asked = question(seed, language)
    assert page.question.replace("\u00a0", " ") == asked.text
    writer.clock.pass_by(wait)
    sent = writer.post(writer.fill(page, scripts=False, **{"troth.answer": sorted(asked.answers)[0].upper()}))
    assert (sent.status, sent.heading) == (200, said)
    assert len(box.received) == 1


def test_without_scripts_a_wrong_answer_brings_another_question_and_the_wait_goes_on(
    writer: Writer, box: Mailbox
) -> None:
    from troth.web.contact import tickets
    from troth.web.contact.questions import question

    page = writer.open()
    writer.clock.pass_by(10)
    back = writer.post(writer.fill(page, scripts=False, **{"troth.answer": "a mountain"}))
    assert (back.status, box.received) == (422, [])
    assert "not the answer" in back.trouble
    answers = question(tickets.read(back.hidden("troth.token"), writer.clock.now).seed, "en").answers
    early = writer.post(writer.fill(back, scripts=False, **{"troth.answer": min(answers)}))
    assert "wait 5 more seconds" in early.trouble
    writer.clock.pass_by(6)
    answers = question(tickets.read(early.hidden("troth.token"), writer.clock.now).seed, "en").answers
    assert writer.post(writer.fill(early, scripts=False, **{"troth.answer": min(answers)})).status == 200
    assert len(box.received) == 1


def test_neither_work_nor_answer(writer: Writer, box: Mailbox) -> None:
    page = writer.open()
    writer.clock.pass_by(60)
    back = writer.post(writer.fill(page, scripts=False))
    assert (back.status, box.received) == (422, [])
    assert "answer the question" in back.trouble


@pytest.mark.parametrize(
    ("mode", "said"),
    [
        ("refuse_recipient", "refused our own address"), ("refuse_content", "refused it"), ("later", "few minutes"),
        ("drop", "do not know whether"), ("stall", "do not know whether"),
    ],
)  # fmt: skip
def test_when_the_mail_does_not_leave_the_text_stays_and_it_is_said_what_to_do(
    writer: Writer, box: Mailbox, mode: Mode, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.mode = mode
    with monkeypatch.context() as hurried:
        if mode == "stall":
            hurried.setenv("TROTH_MAIL_URL", f"{box.url}?timeout=1")
        back = writer.send(first_name="Ana")
    assert back.status == 503
    assert said in back.trouble
    assert "Your message could not leave. It is still here: copy it or try again." in back.text
    assert "donnees@verdier.test" in back.text
    assert "Bonjour, un devis ?</textarea>" in back.text
    assert 'value="Ana"' in back.text
    box.mode = "accept"
    assert writer.post(writer.fill(back)).status == 200
    assert len(box.received) == 1


def test_no_mail_server_at_all(writer: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    with mailbox() as gone:
        monkeypatch.setenv("TROTH_MAIL_URL", gone.url)
    back = writer.send()
    assert back.status == 503
    assert "cannot be reached" in back.trouble


class Door:
    """The door of a process: ``shut`` says which of the knocks find it so."""

    def __init__(self, shut: set[int]) -> None:
        self.shut, self.knocks, self.open = shut, 0, 0

    def acquire(self, timeout: float) -> bool:
        self.knocks += 1
        self.open += self.knocks not in self.shut
        return self.knocks not in self.shut

    def release(self) -> None:
        self.open -= 1


def test_without_a_mail_server_the_form_says_so_before_anybody_writes(
    writer: Writer, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert writer.open().trouble == ""
    monkeypatch.delenv("TROTH_MAIL_URL")
    page = writer.open()
    assert "cannot send anything" in page.trouble
    assert "donnees@verdier.test" in page.text
    writer.clock.pass_by(20)
    back = writer.post(writer.fill(page))
    assert back.status == 503
    assert "cannot send mail at the moment" in back.trouble


def test_only_so_many_are_read_or_leave_at_once(writer: Writer, box: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    from troth.web.contact import guard

    door = Door({1, 3})
    monkeypatch.setattr(guard.guard, "doors", door)
    back = writer.send()
    assert (back.status, back.heading) == (503, "Too many at once")
    back = writer.send()
    assert (back.status, box.received, door.open) == (503, [], 0)
    assert "others are leaving" in back.trouble
    assert writer.post(writer.fill(back)).status == 200
    assert door.open == 0


def test_the_mail_cannot_be_made_to_lie_about_the_acknowledgement(writer: Writer, box: Mailbox) -> None:
    writer.send(message="Avant l’envoi, la personne a pris acte de tout.\n\nCourriel: eve@example.org")
    text = box.the_only().text()
    assert text.index("version du 22 novembre") < text.index("-" * 40) < text.index("de tout")
    assert box.the_only().message["Reply-To"] == "ana@example.org"


def test_a_message_about_a_right_says_so_and_what_the_policy_does_not_offer_is_left_out(
    writer: Writer, box: Mailbox
) -> None:
    writer.about = "erasure"
    page = writer.open()
    assert "<strong>Erasure</strong>" in page.text
    assert 'action="/contact?lang=en&amp;about=erasure"' in page.text
    writer.clock.pass_by(20)
    back = writer.post(writer.fill(page, email="nobody"))
    assert "<strong>Erasure</strong>" in back.text
    assert writer.post(writer.fill(back)).status == 200
    got = box.the_only()
    assert got.message["Subject"].strip() == "Un message par le formulaire de contact\u00a0: Effacement"
    assert "sur ce droit\u00a0: Effacement" in got.text()
    writer.about = "<script>"
    assert "&lt;script" not in writer.open().text


def test_words_are_there_in_both_languages() -> None:
    from troth.web.contact.guard import Guard
    from troth.web.mail.errors import _SAID
    from troth.web.wording import _said

    said = _said("contact")
    assert {f"mail_{cause}" for cause in _SAID} <= set(said)
    assert all(english and french for english, french in said.values())
    assert Guard().spent is not None
