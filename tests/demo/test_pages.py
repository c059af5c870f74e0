"""The small web servers of the demo."""

from __future__ import annotations

import http.client
from collections.abc import Iterator

import pytest

from machine import free_port
from troth.demo.machine import listen
from troth.demo.pages import HEADERS, Answer, Asked, PageServer, is_here


@pytest.fixture
def heard() -> list[Asked]:
    return []


@pytest.fixture
def port(heard: list[Asked]) -> Iterator[int]:
    def site(asked: Asked) -> Answer:
        heard.append(asked)
        return Answer("bonjour")

    server = PageServer(site, listen(free_port()))
    server.start()
    yield server.port
    server.stop()


def ask(port: int, method: str, path: str, **headers: str) -> tuple[int, str, dict[str, str]]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request(method, path, headers=headers)
    answer = connection.getresponse()
    content = answer.read().decode()
    connection.close()
    return answer.status, content, dict(answer.getheaders())


def test_it_answers_with_strict_headers(port: int, heard: list[Asked]) -> None:
    status, content, headers = ask(port, "GET", "/a?b=c")
    assert (status, content) == (200, "bonjour")
    assert {name: headers.get(name) for name in HEADERS} == dict(HEADERS)
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert (heard[0].path, heard[0].query) == ("/a", {"b": "c"})


def test_head_gets_headers_only(port: int) -> None:
    status, content, headers = ask(port, "HEAD", "/")
    assert (status, content, headers["Content-Length"]) == (200, "", "7")


@pytest.mark.parametrize("host", ["evil.test", "evil.test:8442", "localhost.evil.test", "192.0.2.7", ""])
def test_a_strangers_name_that_leads_here_gets_nothing(port: int, heard: list[Asked], host: str) -> None:
    assert ask(port, "GET", "/", Host=host)[0] == 421
    assert heard == []


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.0.0.1:8442", "localhost:8442", "[::1]", "[::1]:8442", "mail.localhost:1", "MAIL.localhost"],
)
def test_every_name_of_this_machine_is_its_own(host: str) -> None:
    assert is_here(host)


def test_another_page_cannot_change_anything(port: int, heard: list[Asked]) -> None:
    status, _, _ = ask(port, "POST", "/delete", Host="mail.localhost:8442", Origin="http://evil.test")
    assert (status, heard) == (403, [])
    status, _, _ = ask(port, "POST", "/delete", Host="mail.localhost:8442", Origin="http://mail.localhost:8442")
    assert (status, len(heard)) == (200, 1)


def test_it_stops_also_when_it_was_never_started() -> None:
    port = free_port()
    PageServer(lambda asked: Answer(), listen(port)).stop()
    again = PageServer(lambda asked: Answer(), listen(port))
    again.start()
    assert ask(port, "GET", "/")[0] == 200
    again.stop()
    with pytest.raises(ConnectionRefusedError):
        ask(port, "GET", "/")
