"""Bytes to text: what may stand in a policy file before anyone asks what it means."""

from __future__ import annotations

import codecs
import re

from troth.core.policy.model import Position
from troth.core.policy.problems import Problem, problem

MAX_BYTES = 5_000_000

_OTHER_MARKS = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)
"""Characters nobody sees: controls, line breaks that editors do not show, and those that make text run
backwards, so that a reviewer would read something else than what is executed."""


def decode(source: bytes, name: str) -> tuple[str | None, list[Problem]]:
    """The text of the file with plain line breaks, or None and why it cannot be read."""
    start = Position(name, 1, 1)
    if len(source) > MAX_BYTES:
        return None, [problem("too_large", start, limit="5 MB")]
    if source.startswith(_OTHER_MARKS):
        return None, [problem("not_utf8", start)]
    try:
        text = source.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    except UnicodeDecodeError as error:
        return None, [problem("not_utf8", _place(name, error.object[: error.start].decode("utf-8", "replace")))]
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    bad = FORBIDDEN.search(text)
    if bad:
        at = _place(name, text[: bad.start()])
        return None, [problem("control_character", at, character=f"U+{ord(bad[0]):04X}")]
    return text, []


def lines_of(source: bytes) -> list[str]:
    """The lines of a file for showing them, whatever its bytes."""
    text = source[:MAX_BYTES].removeprefix(codecs.BOM_UTF8).decode("utf-8", "replace")
    return [FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", line) for line in re.split("\r\n|\r|\n", text)]


def _place(name: str, before: str) -> Position:
    before = before.replace("\r\n", "\n").replace("\r", "\n")
    return Position(name, before.count("\n") + 1, len(before) - before.rfind("\n"))
