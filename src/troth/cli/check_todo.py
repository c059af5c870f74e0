"""What a draft still leaves open: the comments that say ``TODO``, in the order of the file."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_TODO = re.compile(r"#(?:\s*|.*[;.]\s)TODO(?:\s*:\s*(.*)|\s*)$")
_MOST_LINES = 5
"""Lines that are named for one thing to decide; the rest is counted."""
_SPEECH: Mapping[str, tuple[str, str, str, str]] = {
    "en": ("Still to be decided in this file, from top to bottom:", "line", "lines", "and {count} more"),
    "fr": ("Reste à décider dans ce fichier, de haut en bas\u00a0:", "ligne", "lignes", "et {count} autres"),
}


@dataclass(frozen=True, slots=True)
class Todo:
    """One thing to decide, and the lines on which it stands. ``text`` is the comment behind the mark, or what stands
    before it where the comment says no more."""

    text: str
    lines: tuple[int, ...]


def todos(source: str) -> list[Todo]:
    """The open things of a policy file, the first in the file first; the same words are told once."""
    found: dict[str, list[int]] = {}
    for number, line in enumerate(source.splitlines(), 1):
        match = _TODO.search(line)
        if match is not None:
            found.setdefault((match[1] or "").strip() or line[: match.start()].strip(), []).append(number)
    return [Todo(text, tuple(lines)) for text, lines in found.items()]


def told(open_things: Sequence[Todo], speech: str) -> str:
    """The list, for people; empty when nothing is open."""
    if not open_things:
        return ""
    heading, one, several, more = _SPEECH[speech]
    colon = "\u00a0:" if speech == "fr" else ":"
    lines = [heading]
    for each in open_things:
        named = ", ".join(map(str, each.lines[:_MOST_LINES]))
        if len(each.lines) > _MOST_LINES:
            named += " " + more.format(count=len(each.lines) - _MOST_LINES)
        lines.append(f"  {several if len(each.lines) > 1 else one} {named}{colon} {each.text}")
    return "\n".join(lines)
