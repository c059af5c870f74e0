"""The real process: how it starts, where it refuses to, and how it ends without dropping anybody."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from pathlib import Path

import pytest

import nursery
from machine import free_port
from web.served import Served, clean, faulty, publisher, received, served


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return publisher(tmp_path / "maison")


def refused(folder: Path, *options: str, **environment: str) -> tuple[int, str]:
    """Exit code and words of a site that does not start."""
    words = ["serve", "--port", str(free_port()), *options]
    ran = nursery.run(words, cwd=folder, env={**clean(), **environment})
    return ran.returncode, ran.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_request_under_way_is_answered_before_the_end(folder: Path, number: signal.Signals) -> None:
    with served(folder, **faulty()) as site:
        answers: list[bytes] = []
        asking = threading.Thread(target=lambda: answers.append(site.ask("/slow?seconds=1.5").encode()))
        asking.start()
        time.sleep(0.5)
        assert site.stop(number) == 0
        asking.join()
        assert answers[0].startswith(b"HTTP/1.1 200")
        assert answers[0].endswith(b"done")
        assert site.lines("stop")
        with pytest.raises(ConnectionRefusedError):
            site.ask("/healthz")


def test_whoever_takes_longer_than_the_stated_time_is_dropped(folder: Path) -> None:
    with served(folder, "--grace", "1", **faulty()) as site:
        with socket.create_connection(("127.0.0.1", site.port)) as line:
            line.sendall(b"GET /slow?seconds=60 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            time.sleep(0.3)
            since = time.monotonic()
            assert site.stop() == 0
            assert received(line) == b""
        assert time.monotonic() - since < 30  # not sixty
        assert [told["said"] for told in site.lines("library")] == [
            "Killing worker-1 after it refused to gracefully stop"
        ]


def test_nothing_is_left_behind_after_the_end(folder: Path, tmp_path: Path) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    with served(folder, "--workers", "2", TMPDIR=str(temporary)) as site:
        tree = site.tree()
        assert len(tree) >= 3
        assert list(temporary.iterdir())
        assert site.stop() == 0
    assert not list(temporary.iterdir())
    assert not [pid for pid in tree if Path(f"/proc/{pid}").exists()]


def test_a_worker_that_dies_is_replaced(folder: Path, tmp_path: Path) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    with served(folder, TMPDIR=str(temporary)) as site:
        (counts,) = temporary.glob("troth-*/*.counts")
        worker = int(counts.stem)
        time.sleep(0.1)
        os.kill(worker, signal.SIGKILL)
        while "Unexpected exit from worker-1" not in site.said():
            time.sleep(0.05)
        assert site.ready().ask("/en/").startswith("HTTP/1.1 200")
        assert "Unexpected exit from worker-1" in {told.get("said") for told in site.lines("library")}
        assert site.stop() == 0


def test_a_port_that_is_taken_is_told_in_one_line_with_its_remedy(folder: Path) -> None:
    with served(folder) as site:
        code, said = refused(folder, "--port", str(site.port))
        assert code == 2
        assert (
            said.splitlines()[0]
            == f"error: cannot listen on 127.0.0.1, port {site.port}: another program listens there"
        )
        assert "--port" in said.splitlines()[1]
        assert len(said.splitlines()) == 2


@pytest.mark.parametrize(
    ("options", "environment", "word"),
    [
        (["--host", "192.0.2.1"], {}, "no such address"),
        (["--host", "example.org"], {}, "is not an address to listen on"),
        (["--port", "0"], {}, "--port"),
        (["--port", "70000"], {}, "--port"),
        (["--workers", "0"], {}, "--workers"),
        (["--grace", "0"], {}, "--grace"),
        (["--policy", "nowhere.yaml"], {}, "nowhere.yaml"),
        (["--database-url", "mysql://a:canary@b/c"], {}, "not one of PostgreSQL"),
        (["--database-url", "postgresql://a:canary@[b/c"], {}, "not one of PostgreSQL"),
        ([], {"TROTH_STATE_URL": "postgresql://a:canary@b"}, "not one of PostgreSQL"),
        ([], {"TROTH_STATE_URL_FILE": "/nowhere/url"}, "TROTH_STATE_URL_FILE names a file that cannot be read"),
        ([], {"TROTH_METRICS_TOKEN_FILE": "/nowhere/token"}, "TROTH_METRICS_TOKEN_FILE"),
        ([], {"TROTH_PROXIES": "proxy.example.org"}, "TROTH_PROXIES"),
        (["--site", "ftp://a.test"], {}, "not the address of a site"),
        (["--site", "https://"], {}, "not the address of a site"),
        (["--site", "https://[a.test"], {}, "not the address of a site"),
        ([], {"TROTH_HOSTS": "a.test,<b>"}, "not the address of a site"),
        ([], {"TROTH_LOG": "xml"}, "TROTH_LOG"),
        ([], {"TROTH_LOG_LEVEL": "loud"}, "TROTH_LOG_LEVEL"),
    ],
)  # fmt: skip
def test_what_cannot_work_is_refused_before_anything_starts(
    folder: Path, options: list[str], environment: dict[str, str], word: str
) -> None:
    code, said = refused(folder, *options, **environment)
    assert code == 2, said
    assert word in said
    assert "Traceback" not in said
    assert "canary" not in said


def test_a_folder_without_state_is_refused_with_the_remedy(folder: Path) -> None:
    code, said = refused(folder, "--state", "elsewhere")
    assert code == 1
    assert "troth keys init" in said
    assert not (folder / "elsewhere").exists()


def test_an_ipv6_address_can_be_listened_on(folder: Path) -> None:
    with served(folder) as site:
        other = Served(folder, "--host", "::1")
        try:
            while other.process.poll() is None:
                try:
                    with socket.create_connection(("::1", other.port)) as line:
                        line.sendall(b"GET /readyz HTTP/1.1\r\nHost: [::1]\r\nConnection: close\r\n\r\n")
                        assert received(line).startswith(b"HTTP/1.1 200")
                        break
                except OSError:
                    time.sleep(0.05)
            assert other.stop() == 0
        finally:
            site.stop()


def test_no_process_leaves_an_image_of_itself_when_it_crashes(folder: Path) -> None:
    with served(folder) as site:
        said = [Path(f"/proc/{process}/limits").read_text(encoding="ascii") for process in site.tree()]
    cores = [line.split()[4:6] for text in said for line in text.splitlines() if line.startswith("Max core file size")]
    assert len(cores) >= 3
    assert all(core == ["0", "0"] for core in cores)
