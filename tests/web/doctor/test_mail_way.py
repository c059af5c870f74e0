"""The way of a mail: in order where it is, and a finding for each fault planted."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from letterbox import PASSWORD, USER, Mailbox, certificate, mailbox
from machine import free_port
from troth.web.doctor import mail, resolver
from web.doctor.conftest import Looked


def test_mail_that_is_not_set_up_is_a_problem_only_where_it_is_needed(looked: Looked) -> None:
    assert looked.levels(mail.set_up) in ({"told": "problem"}, {"mail_set_up": "fine"})
    (found,) = [
        path for path in looked.folder.glob("*.yaml") if re.search(r"(?m)^mail:", path.read_text(encoding="utf-8"))
    ]
    text = re.sub(r"(?ms)^mail:\n(?:[ #].*?\n)+", "", found.read_text(encoding="utf-8"))
    found.write_text(text, encoding="utf-8")
    assert looked.levels(mail.set_up) == {"mail_missing": "problem"}
    assert looked.levels(mail.server) == {}


def test_an_address_that_cannot_be_read_is_told_without_its_password(through: Callable[[str], Looked]) -> None:
    found = through("imap://ana:canary@mail.test").found(mail.set_up)["told"]
    assert found.level == "problem"
    assert "canary" not in found.said("en") + found.remedy("en")


def test_a_name_that_nobody_knows_and_a_port_where_nobody_answers(through: Callable[[str], Looked]) -> None:
    assert through("smtp://mail.invalid").levels(mail.server) == {"mail_unknown": "problem"}
    assert through(f"smtp://localhost:{free_port()}").levels(mail.server) == {"mail_closed": "problem"}


def test_a_server_that_is_none_of_mail(through: Callable[[str], Looked], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail, "_WAIT", 1.0)
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        looked = through(f"smtp://127.0.0.1:{silent.getsockname()[1]}")
        assert looked.levels(mail.server) == {"mail_silent": "problem"}


def test_a_server_on_this_machine_is_fine_without_encryption(through: Callable[[str], Looked]) -> None:
    with mailbox() as box:
        assert through(box.url).levels(mail.server) == {"mail_here": "fine", "mail_sender_taken": "fine"}
        assert box.received == []


def test_a_server_without_starttls_is_a_problem(through: Callable[[str], Looked]) -> None:
    with mailbox() as box:
        assert through(f"{box.url}?starttls=required").levels(mail.server) == {"mail_no_starttls": "problem"}


def test_a_certificate_that_holds_that_ends_or_that_nobody_knows(
    through: Callable[[str], Looked], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pem = certificate(tmp_path)
    with mailbox(certificate=pem) as box:
        url = f"{box.url}?starttls=required"
        assert through(url).levels(mail.server) == {"mail_certificate": "problem"}
        assert through(f"{url}&ca={pem}").levels(mail.server)["mail_certificate_ends"] == "problem"
        monkeypatch.setattr(mail, "SOON", timedelta(0))
        assert through(f"{url}&ca={pem}").levels(mail.server)["mail_encrypted"] == "fine"


def test_a_certificate_of_another_name_or_past_its_day_is_a_problem(
    through: Callable[[str], Looked], tmp_path: Path
) -> None:
    for pem in (certificate(tmp_path, "other.test"), certificate(tmp_path, expired=True)):
        with mailbox(certificate=pem, wrapped=True) as box:
            assert through(f"{box.url}?ca={pem}").levels(mail.server) == {"mail_certificate": "problem"}


def test_smtps_at_a_port_that_speaks_plainly_is_a_problem(through: Callable[[str], Looked]) -> None:
    with mailbox() as box:
        assert through(box.url.replace("smtp:", "smtps:")).levels(mail.server) == {"mail_no_tls": "problem"}


def test_a_login_that_is_refused_is_told_without_the_password(through: Callable[[str], Looked]) -> None:
    from urllib.parse import quote

    with mailbox(login=True) as box:
        at = f"localhost:{box.port}"
        assert through(f"smtp://{USER}:{quote(PASSWORD, safe='')}@{at}").levels(mail.server)["mail_logged_in"] == "fine"
        found = through(f"smtp://{USER}:canary@{at}").found(mail.server)
        assert found["mail_login"].level == "problem"
        assert "canary" not in str(found)
    with mailbox() as box:
        found = through(f"smtp://a:b@localhost:{box.port}").found(mail.server)
        assert found["mail_no_login"].level == "problem"


def test_a_sender_that_is_refused_is_a_problem(
    through: Callable[[str], Looked], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(self: Mailbox, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        return "553 5.1.8 not from here"

    monkeypatch.setattr(Mailbox, "handle_MAIL", refuse, raising=False)
    with mailbox() as box:
        assert through(box.url).levels(mail.server)["mail_sender_refused"] == "problem"


def test_a_test_mail_is_sent_when_it_was_asked_for(through: Callable[[str], Looked]) -> None:
    from django.test import override_settings

    from troth.web.pages.published import kept

    with mailbox() as box:
        looked = through(box.url)
        assert looked.levels(mail.delivered) == {}
        looked.send_to = "somebody@example.org"
        with override_settings(STATE=looked.state, POLICY=looked.folder / "troth.yaml"):
            kept.forget()
            assert looked.levels(mail.delivered) == {"mail_sent": "fine"}
            assert box.the_only().recipients == ["somebody@example.org"]
            box.mode = "refuse_recipient"
            assert looked.levels(mail.delivered) == {"told": "problem"}
            kept.forget()


RECORDS = {
    "good.test": ["v=spf1 mx -all", "something else"], "_dmarc.good.test": ["v=DMARC1; p=none"],
    "twice.test": ["v=spf1 mx -all", "v=spf1 a -all"], "bare.test": [],
}  # fmt: skip


def dns(question: bytes, *, cut: bool = False) -> bytes:
    """An answer of a name server."""
    place, labels = 12, []
    while question[place]:
        labels.append(question[place + 1 : place + 1 + question[place]].decode())
        place += question[place] + 1
    texts = RECORDS.get(".".join(labels), [])
    flags = 0x8180 | (0x0200 if cut else 0) | (0 if texts else 3)
    head = question[:2] + flags.to_bytes(2, "big") + b"\0\1" + (0 if cut else len(texts)).to_bytes(2, "big") + b"\0" * 4
    answers = b""
    for text in texts:
        half = len(text) // 2
        data = b"".join(bytes([len(part)]) + part.encode() for part in (text[:half], text[half:]))
        answers += b"\xc0\x0c\0\x10\0\1\0\0\0\x3c" + len(data).to_bytes(2, "big") + data
    return head + question[12 : place + 5] + (b"" if cut else answers)


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[list[bool]]:
    """A name server on this machine; what is put into the list cuts its next answers."""
    cut: list[bool] = []
    real = resolver._ask
    ended = threading.Event()
    with (
        closing(socket.create_server(("127.0.0.1", 0))) as stream,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line,
    ):
        port = stream.getsockname()[1]
        line.bind(("127.0.0.1", port))
        line.settimeout(0.1)
        stream.settimeout(0.1)

        def answer() -> None:
            while not ended.is_set():
                try:
                    question, sender = line.recvfrom(512)
                    line.sendto(dns(question, cut=bool(cut)), sender)
                    if cut:
                        with stream.accept()[0] as other:
                            made = dns(other.recv(512)[2:])
                            other.sendall(len(made).to_bytes(2, "big") + made)
                except TimeoutError:
                    continue

        thread = threading.Thread(target=answer)
        thread.start()
        (tmp_path / "resolv.conf").write_text("# ours\nnameserver 127.0.0.1\noptions edns0\n", encoding="utf-8")
        monkeypatch.setattr(resolver, "RESOLVERS", tmp_path / "resolv.conf")
        monkeypatch.setattr(resolver, "_ask", lambda server, domain: real(server, domain, port))
        yield cut
        ended.set()
        thread.join()


@pytest.mark.parametrize("cut", [False, True])
@pytest.mark.parametrize(
    ("domain", "expected"),
    [
        ("good.test", {"spf_fine": "fine", "dmarc_fine": "fine"}),
        ("twice.test", {"spf_many": "problem", "dmarc_missing": "note"}),
        ("bare.test", {"spf_missing": "problem", "dmarc_missing": "note"}),
    ],
)
def test_what_a_domain_says_of_its_senders(
    looked: Looked, names: list[bool], cut: bool, domain: str, expected: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TROTH_MAIL_URL", "smtp://localhost")
    names.extend([True] if cut else [])
    settings = mail._settings(looked.case)
    assert settings is not None
    monkeypatch.setattr(mail, "_settings", lambda _: type(settings)(f"a@{domain}", "", settings.server))
    assert looked.levels(mail.sender_domain) == expected


def test_without_a_resolver_the_domain_is_not_looked_at(
    looked: Looked, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TROTH_MAIL_URL", "smtp://localhost")
    monkeypatch.setattr(resolver, "RESOLVERS", tmp_path / "nothing")
    assert looked.levels(mail.sender_domain) == {"domain_skipped": "skipped"}
