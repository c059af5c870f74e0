"""The good and bad policy files of these tests, and what is expected of each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from troth.core.policy.loader import Examined, examine

HERE = Path(__file__).parent
EXPECTATION = re.compile(r"# expect: (\w+)(?: at (\d+):(\d+))?(?: and (\w+))?( \(the schema refuses it too\))?$")


@dataclass(frozen=True)
class Bad:
    """A file with one fault: the code that must be told, its place, and whether JSON Schema can see it."""

    path: Path
    code: str
    place: tuple[int, int] | None
    also: str | None
    structural: bool


def good_files() -> list[Path]:
    return sorted((HERE / "good").glob("*.yaml"))


def bad_files() -> list[Bad]:
    return [_bad(path) for path in sorted((HERE / "bad").glob("*.yaml"))]


def _bad(path: Path) -> Bad:
    first = path.read_text("utf-8").splitlines()[0]
    match = EXPECTATION.match(first)
    assert match is not None, f"{path.name} does not say what it expects"
    place = (int(match[2]), int(match[3])) if match[2] else None
    return Bad(path, match[1], place, match[4], bool(match[5]))


def examined(source: bytes | str, name: str = "troth.yaml", files: dict[str, str] | None = None) -> Examined:
    """A policy given as text, with its included files by path."""
    others = files or {}

    def read(path: str) -> bytes:
        if path not in others:
            raise FileNotFoundError(path)
        return others[path].encode()

    data = source.encode() if isinstance(source, str) else source
    return examine(data, name=name, read=read, env={"SHOP": "sqlite:///shop.sqlite"})


def codes(found: Examined) -> list[str]:
    return [p.code for p in found.problems if p.severity == "error"]
