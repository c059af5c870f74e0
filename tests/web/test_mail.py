"""Mail on its way: what arrives, and what is said when it does not."""

from __future__ import annotations

import os
import traceback
from pathlib import Path
from typing import Any

import pytest

from letterbox import USER, Mailbox, Mode, certificate, mailbox
from troth.jobs import shift
from troth.web.mail.addresses import one_line, spelt
from troth.web.mail.errors import MailRefused
from troth.web.mail.messages import compose, send

TO = "ana@example.org"
BODY = f"a secret {os.getpid()}"


def to_box(monkeypatch: pytest.MonkeyPatch, box: Mailbox, url: str = "", **options: object) -> None:
    query = "&".join(f"{name}={value}" for name, value in options.items())
    monkeypatch.setenv("TROTH_MAIL_URL", f"{url or box.url}?{query}")


def refused() -> MailRefused:
    """What is said when it does not leave; neither it nor what hangs behind it names anybody."""
    with pytest.raises(MailRefused) as told:
        send(compose(TO, "Hello", [BODY], language="en"))
    assert not {BODY, TO} & {str(part) for part in told.value.args}
    said = "".join(traceback.format_exception(told.value)) + told.value.remedy
    assert TO not in said
    assert "example.org" not in said
    assert BODY not in said
    assert told.value.__context__ is None
    return told.value


def test_a_mail_arrives_as_text_and_as_html(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with mailbox() as box:
        to_box(monkeypatch, box)
        send(compose(
            TO, "Votre adresse à confirmer", ["Bonjour,", "Cliquez <ici> : " + "é" * 1200], language="fr",
            button=("Confirmer", "https://privacy.verdier.test/me?a=1&b=2"), code="482 913", footer=["Pied & fin."],
        ))  # fmt: skip
    got = box.the_only()
    mail = got.message
    assert (got.sender, got.recipients) == ("donnees@verdier.test", [TO])
    assert mail["Subject"] == "Votre adresse à confirmer"
    assert mail["From"] == "Maison Verdier SARL <donnees@verdier.test>"
    assert mail["To"] == TO
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"].endswith("@verdier.test>")
    assert mail["Date"].datetime.tzinfo is not None
    text, html = got.text(), got.text("html")
    assert "https://privacy.verdier.test/me?a=1&b=2" in text
    assert "Votre code\u00a0: 482 913" in text
    assert "Cliquez <ici>" in text
    assert "Cliquez &lt;ici&gt;" in html
    assert 'href="https://privacy.verdier.test/me?a=1&amp;b=2"' in html
    assert "482 913" in html
    assert "Pied &amp; fin." in html
    assert "Maison Verdier SARL" in html
    assert 'lang="fr"' in html
    assert "background:#1e5b3a" in html
    for remote in ("<img", "src=", "@import", "url("):
        assert remote not in html
    assert max(map(len, got.content.splitlines())) < 999
    assert got.content.isascii()


@pytest.mark.parametrize(
    "evil", ["Hi\r\nBcc: eve@example.org", "Hi\nBcc: eve@example.org", "Hi\u2028Bcc: x", "Hi\x00\x0b"]
)
def test_a_subject_cannot_become_a_header(site: Any, monkeypatch: pytest.MonkeyPatch, evil: str) -> None:
    with mailbox() as box:
        to_box(monkeypatch, box)
        send(compose(TO, evil, ["text"], language="en"))
    got = box.the_only()
    assert got.message["Bcc"] is None
    assert got.recipients == [TO]
    assert got.message["Subject"] == one_line(evil)


@pytest.mark.parametrize(
    "evil",
    ["", "ana", "ana@", "@example.org", "ana@example.org\nBcc: eve@example.org", "ana@example.org, eve@example.org",
     "Ana <ana@example.org>", "ana@exa mple.org", '"a b"@example.org', "ana@[127.0.0.1]", "ána@example.org",
     "a" * 65 + "@example.org", "ana@-x.org", "ana@example..org"],
)  # fmt: skip
def test_what_is_no_plain_address_gets_no_mail(site: Any, monkeypatch: pytest.MonkeyPatch, evil: str) -> None:
    monkeypatch.setenv("TROTH_MAIL_URL", "smtp://localhost:9")
    with pytest.raises(MailRefused) as told:
        compose(evil, "Hello", [], language="en")
    assert told.value.cause == "recipient"


def test_a_domain_in_other_letters_is_written_in_ascii() -> None:
    assert spelt("ana@bücher.test") == "ana@xn--bcher-kva.test"


@pytest.mark.timeout(40)  # the server goes on for a minute
@pytest.mark.parametrize(
    ("mode", "cause", "code", "uncertain"),
    [
        ("refuse_recipient", "recipient", 550, False),
        ("refuse_content", "content", 554, False),
        ("later", "later", 451, False),
        ("drop", "broken_off", 0, True),
        ("stall", "timeout", 0, True),
        ("drip", "timeout", 0, True),
        ("stall_after", "timeout", 0, True),
    ],
)
def test_what_the_server_does_is_said_without_names(
    site: Any, monkeypatch: pytest.MonkeyPatch, mode: Mode, cause: str, code: int, uncertain: bool
) -> None:
    with mailbox(mode=mode) as box:
        # Only a server that says nothing is to be given up; an answer may take its time on a busy machine.
        to_box(monkeypatch, box, timeout=1 if cause == "timeout" else 30)
        told = refused()
    assert (told.cause, told.code, told.uncertain) == (cause, code, uncertain)


def mail(subject: str = "Hello") -> None:
    send(compose(TO, subject, ["text"], language="en"))


def test_a_worker_sends_one_mail_after_the_other_over_one_line(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with mailbox() as box:
        to_box(monkeypatch, box)
        with shift.working():
            mail("one")
            mail("two")
        with shift.working():
            mail("three")
        mail("four")
    assert [one.message["Subject"] for one in box.received] == ["one", "two", "three", "four"]
    one, two, three, four = (one.line for one in box.received)
    assert one == two
    assert len({two, three, four}) == 3


def test_a_line_that_the_server_ends_is_followed_by_another(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with mailbox(per_line=2) as box:
        to_box(monkeypatch, box)
        with shift.working():
            for number in range(5):
                mail(str(number))
    assert [one.message["Subject"] for one in box.received] == ["0", "1", "2", "3", "4"]
    assert len({one.line for one in box.received}) == 3


def test_a_server_that_was_started_anew_meanwhile_gets_the_mail(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with shift.working():
        with mailbox() as box:
            to_box(monkeypatch, box)
            mail("before")
        with mailbox(port=box.port) as again:
            mail("after")
    assert again.the_only().message["Subject"] == "after"


def test_a_mail_that_may_have_been_taken_is_not_handed_over_again(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with mailbox() as box:
        to_box(monkeypatch, box)
        with shift.working():
            mail("one")
            box.mode = "drop"
            told = refused()
            assert (told.cause, told.uncertain, box.texts) == ("broken_off", True, 2)
            box.mode = "accept"
            mail("three")
    assert [one.message["Subject"] for one in box.received] == ["one", "three"]


def test_nobody_there(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with mailbox() as box:
        to_box(monkeypatch, box)
    assert refused().cause == "unreachable"


def test_no_mail_set_up(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TROTH_MAIL_URL", "mail.test")
    assert refused().cause == "not_set_up"


def test_a_login_is_made_and_a_wrong_one_is_told(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with mailbox(login=True) as box:
        to_box(monkeypatch, box, f"smtp://{USER}:mot%2Fde%3Apasse%401@localhost:{box.port}")
        send(compose(TO, "Hello", ["text"], language="en"))
        assert box.the_only().user == USER
        to_box(monkeypatch, box, f"smtp://{USER}:wrong@localhost:{box.port}")
        assert refused().cause == "login"
        to_box(monkeypatch, box)
        assert refused().code == 530


def test_encryption_with_a_certificate_that_is_trusted(
    site: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    signed = certificate(tmp_path)
    with mailbox(certificate=signed) as box:
        to_box(monkeypatch, box, starttls="required", ca=signed)
        send(compose(TO, "Hello", ["text"], language="en"))
        assert box.the_only().encrypted
    with mailbox(certificate=signed, wrapped=True) as box:
        to_box(monkeypatch, box, ca=signed)
        send(compose(TO, "Hello", ["text"], language="en"))
        assert box.the_only().encrypted


@pytest.mark.parametrize("wrapped", [False, True])
@pytest.mark.parametrize("fault", ["unknown", "name", "expired"])
def test_a_certificate_that_cannot_be_trusted_stops_everything(
    site: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, wrapped: bool, fault: str
) -> None:
    names = ["other.test"] if fault == "name" else []
    signed = certificate(tmp_path, *names, expired=fault == "expired")
    with mailbox(certificate=signed, wrapped=wrapped) as box:
        options = {} if fault == "unknown" else {"ca": signed}
        to_box(monkeypatch, box, **options, **({} if wrapped else {"starttls": "required"}))
        assert refused().cause == "encryption"
        assert box.received == []


def test_a_server_without_encryption_gets_nothing_where_it_is_required(
    site: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with mailbox() as box:
        to_box(monkeypatch, box, starttls="required")
        assert refused().cause == "encryption"
        assert box.received == []


def test_what_django_itself_sends_leaves_the_same_way(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.core.mail import send_mail
    from django.test import override_settings

    with mailbox() as box, override_settings(EMAIL_BACKEND="troth.web.mail.backend.Backend"):
        to_box(monkeypatch, box)
        assert send_mail("Hello", "text", None, [TO]) == 1
    assert box.the_only().message["From"] == "donnees@verdier.test"
