"""Rectification (Article 16): put the right value where the person's wrong one stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from troth.core.errors import UsageError
from troth.core.policy.model import Collection, Condition, Field, Policy, Scalar
from troth.core.ports import Assignment, Change, ColumnFacts, Finding, TableFacts, Want
from troth.core.query import Differs, Everything, Expr, Given, Identified, Nothing, all_of, any_of, none_of
from troth.core.records import Known
from troth.core.retention.due import DueRules
from troth.core.rights.acting import run_plan
from troth.core.rights.assemble import assemble, flag_step, unreachable_plan
from troth.core.rights.draft import StoreDraft
from troth.core.rights.erase import Outcome, Planned, Runner, Wish, person_rows
from troth.core.rights.fitting import approximate, family_of, in_range, of_family
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
    """The plan that writes these values into the person's rows. It refuses what would be said to be corrected although
    no row has what was to be replaced, nor the right value."""
    _check_fields(session, corrections)
    met: set[Correction] = set()
    stores = [_plan_store(session, opened, identity, corrections, met) for opened in session.stores.values()]
    asked = any(step.action == "flag" for store in stores for step in store.steps) or identity.flags
    if identity.found and not (asked or identity.unreachable or session.unreachable):
        stores = _without_object(session, stores, [one for one in corrections if one not in met])
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


def _without_object(session: Session, stores: Sequence[StorePlan], unmet: Sequence[Correction]) -> list[StorePlan]:
    """The plans with a refusal for each of these corrections, where its field is."""
    found = list(stores)
    remedy = "see what stands there now, and ask the person"
    for one in unmet:
        collection, field = next(
            (c, f) for c in session.policy.collections() for f in c.fields if _named(c, f, one.field)
        )
        place = f"{collection.store}.{collection.name}.{field.name}"
        message = f"{place}: what was to be replaced does not stand there, nor does the right value"
        if not one.instead_of:
            message = f"{place}: the person has no row in which it could be corrected"
        finding = Finding("not_there", "refuse", message, collection.name, field.column, remedy)
        number = next(number for number, plan in enumerate(found) if plan.store == collection.store)
        found[number] = replace(found[number], findings=(*found[number].findings, finding))
    return found


def new_identifiers(policy: Policy, plan: Plan) -> tuple[Known, ...]:
    """The verified identifiers that a rectification gives the person."""
    found: dict[Known, None] = {}
    for store in plan.stores:
        for change in store.changes:
            kinds = {
                one.column: one.kind
                for one in policy.stores[store.store].collections[change.collection].identifiers if one.verified
            }  # fmt: skip
            for one in change.assignments if change.expected is not None and change.expected.rows else ():
                if one.kind == "value" and one.value is not None and one.column in kinds:
                    found[kinds[one.column], str(one.value)] = None
    return tuple(found)


def run_rectification(session: Session, planned: Planned, runner: Runner) -> list[Outcome]:
    """Carry out the plan. What is on record about the person (holds, restrictions, refusals) is found by their new
    identifiers too: before the first row has them, so that nothing they said is ever lost on the way."""
    new = new_identifiers(session.policy, planned.plan)
    if new:
        runner.records.known_too(planned.identity.known, new)
    return run_plan(session, planned, runner, "rectification")


def _plan_store(
    session: Session, opened: Opened, identity: Identity, corrections: Sequence[Correction], met: set[Correction]
) -> StorePlan:  # fmt: skip
    rules = DueRules(session.policy, opened.graph, session.as_of)
    mine = person_rows(opened, identity.anchors.get(opened.graph.store.name, {}))
    drafts: list[Draft] = []
    refusals: dict[int, tuple[Finding, ...]] = {}
    flags: list[Step] = []
    objects: list[tuple[Correction, Want]] = []
    for name in mine:
        collection = opened.graph.store.collections[name]
        wanted = [(f, c) for f in collection.fields for c in corrections if _named(collection, f, c.field)]
        if not wanted:
            continue
        rows = _own_rows(opened, collection, mine, flags)
        for field, one in wanted:
            there = all_of(rows, standing(field, one.instead_of))
            drafts.append(_draft(len(drafts) + 1, collection, field, one.value, there, opened.facts.tables[name]))
            refusals[len(drafts)] = _refusals(opened, collection, field, one.value, mine[name])
            objects.append((one, Want(name, any_of(drafts[-1].where, all_of(rows, _right(field, one.value))))))
    met.update(one for (one, _), count in _counted(opened, objects) if count)
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


def standing(field: Field, values: tuple[Scalar, ...]) -> Expr:
    """The rows in which one of these values stands in the field; all of them where none is named."""
    if not values:
        return Everything()
    if field.within is not None:
        return any_of(*(none_of(Differs(field.name, value)) for value in values))
    said = tuple(value for value in values if value is not None)
    empty = Given(Condition(field.column, "null")) if None in values else Nothing()
    return any_of(empty, Given(Condition(field.column, "in", said)) if said else Nothing())


def _right(field: Field, value: Scalar) -> Expr:
    """The rows in which the right value stands already."""
    if field.within is None:
        return standing(field, (value,))
    # Something stands there (it differs from something else), and it is no other than this.
    return all_of(Differs(field.name, f"{value}?"), none_of(Differs(field.name, value)))


def _counted(
    opened: Opened, objects: Sequence[tuple[Correction, Want]]
) -> list[tuple[tuple[Correction, Want], int]]:  # fmt: skip
    counts = opened.connector.count([want for _, want in objects]) if objects else []
    return [(one, count.rows) for one, count in zip(objects, counts, strict=True)]


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


def _refusals(
    opened: Opened, collection: Collection, field: Field, value: Scalar, mine: Expr
) -> tuple[Finding, ...]:  # fmt: skip
    table = opened.facts.tables[collection.name]
    column = table.columns.get(field.column)
    if column is None:
        return ()
    if field.within is not None:
        return _refusals_within(collection, field, value)
    reasons: list[tuple[str, str, str]] = []
    if column.generated or column.always_identity:
        reasons.append(("generated", "the database makes its value", "correct the columns it is made of"))
    if field.column in table.key:
        reasons.append(("key_column", "it is the table's key", "correct it in the application"))
    elif field.column in linked_columns(opened, collection):
        reasons.append(("link_column", "rows belong together by it", "correct it in the application, in all of them"))
    if value is None and not column.nullable:
        reasons.append(("not_null", "it may not be empty", "give a value"))
    reasons += _misfits(opened, column, value)
    if value is not None and _taken(opened, collection, column, value, mine):
        reasons.append(("not_unique", "the value is taken by another row", "find out whose it is"))
    return tuple(_refusal(collection, field, *reason) for reason in reasons)


def _misfits(opened: Opened, column: ColumnFacts, value: Scalar) -> list[tuple[str, str, str]]:
    """Why a value has no place in a column of this kind and size."""
    if value is None:
        return []
    reasons, engine, text = [], opened.facts.engine, str(value)
    if isinstance(value, str) and column.length is not None and len(value) > column.length:
        reasons.append(("too_long", f"the value is longer than {column.length} characters", "shorten it"))
    if column.enum and text not in column.enum:
        reasons.append(("not_in_enum", "the value is not one of the labels allowed", f"use {', '.join(column.enum)}"))
    if isinstance(value, str) and not of_family(family_of(engine, column), value):
        reasons.append(
            ("other_kind", f"a column of type {column.declared} cannot hold the value", "give a value of that type")
        )
    elif isinstance(value, str) and not in_range(engine, column, value):
        reasons.append(("out_of_range", f"the value does not fit into {column.declared}", "write a number that fits"))
    if approximate(engine, column):
        reasons.append(("approximate", "it holds approximate numbers only", "correct it in the application"))
    return reasons


def linked_columns(opened: Opened, collection: Collection) -> frozenset[str]:
    """The columns of a collection by which its rows belong to others, or others to them, under whatever name the policy
    knows the table: a value written there would tear them apart."""
    tables, found = opened.facts.tables, set[str]()
    alike = [name for name, facts in tables.items() if facts.table == tables[collection.name].table]
    for name in alike:
        for link in opened.graph.store.collections[name].links:
            found |= {ours for ours, _ in link.columns} | {condition.column for condition in link.where}
        for child, link in opened.graph.children[name]:
            found |= {theirs for theirs, _ in opened.graph.down(child, link).columns}
    return frozenset(found)


def _taken(opened: Opened, collection: Collection, column: ColumnFacts, value: Scalar, mine: Expr) -> bool:
    """Whether another row has the value in a column whose values are one row's alone, or somebody else's row has it
    where it says who a person is."""
    wants = [
        Want(collection.name, all_of(Identified(one.kind, one.column, str(value)), none_of(mine)))
        for one in collection.identifiers if one.column == column.name
    ]  # fmt: skip
    if any(unique.columns == (column.name,) for unique in opened.facts.tables[collection.name].uniques):
        wants.append(Want(collection.name, Given(Condition(column.name, "in", (value,)))))
    return bool(wants) and any(count.rows for count in opened.connector.count(wants))
