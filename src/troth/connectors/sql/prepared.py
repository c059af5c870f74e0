"""Statements made once and run again with other keys.

The same questions are asked of every person, with other keys: composing such a statement costs many times
what the database takes to answer it. So whole numbers that stand as keys are lifted out of a condition; what
is left tells which statement it is. Conditions with other keys are compiled each time.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import Dialect
from sqlalchemy.sql.compiler import ExpandedState
from sqlalchemy.sql.elements import ClauseElement

from troth.connectors.sql.binding import Slot, Unliftable
from troth.connectors.sql.logic import Test
from troth.core.query import And, Differs, Expr, Given, KeyIn, KeySpan, Not, Or, Related

if TYPE_CHECKING:
    from troth.connectors.sql.compile import Compiler
    from troth.connectors.sql.line import Answer, Line

Asked = Sequence[tuple[str, Expr]]
"""Collections with conditions about their rows."""
Build = Callable[[list[Test]], Any]
BuildSame = Callable[[Sequence[Any]], Any]

MOST = 500
"""Statements that are remembered; a policy has a few dozen."""
MOST_KEYS = 40
"""Keys of one list that are lifted; longer lists go to the engine in another form anyway."""
_LARGEST = 2**63


class Prepared:
    """A statement as the driver takes it; ``slots`` tells which parameters are filled by which value."""

    __slots__ = ("_named", "_ordered", "_slots", "_text")

    def __init__(self, statement: ClauseElement, dialect: Dialect, values: Mapping[str, Any] | None = None) -> None:
        compiled: Any = statement.compile(dialect=dialect)
        state: ExpandedState = compiled.construct_expanded_state(values)
        bound: dict[Any, Any] = {
            name: state.processors[name](value) if name in state.processors and not isinstance(value, Slot) else value
            for name, value in state.parameters.items()
        }
        self._ordered: list[Any] | None = None
        if state.positiontup is not None:
            self._ordered = [bound[name] for name in state.positiontup]
            bound = dict(enumerate(self._ordered))
        self._named = bound
        self._text = state.statement
        self._slots = tuple((name, value.number) for name, value in bound.items() if isinstance(value, Slot))

    def run(self, line: Line, values: Sequence[Any] = (), cursor: Any = None) -> Answer:
        """Send it with these values in its slots."""
        filled: Any = self._named.copy() if self._ordered is None else self._ordered.copy()
        for name, number in self._slots:
            filled[name] = values[number]
        return line.exec_driver_sql(self._text, filled if self._ordered is None else tuple(filled), cursor)


class Statements:
    """The statements of one compiler."""

    def __init__(self) -> None:
        self._known: dict[Hashable, Prepared | None] = {}

    @property
    def count(self) -> int:
        """How many are remembered."""
        return len(self._known)

    def run(self, compiler: Compiler, line: Line, asked: Asked, tag: Hashable, build: Build) -> Answer:
        """Run the statement that ``build`` makes of the conditions. ``tag`` tells it from others about the same
        conditions; nothing else may differ."""
        values: list[int] = []
        try:
            shape = (tag, tuple((name, _lifted(expr, values)) for name, expr in asked))
            prepared = self._prepared(line, shape, lambda: composed(compiler, shape[1], build))
        except Unliftable:
            prepared = None
        if prepared is None:
            return line.execute(composed(compiler, asked, build))
        return prepared.run(line, values)

    def same(self, line: Line, tag: Hashable, values: Sequence[Any], build: BuildSame) -> Answer:
        """Run a statement that is the same for every ``tag`` but for these values, which the driver gets as they
        are."""
        prepared = self._prepared(line, tag, lambda: build([Slot(i) for i in range(len(values))]))
        if prepared is None:
            return line.execute(build(values))
        return prepared.run(line, values)

    def _prepared(self, line: Line, shape: Hashable, compose: Callable[[], ClauseElement]) -> Prepared | None:
        if shape in self._known:
            # Another thread may be making room just now.
            return self._known.get(shape)
        if len(self._known) >= MOST:
            self._known.clear()
        self._known[shape] = None
        prepared = self._known[shape] = Prepared(compose(), line.dialect)
        return prepared


def composed(compiler: Compiler, asked: Asked, build: Build) -> Any:
    """The statement about these rows."""
    return build([compiler.rows(name, expr) for name, expr in asked])


def _lifted(expr: Expr, values: list[int]) -> Expr:
    """The condition with its keys replaced by slots, their values appended. Raises Unliftable."""
    match expr:
        case KeyIn(columns, keys):
            if len(keys) > MOST_KEYS:
                raise Unliftable
            return KeyIn(columns, tuple(tuple(_slot(part, values) for part in key) for key in keys))
        case KeySpan(column, low, high):
            ends = [None if end is None else _slot(end, values) for end in (low, high)]
            return KeySpan(column, ends[0], ends[1])
        case And(parts):
            return And(tuple(_lifted(p, values) for p in parts))
        case Or(parts):
            return Or(tuple(_lifted(p, values) for p in parts))
        case Not(part):
            return Not(_lifted(part, values))
        case Related(hops, inner):
            return Related(hops, _lifted(inner, values))
        case Differs() | Given():
            # Somebody's own value: nothing to be remembered.
            raise Unliftable
        case _:
            return expr


def _slot(part: object, values: list[int]) -> Any:
    if not isinstance(part, int) or isinstance(part, bool) or not -_LARGEST <= part < _LARGEST:
        raise Unliftable
    if part not in values:
        values.append(part)
    return Slot(values.index(part))
