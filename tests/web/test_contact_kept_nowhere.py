"""The promise of the contact form, on a real ``troth serve``: what somebody writes is nowhere afterwards, however it
ends. A random token is searched in all files that the site could have written, in those it holds open or shares in
memory, and in everything it has printed."""

from __future__ import annotations

import base64
import contextlib
import http.client
import os
import re
import secrets
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

import pytest

from browser.site import Served, example, publish, serving
from letterbox import Mailbox, mailbox
from processes import kill_tree, process_tree
from web.contact_form import FORM, Answer, Clock, Writer

pytestmark = pytest.mark.slow

_ELSEWHERE = [Path("/tmp"), Path("/var/tmp"), Path("/dev/shm"), Path("/run"), Path("/var/log"), Path("/var/spool")]
_LARGEST = 64 * 1024 * 1024


# --- searching ----------------------------------------------------------------------------------------


def shapes(token: str) -> list[bytes]:
    """The ways in which the token could be written somewhere."""
    plain = token.encode()
    # Of three ways to fall into base64's groups, the middle of each is certain.
    packed = [base64.b64encode(b"x" * shift + plain)[4:-4] for shift in range(3)]
    return [plain, plain.upper(), token.encode("utf-16-le"), plain.hex().encode(), *packed]


@dataclass
class Search:
    """Looks for the token where a site that runs in ``folder`` could have left it since ``since``."""

    token: str
    folder: Path
    since: float

    def found(self, root: int) -> list[str]:
        """Places that hold it; ``root`` is the process of the site."""
        places = [str(path) for path in self._files() if self._holds(path)]
        for process in process_tree(root):
            places += self._open(process)
            places += self._shared(process)
        return places

    def _files(self) -> Iterator[Path]:
        yield from {path for path in self.folder.rglob("*") if path.is_file()}
        for root in _ELSEWHERE:
            for pattern in ("*", "*/*"):
                yield from (path for path in root.glob(pattern) if self._is_new(path))

    def _is_new(self, path: Path) -> bool:
        with contextlib.suppress(OSError):
            told = path.lstat()
            return stat.S_ISREG(told.st_mode) and told.st_mtime >= self.since
        return False

    def _holds(self, path: Path) -> bool:
        with contextlib.suppress(OSError):
            if path.stat().st_size <= _LARGEST:
                return self._inside(path.read_bytes())
        return False

    def _inside(self, content: bytes) -> bool:
        return any(shape in content for shape in shapes(self.token))

    def _open(self, process: int) -> Iterator[str]:
        """Files that it holds open, those that have no name any more too."""
        for link in Path(f"/proc/{process}/fd").iterdir():
            with contextlib.suppress(OSError):
                target = os.readlink(link)
                device = target.startswith("/dev/") and not target.startswith("/dev/shm/")
                if target.startswith("/") and not device and self._holds(link):
                    yield f"{process}: {target}"

    def _shared(self, process: int) -> Iterator[str]:
        """Memory that belongs to a file or is shared."""
        with contextlib.suppress(OSError), open(f"/proc/{process}/mem", "rb") as memory:
            for line in Path(f"/proc/{process}/maps").read_text().splitlines():
                if re.match(r"\S+ rw.s", line):
                    start, end = (int(one, 16) for one in line.split()[0].split("-"))
                    memory.seek(start)
                    if self._inside(memory.read(end - start)):
                        yield f"{process}: {line}"


def test_the_search_finds_what_is_there(tmp_path: Path) -> None:
    token = f"zq{secrets.token_hex(12)}"
    search = Search(token, tmp_path, time.time() - 1)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        assert search.found(other.pid) == []
        (tmp_path / "note").write_text(f"a {token} b")
        assert search.found(other.pid) == [str(tmp_path / "note")]
        (tmp_path / "note").write_bytes(base64.b64encode(f"ab{token}cd".encode()))
        assert search.found(other.pid) == [str(tmp_path / "note")]
        (tmp_path / "note").unlink()
        assert search.found(other.pid) == []
        other.communicate(b"\n")


_HOLDS = {
    "(deleted)": "h=open('gone','w+'); os.unlink('gone'); h.write(token); h.flush()",
    "memfd:hidden": "h=os.memfd_create('hidden'); os.write(h, token.encode())",
    "rw-s": "h=mmap.mmap(-1, 4096); h.write(token.encode())",
}


@pytest.mark.parametrize("kind", _HOLDS)
def test_the_search_looks_into_what_a_process_holds(tmp_path: Path, kind: str) -> None:
    token = f"zq{secrets.token_hex(12)}"
    code = f"import mmap,os,sys; token=sys.stdin.readline().strip(); {_HOLDS[kind]}; print('.', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=tmp_path
    ) as other:
        assert other.stdin is not None
        assert other.stdout is not None
        other.stdin.write(f"{token}\n")
        other.stdin.flush()
        other.stdout.readline()
        found = Search(token, tmp_path, time.time()).found(other.pid)
        other.stdin.close()
    assert len(found) == 1
    assert kind in found[0]


# --- the site -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def box() -> Iterator[Mailbox]:
    with mailbox() as made:
        yield made


@contextlib.contextmanager
def standing(folder: Path, box: Mailbox) -> Iterator[Served]:
    """Maison Verdier on a port, with folders of its own for everything that a program may write."""
    example("maison", folder)
    publish(folder, datetime(2026, 11, 22, 9, 30, tzinfo=UTC))
    for name in ("tmp", "home"):
        (folder / name).mkdir()
    environment = {
        "TMPDIR": str(folder / "tmp"), "HOME": str(folder / "home"), "TROTH_MAIL_URL": f"{box.url}?timeout=2",
        "TROTH_CONTACT_WORK": "8", "TROTH_LOG_LEVEL": "debug",
    }  # fmt: skip
    with serving(folder, environment) as served:
        yield served


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, box: Mailbox) -> Iterator[Served]:
    """One for all who let it live."""
    with standing(tmp_path_factory.mktemp("kept") / "maison", box) as served:
        yield served


@pytest.fixture
def mortal(tmp_path: Path, box: Mailbox) -> Iterator[Scene]:
    """A scene on a site that may be killed."""
    with standing(tmp_path / "maison", box) as served:
        yield set_up(served, box)


class Browser:
    """As much of Django's client as a writer needs, over the wire."""

    def __init__(self, site: Served) -> None:
        self.port = int(site.url.rpartition(":")[2])

    def ask(self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, body, {**(headers or {}), "Host": f"localhost:{self.port}"})
            answer = connection.getresponse()
            return Answer(
                answer.status, answer.read().decode(), dict(answer.getheaders()), answer.getheader("Set-Cookie")
            )
        finally:
            connection.close()


@dataclass
class Wired(Writer):
    """Writes over the wire, in real time."""

    def open(self) -> Answer:
        return self.client.ask("GET", self.address)

    def post(self, fields: dict[str, str] | list[tuple[str, str]] | bytes, **more: str) -> Answer:
        body = fields if isinstance(fields, bytes) else urlencode(fields).encode()
        headers = {**self.headers, "Content-Type": more.get("content_type", FORM)}
        return self.client.ask("POST", self.address, body, headers)

    def send(self, **given: str) -> Answer:
        page = self.open()
        time.sleep(3.1)
        return self.post(self.fill(page, **given))


@dataclass
class Scene:
    """Somebody who writes a token into every field, and a search for it."""

    site: Served
    token: str
    writer: Wired
    search: Search

    @property
    def given(self) -> dict[str, str]:
        long = f"{self.token} " * 600  # more than fits into any buffer on the stack
        return {
            "email": f"{self.token}@example.org", "first_name": self.token, "last_name": self.token,
            "address": f"{self.token}\n{self.token}", "country": self.token, "message": long,
        }  # fmt: skip

    def is_nowhere(self) -> None:
        """Fail with the places where the token is."""
        assert self.search.found(self.site.process.pid) == []


@pytest.fixture
def scene(site: Served, box: Mailbox) -> Scene:
    return set_up(site, box)


def set_up(site: Served, box: Mailbox) -> Scene:
    """A new token, an empty mailbox."""
    box.mode = "accept"
    box.received.clear()
    box.waiting.clear()
    token = f"zq{secrets.token_hex(12)}"
    headers = {
        "Origin": site.url,
        "Sec-Fetch-Site": "same-origin",
        "X-Forwarded-For": f"203.0.113.{secrets.randbelow(250)}",
    }
    writer = Wired(Browser(site), Clock(), headers=headers)
    return Scene(site, token, writer, Search(token, site.folder, time.time() - 1))


def test_after_a_message_has_left(scene: Scene, box: Mailbox) -> None:
    answer = scene.writer.send(**scene.given)
    assert (answer.status, answer.cookies) == (200, None)
    assert scene.token in box.the_only().text()
    scene.is_nowhere()


@pytest.mark.parametrize("mode", ["refuse_recipient", "refuse_content", "drop", "stall", "stall_after"])
def test_after_the_mail_server_has_refused_or_said_nothing(scene: Scene, box: Mailbox, mode: str) -> None:
    box.mode = mode  # type: ignore[assignment]
    answer = scene.writer.send(**scene.given)
    assert (answer.status, answer.cookies) == (503, None)
    assert answer.text.count(scene.token) > 600
    scene.is_nowhere()


def test_when_the_process_dies_while_its_writer_waits(mortal: Scene, box: Mailbox) -> None:
    box.mode = "stall_after"
    thread = threading.Thread(target=_write, args=[mortal])
    thread.start()
    assert box.waiting.wait(30)
    mortal.is_nowhere()
    assert mortal.writer.client.ask("GET", "/healthz").status == 200  # a page is answered meanwhile
    kill_tree(mortal.site.process.pid)
    thread.join(30)
    assert mortal.token in box.the_only().text()
    mortal.is_nowhere()


def test_when_one_of_its_processes_dies_and_another_takes_its_place(mortal: Scene, box: Mailbox) -> None:
    box.mode = "stall_after"
    thread = threading.Thread(target=_write, args=[mortal])
    thread.start()
    assert box.waiting.wait(30)
    for process in process_tree(mortal.site.process.pid)[1:]:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, 9)
    thread.join(30)
    deadline = time.monotonic() + 30
    while not _answers(mortal) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert _answers(mortal)
    mortal.is_nowhere()


def _write(scene: Scene) -> None:
    with contextlib.suppress(OSError, http.client.HTTPException):
        scene.writer.send(**scene.given)


def _answers(scene: Scene) -> bool:
    with contextlib.suppress(OSError, http.client.HTTPException):
        return scene.writer.client.ask("GET", "/healthz").status == 200
    return False


def test_after_what_was_refused_before_it_was_read(scene: Scene, box: Mailbox) -> None:
    token = scene.token.encode()
    upload = (
        b'--x\r\nContent-Disposition: form-data; name="message"; filename="' + token + b'"\r\nContent-Type: text/plain\r\n\r\n'
        + token * 200_000 + b"\r\n--x--\r\n"
    )  # fmt: skip
    statuses = []
    for body, kind in (
        (b"message=" + token * 400_000, FORM), (upload, "multipart/form-data; boundary=x"),
        (b'{"a": "' + token + b'"}', "application/json"), (b"message=" + token + b"&bcc=" + token, FORM),
        (b"&".join(token + b"=1" for _ in range(200)), FORM),
    ):  # fmt: skip
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # the rest of 10 MB is not taken
            statuses.append(scene.writer.post(body, content_type=kind).status)
    scene.writer.headers["Origin"] = "https://evil.test"
    statuses.append(scene.writer.post({"message": scene.token}).status)
    assert set(statuses) <= {400, 403, 413, 415}
    assert len(statuses) >= 4
    scene.is_nowhere()
    assert box.received == []


def test_a_body_that_comes_drop_by_drop_stops_no_page(scene: Scene) -> None:
    port = scene.writer.client.port
    head = (
        f"POST /contact HTTP/1.1\r\nHost: localhost:{port}\r\nOrigin: {scene.site.url}\r\nContent-Type: {FORM}\r\n"
        f"Content-Length: 1000\r\n\r\nmessage={scene.token}"
    )
    slow = []
    for _ in range(2):
        slow.append(socket.create_connection(("127.0.0.1", port)))
        slow[-1].sendall(head.encode())
    time.sleep(0.5)
    refused = scene.writer.post({"message": scene.token})
    assert (refused.status, refused.heading) == (503, "Too many at once")
    assert scene.writer.open().status == 200
    for one in slow:
        one.close()
    scene.is_nowhere()
