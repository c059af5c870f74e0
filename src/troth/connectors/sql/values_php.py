"""PHP-serialised values: a real parser, since every string carries its length in bytes.

Replacing text in such a value breaks it. Here the value is read into a tree, changed there, and written again
with counts and lengths as they then are. Back references (``r:7;`` ``R:7;``) number the values in order, so
they are renumbered; one that would point at nothing is refused. So is whatever is not understood: a row is
reported rather than guessed at. Format: php.net, serialize(); numbering: ext/standard/var_unserializer.re.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from troth.connectors.sql.values_json import Unreadable
from troth.core.within import ABSENT

MAX_DEPTH = 200

_SCALAR = re.compile(rb"N;|b:[01];|i:[+-]?[0-9]+;|d:[^;]{1,60};")
_REFERENCE = re.compile(rb"([rR]):([0-9]+);")
_COUNT = re.compile(rb"([0-9]+):")


@dataclass(slots=True)
class Node:
    """One value. ``head`` is what stands before its members, or the whole of a scalar."""

    kind: str
    head: bytes
    slot: int = 0
    target: int = 0
    members: list[tuple[bytes, str, Node]] = field(default_factory=list)


class _Reader:
    """Reads one value from bytes; every value but ``R`` takes the next number, keys take none."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0
        self.slots = 0
        self.opaque = False
        self.references = False

    def value(self, depth: int = 0) -> Node:
        if depth > MAX_DEPTH:
            raise Unreadable("a serialised value nested too deeply")
        kind = self.data[self.at : self.at + 1]
        if kind != b"R":
            self.slots += 1
        slot = self.slots
        if kind in b"NbidrR" and kind:
            return self._plain(slot)
        reader = {b"s": self._string, b"a": self._array, b"O": self._object, b"E": self._enum, b"C": self._custom}
        if kind not in reader:
            raise Unreadable("a serialised value of an unknown kind")
        node: Node = reader[kind](depth)
        node.slot = slot
        return node

    def _plain(self, slot: int) -> Node:
        if match := _REFERENCE.match(self.data, self.at):
            self.at = match.end()
            self.references = True
            return Node(match[1].decode(), b"", slot if match[1] == b"r" else 0, int(match[2]))
        match = _SCALAR.match(self.data, self.at)
        if match is None:
            raise Unreadable("a serialised number that cannot be read")
        self.at = match.end()
        return Node("scalar", match[0], slot)

    def _string(self, depth: int) -> Node:
        return Node("string", self._quoted(b"s:") + self._literal(b";"))

    def _enum(self, depth: int) -> Node:
        return Node("scalar", self._quoted(b"E:") + self._literal(b";"))

    def _array(self, depth: int) -> Node:
        self._literal(b"a:")
        return self._members(Node("array", b"a:"), depth)

    def _object(self, depth: int) -> Node:
        head = self._quoted(b"O:") + self._literal(b":")
        return self._members(Node("object", head), depth)

    def _custom(self, depth: int) -> Node:
        start = self.at
        self._quoted(b"C:")
        self._literal(b":")
        length = self._count()
        self._literal(b"{")
        self.at += length
        self._literal(b"}")
        self.opaque = True
        return Node("scalar", self.data[start : self.at])

    def _members(self, node: Node, depth: int) -> Node:
        count = self._count()
        self._literal(b"{")
        for _ in range(count):
            raw, name = self._key()
            node.members.append((raw, name, self.value(depth + 1)))
        self._literal(b"}")
        return node

    def _key(self) -> tuple[bytes, str]:
        start = self.at
        if self.data[start : start + 1] == b"i":
            self._plain(0)
            raw = self.data[start : self.at]
            return raw, raw[2:-1].decode()
        raw = self._quoted(b"s:") + self._literal(b";")
        name = raw.split(b'"', 1)[1][:-2]
        # Protected and private members are named "\0*\0name" and "\0Class\0name".
        return raw, name.rpartition(b"\x00")[2].decode("utf-8", "surrogateescape")

    def _quoted(self, mark: bytes) -> bytes:
        start = self.at
        self._literal(mark)
        length = self._count()
        self._literal(b'"')
        self.at += length
        self._literal(b'"')
        return self.data[start : self.at]

    def _count(self) -> int:
        match = _COUNT.match(self.data, self.at)
        if match is None or len(match[1]) > 10:
            raise Unreadable("a serialised value without a length")
        self.at = match.end()
        return int(match[1])

    def _literal(self, wanted: bytes) -> bytes:
        if self.data[self.at : self.at + len(wanted)] != wanted:
            raise Unreadable("a serialised value whose lengths do not fit")
        self.at += len(wanted)
        return wanted


def parse(raw: object) -> Node:
    """The tree of a whole serialised value. Raises Unreadable."""
    if isinstance(raw, str):
        raw = raw.encode("utf-8", "surrogateescape")
    if not isinstance(raw, bytes | bytearray | memoryview):
        raise Unreadable("a value that is not text")
    reader = _Reader(bytes(raw))
    node = reader.value()
    if reader.at != len(reader.data):
        raise Unreadable("a serialised value with something after it")
    if reader.opaque and reader.references:
        # What a class writes for itself may take numbers of its own.
        raise Unreadable("a class's own format together with references")
    return node


def serialise(node: Node) -> bytes:
    """The bytes of a tree, with its references renumbered. Raises Unreadable when one points at nothing."""
    numbers: dict[int, int] = {}
    _number(node, numbers, [0])
    return _written(node, numbers)


def _number(node: Node, numbers: dict[int, int], last: list[int]) -> None:
    if node.kind != "R":
        last[0] += 1
        if node.slot:
            numbers[node.slot] = last[0]
    for _, _, child in node.members:
        _number(child, numbers, last)


def _written(node: Node, numbers: dict[int, int]) -> bytes:
    if node.kind in ("r", "R"):
        if node.target not in numbers:
            raise Unreadable("a reference to a value that is taken out")
        return f"{node.kind}:{numbers[node.target]};".encode()
    if node.kind in ("array", "object"):
        inner = b"".join(raw + _written(child, numbers) for raw, _, child in node.members)
        return node.head + str(len(node.members)).encode() + b":{" + inner + b"}"
    return node.head


def values_at(raw: object, path: Sequence[str]) -> list[object]:
    """Every value at the path, as Python has it. Raises Unreadable."""
    if raw is None or raw in ("", b""):
        return []
    found: list[Node] = []

    def note(node: Node) -> Node:
        found.append(node)
        return node

    _walk(parse(raw), path, note)
    return [plain(node) for node in found]


def rewritten(raw: object, path: Sequence[str], new: object = ABSENT) -> bytes | None:
    """The serialised value with ``new``, or nothing, at the path. Raises Unreadable."""
    if raw is None or raw in ("", b""):
        return None if raw is None else b""
    tree = _walk(parse(raw), path, lambda node: None if new is ABSENT else _scalar(new))
    return None if tree is None else serialise(tree)


def _walk(node: Node, path: Sequence[str], change: Callable[[Node], Node | None]) -> Node | None:
    """The tree with ``change`` applied to every value at the path; None takes a value out."""
    if not path:
        return change(node)
    members = []
    for raw, name, child in node.members:
        kept: Node | None = _walk(child, path[1:], change) if path[0] in ("*", name) else child
        if kept is not None:
            members.append((raw, name, kept))
    node.members = members
    return node


def _scalar(value: object) -> Node:
    if value is None:
        return Node("scalar", b"N;")
    if isinstance(value, bool):
        return Node("scalar", f"b:{int(value)};".encode())
    if isinstance(value, int):
        return Node("scalar", f"i:{value};".encode())
    if isinstance(value, float):
        return Node("scalar", f"d:{value!r};".encode())
    data = str(value).encode("utf-8")
    return Node("string", b's:%d:"%s";' % (len(data), data))


def plain(node: Node) -> object:
    """A tree as Python values: arrays and objects as mappings, lists where the keys count from 0."""
    if node.kind in ("array", "object"):
        names = [name for _, name, _ in node.members]
        if node.kind == "array" and names == [str(i) for i in range(len(names))]:
            return [plain(child) for _, _, child in node.members]
        return {name: plain(child) for _, name, child in node.members}
    if node.kind == "string":
        return node.head.split(b'"', 1)[1][:-2].decode("utf-8", "replace")
    return _plain_scalar(node.head)


def _plain_scalar(head: bytes) -> object:
    text = head.decode("ascii", "replace")
    match text[:1]:
        case "b":
            return text[2] == "1"
        case "i":
            return int(text[2:-1])
        case "d":
            try:
                return float(text[2:-1].replace("INF", "inf").replace("NAN", "nan"))
            except ValueError:
                raise Unreadable("a serialised number that cannot be read") from None
        case _:
            return None
