"""The folder of the demo: made by it, marked as its own, and the only place it writes to."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from importlib import resources
from pathlib import Path

from troth.core.errors import UsageError
from troth.demo.earlier import write_earlier
from troth.demo.generate import EXAMPLES, Example, generate

MARK = ".troth-demo"
LOGS = "logs"
SCRATCH = "tmp"
"""Where the demo's programs put what they do not mean to keep."""
_MARK_TEXT = (
    "Made by `troth demo`, which may delete and make again what it makes beside this file: story.txt and the folders\n"
    "maison, atelier, logs and tmp.\n"
)


def set_up(folder: Path, as_of: date) -> dict[Example, Path]:
    """Make both examples afresh in ``folder``; where each lies.

    Raises UsageError when the folder holds anything and was not made by the demo, or when a demo is running in it.
    """
    with claimed(folder):
        return make(folder, as_of)


@contextmanager
def claimed(folder: Path) -> Iterator[bool]:
    """Hold the folder for one demo alone; whether an earlier one has left something there.

    Raises UsageError when the folder holds anything and was not made by the demo, or when a demo is running in it.
    """
    with _written_to(folder):
        if folder.exists() and not folder.is_dir():
            raise UsageError(f"{folder} is not a folder", remedy="name another one with --dir")
        folder.mkdir(parents=True, exist_ok=True)
        mark = folder / MARK
        if any(folder.iterdir()) and not mark.is_file():
            raise UsageError(
                f"{folder} holds files that the demo did not make; nothing was touched",
                remedy="name an empty folder, or one that does not exist yet, with --dir",
            )
        file = mark.open("a+", encoding="utf-8")
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise UsageError(
                f"a demo is running in {folder}", remedy="end it with Ctrl-C, or name another folder with --dir"
            ) from None
        yield any((folder / example).exists() for example in EXAMPLES)


def make(folder: Path, as_of: date) -> dict[Example, Path]:
    """Both examples, in a folder that is claimed; where each lies. What an earlier demo left there is deleted.

    Raises UsageError when the folder cannot be written.
    """
    with _written_to(folder):
        (folder / MARK).write_text(_MARK_TEXT, encoding="utf-8")
        for name in (*EXAMPLES, LOGS, SCRATCH):
            _remove(folder / name)
        (folder / LOGS).mkdir()
        (folder / SCRATCH).mkdir()
        made: dict[Example, Path] = {}
        for example in EXAMPLES:
            home = folder / example
            _copy_policy(example, home)
            generate(home / "data", example, as_of)
            made[example] = home
        write_earlier(made["maison"])
    return made


@contextmanager
def _written_to(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UsageError(
            f"{folder} cannot be written: {(error.strerror or 'error').lower()}", remedy="name another one with --dir"
        ) from None


def _remove(home: Path) -> None:
    """A former run's example. A link is taken away, never what it leads to."""
    if home.is_symlink():
        home.unlink()
    elif home.exists():
        shutil.rmtree(home)


def policy_source(example: Example) -> Path:
    """Where the example's policy lies: in the installed package, or in a checkout beside ``src``.

    Raises UsageError when it is in neither.
    """
    installed = Path(str(resources.files("troth.demo"))) / "examples" / example
    checkout = Path(__file__).resolve().parents[3] / "examples" / example
    for place in (installed, checkout):
        if (place / "troth.yaml").is_file():
            return place
    raise UsageError(
        f"the policy of the example {example!r} is missing from this installation", remedy="install troth again"
    )


def _copy_policy(example: Example, home: Path) -> None:
    shutil.copytree(policy_source(example), home, copy_function=shutil.copyfile)
