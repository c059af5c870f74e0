"""From "whose rows, which purposes are over" to steps: delete, clear, keep, flag. Pure.

The same code serves an erasure (rows of one person, purposes ended by the request) and a sweep (all rows,
purposes ended by time): only the ``Scope`` differs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from troth.core.policy.model import Collection, Condition
from troth.core.ports import Assignment, Change, Finding, ForeignKeyFacts, Want
from troth.core.query import (
    Everything,
    Expr,
    NotClear,
    Nothing,
    Readable,
    Where,
    all_of,
    any_of,
    none_of,
)
from troth.core.retention.due import DueRules
from troth.core.rights.clearing import Clearing, clear_fields
from troth.core.rights.keepers import OTHER, Keeper, Keepers, Scope
from troth.core.rights.order import write_order
from troth.core.rights.plan import Draft, StepAction, UntilSource


@dataclass(frozen=True, slots=True)
class StoreDraft:
    """All steps of one store, not yet counted. ``refusals`` count only if their step finds rows."""

    drafts: tuple[Draft, ...]
    findings: tuple[Finding, ...]
    refusals: Mapping[int, tuple[Finding, ...]]


class Drafting:
    """Makes the steps of one store."""

    def __init__(self, rules: DueRules, scope: Scope) -> None:
        self.rules = rules
        self.graph = rules.graph
        self.facts = rules.graph.facts
        self.scope = scope
        self.keepers = Keepers(rules, scope)
        self.findings: list[Finding] = []
        self.refusals: dict[int, tuple[Finding, ...]] = {}
        self._number = 0

    def make(self) -> StoreDraft:
        """The drafts in the order in which they must be executed; kept ones at the end."""
        names = [n for n in self.graph.store.collections if n in self.scope.rows and n in self.facts.tables]
        ordered, cuts = write_order(names, self.facts.tables)
        drafts: list[Draft] = []
        for name, key in cuts:
            drafts.extend(self._unlink(self.graph.store.collections[name], key))
        for name in ordered:
            collection = self.graph.store.collections[name]
            if not collection.undescribed:
                drafts.extend(self._clears(collection))
                drafts.extend(self._delete(collection))
        for name in ordered:
            drafts.extend(self._kept(self.graph.store.collections[name]))
            self._cascades(self.graph.store.collections[name], drafts)
        return StoreDraft(tuple(drafts), tuple(self.findings), self.refusals)

    # --- steps that write -------------------------------------------------------------------------

    def _change(
        self, action: StepAction, collection: Collection, where: Expr, *,
        fields: tuple[str, ...] = (), assignments: tuple[Assignment, ...] = (), reason: str = "",
        refusals: tuple[Finding, ...] = (),
    ) -> Draft:  # fmt: skip
        self._number += 1
        if refusals:
            self.refusals[self._number] = refusals
        kind = "delete" if action == "delete" else "update"
        change = Change(self._number, collection.name, kind, where, assignments)  # type: ignore[arg-type]
        return Draft(action, collection.name, fields, where, reason, change=change)

    def _delete(self, collection: Collection) -> list[Draft]:
        where = self.keepers.gone(collection.name)
        if isinstance(where, Nothing):
            return []
        return [
            self._change(
                "delete", collection, where,
                fields=tuple(f.name for f in collection.fields), refusals=self._cannot_write(collection, "delete"),
            )
        ]  # fmt: skip

    def _clears(self, collection: Collection) -> list[Draft]:
        stays = self.keepers.keep_row(collection.name)
        if isinstance(stays, Nothing):
            return []
        drafts = []
        for covering, fields in self._groups(collection).items():
            kept = any_of(*(k.where for k in covering))
            clearing = clear_fields(collection, self.facts.tables[collection.name], fields)
            where = all_of(self.scope.rows[collection.name], stays, none_of(kept), NotClear(fields))
            if isinstance(where, Nothing) or not (clearing.assignments or clearing.findings):
                continue
            drafts.append(self._clear(collection, fields, where, clearing))
        return drafts

    def _clear(self, collection: Collection, fields: tuple[str, ...], where: Expr, clearing: Clearing) -> Draft:
        anonymised = self.scope.sweeping and any(
            self.rules.policy.purposes[p].keep.then == "anonymise"
            for name in fields
            for p in (collection.field_named(name) or collection.fields[0]).purposes
        )
        refusals = (*clearing.findings, *self._cannot_write(collection, "update"))
        return self._change(
            "anonymise" if anonymised else "clear", collection, where,
            fields=fields, assignments=clearing.assignments, refusals=refusals,
        )  # fmt: skip

    def _groups(self, collection: Collection) -> dict[tuple[Keeper, ...], tuple[str, ...]]:
        """Fields by the keepers that cover them; always-kept fields are left out."""
        groups: dict[tuple[Keeper, ...], tuple[str, ...]] = {}
        keepers = self.keepers.of(collection.name)
        for field in collection.fields:
            covering = tuple(k for k in keepers if k.covers(field.name))
            if any(isinstance(k.where, Everything) for k in covering):
                continue
            groups[covering] = (*groups.get(covering, ()), field.name)
        return groups

    def _unlink(self, collection: Collection, key: ForeignKeyFacts) -> list[Draft]:
        """Empty a foreign key that would make a circle, in rows that go anyway."""
        gone = self.keepers.gone(collection.name)
        if isinstance(gone, Nothing):
            return []
        filled = any_of(*(Where(Condition(c, "not_null")) for c in key.columns))
        assignments = tuple(Assignment(c, "null") for c in key.columns)
        return [
            self._change(
                "unlink", collection, all_of(gone, filled), assignments=assignments,
                reason=f"{key.name or ', '.join(key.columns)} makes a circle",
            )
        ]  # fmt: skip

    def _cannot_write(self, collection: Collection, action: str) -> tuple[Finding, ...]:
        table = self.facts.tables[collection.name]
        findings = [
            f
            for f in self.facts.findings
            if f.severity == "refuse" and f.collection == collection.name and not f.column
        ]
        if table.kind not in ("table", "partitioned"):
            findings.append(
                Finding(
                    "not_writable", "refuse", f"{collection.store}.{collection.name} is a {table.kind}",
                    collection.name, remedy="map the table behind it and set this collection's mapping aside",
                )
            )  # fmt: skip
        if table.rights is not None and action not in table.rights:
            findings.append(
                Finding(
                    "no_right", "refuse", f"this account may not {action} in {collection.store}.{collection.name}",
                    collection.name, remedy="`troth grants` prints the rights that are missing",
                )
            )  # fmt: skip
        return tuple(findings)

    def _cascades(self, collection: Collection, drafts: list[Draft]) -> None:
        """Rows outside the map that the database itself would delete or unlink."""
        if not any(d.action == "delete" and d.collection == collection.name for d in drafts):
            return
        mapped = {t.table for t in self.facts.tables.values()}
        for key in self.facts.tables[collection.name].incoming:
            bare = key.table.rsplit(".", 1)[-1]
            if key.table in mapped or bare in collection.cascades or key.table in collection.cascades:
                continue
            if key.on_delete == "cascade":
                self.findings.append(
                    Finding(
                        "unmapped_cascade", "refuse",
                        f"deleting from {collection.name} makes the database delete rows of {key.table}, "
                        "which the policy does not map",
                        collection.name,
                        remedy=f"map {key.table}, or list it under `cascades:` of {collection.name}",
                    )
                )  # fmt: skip
            elif key.on_delete in ("set null", "set default"):
                self.findings.append(
                    Finding(
                        "unmapped_unlink", "note",
                        f"the database itself empties {', '.join(key.columns)} in rows of {key.table}", collection.name,
                    )
                )  # fmt: skip

    # --- steps that only tell ---------------------------------------------------------------------

    def _kept(self, collection: Collection) -> list[Draft]:
        if collection.undescribed:
            where = self.scope.rows[collection.name]
            return (
                [] if self.scope.sweeping else [Draft("keep", collection.name, (), where, "undescribed", "undescribed")]
            )
        drafts = []
        for keeper in self.keepers.of(collection.name):
            fields = tuple(f.name for f in collection.fields) if keeper.fields == ("*",) else keeper.fields
            fields, where = self._in_question(collection, fields, self._worth_telling(collection, keeper))
            if isinstance(where, Nothing):
                continue
            drafts.append(
                Draft(
                    "keep", collection.name, fields, where, keeper.reason, keeper.kind,
                    until=self._until(collection, keeper, where), undated=self._undated(collection, keeper, where),
                    fixed_until=keeper.until, together=keeper.together, reason_in=keeper.reason_in,
                )
            )  # fmt: skip
        return drafts

    def _in_question(
        self, collection: Collection, fields: tuple[str, ...], where: Expr
    ) -> tuple[tuple[str, ...], Expr]:  # fmt: skip
        """Where only some kinds of data were asked about, nothing else is told of, nor rows that hold none of it."""
        if self.scope.kinds is None:
            return fields, where
        asked = tuple(name for name in self.scope.kinds.of(collection) if name in fields)
        inside = any(f.within is not None for f in collection.fields if f.name in asked)
        if not asked or (inside and not self.graph.key_of(collection.name)):
            return asked, where if asked else Nothing()
        return asked, all_of(where, NotClear(asked))

    def _worth_telling(self, collection: Collection, keeper: Keeper) -> Expr:
        """The rows of which the plan says that they are kept. A sweep speaks only of what is otherwise due."""
        where = all_of(self.scope.rows[collection.name], keeper.where)
        if keeper.kind in ("shared", OTHER):
            return Nothing()  # told as a flag, or not asked about
        if not self.scope.sweeping:
            return where
        if keeper.kind not in ("hold", "manual"):
            return Nothing()
        needed = [k.where for k in self.keepers.of(collection.name) if k.kind == "purpose"]
        return all_of(where, none_of(any_of(*needed)))

    def _until(self, collection: Collection, keeper: Keeper, where: Expr) -> tuple[UntilSource, ...]:
        timer = keeper.timer
        if timer is None:
            return ()
        sources = []
        for path, clock in timer.sources:
            target = path[-1].target if path else collection.name
            rows = where if not path else all_of(self.scope.rows.get(target, Nothing()), Readable(clock))
            sources.append(UntilSource(Want(target, rows, span=clock), timer.event, timer.period))
        return tuple(sources)

    def _undated(self, collection: Collection, keeper: Keeper, where: Expr) -> Want | None:
        clock = keeper.own_clock
        if clock is None:
            return None
        return Want(collection.name, all_of(where, none_of(Readable(clock))))


def until_of(
    draft: Draft, spans: list[tuple[date | None, date | None]], rules: DueRules
) -> tuple[date | None, date | None]:
    """(first, last) day on which something of this kept step ends, from the clocks' ranges."""
    if draft.fixed_until is not None:
        return draft.fixed_until, draft.fixed_until
    firsts, lasts = [], []
    for source, (earliest, latest) in zip(draft.until, spans, strict=True):
        if earliest is not None and latest is not None:
            firsts.append(rules.ends_on(source.event, source.period, earliest))
            lasts.append(rules.ends_on(source.event, source.period, latest))
    if not firsts:
        return None, None
    return max(lasts) if draft.together else min(firsts), max(lasts)
