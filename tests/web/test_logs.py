"""Logs without personal data: a token that stands in every part of a request never comes out anywhere."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import secrets
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from troth.core.errors import UsageError
from troth.web import logs
from web.served import Served, faulty, publisher, received, served


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = publisher(tmp_path_factory.mktemp("logs") / "maison")
    with served(folder, "--workers", "2", TROTH_LOG_LEVEL="debug", **faulty()) as running:
        yield running


@pytest.fixture
def canary() -> str:
    """Nobody else writes this by chance; it also looks like a name, a domain and a password."""
    return f"canary{secrets.token_hex(8)}"


def marked(canary: str) -> list[str]:
    """Headers, each with the token."""
    return [
        f"Cookie: sessionid={canary}; {canary}=1", f"User-Agent: {canary}/1.0", f"Referer: https://{canary}.test/{canary}",
        f"Authorization: Bearer {canary}", f"X-Forwarded-For: {canary}", f"X-Real-IP: {canary}", f"Forwarded: for={canary}",
        f"Accept-Language: {canary}", f"If-None-Match: {canary}", f"Origin: https://{canary}.test", f"X-{canary}: {canary}",
        f"Content-Type: application/x-www-form-urlencoded; charset={canary}", f"Range: {canary}", f"Accept: {canary}",
        f"From: {canary}@example.org", f"X-CSRFToken: {canary}", f"X-Forwarded-Proto: {canary}", f"Accept-Encoding: {canary}",
    ]  # fmt: skip


def test_every_request_has_a_line_with_its_route_and_nothing_of_it(site: Served, canary: str) -> None:
    site.ask(f"/en/?q={canary}", *marked(canary), host="localhost")
    (line,) = [told for told in site.lines("request") if told["route"] == "policy"][-1:]
    assert set(line) == {"at", "level", "event", "route", "method", "status", "ms"}
    assert (line["method"], line["status"]) == ("GET", "2xx")
    assert canary not in site.said()


CASES = [
    ("/en/?email={0}@example.org", "GET", "localhost", 200),
    ("/{0}", "GET", "localhost", 404),
    ("/en/{0}/", "GET", "localhost", 404),
    ("/history/{0}", "GET", "localhost", 404),
    ("/assets/{0}.css", "GET", "localhost", 404),
    ("/%00{0}%0a%ff", "GET", "localhost", 404),
    ("/history?lang={0}", "GET", "localhost", 200),
    ("/en/", "POST", "localhost", 403),
    ("/en/", "{0}", "localhost", 403),
    ("/en/", "GET", "{0}.test", 400),
    ("/en/", "GET", "{0}@@", 400),
    ("/readyz", "GET", "{0}.test", 400),
    ("/metrics", "GET", "localhost", 403),
    ("/fails/value?{0}", "POST", "localhost", 500),
    ("/fails/caused?{0}", "POST", "localhost", 500),
    ("/fails/suspicious?{0}", "POST", "localhost", 400),
    ("/fails/denied?{0}", "POST", "localhost", 403),
    ("/fails/exit?{0}", "POST", "localhost", 500),
    ("/fails/logs?{0}", "POST", "localhost", 200),
    ("/fails/thread?{0}", "POST", "localhost", 200),
    ("/fails/unraisable?{0}", "POST", "localhost", 200),
]


@pytest.mark.parametrize(("path", "method", "host", "status"), CASES)
def test_whatever_happens_the_token_comes_out_nowhere(
    site: Served, canary: str, path: str, method: str, host: str, status: int
) -> None:
    body = f"name={canary}&email={canary}%40example.org&message={canary}".encode()
    before = len(site.said())
    answer = site.ask(
        path.format(canary), *marked(canary), method=method.format(canary), host=host.format(canary), body=body
    )
    assert answer.startswith(f"HTTP/1.1 {status} ") or (status == 500 and answer.startswith("HTTP/1.1 500")), answer
    assert canary not in answer
    said = site.said()
    assert canary not in said
    assert len(said) > before
    assert all("canary" not in str(json.loads(line)) for line in said.splitlines())


@pytest.mark.parametrize(
    "raw",
    [
        "GET /{0} HTTP/9.9\r\nHost: {0}\r\n\r\n",
        "{0}\r\n\r\n",
        "GET /{0} HTTP/1.1\r\nHost: localhost\r\n{0}\r\n\r\n",
        "POST /{0} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {0}\r\n\r\n",
        "POST /fails/value HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n{0}\r\n{0}\r\n",
        "GET /fails/stream HTTP/1.1\r\nHost: localhost\r\nX-A: {0}\r\nConnection: close\r\n\r\n",
        "GET /en/ HTTP/1.1\r\nHost: localhost\r\nCookie: {0}\xe9\xff=;;=\r\nConnection: close\r\n\r\n",
        "POST /fails/value HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary={0}\r\n"
        "Content-Length: 60\r\nConnection: close\r\n\r\n--{0}\r\nContent-Disposition: form-data; name={0}\r\n\r\n",
    ],
)  # fmt: skip
def test_what_is_no_request_leaves_nothing_either(site: Served, canary: str, raw: str) -> None:
    with socket.create_connection(("127.0.0.1", site.port), 5) as line:
        line.sendall(raw.format(canary).encode("latin-1"))
        with contextlib.suppress(OSError):
            line.shutdown(socket.SHUT_WR)
        answer = received(line)
    assert canary.encode() not in answer
    assert canary not in site.said()
    assert site.ask("/healthz").startswith("HTTP/1.1 200")


def test_an_error_tells_its_type_and_where_in_our_own_code_it_came_by(site: Served) -> None:
    site.ask("/fails/caused")
    (line,) = [told for told in site.lines("error") if told.get("route") == "fails"][-1:]
    assert line["kind"] == "RuntimeError"
    assert line["because"] == ["KeyError"]
    assert line.get("where") is None or all(place.startswith("web/") for place in line["where"])


def test_libraries_are_heard_but_not_quoted(site: Served) -> None:
    site.ask("/fails/logs")
    heard = {told["logger"] for told in site.lines("library")}
    assert {"some.library", "other", "py.warnings"} <= heard


def test_nothing_is_kept_where_a_fault_could_have_dropped_it(site: Served, canary: str) -> None:
    site.ask("/fails/value", *marked(canary), method="POST", body=f"a={canary}".encode(), host="localhost")
    folder = site.log.parent
    held = [path for path in folder.rglob("*") if path.is_file() and canary.encode() in path.read_bytes()]
    assert held == []


class Heard:
    """What this process has written."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        self._parts = ""

    @property
    def text(self) -> str:
        self._parts += self._capsys.readouterr().err
        return self._parts

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]


@pytest.fixture
def stderr(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Heard:
    monkeypatch.setattr(logs._chosen, "json", True)
    monkeypatch.setattr(logs._chosen, "level", 20)
    return Heard(capsys)


def test_a_level_leaves_out_what_is_below(stderr: Heard) -> None:
    logs._chosen.level = 30
    logs.say("request")
    logs.say("error", "error", kind="ValueError")
    assert [line["event"] for line in stderr.lines] == ["error"]


def test_text_is_one_line_too(stderr: Heard) -> None:
    logs._chosen.json = False
    logs.say("error", "error", kind="ValueError", where=["a.py:1", "b.py:2"])
    assert stderr.text.endswith("error   error    kind=ValueError where=a.py:1,b.py:2\n")
    assert stderr.text.count("\n") == 1


def test_a_log_that_nobody_reads_any_more_stops_nothing(stderr: Heard, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = io.StringIO()
    gone.close()
    monkeypatch.setattr(sys, "stderr", gone)
    logs.say("request")
    assert stderr.text == ""


def test_places_are_ours_and_errors_of_others_have_none(stderr: Heard) -> None:
    from troth.web.addresses import Proxies

    with pytest.raises(UsageError) as caught:
        Proxies("x")
    logs.error(caught.value)
    with pytest.raises(ValueError, match="invalid") as other:
        int("canary")
    logs.error(other.value)
    ours, others = stderr.lines
    assert ours["kind"] == "troth.core.errors.UsageError"
    assert [place.partition(":")[0] for place in ours["where"]] == ["web/addresses.py"]
    assert "where" not in others
    assert "canary" not in stderr.text


def test_a_record_that_cannot_be_read_is_told_all_the_same(stderr: Heard) -> None:
    record = logging.LogRecord("a", 40, "a", 1, "m", None, None)
    record.levelno = "canary"  # type: ignore[assignment]
    logs.Guard().emit(record)
    assert stderr.lines[0]["logger"] == "unreadable"


def test_mail_is_told_without_addresses(stderr: Heard) -> None:
    logs.mail("contact", "sent")
    logs.mail("contact", "timeout")
    assert [(line["purpose"], line["outcome"], line["level"]) for line in stderr.lines] == [
        ("contact", "sent", "info"), ("contact", "timeout", "error"),
    ]  # fmt: skip


def test_a_fault_of_the_process_itself_is_told_without_its_message(tmp_path: Path) -> None:
    code = "from troth.web import logs; logs.configure(); raise ValueError('canary')"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path)
    assert ran.returncode == 1
    assert json.loads(ran.stderr)["kind"] == "ValueError"
    assert "canary" not in ran.stderr
