"""A package is in place whole or not at all, replaces nothing unasked, and leaves nothing behind."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from troth.core.errors import TrothError, UsageError
from troth.package.files import create
from troth.package.folder_or_zip import Destination

AT = datetime(2026, 11, 22, 8, 30, 4, tzinfo=UTC)


def put(path: Path, *, force: bool = False, content: bytes = b"{}") -> None:
    destination = Destination(path, force=force)
    with destination.workspace() as work:
        (work / "data.json").write_bytes(content)
        (work / "files").mkdir(mode=0o700)
        with create(work / "files" / "a.txt") as file:
            file.write(b"value")
        sealed = destination.seal(work, AT)
        assert not os.path.lexists(path) or force
        destination.publish(sealed)


def leftovers(folder: Path) -> list[str]:
    return [p.name for p in folder.iterdir() if p.name.startswith(".")]


def test_a_folder_is_private_and_nothing_else_is_left(tmp_path: Path) -> None:
    put(tmp_path / "out")
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "out" / "files" / "a.txt").read_bytes() == b"value"
    assert leftovers(tmp_path) == []


def test_a_zip_is_private_sorted_and_the_same_each_time(tmp_path: Path) -> None:
    put(tmp_path / "a.zip")
    put(tmp_path / "b.ZIP")
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.ZIP").read_bytes()
    assert (tmp_path / "a.zip").stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert archive.namelist() == ["data.json", "files/a.txt"]
        assert archive.testzip() is None
        assert all(info.external_attr >> 16 & 0o777 == 0o600 for info in archive.infolist())
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize("name", ["out", "out.zip"])
def test_what_is_there_is_replaced_only_with_force(tmp_path: Path, name: str) -> None:
    put(tmp_path / name)
    with pytest.raises(UsageError, match=r"is not empty|exists already"):
        put(tmp_path / name, content=b"new")
    put(tmp_path / name, content=b"new", force=True)
    if name == "out":
        assert (tmp_path / name / "data.json").read_bytes() == b"new"
    else:
        assert zipfile.ZipFile(tmp_path / name).read("data.json") == b"new"
    assert leftovers(tmp_path) == []


def test_force_does_not_remove_what_is_no_package(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "holiday.jpg").write_bytes(b"x")
    with pytest.raises(UsageError, match="other things than a package"):
        put(tmp_path / "photos", force=True)
    assert (tmp_path / "photos" / "holiday.jpg").exists()


def test_force_does_not_write_through_a_link(tmp_path: Path) -> None:
    put(tmp_path / "real.zip")
    for name, target in (("link.zip", "real.zip"), ("link", ".")):
        (tmp_path / name).symlink_to(tmp_path / target)
        with pytest.raises(UsageError, match="exists and is no"):
            put(tmp_path / name, force=True)


def test_an_empty_folder_may_be_filled(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir(mode=0o755)
    destination = Destination(tmp_path / "out")
    with destination.workspace() as work:
        (work / "data.json").write_text("{}")
        destination.publish(destination.seal(work, AT))
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o700


def test_a_missing_parent_is_said_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no folder"):
        Destination(tmp_path / "no" / "out").check()


def test_what_came_there_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    destination = Destination(tmp_path / "out.zip")
    with destination.workspace() as work:
        sealed = destination.seal(work, AT)
        (tmp_path / "out.zip").write_bytes(b"mine")
        with pytest.raises(UsageError, match="exists already"):
            destination.publish(sealed)
    assert (tmp_path / "out.zip").read_bytes() == b"mine"
    assert leftovers(tmp_path) == []


def fail(path: Path, error: Exception) -> None:
    with Destination(path).workspace() as work:
        (work / "data.json").write_text("half")
        raise error


def test_an_error_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        fail(tmp_path / "out", KeyError("x"))
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_said_in_our_words(tmp_path: Path) -> None:
    full = OSError(errno.ENOSPC, "No space left on device", "files/Ana.txt")
    with pytest.raises(TrothError, match="no space left on device; nothing was left there") as caught:
        fail(tmp_path / "out", full)
    assert "Ana" not in caught.value.message
    assert "make room" in caught.value.remedy
    assert list(tmp_path.iterdir()) == []


_DIES = """
import os, signal, sys
from pathlib import Path
from troth.package.folder_or_zip import Destination
path, force = Path(sys.argv[1]), sys.argv[2] == "force"
destination = Destination(path, force=force)
with destination.workspace() as work:
    (work / "data.json").write_text("secret half")
    if force:
        os.rename(path, work.parent / "old")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def die(path: Path, force: str = "") -> None:
    ended = subprocess.run([sys.executable, "-c", _DIES, str(path), force], check=False)
    assert ended.returncode == -signal.SIGKILL


def test_a_crash_leaves_no_half_package_and_the_next_run_clears_up(tmp_path: Path) -> None:
    die(tmp_path / "out")
    assert not (tmp_path / "out").exists()
    assert len(leftovers(tmp_path)) == 1
    put(tmp_path / "out")
    assert leftovers(tmp_path) == []


def test_a_crash_while_replacing_loses_nothing(tmp_path: Path) -> None:
    put(tmp_path / "out", content=b"old")
    die(tmp_path / "out", "force")
    assert not (tmp_path / "out").exists()
    with pytest.raises(UsageError, match="not empty"):
        put(tmp_path / "out", content=b"new")
    assert (tmp_path / "out" / "data.json").read_bytes() == b"old"


def test_a_run_under_way_is_left_alone(tmp_path: Path) -> None:
    with Destination(tmp_path / "out").workspace() as work:
        (work / "data.json").write_text("{}")
        put(tmp_path / "out.zip")
        put(tmp_path / "out", content=b"faster")
        assert (work / "data.json").exists()
