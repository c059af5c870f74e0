"""YAML to a tree of nodes that know their place.

The parser is ruamel.yaml's; the rules for scalars are our own, because YAML 1.1 readers take ``NO`` for
false and ``0612`` for 394, and a privacy officer should not have to know. What cannot be read in one way only
is an error. Nothing here builds objects from tags.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from threading import Lock

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from troth.core.policy.model import Position
from troth.core.policy.problems import Problem, problem
from troth.core.policy.scalars import AmbiguousScalar, key_text, read_scalar
from troth.core.policy.text_source import decode
from troth.core.policy.tree import ListNode, MapNode, Node, ScalarNode

MAX_DEPTH = 60
ALIAS_BUDGET = 10_000
"""How many nodes aliases may add in all to what is written out."""

_VARIABLE_IN_BRACES = re.compile(r"[{\[].*(?<!['\"])\$\{")
"""``{url: ${URL}}``: inside braces YAML reads the variable's own as a mapping."""

_ADVICE = (
    ("cannot start any token", "syntax_character"),
    ("mapping values are not allowed", "syntax_colon"),
    ("could not find expected ':'", "syntax_key"),
    ("unexpected end of stream", "syntax_quote"),
    ("unexpected document separator", "syntax_quote"),
    ("expected ',' or", "syntax_bracket"),
    ("expected <block end>", "syntax_indent"),
    ("expected '<document start>'", "syntax_indent"),
    ("unknown escape", "syntax_escape"),
    ("escape sequence", "syntax_escape"),
)


class _Stop(Exception):
    """Reading cannot go on."""


@dataclass(slots=True)
class _Open:
    """A collection whose end has not been read yet."""

    node: MapNode | ListNode
    anchor: str | None
    key: tuple[str, Position] | None = None
    wants_key: bool = True
    size: int = 1
    place: str = ""


def read_tree(source: bytes, name: str) -> tuple[MapNode | None, list[Problem]]:
    """The file's tree, or None when it cannot be read at all, and everything wrong with it.

    The tree may be returned together with problems: then they concern single values, which are left out.
    """
    text, problems = decode(source, name)
    if text is None:
        return None, problems
    builder = _Builder(name)
    try:
        builder.run(text)
    except _Stop:
        pass
    except MarkedYAMLError as error:
        builder.problems.append(_syntax_problem(error, text, name))
    except (ValueError, AssertionError, LookupError, RecursionError, AttributeError, TypeError):
        # The parser trips over some malformed input instead of reporting it.
        builder.problems.append(problem("syntax", Position(name, *builder.last)))
    else:
        return _finish(builder, name)
    return None, builder.problems


def _finish(builder: _Builder, name: str) -> tuple[MapNode | None, list[Problem]]:
    root = builder.root
    if root is None or (isinstance(root, ScalarNode) and root.value is None):
        builder.problems.append(problem("empty", Position(name, 1, 1)))
    elif not isinstance(root, MapNode):
        builder.problems.append(problem("not_a_mapping", root.at))
    else:
        return root, builder.problems
    return None, builder.problems


def _syntax_problem(error: MarkedYAMLError, text: str, name: str) -> Problem:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    said = f"{error.problem or ''} {error.context or ''}"
    lines = text.split("\n")
    shown = lines[line - 1] if line <= len(lines) else ""
    if "\t" in shown[: len(shown) - len(shown.lstrip())] or shown[column - 1 : column] == "\t":
        return problem("tab_indent", Position(name, line, column))
    if _VARIABLE_IN_BRACES.search(shown):
        return problem("syntax_variable", Position(name, line, column))
    code = next((code for words, code in _ADVICE if words in said), "syntax")
    if code == "syntax_quote" and error.context_mark is not None:
        line, column = error.context_mark.line + 1, error.context_mark.column + 1
    return problem(code, Position(name, line, column))


@dataclass
class _Builder:
    """Turns parser events into nodes. A loop with a stack of its own: depth cannot exhaust Python's."""

    name: str
    root: Node | None = None
    problems: list[Problem] = field(default_factory=list)
    last: tuple[int, int] = (1, 1)
    stack: list[_Open] = field(default_factory=list)
    anchors: dict[str, tuple[Node, int]] = field(default_factory=dict)
    documents: int = 0
    expanded: int = 0

    def run(self, text: str) -> None:
        for event in _events(text):
            mark = event.start_mark
            self.last = (mark.line + 1, mark.column + 1)
            self._take(event)

    def _at(self) -> Position:
        return Position(self.name, *self.last)

    def _complain(self, code: str, **params: str) -> None:
        self.problems.append(problem(code, self._at(), **params))

    def _stop(self, code: str, **params: str) -> None:
        self._complain(code, **params)
        raise _Stop

    def _take(self, event: Event) -> None:
        if isinstance(event, ScalarEvent):
            self._scalar(event)
        elif isinstance(event, MappingStartEvent | SequenceStartEvent):
            self._open(event)
        elif isinstance(event, MappingEndEvent | SequenceEndEvent):
            self._close()
        elif isinstance(event, AliasEvent):
            self._alias(event)
        elif isinstance(event, DocumentStartEvent):
            self._document(event)

    def _document(self, event: DocumentStartEvent) -> None:
        self.documents += 1
        if self.documents > 1:
            self._stop("several_documents")
        if event.version or event.tags:
            self._stop("directive")

    def _open(self, event: MappingStartEvent | SequenceStartEvent) -> None:
        self._refuse_tag(event)
        if len(self.stack) >= MAX_DEPTH:
            self._stop("too_deep", depth=str(MAX_DEPTH))
        at = self._at()
        node: MapNode | ListNode = MapNode(at) if isinstance(event, MappingStartEvent) else ListNode(at)
        if self.stack and isinstance(self.stack[-1].node, MapNode) and self.stack[-1].wants_key:
            self._stop("key_not_text")
        self.stack.append(_Open(node, event.anchor))

    def _close(self) -> None:
        opened = self.stack.pop()
        if opened.anchor:
            self.anchors[opened.anchor] = (opened.node, opened.size)
        self._add(opened.node, opened.size)

    def _alias(self, event: AliasEvent) -> None:
        anchor = str(event.anchor)
        if any(o.anchor == anchor for o in self.stack):
            self._stop("alias_recursive", name=anchor)
        if anchor not in self.anchors:
            self._stop("alias_unknown", name=anchor)
        node, size = self.anchors[anchor]
        self.expanded += size
        if self.expanded > ALIAS_BUDGET:
            self._stop("alias_bomb", limit=str(ALIAS_BUDGET))
        if self._key_expected():
            self._stop("key_not_text")
        self._add(node, size)

    def _key_expected(self) -> bool:
        return bool(self.stack) and isinstance(self.stack[-1].node, MapNode) and self.stack[-1].wants_key

    def _scalar(self, event: ScalarEvent) -> None:
        self._refuse_tag(event)
        plain = not event.style
        if self._key_expected():
            self._key(str(event.value), plain)
            return
        at = self._at()
        try:
            value = read_scalar(str(event.value), plain=plain)
        except AmbiguousScalar as error:
            self._complain(error.code, **error.params)
            node = ScalarNode(at, str(event.value), broken=True)
        else:
            node = ScalarNode(at, value)
        if event.anchor:
            self.anchors[str(event.anchor)] = (node, 1)
        self._add(node, 1)

    def _key(self, text: str, plain: bool) -> None:
        opened = self.stack[-1]
        at = self._at()
        if plain and text == "<<":
            self._stop("merge_key")
        try:
            key = key_text(text, plain=plain)
        except AmbiguousScalar as error:
            self._complain(error.code, **error.params)
            key = text
        opened.key, opened.wants_key = (key, at), False

    def _add(self, node: Node, size: int) -> None:
        if not self.stack:
            self.root = node
            return
        opened = self.stack[-1]
        opened.size += size
        if isinstance(opened.node, ListNode):
            opened.node.items.append(node)
            return
        if opened.key is None:
            self._stop("key_not_text")
            return
        key, at = opened.key
        opened.wants_key = True
        if key in opened.node.entries:
            first = opened.node.entries[key][0]
            self.problems.append(problem("duplicate_key", at, key=key, first=f"{first.file}:{first.line}"))
        else:
            opened.node.entries[key] = (at, node)

    def _refuse_tag(self, event: ScalarEvent | MappingStartEvent | SequenceStartEvent) -> None:
        if event.ctag is not None and str(event.ctag):
            self._stop("unknown_tag", tag=str(event.ctag)[:60])


class _Memory:
    """The events of the files read last. A policy is read often and changes seldom, and parsing is most of it."""

    room = 400_000
    """So many characters of text, of which the events take some twenty megabytes."""

    def __init__(self) -> None:
        self._events: dict[str, tuple[Event, ...]] = {}
        self._used = 0
        self._lock = Lock()

    def get(self, text: str) -> tuple[Event, ...] | None:
        with self._lock:
            events = self._events.pop(text, None)
            if events is not None:
                self._events[text] = events  # last in the order: the last to go
            return events

    def keep(self, text: str, events: tuple[Event, ...]) -> None:
        if len(text) > self.room // 2:
            return
        with self._lock:
            self._used += 0 if text in self._events else len(text)
            self._events[text] = events
            while self._used > self.room:
                oldest = next(iter(self._events))
                self._used -= len(oldest)
                del self._events[oldest]


_MEMORY = _Memory()


def _events(text: str) -> Iterator[Event]:
    """What the parser finds, as far as it is asked; a text that it could read to its end is remembered."""
    known = _MEMORY.get(text)
    if known is not None:
        yield from known
        return
    reader = YAML(typ="safe", pure=True)
    found = []
    for event in reader.parse(text):
        found.append(event)
        yield event
    _MEMORY.keep(text, tuple(found))
