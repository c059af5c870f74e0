"""Reading a bundle line by line: shapes only, no judgement about what they say."""

from __future__ import annotations

from collections.abc import Callable, Set
from dataclasses import dataclass
from typing import TypeAlias

from troth.core.evidence.bundle import VERSION
from troth.core.evidence.canonical import JSON, NotCanonical, parse, respell
from troth.core.evidence.checkpoint import Checkpoint, parse_checkpoint
from troth.core.evidence.leaf import SALT_BYTES, Leaf, Opening, leaf_of
from troth.core.evidence.note import Note, from_b64


class BadLine(ValueError):
    """The line is not one of a bundle. ``code`` names the sentence that says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class HeaderLine:
    """The first line."""

    keys: tuple[str, ...]
    origin: str
    redacted: bool
    whole: bool


@dataclass(frozen=True, slots=True)
class LeafLine:
    """One event; ``data`` is what is hashed, ``proof`` is None in a whole log."""

    position: int
    data: bytes
    leaf: Leaf
    opening: Opening | None
    body: JSON
    proof: tuple[bytes, ...] | None


@dataclass(frozen=True, slots=True)
class CheckpointLine:
    """One checkpoint; ``consistency`` is None in a whole log."""

    checkpoint: Checkpoint
    note: Note
    consistency: tuple[bytes, ...] | None


@dataclass(frozen=True, slots=True)
class EndLine:
    """The last line: what should have come before it."""

    checkpoints: int
    leaves: int


Line: TypeAlias = HeaderLine | LeafLine | CheckpointLine | EndLine


def read_line(raw: bytes) -> Line:
    """One line of a bundle, with its newline. Raises BadLine for anything a bundle could not hold."""
    if not raw.endswith(b"\n"):
        raise BadLine("cut_line")
    try:
        value = parse(raw[:-1])
        if isinstance(value, dict):
            for key, reader in _READERS.items():
                if key in value:
                    return reader(value)
    except BadLine:
        raise
    except NotCanonical:
        raise BadLine("not_canonical") from None
    except (ValueError, KeyError, TypeError):
        raise BadLine("bad_shape") from None
    raise BadLine("bad_shape")


def _header(value: dict[str, JSON]) -> HeaderLine:
    _only(value, {"bundle", "keys", "origin", "redacted", "scope"})
    if type(value["bundle"]) is not int or value["bundle"] != VERSION:
        raise BadLine("unknown_version")
    if value["scope"] not in ("all", "part") or not isinstance(value["redacted"], bool):
        raise BadLine("bad_shape")
    keys = tuple(_text(key) for key in _list(value["keys"]))
    return HeaderLine(keys, _text(value["origin"]), value["redacted"], value["scope"] == "all")


def _leaf(value: dict[str, JSON]) -> LeafLine:
    opened = {"body", "salt"} & set(value)
    _only(value, {"leaf", "position"} | ({"body", "salt"} if opened else set()), {"proof"})
    leaf, opening = leaf_of(value["leaf"]), None
    if opened:
        if not isinstance(value["body"], dict):
            raise BadLine("bad_shape")
        opening = Opening(_bytes(value["salt"], SALT_BYTES), respell(value["body"]))
    proof = _hashes(value["proof"]) if "proof" in value else None
    return LeafLine(_count(value["position"]), leaf.encode(), leaf, opening, value.get("body"), proof)


def _checkpoint(value: dict[str, JSON]) -> CheckpointLine:
    _only(value, {"checkpoint"}, {"consistency"})
    checkpoint, note = parse_checkpoint(_text(value["checkpoint"]))
    proof = _hashes(value["consistency"]) if "consistency" in value else None
    return CheckpointLine(checkpoint, note, proof)


def _end(value: dict[str, JSON]) -> EndLine:
    _only(value, {"checkpoints", "end", "leaves"})
    if value["end"] is not True:
        raise BadLine("bad_shape")
    return EndLine(_count(value["checkpoints"]), _count(value["leaves"]))


_READERS: dict[str, Callable[[dict[str, JSON]], Line]] = {
    "bundle": _header,
    "leaf": _leaf,
    "checkpoint": _checkpoint,
    "end": _end,
}


def _only(value: dict[str, JSON], needed: set[str], allowed: Set[str] = frozenset()) -> None:
    if not needed <= set(value) <= needed | allowed:
        raise BadLine("bad_shape")


def _text(value: JSON) -> str:
    if not isinstance(value, str):
        raise BadLine("bad_shape")
    return value


def _list(value: JSON) -> list[JSON]:
    if not isinstance(value, list):
        raise BadLine("bad_shape")
    return value


def _count(value: JSON) -> int:
    if type(value) is not int or value < 0:
        raise BadLine("bad_shape")
    return value


def _bytes(value: JSON, length: int) -> bytes:
    raw = from_b64(_text(value))
    if len(raw) != length:
        raise BadLine("bad_shape")
    return raw


def _hashes(value: JSON) -> tuple[bytes, ...]:
    return tuple(_bytes(item, 32) for item in _list(value))
