"""Just enough of SQL's grammar to read what catalogues do not tell: CHECKs, ON CONFLICT, what triggers write.

SQLite and MariaDB keep these in the text of CREATE statements only. Words inside strings, comments and quoted
names never count as keywords here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

_STANDARD = r"""(?P<skip>\s+|--[^\n]*|/\*.*?(?:\*/|$))
    |(?P<string>'(?:[^']|'')*'?)"""
_BACKSLASH = r"""(?P<skip>\s+|--[^\n]*|\#[^\n]*|/\*.*?(?:\*/|$))
    |(?P<string>'(?:[^'\\]|''|\\.)*'?)"""
_COMMON = r"""
    |(?P<name>"(?:[^"]|"")*"?|`(?:[^`]|``)*`?|\[[^\]]*\]?)
    |(?P<word>[^\W\d][\w$]*)
    |(?P<number>\d[\w.]*)
    |(?P<sign>.)"""
_TOKENS = {
    escapes: re.compile(start + _COMMON, re.VERBOSE | re.DOTALL)
    for escapes, start in ((False, _STANDARD), (True, _BACKSLASH))
}
_TABLE_CONSTRAINTS = {"CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"}


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of SQL. ``text`` without quotes; ``word`` is the upper-case text of an unquoted word or sign."""

    kind: Literal["string", "name", "word", "number", "sign"]
    text: str

    @property
    def word(self) -> str:
        return self.text.upper() if self.kind in ("word", "sign") else ""


def tokens(sql: str, *, backslash: bool = False) -> list[Token]:
    """The pieces of a statement, without spaces and comments. ``backslash``: MariaDB's way with strings."""
    found = []
    for match in _TOKENS[backslash].finditer(sql):
        kind, text = match.lastgroup, match[0]
        if kind in (None, "skip"):
            continue
        if kind == "name":
            closing = {"[": "]"}.get(text[0], text[0])
            text = text[1:-1].replace(closing * 2, closing) if closing != "]" else text[1:-1]
        found.append(Token(kind, text))  # type: ignore[arg-type]  # the groups of the pattern
    return found


def _inside(pieces: Sequence[Token], start: int) -> int:
    """The index of the bracket that closes the one at ``start``."""
    depth = 0
    for index in range(start, len(pieces)):
        depth += {"(": 1, ")": -1}.get(pieces[index].word, 0)
        if depth == 0:
            return index
    return len(pieces)


@dataclass(frozen=True, slots=True)
class Reference:
    """A foreign key as a CREATE TABLE states it."""

    name: str
    columns: tuple[str, ...]
    target: str
    on_delete: str
    deferrable: bool


@dataclass(frozen=True, slots=True)
class TableText:
    """What a CREATE TABLE says that the catalogue does not."""

    checks: tuple[tuple[str, frozenset[str]], ...]
    """Name (or '') and every name that the expression holds."""
    references: tuple[Reference, ...]
    collations: dict[str, str]
    conflicts: frozenset[str]
    """Actions of ON CONFLICT clauses."""
    options: frozenset[str]
    """Words behind the closing bracket: WITHOUT, ROWID, STRICT, ENGINE …"""


def table_text(sql: str, *, backslash: bool = False) -> TableText:
    """Read a CREATE TABLE statement. Raises nothing: what is not understood is left out."""
    pieces = tokens(sql, backslash=backslash)
    start = next((i for i, t in enumerate(pieces) if t.word == "("), len(pieces))
    end = _inside(pieces, start)
    checks: list[tuple[str, frozenset[str]]] = []
    references: list[Reference] = []
    collations: dict[str, str] = {}
    conflicts: set[str] = set()
    for item in _items(pieces[start + 1 : end]):
        column = None if item[0].word in _TABLE_CONSTRAINTS else item[0].text
        checks += _checks(item)
        references += _references(item, column)
        conflicts |= _after(item, "ON", "CONFLICT")
        found = _after(item[1:], "COLLATE")
        if column is not None and found:
            collations[column] = min(found)
    options = frozenset(t.word for t in pieces[end + 1 :] if t.word)
    return TableText(tuple(checks), tuple(references), collations, frozenset(conflicts), options)


def _items(pieces: Sequence[Token]) -> list[list[Token]]:
    """The definitions between the commas of the outermost level."""
    items: list[list[Token]] = [[]]
    depth = 0
    for piece in pieces:
        depth += {"(": 1, ")": -1}.get(piece.word, 0)
        if piece.word == "," and depth == 0:
            items.append([])
        else:
            items[-1].append(piece)
    return [item for item in items if item]


def names_in(expression: str, columns: Iterable[str], *, backslash: bool = False) -> tuple[str, ...]:
    """The columns that an SQL expression names."""
    pieces = tokens(expression, backslash=backslash)
    found = {t.text.casefold() for t in pieces if t.kind in ("word", "name")}
    return tuple(c for c in columns if c.casefold() in found)


def _checks(item: Sequence[Token]) -> list[tuple[str, frozenset[str]]]:
    found = []
    for i, piece in enumerate(item):
        if piece.word == "CHECK" and i + 1 < len(item) and item[i + 1].word == "(":
            inner = item[i + 2 : _inside(item, i + 1)]
            name = item[i - 1].text if i >= 2 and item[i - 2].word == "CONSTRAINT" else ""
            names = frozenset(t.text.casefold() for t in inner if t.kind in ("word", "name"))
            found.append((name, names))
    return found


def _references(item: Sequence[Token], column: str | None) -> list[Reference]:
    found = []
    own = [column] if column is not None else []
    name = ""
    for i, piece in enumerate(item):
        if piece.word == "CONSTRAINT" and i + 1 < len(item):
            name = item[i + 1].text
        elif piece.word == "FOREIGN":
            opening = next((j for j in range(i, len(item)) if item[j].word == "("), len(item))
            own = [t.text for t in item[opening + 1 : _inside(item, opening)] if t.word != ","]
        elif piece.word == "REFERENCES" and i + 1 < len(item):
            found.append(_reference(name, tuple(own), item[i + 1 :]))
    return found


def _reference(name: str, columns: tuple[str, ...], rest: Sequence[Token]) -> Reference:
    words = [t.word for t in rest]
    # `db`.`table`: the last part is the table.
    target = rest[2].text if len(rest) > 2 and words[1] == "." else rest[0].text
    action = "no action"
    deferrable = False
    for i, word in enumerate(words):
        if word == "REFERENCES":
            break
        if word == "DELETE" and words[i - 1] == "ON":
            action = " ".join(words[i + 1 : i + (3 if words[i + 1 : i + 2] in (["SET"], ["NO"]) else 2)]).lower()
        if word == "DEFERRABLE" and words[i - 1] != "NOT":
            deferrable = True
    return Reference(name, columns, target, action, deferrable)


def _after(item: Sequence[Token], *words: str) -> set[str]:
    """The tokens that follow a run of keywords."""
    found = set()
    for i in range(len(item) - len(words)):
        if tuple(t.word for t in item[i : i + len(words)]) == words:
            found.add(item[i + len(words)].text.upper())
    return found


@dataclass(frozen=True, slots=True)
class TriggerText:
    """What a CREATE TRIGGER says. ``writes`` are tables (last part of the name) that its body changes."""

    timing: str
    event: Literal["insert", "update", "delete"] | None
    writes: frozenset[str]
    calls: bool
    may_skip: bool


def trigger_text(sql: str) -> TriggerText:
    """Read a CREATE TRIGGER statement (SQLite)."""
    pieces = tokens(sql)
    words = [t.word for t in pieces]
    header = words.index("ON") if "ON" in words else len(words)
    event = next((w.lower() for w in words[:header] if w in ("INSERT", "UPDATE", "DELETE")), None)
    timing = next((w.lower() for w in words[:header] if w in ("BEFORE", "AFTER", "INSTEAD")), "before")
    skips = any(w == "RAISE" and words[i + 2 : i + 3] == ["IGNORE"] for i, w in enumerate(words))
    body = pieces[header:]
    return TriggerText(timing, event, written(body), "CALL" in words, skips)  # type: ignore[arg-type]


def written(pieces: Iterable[Token]) -> frozenset[str]:
    """The tables that statements insert into, update, replace in or delete from."""
    found = set()
    tail = list(pieces)
    for i, piece in enumerate(tail):
        previous = tail[i - 1].word if i else ""
        if piece.word in ("INTO", "FROM") and _is_write(tail, i):
            found.add(_table_at(tail, i + 1))
        elif piece.word == "UPDATE" and previous not in ("FOR", "ON", "OF"):
            at = i + 3 if i + 1 < len(tail) and tail[i + 1].word == "OR" else i + 1
            while at < len(tail) and tail[at].word in ("LOW_PRIORITY", "IGNORE"):
                at += 1
            found.add(_table_at(tail, at))
    return frozenset(found - {""})


def _is_write(tail: Sequence[Token], index: int) -> bool:
    """Whether the INTO or FROM at ``index`` belongs to INSERT, REPLACE or DELETE."""
    before = [t.word for t in tail[max(0, index - 4) : index]]
    if tail[index].word == "FROM":
        return "DELETE" in before[-3:]
    return "INSERT" in before or "REPLACE" in before


def _table_at(tail: Sequence[Token], index: int) -> str:
    if index + 2 < len(tail) and tail[index + 1].word == ".":
        index += 2
    return tail[index].text if index < len(tail) and tail[index].kind in ("word", "name") else ""
