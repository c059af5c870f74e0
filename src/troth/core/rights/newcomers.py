"""Rows that have come since somebody objected, or since their data was frozen: they say so too.

A row is new when no restriction or refusal of that purpose has reached it yet; whatever a row that was reached says
today is a newer word, and stays. In a column that tells of a consent nothing is written: a row that says yes there has
come from a form of the publisher's that asked, and a consent that is given anew ends an earlier no. An objection (GDPR
Article 21) and a restriction (Article 18) end by the person's word to the publisher, not by an order that makes a row.
Rows that belong to somebody else too are left as they are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from troth.core.errors import PlanRefused
from troth.core.evidence.canonical import JSON
from troth.core.evidence.leaf import Event
from troth.core.policy.model import Basis, Mode, Policy
from troth.core.policy.model import Collection as Mapped
from troth.core.query import Everything, Expr, Key, KeyIn, Nothing, all_of, none_of
from troth.core.records import Known, Records
from troth.core.retention.due import DueRules
from troth.core.rights import refuse, restrict
from troth.core.rights.assemble import assemble
from troth.core.rights.before import Before
from troth.core.rights.erase import Outcome, Planned, Runner, Wish, check_runnable, intention, outcome_line, person_rows
from troth.core.rights.flags import Flags, of_consent, says, setting, somebody_elses
from troth.core.rights.identity import Decisions, Identity
from troth.core.rights.marking import Left, Marking, Wanted, failed, unheard
from troth.core.rights.plan import Plan, Step, StorePlan
from troth.core.rights.session import Opened, Session

EVERY = "*"
"""Stands for the purpose of a restriction."""
MOST = 500
"""People whose new rows are written in one run; the others' turn comes with the next."""


@dataclass(slots=True)
class Person:
    """Whom one or several decisions about one purpose are about, by their rows in one store."""

    names: set[str]
    made: datetime
    anchors: dict[str, set[Key]] = field(default_factory=dict)

    def take(self, other: Person) -> None:
        """Both are one."""
        self.names |= other.names
        self.made = min(self.made, other.made)
        for name, keys in other.anchors.items():
            self.anchors.setdefault(name, set()).update(keys)


def flag_new_rows(session: Session, runner: Runner, most: int = MOST) -> list[Outcome]:
    """Set the flags of all that is in force in rows that have come since. Stores that do not answer, or may only be
    looked at, are left for another day. Raises StoreError: what was done until then is done, and on record."""
    outcomes: list[Outcome] = []
    people = 0
    for opened in session.stores.values():
        if opened.graph.store.mode is Mode.ENFORCE and any(c.flags for c in opened.graph.store.collections.values()):
            for purpose, found in _in_force(session, opened, runner).items():
                wanted = _wanted(session.policy, opened, purpose)
                for person, fresh in _with_new_rows(opened, runner, purpose, wanted, found):
                    outcomes += _Newcomer(session, opened, runner, purpose, wanted, person, fresh).run()
                    people += 1
                    if people >= most:
                        return outcomes
    return outcomes


def _in_force(session: Session, opened: Opened, runner: Runner) -> dict[str, list[Person]]:
    """Who has said something that concerns flags of this store, by purpose."""
    found: dict[str, dict[str, Person]] = {}
    for name in opened.graph.anchors:
        told = _told(opened, name, runner.records)
        for (mark, purpose, made), keys in runner.records.standing(told, session.as_of).items():
            if purpose == EVERY or _no_consent(session.policy, purpose):
                one = found.setdefault(purpose, {}).setdefault(mark, Person({mark}, made))
                one.anchors.setdefault(name, set()).update(keys)
    return {purpose: _people(marks.values()) for purpose, marks in sorted(found.items())}


def _no_consent(policy: Policy, purpose: str) -> bool:
    return purpose in policy.purposes and policy.purposes[purpose].basis != Basis.CONSENT


def _people(marks: Iterable[Person]) -> list[Person]:
    """Several decisions about the same rows are about one person."""
    by_row: dict[tuple[str, Key], Person] = {}
    for one in marks:
        rows = [(name, key) for name, keys in one.anchors.items() for key in keys]
        for other in {id(by_row[row]): by_row[row] for row in rows if row in by_row}.values():
            one.take(other)
        by_row.update(((name, key), one) for name, keys in one.anchors.items() for key in keys)
    return list({id(one): one for one in by_row.values()}.values())


def _told(opened: Opened, name: str, records: Records) -> Iterator[tuple[Key, Sequence[Known]]]:
    """The rows of a collection with the identifiers by which they are somebody's, but for what was set apart."""
    key = opened.graph.key_of(name)
    every = [one for one in opened.graph.store.collections[name].identifiers if one.verified]
    keyed = {one.kind for one in every if (one.column,) == key}
    columns = tuple(dict.fromkeys([*key, *(one.column for one in every)]))

    def read() -> Iterator[tuple[Key, Sequence[Known]]]:
        for row in opened.connector.read(name, Everything(), columns) if key and every else ():
            told = [(one.kind, str(row[one.column])) for one in every if row[one.column] not in (None, "")]
            yield tuple(row[part] for part in key), told  # type: ignore[misc]

    for at, told in records.certain(opened.graph.store.name, name, read()):
        yield at, [one for one in told if one[0] not in keyed] or told


def _wanted(policy: Policy, opened: Opened, purpose: str) -> Wanted:
    """The flags of a purpose, but for those in columns that tell of a consent."""
    every = restrict.flags_of if purpose == EVERY else refuse.flags_of([purpose])
    store = opened.graph.store.name

    def free(collection: Mapped) -> list[Flags]:
        return [
            flags for flags in every(collection)
            if not any(of_consent(policy, Before(store, collection.name, one.column, None, None, ())) for one in flags)
        ]  # fmt: skip

    return free


# --- which rows are new -----------------------------------------------------------------------------------


def _with_new_rows(
    opened: Opened, runner: Runner, purpose: str, wanted: Wanted, people: Sequence[Person]
) -> Iterator[tuple[Person, dict[str, set[Key]]]]:  # fmt: skip
    """Those of these people who have rows that do not say so and that nothing has reached; asked for all together
    first, since on most days there is none."""
    fresh = _fresh(opened, runner, purpose, wanted, people)
    if len(people) == 1 and fresh:
        yield people[0], fresh
    elif fresh:
        half = len(people) // 2
        yield from _with_new_rows(opened, runner, purpose, wanted, people[:half])
        yield from _with_new_rows(opened, runner, purpose, wanted, people[half:])


def _fresh(
    opened: Opened, runner: Runner, purpose: str, wanted: Wanted, people: Sequence[Person]
) -> dict[str, set[Key]]:
    store, found = opened.graph.store, dict[str, set[Key]]()
    for name, where in _rows(opened, wanted, people).items():
        flags = [flag for group in wanted(store.collections[name]) for flag in group]
        keys = opened.connector.keys(name, all_of(where, none_of(says(flags))))
        heard = set(runner.records.heard_of(purpose, store.name, name, silent := list(keys)))
        if new := {key for key in silent if key not in heard}:
            found[name] = new
    return found


def _rows(opened: Opened, wanted: Wanted, people: Sequence[Person]) -> dict[str, Expr]:
    """The rows of these people that have such a flag, and a key; of one person only those that are nobody else's."""
    anchors: dict[str, tuple[Key, ...]] = {}
    for person in people:
        for name, keys in person.anchors.items():
            anchors[name] = (*anchors.get(name, ()), *sorted(keys, key=repr))
    collections = opened.graph.store.collections
    mine = person_rows(opened, anchors)
    rows = {n: where for n, where in mine.items() if opened.graph.key_of(n) and any(wanted(collections[n]))}
    if len(people) > 1:
        return rows
    shared = somebody_elses(opened, rows, mine, wanted, Identity((), {opened.graph.store.name: anchors}), Decisions())
    return {name: all_of(where, none_of(shared.get(name, Nothing()))) for name, where in rows.items()}


# --- setting them -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Newcomer:
    """One person with new rows in one store."""

    session: Session
    opened: Opened
    runner: Runner
    purpose: str
    wanted: Wanted
    person: Person
    fresh: Mapping[str, Collection[Key]]

    def run(self) -> list[Outcome]:
        """Set the flags in these rows, and remember what stood there for each decision."""
        first = self._plan(lambda *row: ())
        try:
            check_runnable(self.session, first.plan)
        except PlanRefused as error:  # a flag that its column cannot hold keeps no other back
            return [Outcome(Step(0, self.opened.graph.store.name, "*", "set", (), 0), "failed", 0, error.message)]
        names = dict.fromkeys(sorted(self.person.names), self.wanted)
        marking = Marking(
            self.session, first.identity, self.runner, names, self._plan, lambda: None, self._intended, self._ended,
            self.fresh_rows(),
        )  # fmt: skip
        return marking.run(first.plan.stores)

    def fresh_rows(self) -> list[tuple[str, str, tuple[Key, ...]]]:
        """The rows that this is about: no others have been reached by it."""
        return [(self.opened.graph.store.name, name, tuple(keys)) for name, keys in self.fresh.items()]

    def _plan(self, left: Left) -> Planned:
        opened, session = self.opened, self.session
        rows: dict[str, Expr] = {n: KeyIn(opened.graph.key_of(n), tuple(keys)) for n, keys in self.fresh.items()}
        mine = {name: tuple(sorted(keys, key=repr)) for name, keys in self.person.anchors.items()}
        found = person_rows(opened, mine)
        rows = unheard(opened, {n: all_of(found[n], where) for n, where in rows.items() if n in found}, left)
        rules = DueRules(session.policy, opened.graph, session.as_of)
        draft = setting(opened, rows, self.wanted, self.person.made, session.policy.timezone)
        plan = assemble(opened, draft, rules, exact=True)
        return Planned(self._whole(plan), Identity((), {opened.graph.store.name: mine}), Wish())

    def _whole(self, *stores: StorePlan) -> Plan:
        policy = self.session.policy
        scope = {"purposes": [] if self.purpose == EVERY else [self.purpose]}
        return Plan("refuse", self.session.as_of, policy.digest, policy.version, stores, scope)

    def _intended(self, stores: Sequence[StorePlan]) -> None:
        self._note("intended", intention(self._whole(*stores), self.runner.ref))

    def _ended(self, outcomes: Sequence[Outcome]) -> None:
        lines: list[JSON] = [outcome_line(one) for one in outcomes]
        self._note("failed" if any(map(failed, outcomes)) else "done", {"request": self.runner.ref, "outcomes": lines})

    def _note(self, how: str, body: Mapping[str, JSON]) -> None:
        sort = "restriction" if self.purpose == EVERY else "objection"
        self.runner.records.note(Event(f"{sort}.{how}", self.runner.now, dict(body)))
