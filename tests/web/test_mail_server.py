"""The address of the mail server: what it means, what is refused, and that its secrets stay secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from troth.core.errors import UsageError
from troth.core.policy.sections.site import Mail
from troth.web.mail.server import Server, server_at, settings_of


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtps://mail.example.org", Server("mail.example.org", 465, "tls")),
        ("smtp://mail.example.org", Server("mail.example.org", 587, "starttls")),
        ("smtp://Mail.Example.Org:25", Server("mail.example.org", 25, "starttls")),
        ("smtp://mail:1025?starttls=none", Server("mail", 1025, "none")),
        ("smtp://localhost", Server("localhost", 25, "none")),
        ("smtp://[::1]:1025/", Server("::1", 1025, "none")),
        ("smtp://127.0.0.1?starttls=required", Server("127.0.0.1", 587, "starttls")),
        ("smtps://a%40b:c%2Fd@mail.test?timeout=5&ca=/etc/ca.pem",
         Server("mail.test", 465, "tls", "a@b", "c/d", 5.0, "/etc/ca.pem")),
    ],
)  # fmt: skip
def test_an_address_says_how_the_server_is_spoken_to(url: str, server: Server) -> None:
    assert server_at(url) == server


@pytest.mark.parametrize(
    ("url", "remedy"),
    [
        ("https://mail.test", "smtps://"),
        ("smtp://", "smtps://"),
        ("smtp://mail.test:70000", "port"),
        ("smtp://mail.test?debug=1", "options"),
        ("smtp://mail.test?starttls=maybe", "required or none"),
        ("smtps://mail.test?starttls=required", "leave"),
        ("smtp://mail.test?timeout=0", "between"),
        ("smtp://mail.test?timeout=soon", "between"),
        ("smtp://us:xyzzy@mail.test?starttls=none", "in clear"),
    ],
)
def test_an_address_that_cannot_work_is_refused_without_being_repeated(url: str, remedy: str) -> None:
    with pytest.raises(UsageError) as told:
        server_at(url)
    assert remedy in told.value.remedy
    assert "mail.test" not in f"{told.value} {told.value.remedy}"
    assert "xyzzy" not in f"{told.value} {told.value.remedy}"


def test_a_password_from_the_environment_needs_no_encoding() -> None:
    env = {"MAIL_USER": "us@mail.test", "MAIL_PASSWORD": "p@:/#?%41"}
    server = server_at("smtps://${MAIL_USER}:${MAIL_PASSWORD}@mail.test", env, "mail.url")
    assert (server.host, server.user, server.password) == ("mail.test", "us@mail.test", "p@:/#?%41")
    assert "p@:/" not in repr(server)


def test_the_whole_address_may_come_from_the_environment() -> None:
    assert server_at("${MAIL}", {"MAIL": "smtps://mail.test:4650"}, "mail.url").port == 4650


def test_a_variable_that_is_not_set_is_named() -> None:
    with pytest.raises(UsageError, match=r"mail\.url: the environment variable MAIL_PASSWORD is not set"):
        server_at("smtps://me:${MAIL_PASSWORD}@mail.test", {}, "mail.url")


MAIL = Mail(sender="us@verdier.test", url="smtps://mail.test", reply_to="answers@verdier.test")


def test_without_mail_in_the_policy_there_are_no_settings() -> None:
    assert settings_of(None) is None


def test_the_environment_comes_before_the_policy_and_may_name_a_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    told = settings_of(MAIL)
    assert told is not None
    assert (told.sender, told.domain, told.reply_to, told.server.host) == (
        "us@verdier.test", "verdier.test", "answers@verdier.test", "mail.test",
    )  # fmt: skip
    secret = tmp_path / "mail-url"
    secret.write_text("smtps://other.test\n")
    monkeypatch.setenv("TROTH_MAIL_URL_FILE", str(secret))
    told = settings_of(MAIL)
    assert told is not None
    assert told.server.host == "other.test"
    monkeypatch.setenv("TROTH_MAIL_URL", "smtp://localhost:2525")
    told = settings_of(MAIL)
    assert told is not None
    assert told.server.port == 2525


def test_a_file_that_cannot_be_read_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TROTH_MAIL_URL_FILE", str(tmp_path / "none"))
    with pytest.raises(UsageError, match="TROTH_MAIL_URL_FILE"):
        settings_of(MAIL)
