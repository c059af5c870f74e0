"""Conditions of ``core.query`` as SQL, each engine in the form that it can seek with.

Steps along links become nested ``IN`` where engines plan that well (SQLite drives it from the inside, MariaDB
makes a semi-join of it) and ``EXISTS`` on PostgreSQL, which never is NULL and so can be negated into an
anti-join. A step whose far end is exactly a list of keys needs no step: our own column holds those values.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import (
    FromClause,
    String,
    and_,
    cast,
    exists,
    false,
    not_,
    select,
    true,
    tuple_,
    type_coerce,
)  # fmt: skip

from troth.connectors.sql import clear, clocks, exact, keysets
from troth.connectors.sql.binding import NEVER, bind, fit
from troth.connectors.sql.logic import Test, either, every, not_met
from troth.connectors.sql.narrow import narrowed
from troth.connectors.sql.prepared import Statements
from troth.connectors.sql.tables import Column, Place, Places
from troth.core.policy.model import Clock, Condition, Field
from troth.core.query import (
    And,
    Before,
    Differs,
    Everything,
    Expr,
    Given,
    Hop,
    Identified,
    KeyIn,
    KeySpan,
    Not,
    NotClear,
    Nothing,
    Or,
    Readable,
    Related,
    Unreadable,
    Where,
)  # fmt: skip

MOST = 2_000
"""Composed conditions that are kept; a policy has a few hundred."""
_NUMBERS = frozenset({"integer", "number", "boolean"})
_TEXTS = frozenset({"text", "enum"})


class Compiler:
    """Compiles conditions for one store. Identifiers must have been resolved to keys before."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.engine = places.engine
        self.statements = Statements()
        self._composed: dict[tuple[FromClause, Expr], Test] = {}

    def rows(self, collection: str, expr: Expr, place: Place | None = None) -> Test:
        """The collection's rows that meet ``expr``, its own row filter included."""
        place = place or self.places[collection]
        return every(self._all(place, place.where), self.test(place, narrowed(self.places, place, expr)))

    def test(self, place: Place, expr: Expr) -> Test:
        """The condition about one row of ``place``; raises StoreChanged or StoreRefused."""
        match expr:
            case Everything():
                return true()
            case Nothing():
                return false()
            case And(parts):
                return every(*(self.test(place, p) for p in parts))
            case Or(parts):
                return either(*(self.test(place, p) for p in parts))
            case Not(part):
                return self._negated(place, part)
            case _:
                return self._once(place, expr)

    def _once(self, place: Place, expr: Expr) -> Test:
        """The same expression each time that the same is asked about the same table: the statements of a run repeat
        the same few, and composing them costs more than the database takes. Nobody's own values are kept."""
        if not _of_the_policy(expr):
            return self._plain(place, expr)
        known = self._composed.get((place.clause, expr))
        if known is None:
            known = self._plain(place, expr)
            if len(self._composed) >= MOST:
                self._composed.clear()
            self._composed[place.clause, expr] = known
        return known

    def _plain(self, place: Place, expr: Expr) -> Test:
        match expr:
            case Related(hops, inner):
                return self._related(place, hops, inner)
            case Where(condition):
                return self.condition(place, condition)
            case KeyIn(columns, keys):
                return keysets.among(self.engine, place, columns, keys)
            case KeySpan():
                return self._span(place, expr)
            case NotClear(fields):
                return either(*(self._not_clear(place, name) for name in fields))
            case Differs(name, value):
                return clear.differs_within(self.engine, place, self._field(place, name), value)
            case Before(clock, cutoff):
                return clocks.before(self.engine, place, clock, cutoff)
            case Readable(clock, from_):
                return clocks.readable(self.engine, place, clock, from_)
            case Unreadable(clock):
                return clocks.unreadable(self.engine, place, clock)
            case Identified():
                raise AssertionError("identifiers are resolved to keys before compiling")
            case _:
                raise AssertionError(f"a condition of an unknown kind: {type(expr).__name__}")

    def extremes(self, collection: str, clock: Clock) -> tuple[Column, Column]:
        """The earliest and latest readable value of the clock, as aggregates."""
        return clocks.extremes(self.engine, self.places[collection], clock)

    def told(self, clock: Clock, value: object) -> date | None:
        """The day that one of the ``extremes`` tells."""
        return clocks.told(clock, value)

    # --- tests of one column ---------------------------------------------------------------------------

    def condition(self, place: Place, condition: Condition) -> Test:
        """A fixed test. NULL is no value, so it is in no list, and in every ``not_in`` that does not name it."""
        column, facts = place.column(condition.column), place.facts_of(condition.column)
        if condition.op == "null":
            return column.is_(None)
        if condition.op == "not_null":
            return column.is_not(None)
        values = [fit(self.engine, facts, v) for v in condition.values]
        if condition.op in ("in", "not_in"):
            within = keysets.any_value(self.engine, facts, column, values)
            return within if condition.op == "in" else self._not_true(within)
        if not values or values[0] is None or values[0] is NEVER:
            return false()
        compared = column.bool_op({"lt": "<", "le": "<=", "gt": ">", "ge": ">="}[condition.op])
        return compared(bind(values[0]))

    def _all(self, place: Place, conditions: Sequence[Condition]) -> Test:
        return every(*(self.condition(place, c) for c in conditions))

    def _span(self, place: Place, span: KeySpan) -> Test:
        column, facts = place.column(span.column), place.facts_of(span.column)
        tests: list[Test] = []
        if span.low is not None:
            tests.append(column >= bind(fit(self.engine, facts, span.low)))
        if span.high is not None:
            tests.append(column < bind(fit(self.engine, facts, span.high)))
        return every(*tests)

    def _not_clear(self, place: Place, name: str) -> Test:
        return clear.not_clear(self.engine, place, self._field(place, name))

    @staticmethod
    def _field(place: Place, name: str) -> Field:
        field = place.collection.field_named(name) if place.collection else None
        if field is None:
            raise AssertionError(f"{place.name} declares no field {name}")
        return field

    # --- negation ----------------------------------------------------------------------------------------

    def _negated(self, place: Place, part: Expr) -> Test:
        """Pushed inwards, so that what remains to be negated is small and the rest can use an index."""
        match part:
            case Everything():
                return false()
            case Nothing():
                return true()
            case Not(inner):
                return self.test(place, inner)
            case And(parts):
                return either(*(self._negated(place, p) for p in parts))
            case Or(parts):
                return every(*(self._negated(place, p) for p in parts))
            case Related(hops, inner) if self._is_exists(hops, inner):
                # Never NULL, and an anti-join when nothing stands around it.
                return not_(self._related(place, hops, inner))
            case _:
                return self._not_true(self.test(place, part))

    def _is_exists(self, hops: tuple[Hop, ...], inner: Expr) -> bool:
        """Whether the link compiles to nothing but EXISTS."""
        if self.engine != "postgresql" or hops[0].source_where:
            return False
        return direct_keys(self.places, hops[0], Related(hops[1:], inner) if hops[1:] else inner) is None

    def _not_true(self, test: Test) -> Test:
        return not_met(test) if self.engine == "sqlite" else test.is_not(true())

    # --- links ---------------------------------------------------------------------------------------------

    def _related(self, place: Place, hops: tuple[Hop, ...], inner: Expr) -> Test:
        hop, rest = hops[0], hops[1:]
        inner = Related(rest, inner) if rest else inner
        target = self.places.below(place, hop.target)
        own = self._all(place, hop.source_where)
        direct = self._direct(place, target, hop, inner)
        if direct is not None:
            return every(own, direct)
        filters = every(*(self.condition(target, c) for c in (*hop.where, *target.where)))
        wanted = every(filters, self.test(target, inner))
        ours, theirs = self._pairs(place, target, hop)
        if self.engine == "postgresql":
            matched = [o == t for o, t in zip(ours, theirs, strict=True)]
            return and_(own, exists().where(and_(*matched, wanted)).correlate(place.clause).select_from(target.clause))
        query = select(*theirs).select_from(target.clause).where(wanted, *(t.is_not(None) for t in theirs))
        left: Any = ours[0] if len(ours) == 1 else tuple_(*ours)
        return every(own, left.in_(query.correlate(None)))

    def _direct(self, place: Place, target: Place, hop: Hop, inner: Expr) -> Test | None:
        """Our own columns compared with the keys, where the far end is nothing but those keys."""
        keys = direct_keys(self.places, hop, inner)
        return None if keys is None else keysets.among(self.engine, place, keys.columns, keys.keys)

    def _pairs(self, place: Place, target: Place, hop: Hop) -> tuple[list[Column], list[Column]]:
        """Both sides of the link, column by column, in forms that may be compared."""
        ours: list[Column] = []
        theirs: list[Column] = []
        for source_name, target_name in hop.columns:
            left, right = self._comparable(place, source_name, target, target_name, hop)
            ours += left
            theirs += right
        return ours, theirs

    def _comparable(
        self, place: Place, source_name: str, target: Place, target_name: str, hop: Hop
    ) -> tuple[list[Column], list[Column]]:
        source_facts, target_facts = place.facts_of(source_name), target.facts_of(target_name)
        left, right = place.column(source_name), target.column(target_name)
        if hop.template is not None:
            if hop.template_side == "source":
                return self._as_texts(left, self._templated(hop.template, right))
            return self._as_texts(self._templated(hop.template, left), right)
        alike = source_facts.family == target_facts.family or {source_facts.family, target_facts.family} <= _NUMBERS
        if not alike:
            return self._as_texts(left, right)
        if source_facts.family != "text" or _enforced(place, target, source_name, target_name):
            # Where the database itself enforces the link, its own idea of equality is the right one.
            return [left], [right]
        if not (exact.is_loose(self.engine, source_facts) or exact.is_loose(self.engine, target_facts)):
            return [left], [right]
        strict = [exact.strict(self.engine, left)], [exact.strict(self.engine, right)]
        if source_facts.collation != target_facts.collation:
            # Columns of two collations cannot be compared, nor sought in; their bytes can.
            return strict
        return [left, *strict[0]], [right, *strict[1]]

    def _as_texts(self, left: Column, right: Column) -> tuple[list[Column], list[Column]]:
        return [self._text(left)], [self._text(right)]

    def _text(self, column: Column) -> Column:
        if self.engine in ("mariadb", "mysql"):
            return exact.strict(self.engine, cast(column, String))
        return cast(column, String)

    def _templated(self, template: str, column: Column) -> Column:
        before, _, after = template.partition("{}")
        parts = [type_coerce(bind(before), String), cast(column, String), type_coerce(bind(after), String)]
        return parts[0] + parts[1] + parts[2]


def _of_the_policy(expr: Expr) -> bool:
    """Whether it holds only what the policy and the calendar say, no value or key of anybody."""
    match expr:
        case And(parts) | Or(parts):
            return all(_of_the_policy(p) for p in parts)
        case Not(inner) | Related(_, inner):
            return _of_the_policy(inner)
        case KeyIn() | KeySpan() | Identified() | Differs() | Given():
            return False
        case _:
            return True


def direct_keys(places: Places, hop: Hop, inner: Expr) -> KeyIn | None:
    """The link as a list of our own columns' values, when its far end is exactly such a list.

    Not where the far rows are filtered, nor on the way down to children, of whom there may be none: then they
    have to be looked at.
    """
    target = places[hop.target]
    if isinstance(inner, Related):
        nested = direct_keys(places, inner.hops[0], _rest(inner))
        if nested is None or inner.hops[0].source_where:
            return None
        inner = nested
    if not isinstance(inner, KeyIn) or hop.where or target.where:
        return None
    theirs = {target.facts_of(t).name: s for s, t in hop.columns}
    wanted = [target.facts_of(c).name for c in inner.columns]
    if len(wanted) != len(theirs) or set(wanted) != set(theirs) or set(wanted) != set(target.key):
        return None
    keys = inner.keys
    if hop.template is not None:
        if hop.template_side != "source":
            return None
        keys = tuple((hop.template.replace("{}", str(k[0]), 1),) for k in keys if k[0] is not None)
    return KeyIn(tuple(theirs[c] for c in wanted), keys)


def _rest(related: Related) -> Expr:
    return Related(related.hops[1:], related.inner) if len(related.hops) > 1 else related.inner


def _enforced(place: Place, target: Place, source_name: str, target_name: str) -> bool:
    """Whether a declared foreign key joins the two columns, in either direction."""
    ours, theirs = place.facts_of(source_name).name, target.facts_of(target_name).name
    for key in (*place.facts.outgoing, *place.facts.incoming):
        pairs = set(zip(key.columns, key.target_columns, strict=False))
        if key.table == place.facts.table and key.target == target.facts.table and (ours, theirs) in pairs:
            return True
        if key.target == place.facts.table and key.table == target.facts.table and (theirs, ours) in pairs:
            return True
    return False
