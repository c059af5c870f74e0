"""What stands in the rows that a plan would change: people are told of what goes, not of columns that are empty."""

from __future__ import annotations

from collections.abc import Mapping

from troth.core.policy.model import Condition, Field
from troth.core.ports import Want
from troth.core.query import Expr, KeyIn, NotClear, Where, all_of
from troth.core.rights.plan import Plan, Step
from troth.core.rights.session import Opened, Session

_NO_DAY = ("0000-00-00", "0000-00-00 00:00:00")
"""What software writes into a column of days that may not be empty."""
_FIRST_DAY = "0001-01-01"
_FEW = 1_000
_EMPTYING = ("clear", "anonymise")


def fields_present(session: Session, plan: Plan) -> Mapping[tuple[str, int], tuple[str, ...]]:
    """For each step that empties fields, by store and number: those of which at least one of the rows holds a value, in
    the order of the step; of deleted rows nobody is told the fields. NULL, an empty text, a neutral value and a
    day of noughts are none. All of a store is asked at once; each question finds only the step's own rows."""
    found: dict[tuple[str, int], tuple[str, ...]] = {}
    for store in plan.stores:
        opened = session.stores.get(store.store)
        asked = {change.number: change.where for change in store.changes}
        steps = [one for one in store.steps if one.number in asked and one.fields and one.action in _EMPTYING]
        if opened is None or not steps:
            continue
        wants = [
            [(field.name, Want(step.collection, _holding(opened, step.collection, field, rows)))
             for field in _fields(opened, step.collection, step.fields)]
            for step in steps for rows in [_rows(opened, step, asked[step.number])]
        ]  # fmt: skip
        answers = iter(opened.connector.count([want for of_step in wants for _, want in of_step]))
        for step, of_step in zip(steps, wants, strict=True):
            found[store.store, step.number] = tuple(name for name, _ in of_step if next(answers).rows)
    return found


def _rows(opened: Opened, step: Step, where: Expr) -> Expr:
    """The rows of a step: by their keys where they are few, which is asked in a fraction of the time."""
    key = opened.graph.key_of(step.collection)
    if not key or step.rows > _FEW:
        return where
    return KeyIn(key, tuple(opened.connector.keys(step.collection, where)))


def _fields(opened: Opened, collection: str, names: tuple[str, ...]) -> list[Field]:
    described = opened.graph.store.collections[collection]
    return [field for name in names if (field := described.field_named(name)) is not None]


def _holding(opened: Opened, collection: str, field: Field, rows: Expr) -> Expr:
    if field.within is not None and not opened.graph.key_of(collection):
        return rows  # without a key a value inside another cannot be looked for; better told once too often
    return all_of(rows, NotClear((field.name,)), *_a_day(opened, collection, field))


def _a_day(opened: Opened, collection: str, field: Field) -> list[Expr]:
    """Databases that take a day of noughts hold one where nothing is known."""
    facts, engine = opened.facts.tables[collection].columns.get(field.column), opened.facts.engine
    if facts is None or field.within is not None or engine == "postgresql":
        return []
    if facts.family in ("date", "datetime") and engine in ("mariadb", "mysql"):
        return [Where(Condition(field.column, "gt", (_FIRST_DAY,)))]
    days = facts.family in ("date", "datetime") or (facts.family == "text" and "Date" in field.category)
    return [Where(Condition(field.column, "not_in", _NO_DAY))] if days else []
