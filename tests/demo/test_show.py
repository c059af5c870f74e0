"""The demo as people start it: it comes up, stays, and leaves nothing behind, however it ends."""

from __future__ import annotations

import http.client
import os
import re
import signal
import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path

import pytest

from processes import kill_tree, process_tree
from troth.demo.account import EMAIL
from troth.demo.browser import Browser
from troth.demo.place import Place

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

UP = "The sites are up"
STAYS = "until Ctrl-C"


class Demo:
    """A demo that runs."""

    def __init__(self, cwd: Path, *words: str) -> None:
        self.cwd = cwd
        self.log = cwd / "printed"
        env = os.environ | {"HOME": str(cwd), "TROTH_STATE": str(cwd / "elsewhere"), "PYTHONDONTWRITEBYTECODE": "1"}
        with self.log.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "troth.cli.main", "demo", *words],
                cwd=cwd, env=env, stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
            )  # fmt: skip

    @property
    def printed(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def await_text(self, text: str) -> None:
        while text not in self.printed:
            assert self.process.poll() is None, self.printed
            time.sleep(0.1)

    @property
    def addresses(self) -> dict[str, tuple[str, int]]:
        """Name and port by what is there."""
        found = re.findall(r"^   http://([\w.]+):(\d+) +(\S.*)$", self.printed, re.MULTILINE)
        return {what: (host, int(port)) for host, port, what in found}

    @property
    def passwords(self) -> dict[str, str]:
        """Zoé's, by the publisher's name."""
        return dict(re.findall(r"^   (\w+ \w+) +(\S{23})$", self.printed, re.MULTILINE))

    def place(self, what: str) -> Place:
        host, port = self.addresses[what]
        return Place(what, host, port, port)

    def get(self, what: str, path: str) -> tuple[int, str]:
        host, port = self.addresses[what]
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        connection.request("GET", path, headers={"Host": f"{host}:{port}"})
        answer = connection.getresponse()
        content = answer.read().decode()
        connection.close()
        return answer.status, content

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(30)


@contextmanager
def running(cwd: Path, *words: str) -> Iterator[Demo]:
    demo = Demo(cwd, *words)
    try:
        yield demo
    finally:
        kill_tree(demo.process.pid)
        demo.process.wait()


def is_taken(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def content(path: Path) -> bytes:
    """Of a file; the story goes on meanwhile, and its databases drop theirs."""
    try:
        return path.read_bytes() if path.is_file() else b""
    except FileNotFoundError:
        return b""


def test_it_stays_up_until_ctrl_c_and_leaves_nothing_behind(tmp_path: Path) -> None:
    with running(tmp_path) as demo:
        demo.await_text(STAYS)
        assert "Every step did what it announced." in demo.printed
        for what in demo.addresses:
            assert demo.get(what, "/")[0] == 200, what
        assert "3 March 2025" in demo.get("Maison Verdier: the policy", "/history?lang=en")[1]
        _, page = demo.get("Maison Verdier: its own site", "/confidentialite")
        host, port = demo.addresses["Maison Verdier: the policy"]
        assert 'id="clause-B8"' in page
        assert f"http://{host}:{port}/history" in page
        assert "verdier.test/" not in page
        for name, password in demo.passwords.items():
            zoe = Browser(demo.place(f"{name}: the policy"))
            assert zoe.get("/account/login") == 200
            assert zoe.post("/account/login", {"email": EMAIL, "password": password}) == 302
            assert zoe.get("/account") == 200
            assert EMAIL in zoe.page
            assert demo.printed.count(password) == 1
            files = [path for path in (tmp_path / ".demo").rglob("*") if path.is_file()]
            assert [path for path in files if password.encode() in path.read_bytes()] == []
        assert len(set(demo.passwords.values())) == 2
        assert demo.get("mail of both", "/messages.json")[1] == "[]"
        tree = process_tree(demo.process.pid)
        ports = [port for _, port in demo.addresses.values()]
        assert demo.end(signal.SIGINT) == 0
        assert demo.printed.endswith("Stopped. Nothing is left running.\n")
        assert [process for process in tree if process_tree(process)] == []
        assert [port for port in ports if is_taken(port)] == []
    assert sorted(path.name for path in tmp_path.iterdir()) == [".demo", "printed"]
    story = (tmp_path / ".demo" / "story.txt").read_text(encoding="utf-8")
    assert "maison$ troth erase --yes ana@example.org" in story


def test_it_ends_in_order_when_the_terminal_is_closed_before_its_story_is_told(tmp_path: Path) -> None:
    with running(tmp_path) as demo:
        demo.await_text(UP)
        tree = process_tree(demo.process.pid)
        assert len(tree) > 3
        assert demo.end(signal.SIGHUP) == 128 + signal.SIGHUP
        assert demo.printed.endswith("Stopped before the end. Nothing is left running.\n")
        assert [process for process in tree if process_tree(process)] == []


def mail_is_read_in_the_view_and_kept_in_no_file(demo: Demo) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@example.org", "b@example.org", "Bonjour"
    message.set_content("token-7f3a")
    smtp = re.search(r"SMTP on 127\.0\.0\.1:(\d+)", demo.printed)
    assert smtp
    with smtplib.SMTP("127.0.0.1", int(smtp[1])) as server:
        server.send_message(message)
    assert "token-7f3a" in demo.get("mail of both", "/message/1")[1]
    assert [path for path in demo.cwd.rglob("*") if b"token-7f3a" in content(path)] == []


def a_site_that_dies_ends_it_all(demo: Demo) -> None:
    tree = process_tree(demo.process.pid)
    site = next(p for p in tree if b"atelier.localhost" in Path(f"/proc/{p}/cmdline").read_bytes())
    kill_tree(site)
    assert demo.process.wait(120) == 1
    assert "▲ Troth of Atelier Passerelle has ended by itself" in demo.printed
    assert [process for process in tree if process_tree(process)] == []


def its_sites_do_not_outlive_it_even_when_it_is_killed(demo: Demo) -> None:
    tree = process_tree(demo.process.pid)
    sites = [p for p in tree if b"serve" in Path(f"/proc/{p}/cmdline").read_bytes()]
    assert len(sites) >= 2
    assert demo.end(signal.SIGKILL) == -signal.SIGKILL
    if sys.platform == "linux":  # only Linux tells of a parent's death
        while any(process_tree(site) for site in sites):
            time.sleep(0.1)


def another_is_refused_the_folder_of(demo: Demo) -> None:
    refused = subprocess.run(
        [sys.executable, "-m", "troth.cli.main", "demo", "--check"], cwd=demo.cwd,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert refused.returncode == 2
    assert "a demo is running in .demo" in refused.stderr


def test_two_run_side_by_side_and_however_they_end_nothing_is_left(tmp_path: Path) -> None:
    """In one test, for each start takes as long as all that is asked of it."""
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    with running(tmp_path / "one") as one, running(tmp_path / "two") as two:
        one.await_text(UP)
        mail_is_read_in_the_view_and_kept_in_no_file(one)  # before the story empties the box
        two.await_text(UP)
        ours, theirs = ({port for _, port in demo.addresses.values()} for demo in (one, two))
        assert len(ours) == len(theirs) == 5
        assert not ours & theirs
        assert re.search(r"Port 84\d\d is taken by something else; .* is on \d+\.", one.printed + two.printed)
        assert two.get("Maison Verdier: the policy", "/readyz")[0] == 200
        its_sites_do_not_outlive_it_even_when_it_is_killed(two)
        another_is_refused_the_folder_of(one)
        assert one.get("Maison Verdier: the policy", "/readyz")[0] == 200
        a_site_that_dies_ends_it_all(one)
