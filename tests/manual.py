"""What stands in a page of the documentation: its blocks, and the commands of its consoles with what they print."""

from __future__ import annotations

import re

Command = tuple[str, str]
"""A command line and what the page says it prints."""


def blocks(page: str, language: str) -> list[str]:
    """The fenced blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)


def commands(page: str) -> list[Command]:
    """The commands of all console blocks, each with its output."""
    found = []
    for block in blocks(page, "console"):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            line, _, output = part.partition("\n")
            found.append((line, output.strip("\n")))
    return found


def shown(expected: str, printed: str) -> bool:
    """Whether this was printed; ``…`` alone on a line stands for any lines, within one for anything in it."""
    lines = expected.split("\n")
    pattern = "".join(
        r"(?:[^\n]*\n)*?" if line.strip() == "…" else ".*?".join(map(re.escape, line.split("…"))) + "\n"
        for line in lines
    )
    return re.fullmatch(pattern, printed.strip("\n") + "\n") is not None
