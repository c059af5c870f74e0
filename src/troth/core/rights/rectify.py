"""Rectification (Article 16): put the right value where the person's wrong one stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from troth.core.errors import UsageError
from troth.core.policy.model import Collection, Condition, Field, Scalar
from troth.core.ports import Assignment, Change, Finding, TableFacts, Want
from troth.core.query import Differs, Everything, Expr, Given, Nothing, all_of, any_of, none_of
from troth.core.retention.due import DueRules
from troth.core.rights.assemble import assemble, flag_step, unreachable_plan
from troth.core.rights.draft import StoreDraft
from troth.core.rights.erase import Planned, Wish, person_rows
from troth.core.rights.hooks import with_hooks
from troth.core.rights.identity import Identity
from troth.core.rights.keepers import shared_rows
from troth.core.rights.plan import Draft, Plan, Step, StorePlan
from troth.core.rights.session import Opened, Session


@dataclass(frozen=True, slots=True)
class Correction:
    """A field, as ``field``, ``collection.field`` or ``store.collection.field``, and its right value.

    The value itself never appears in a plan, a message or the ledger.
    """

    field: str
    value: Scalar
    instead_of: tuple[Scalar, ...] = ()
    """Only rows in which one of these stands (None: nothing at all); empty: every row of the person."""


def plan_rectification(session: Session, identity: Identity, corrections: Sequence[Correction]) -> Planned:
    """The plan that writes these values into the person's rows."""
    _check_fields(session, corrections)
    stores = [_plan_store(session, opened, identity, corrections) for opened in session.stores.values()]
    stores.extend(unreachable_plan(name, why) for name, why in identity.unreachable.items())
    plan = Plan(
        "rectify", session.as_of, session.policy.digest, session.policy.version, tuple(stores),
        scope={"fields": [c.field for c in corrections]}, found=identity.found,
    )  # fmt: skip
    return Planned(plan, identity, Wish())


def _check_fields(session: Session, corrections: Sequence[Correction]) -> None:
    for correction in corrections:
        found = [c for c in session.policy.collections() for f in c.fields if _named(c, f, correction.field)]
        if not found:
            raise UsageError(
                f"no collection has a field {correction.field!r}",
                remedy="write it as collection.field, as in the policy",
            )


def _named(collection: Collection, field: Field, name: str) -> bool:
    return name in (
        field.name, f"{collection.name}.{field.name}", f"{collection.store}.{collection.name}.{field.name}",
    )  # fmt: skip


def _plan_store(session: Session, opened: Opened, identity: Identity, corrections: Sequence[Correction]) -> StorePlan:
    rules = DueRules(session.policy, opened.graph, session.as_of)
    mine = person_rows(opened, identity.anchors.get(opened.graph.store.name, {}))
    drafts: list[Draft] = []
    refusals: dict[int, tuple[Finding, ...]] = {}
    flags: list[Step] = []
    for name in mine:
        collection = opened.graph.store.collections[name]
        wanted = [(f, c) for f in collection.fields for c in corrections if _named(collection, f, c.field)]
        if not wanted:
            continue
        rows = _own_rows(opened, collection, mine, flags)
        for field, one in wanted:
            there = all_of(rows, _standing(field, one.instead_of))
            drafts.append(_draft(len(drafts) + 1, collection, field, one.value, there, opened.facts.tables[name]))
            refusals[len(drafts)] = _refusals(opened, collection, field, one.value)
    plan = assemble(opened, StoreDraft(tuple(drafts), (), refusals), rules, exact=True)
    return with_hooks(replace(plan, steps=(*plan.steps, *flags)), opened.graph.store, "rectify")


def _own_rows(opened: Opened, collection: Collection, mine: dict[str, Expr], flags: list[Step]) -> Expr:
    """The person's rows without those that are somebody else's too, which are flagged."""
    shared = shared_rows(opened.graph, collection, mine)
    if isinstance(shared, Nothing):
        return mine[collection.name]
    count = opened.connector.count([Want(collection.name, all_of(mine[collection.name], shared))])[0].rows
    if count:
        flags.append(flag_step(opened.graph.store.name, collection.name, count, "shared"))
    return all_of(mine[collection.name], none_of(shared))


def _standing(field: Field, values: tuple[Scalar, ...]) -> Expr:
    """The rows in which one of these values stands in the field; all of them where none is named."""
    if not values:
        return Everything()
    if field.within is not None:
        return any_of(*(none_of(Differs(field.name, value)) for value in values))
    said = tuple(value for value in values if value is not None)
    empty = Given(Condition(field.column, "null")) if None in values else Nothing()
    return any_of(empty, Given(Condition(field.column, "in", said)) if said else Nothing())


def _draft(number: int, collection: Collection, field: Field, value: Scalar, rows: Expr, table: TableFacts) -> Draft:
    if field.within is not None:
        assignments = [Assignment(field.column, "replace", value, field.within)]
        where = all_of(rows, Differs(field.name, value))
    else:
        assignments = [Assignment(field.column, "null" if value is None else "value", value)]
        same = Condition(field.column, "null") if value is None else Condition(field.column, "in", (value,))
        where = all_of(rows, none_of(Given(same)))
    assignments += [Assignment(c.name, "keep") for c in table.columns.values() if c.updates_itself]
    change = Change(number, collection.name, "update", where, tuple(assignments))
    return Draft("set", collection.name, (field.name,), where, change=change)


def _refusals_within(collection: Collection, field: Field, value: Scalar) -> tuple[Finding, ...]:
    """Values inside a structure: each step names one place, and something stands there to be corrected."""
    assert field.within is not None  # noqa: S101  the caller has looked
    reasons = []
    if "*" in field.within.path:
        reasons.append(("within", "it is a whole list, and which of its values is wrong cannot be said",
                        "correct it in the application"))  # fmt: skip
    if value is None:
        reasons.append(("within", "nothing cannot be written inside a structure", "erase it, or give a value"))
    return tuple(_refusal(collection, field, *reason) for reason in reasons)


def _refusal(collection: Collection, field: Field, code: str, why: str, remedy: str) -> Finding:
    place = f"{collection.store}.{collection.name}.{field.name}"
    return Finding(code, "refuse", f"{place}: {why}", collection.name, field.column, remedy)


def _refusals(opened: Opened, collection: Collection, field: Field, value: Scalar) -> tuple[Finding, ...]:
    table = opened.facts.tables[collection.name]
    column = table.columns.get(field.column)
    if column is None:
        return ()
    reasons: list[tuple[str, str, str]] = []
    if field.within is not None:
        return _refusals_within(collection, field, value)
    if column.generated or column.always_identity:
        reasons.append(("generated", "the database makes its value", "correct the columns it is made of"))
    if field.column in table.key:
        reasons.append(("key_column", "it is the table's key", "correct it in the application"))
    if value is None and not column.nullable:
        reasons.append(("not_null", "it may not be empty", "give a value"))
    if isinstance(value, str) and column.length is not None and len(value) > column.length:
        reasons.append(("too_long", f"the value is longer than {column.length} characters", "shorten it"))
    if column.enum and value is not None and str(value) not in column.enum:
        reasons.append(("not_in_enum", "the value is not one of the labels allowed", f"use {', '.join(column.enum)}"))
    if value is not None and any(u.columns == (field.column,) for u in table.uniques):
        taken = opened.connector.count([Want(collection.name, Given(Condition(field.column, "in", (value,))))])[0].rows
        if taken:
            reasons.append(("not_unique", "the value is taken by another row", "find out whose it is"))
    return tuple(_refusal(collection, field, *reason) for reason in reasons)
