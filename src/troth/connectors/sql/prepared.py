"""Statements made once and run again with other keys.

The same questions are asked of every person, with other keys: composing such a statement costs many times
what the database takes to answer it. So whole numbers that stand as keys are lifted out of a condition; what
is left tells which statement it is. Conditions with other keys are compiled each time.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, CursorResult, Select
from sqlalchemy.sql.compiler import ExpandedState

from troth.connectors.sql.binding import Slot, Unliftable
from troth.connectors.sql.logic import Test
from troth.core.query import And, Expr, KeyIn, KeySpan, Not, Or, Related

if TYPE_CHECKING:
    from troth.connectors.sql.compile import Compiler

Asked = Sequence[tuple[str, Expr]]
"""Collections with conditions about their rows."""
Build = Callable[[list[Test]], Select[Any]]
Options = Mapping[str, Any]
_NONE: Options = {}

MOST = 500
"""Statements that are remembered; a policy has a few dozen."""
MOST_KEYS = 40
"""Keys of one list that are lifted; longer lists go to the engine in another form anyway."""
_LARGEST = 2**63


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A statement as the driver takes it; ``slots`` tells which parameters are filled by which value."""

    text: str
    parameters: dict[Any, Any]
    slots: tuple[tuple[Any, int], ...]
    positional: bool

    def run(self, connection: Connection, values: Sequence[int], options: Options) -> CursorResult[Any]:
        filled = self.parameters | {name: values[number] for name, number in self.slots}
        given: Any = tuple(filled.values()) if self.positional else filled
        return connection.exec_driver_sql(self.text, given, execution_options=options)


class Statements:
    """The statements of one compiler."""

    def __init__(self) -> None:
        self._known: dict[Hashable, _Prepared | None] = {}

    @property
    def count(self) -> int:
        """How many are remembered."""
        return len(self._known)

    def run(
        self,
        compiler: Compiler,
        connection: Connection,
        asked: Asked,
        tag: Hashable,
        build: Build,
        options: Options = _NONE,
    ) -> CursorResult[Any]:
        """Run the statement that ``build`` makes of the conditions. ``tag`` tells it from others about the same
        conditions; nothing else may differ. ``options`` are those of SQLAlchemy for one execution."""
        values: list[int] = []
        try:
            shape = (tag, tuple((name, _lifted(expr, values)) for name, expr in asked))
            prepared = self._prepared(compiler, connection, shape, build)
        except Unliftable:
            prepared = None
        if prepared is None:
            statement = build([compiler.rows(name, expr) for name, expr in asked])
            return connection.execute(statement, execution_options=options)
        return prepared.run(connection, values, options)

    def _prepared(
        self, compiler: Compiler, connection: Connection, shape: tuple[Hashable, Any], build: Build
    ) -> _Prepared | None:
        if shape not in self._known:
            if len(self._known) >= MOST:
                self._known.clear()
            self._known[shape] = None
            statement = build([compiler.rows(name, expr) for name, expr in shape[1]])
            self._known[shape] = _compiled(statement, connection)
        return self._known[shape]


def _compiled(statement: Select[Any], connection: Connection) -> _Prepared:
    state: ExpandedState = statement.compile(dialect=connection.dialect).construct_expanded_state()
    parameters: dict[Any, Any] = {
        name: state.processors[name](value) if name in state.processors and not isinstance(value, Slot) else value
        for name, value in state.parameters.items()
    }
    if state.positiontup is not None:
        parameters = dict(enumerate(parameters[name] for name in state.positiontup))
    slots = tuple((name, value.number) for name, value in parameters.items() if isinstance(value, Slot))
    return _Prepared(state.statement, parameters, slots, state.positiontup is not None)


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
        case _:
            return expr


def _slot(part: object, values: list[int]) -> Any:
    if not isinstance(part, int) or isinstance(part, bool) or not -_LARGEST <= part < _LARGEST:
        raise Unliftable
    if part not in values:
        values.append(part)
    return Slot(values.index(part))
