"""CSV by RFC 4180: UTF-8 with a byte order mark (spreadsheets guess wrongly without), CRLF, commas.

A text that a spreadsheet would run as a formula gets one apostrophe before it. To have the original back, take
one apostrophe off every text that ``is_guarded``; data.json has it untouched.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import BinaryIO

from troth.package.files import FileReference
from troth.package.values import Plain, dumps

BOM = b"\xef\xbb\xbf"

_FORMULA = re.compile(r"'*(?:[\t\r\n]|[\s\x00-\x1f\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20])")
_QUOTED = re.compile(r'[",\r\n\x00]|^\s|\s$')


def guard(text: str) -> str:
    """The text, with an apostrophe before it if a spreadsheet could take it for a formula (CWE-1236)."""
    return f"'{text}" if _FORMULA.match(text) else text


def is_guarded(text: str) -> bool:
    """Whether ``guard`` has put an apostrophe before this text."""
    return text.startswith("'") and _FORMULA.match(text) is not None


def cell(raw: object, value: Plain) -> str:
    """One cell: nothing for NULL, ``""`` for the empty text. ``raw`` is the value as it was read: what the
    database keeps as a number is a number, whatever it begins with."""
    if value is None:
        return ""
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, str):
        return _quoted(guard(value) if isinstance(raw, str) else value)
    if isinstance(value, FileReference):
        return _quoted(str(value["file"]))
    return _quoted(dumps(value))


def _quoted(text: str) -> str:
    if text and not _QUOTED.search(text):
        return text
    return '"' + text.replace('"', '""') + '"'


class CsvWriter:
    """One collection."""

    def __init__(self, file: BinaryIO, columns: Sequence[str]) -> None:
        self._file = file
        file.write(BOM)
        self.line(_quoted(guard(name)) for name in columns)

    def line(self, cells: Iterable[str]) -> None:
        """Write one line of finished cells."""
        text = ",".join(cells)
        # A single empty cell would be an empty line, which readers skip.
        self._file.write((text or '""').encode("utf-8", "replace") + b"\r\n")
