"""The pages on which the demo's mail is read."""

from __future__ import annotations

import json
import re
from email.message import EmailMessage
from importlib import resources

import pytest

from troth.demo import mail_view
from troth.demo.mail_view import MailView
from troth.demo.mailbox import Mailbox
from troth.demo.pages import Answer, Asked

HOSTILE = '"><script>alert(1)</script>'


def asked(path: str, method: str = "GET", **query: str) -> Asked:
    return Asked(method, path, query, {"host": "mail.localhost:8442"})


def body(answer: Answer) -> str:
    return answer.body if isinstance(answer.body, str) else answer.body.decode()


@pytest.fixture
def box() -> Mailbox:
    return Mailbox()


@pytest.fixture
def view(box: Mailbox) -> MailView:
    return MailView(box)


def test_an_empty_box_says_what_to_do(view: MailView) -> None:
    assert "Write one with a contact form" in body(view(asked("/", lang="en")))
    assert "Écrivez avec un formulaire" in body(view(asked("/", lang="fr")))


def test_nothing_that_a_message_holds_becomes_part_of_the_page(box: Mailbox, view: MailView) -> None:
    content = f"From: {HOSTILE}\nSubject: {HOSTILE}\nX-Other: {HOSTILE}\n\n{HOSTILE}"
    box.add(content.encode(), [HOSTILE])
    for page in (body(view(asked("/"))), body(view(asked("/message/1")))):
        assert "alert(1)" in page
        assert "<script" not in page


def test_addresses_in_a_text_are_links_and_only_those(box: Mailbox, view: MailView) -> None:
    text = "See http://maison.localhost:8440/a?b=1&c=2, (https://x.test/y). javascript:alert(1) ftp://x.test"
    box.add(f"Subject: x\n\n{text}".encode(), ["a@example.org"])
    page = body(view(asked("/message/1")))
    shown = re.search(r'<div class="text">(.*?)</div>', page, re.DOTALL)
    assert shown
    assert re.findall(r'href="([^"]*)"', shown[1]) == [
        "http://maison.localhost:8440/a?b=1&amp;c=2",
        "https://x.test/y",
    ]
    assert re.sub(r"<[^>]*>", "", shown[1]) == text.replace("&", "&amp;")


def test_a_page_that_a_message_brings_is_shown_where_it_can_do_nothing(box: Mailbox, view: MailView) -> None:
    box.add(b"Content-Type: text/html\n\n<html><head></head><body><script>x</script></body></html>", ["a@example.org"])
    frame = re.search(r"<iframe [^>]*>", body(view(asked("/message/1"))))
    assert frame
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in frame[0]
    answer = view(asked("/message/1/html"))
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox allow-popups allow-popups-to-escape-sandbox" in policy
    assert "script" not in policy
    assert "frame-ancestors 'self'" in policy
    assert '<head><base target="_blank"></head>' in body(answer)


@pytest.mark.parametrize("page", ["<p>no head</p>", ""])
def test_the_links_of_a_page_without_head_open_elsewhere_too(box: Mailbox, view: MailView, page: str) -> None:
    box.add(f"Content-Type: text/html\n\n{page}".encode(), ["a@example.org"])
    assert body(view(asked("/message/1/html"))).startswith('<base target="_blank">')


def test_it_looks_again_by_itself_only_when_asked_to(view: MailView) -> None:
    assert "http-equiv" not in body(view(asked("/")))
    assert '<meta http-equiv="refresh" content="5;' in body(view(asked("/", refresh="5")))


def test_all_is_deleted_by_a_button_and_not_by_a_link(box: Mailbox, view: MailView) -> None:
    box.add(b"Subject: x\n\n", ["a@example.org"])
    assert view(asked("/delete")).status == 404
    assert len(box.all()) == 1
    assert '<form method="post" action="/delete?lang=fr">' in body(view(asked("/", lang="fr")))
    answer = view(asked("/delete", "POST", lang="fr"))
    assert (answer.status, answer.headers["Location"]) == (303, "/?lang=fr")
    assert box.all() == []


@pytest.mark.parametrize("path", ["/message/7", "/message/7/html", "/message/x", "/nothing", "/message/" + "9" * 40])
def test_what_is_not_there_is_said_in_words(view: MailView, path: str) -> None:
    answer = view(asked(path, lang="fr"))
    assert answer.status == 404
    assert "n’existe pas" in body(answer)


@pytest.mark.parametrize(
    ("query", "accepts", "language"),
    [
        ({}, "fr-FR,fr;q=0.9,en;q=0.8", "fr"),
        ({}, "de, fr", "fr"),
        ({}, "de", "en"),
        ({}, "", "en"),
        ({"lang": "en"}, "fr", "en"),
        ({"lang": '"><b>'}, "fr", "fr"),
    ],
)
def test_it_speaks_the_readers_language(view: MailView, query: dict[str, str], accepts: str, language: str) -> None:
    answer = view(Asked("GET", "/", query, {"accept-language": accepts}))
    assert f'<html lang="{language}">' in body(answer)


def test_every_word_has_both_languages_and_is_used() -> None:
    source = resources.files("troth.demo").joinpath("mail_view.py").read_text("utf-8")
    for name, (english, french) in mail_view._words().items():
        assert english.strip()
        assert french.strip()
        assert re.search(rf"['\"]{name}['\"]", source), f"{name} is used nowhere"
        assert "'" not in french, f"{name}: the French apostrophe is ’"


def test_a_program_may_read_the_messages(box: Mailbox, view: MailView) -> None:
    box.add(b"Subject: x\nFrom: a@example.org\n\nText\n", ["b@example.org"])
    answer = view(asked("/messages.json"))
    (message,) = json.loads(body(answer))
    assert answer.kind == "application/json"
    assert (message["subject"], message["to"], message["text"]) == ("x", ["b@example.org"], "Text\n")


def test_an_attachment_can_be_saved_and_is_never_shown(box: Mailbox, view: MailView) -> None:
    message = EmailMessage()
    message.set_content("Text")
    message.add_attachment("a — b\n", filename="point de contrôle.txt")
    message.add_attachment(b"<script>alert(1)</script>", maintype="text", subtype="html", filename=HOSTILE)
    box.add(message.as_bytes(), ["a@example.org"])
    page = body(view(asked("/message/1")))
    assert 'href="/message/1/attachment/1" download>point de contrôle.txt</a>' in page
    assert "<script" not in page
    first, second = view(asked("/message/1/attachment/1")), view(asked("/message/1/attachment/2"))
    assert first.body == "a — b\n".encode()
    assert first.headers["Content-Disposition"] == "attachment; filename*=UTF-8''point%20de%20contr%C3%B4le.txt"
    assert (second.kind, "\n" in second.headers["Content-Disposition"]) == ("application/octet-stream", False)
    assert [view(asked(f"/message/1/attachment/{place}")).status for place in (0, 3)] == [404, 404]
