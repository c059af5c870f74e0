"""The mail server that delivers to nobody."""

from __future__ import annotations

import smtplib
import socket
import sys
from collections.abc import Iterator
from email.message import EmailMessage

import pytest

from machine import free_port
from troth.core.errors import UsageError
from troth.demo import mailbox
from troth.demo.machine import listen
from troth.demo.mailbox import Catcher, Mailbox


def a_message(subject: str = "Bonjour", text: str = "Un mot.\n", html: str | None = None) -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Zoé Lenoir <zoe@example.org>"
    message["To"] = "bonjour@verdier.test"
    message["Subject"] = subject
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    return message


@pytest.fixture
def box() -> Mailbox:
    return Mailbox()


@pytest.fixture
def port(box: Mailbox) -> Iterator[int]:
    catcher = Catcher(box, listen(free_port()))
    catcher.start()
    yield catcher.port
    catcher.stop()


def test_what_is_sent_arrives_as_it_was_written(box: Mailbox, port: int) -> None:
    with smtplib.SMTP("127.0.0.1", port) as server:
        server.send_message(a_message("Où en est l’album ?", "« Bientôt », dit-on.\n", "<p>Bientôt</p>"))
    (message,) = box.all()
    assert message.subject == "Où en est l’album ?"
    assert message.sender == "Zoé Lenoir <zoe@example.org>"
    assert message.recipients == ("bonjour@verdier.test",)
    assert message.text == "« Bientôt », dit-on.\n"
    assert message.html == "<p>Bientôt</p>\n"
    assert ("From", "Zoé Lenoir <zoe@example.org>") in message.headers


def test_the_newest_message_comes_first(box: Mailbox, port: int) -> None:
    with smtplib.SMTP("127.0.0.1", port) as server:
        for subject in ("one", "two", "three"):
            server.send_message(a_message(subject))
    assert [message.subject for message in box.all()] == ["three", "two", "one"]


def test_recipients_that_no_header_names_are_shown(box: Mailbox, port: int) -> None:
    with smtplib.SMTP("127.0.0.1", port) as server:
        server.send_message(a_message(), to_addrs=["blind@example.org"])
    assert box.all()[0].recipients == ("blind@example.org",)


def test_a_message_that_is_too_large_is_refused(box: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailbox, "MOST_BYTES", 2000)
    catcher = Catcher(box, listen(free_port()))
    catcher.start()
    try:
        with smtplib.SMTP("127.0.0.1", catcher.port) as server, pytest.raises(smtplib.SMTPResponseException) as refused:
            server.send_message(a_message(text="long " * 1000))
    finally:
        catcher.stop()
    assert refused.value.smtp_code == 552
    assert box.all() == []


def test_it_listens_on_127_0_0_1_alone(port: int) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.2", port))
        assert probe.getsockname() == ("127.0.0.2", port)


def test_it_stops_although_somebody_is_still_connected(box: Mailbox) -> None:
    catcher = Catcher(box, listen(free_port()))
    catcher.start()
    with socket.create_connection(("127.0.0.1", catcher.port)) as idle:
        assert idle.recv(100).startswith(b"220")
        catcher.stop()
        assert idle.recv(100) == b""
    catcher.stop()


def test_the_oldest_go_when_there_are_too_many(box: Mailbox) -> None:
    for number in range(mailbox.MOST_MESSAGES + 3):
        box.add(f"Subject: {number}\n\n".encode(), ["a@example.org"])
    subjects = [message.subject for message in box.all()]
    assert len(subjects) == mailbox.MOST_MESSAGES
    assert subjects[-1] == "3"


def test_numbers_are_not_used_again_after_deleting(box: Mailbox) -> None:
    first = box.add(b"Subject: one\n\n", ["a@example.org"])
    box.clear()
    second = box.add(b"Subject: two\n\n", ["a@example.org"])
    assert box.get(first.number) is None
    assert box.get(second.number) == second


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"Content-Type: text/plain; charset=klingon\n\nqa\xc3\xa9\n", "qaé\n"),
        (b"Content-Type: text/plain; charset=utf-8\n\nbroken \xff here\n", "broken \ufffd here\n"),
        (b"no header at all", "no header at all"),
        (b"", ""),
        (b"Content-Type: multipart/mixed; boundary=x\n\nno part\n", None),
        (b"Content-Type: image/png\n\nxx", None),
    ],
)
def test_strange_messages_are_shown_as_well_as_can_be(box: Mailbox, content: bytes, text: str | None) -> None:
    assert box.add(content, ["a@example.org"]).text == text


def test_attachments_are_named_and_weighed(box: Mailbox) -> None:
    message = a_message()
    message.add_attachment(b"x" * 321, maintype="application", subtype="pdf", filename="reçu.pdf")
    assert box.add(message.as_bytes(), ["a@example.org"]).attachments == (("reçu.pdf", 321),)


def test_the_preview_of_a_page_is_its_text(box: Mailbox) -> None:
    page = "<html><head><style>p{color:red}</style></head><body><p>Une &amp; deux<br>lignes</p></body></html>"
    content = f"Content-Type: text/html\n\n{page}".encode()
    assert box.add(content, ["a@example.org"]).preview == "Une & deux lignes"


def test_without_its_library_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "aiosmtpd.smtp", None)
    with listen(free_port()) as listening, pytest.raises(UsageError) as refused:
        Catcher(Mailbox(), listening)
    assert "troth[demo]" in refused.value.remedy
