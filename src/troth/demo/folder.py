"""The folder of the demo: made by it, marked as its own, and the only place it writes to."""

from __future__ import annotations

import shutil
from datetime import date
from importlib import resources
from pathlib import Path

from troth.core.errors import UsageError
from troth.demo.generate import EXAMPLES, Example, generate

MARK = ".troth-demo"
_MARK_TEXT = "Made by `troth demo`, which may delete and make again the folders of the examples beside this file.\n"


def set_up(folder: Path, as_of: date) -> dict[Example, Path]:
    """Make both examples afresh in ``folder``; where each lies.

    Raises UsageError when the folder holds anything and was not made by the demo.
    """
    _claim(folder)
    made: dict[Example, Path] = {}
    for example in EXAMPLES:
        home = folder / example
        _copy_policy(example, home)
        generate(home / "data", example, as_of)
        made[example] = home
    return made


def _claim(folder: Path) -> None:
    try:
        if folder.exists() and not folder.is_dir():
            raise UsageError(f"{folder} is not a folder", remedy="name another one with --dir")
        folder.mkdir(parents=True, exist_ok=True)
        mark = folder / MARK
        if any(folder.iterdir()) and not mark.is_file():
            raise UsageError(
                f"{folder} holds files that the demo did not make; nothing was touched",
                remedy="name an empty folder, or one that does not exist yet, with --dir",
            )
        mark.write_text(_MARK_TEXT, encoding="utf-8")
        for example in EXAMPLES:
            _remove(folder / example)
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
    source = policy_source(example)
    home.mkdir(parents=True)
    for file in sorted([*source.glob("*.yaml"), *source.glob("*.md")]):
        shutil.copyfile(file, home / file.name)
