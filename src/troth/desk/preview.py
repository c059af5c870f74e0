"""What an erasure would do, before anybody confirms it: what goes, what stays, why and until when."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from html import escape

from troth.core.evidence.canonical import JSON, canonical
from troth.core.policy.model import Field
from troth.core.rights.erase import Wish, identify, plan_erasure
from troth.core.rights.hanging import hanging_on_held
from troth.core.rights.identity import Decisions, Subject
from troth.core.rights.plan import PASSIVE, Plan, Step
from troth.core.rights.present import fields_present
from troth.desk.grounds import BELOW
from troth.desk.house import House, stores
from troth.desk.kept import asked_for, below_in_words, end_of, ending, hanging, said, why_of
from troth.package.html_names import Namer, sign_of
from troth.web.wording import Words


@dataclass(frozen=True, slots=True)
class Why:
    """Why something stays. ``what`` names the fields, by what they hold, and is empty for whole rows; ``until`` is
    the last day, or the first and the last where rows end on different days; empty while none is known."""

    what: str
    why: str
    until: str


@dataclass(frozen=True, slots=True)
class Line:
    """One kind of rows. ``place`` is finished markup; ``whys`` is empty for what goes."""

    place: str
    rows: int
    whys: tuple[Why, ...] = ()


@dataclass(frozen=True, slots=True)
class Preview:
    """``waiting``: rows that a human decides about first. ``away``: stores that did not answer, so that what lies there
    is not told. ``refused``: the engine could not do it as things are; a member of staff will mend that first.
    ``digest``: over the rows' keys (``relied_on``). ``idle``: the person is known, but all that there is serves other
    uses than those that were named."""

    goes: tuple[Line, ...]
    stays: tuple[Line, ...]
    waiting: int
    away: tuple[str, ...]
    refused: bool
    digest: str = ""
    idle: bool = False
    hanging: tuple[tuple[str, str, int], ...] = ()
    """For staff: (what goes, what it belongs to and is held by hand, rows). The places are finished markup."""

    @property
    def nothing(self) -> bool:
        """Nothing is known of the person."""
        return not self.idle and not self.goes and not self.stays and not self.waiting and not self.away


def preview(
    house: House, identifiers: tuple[tuple[str, str], ...], scope: frozenset[str], language: str, now: datetime,
    *, hurried: bool = True, decisions: Decisions | None = None, categories: frozenset[str] = frozenset(),
) -> Preview:  # fmt: skip
    """The plan in the person's words, with what a human has decided about rows in doubt. Nothing is changed.
    ``categories``: only these kinds of data."""
    wish = Wish(tuple(sorted(scope)), (), decisions or Decisions(), tuple(sorted(categories)))
    with stores(house.policy, now, hurried=hurried) as session:
        identity = identify(session, Subject(identifiers), wish.decisions, house.records)
        holds = house.records.holds(session.as_of)
        plan = plan_erasure(session, identity, wish, holds).plan
        present, known = fields_present(session, plan), identity.found
        hanging = hanging_on_held(session, plan, identity.anchors, holds)
    steps = [step for store in plan.stores for step in store.steps]
    waiting = sum(step.rows for step in steps if step.action == "flag")
    draw = _Words(house, language)
    goes = [
        replace(step, fields=present.get((step.store, step.number), step.fields))
        for step in steps if step.action not in PASSIVE and step.rows
    ]  # fmt: skip
    held = [step for step in steps if step.action == "keep" and step.rows]
    stays = asked_for(house.policy, scope, held)
    away = tuple(sorted({*plan.unreachable, *session.unreachable}))
    idle = bool((scope and held) or (categories and known)) and not (goes or stays or waiting or away)
    return Preview(
        draw.goes(goes, held), draw.stays(stays), waiting, away, bool(plan.refusals), relied_on(plan), idle,
        tuple((draw.named(one.store, one.collection), draw.named(one.store, one.parent), one.rows) for one in hanging),
    )  # fmt: skip


def relied_on(plan: Plan) -> str:
    """SHA-256 over what a plan would do with which rows, by their keys: what somebody says yes to. Until when
    something is kept is not part of it: days pass between the yes and the deed."""
    steps: list[JSON] = [
        [step.store, step.collection, step.action, [*step.fields], step.rows, step.keys]
        for store in plan.stores for step in store.steps if step.action != "hook"
    ]  # fmt: skip
    return hashlib.sha256(canonical(steps)).hexdigest()


class _Words:
    """One language."""

    def __init__(self, house: House, language: str) -> None:
        self._language = "fr" if language.startswith("fr") else "en"
        self._namer = Namer(house.policy, self._language)
        self._words = Words("portal", language)

    def place(self, step: Step) -> str:
        """The collection, by its title."""
        return self.named(step.store, step.collection)

    def named(self, store: str, collection: str) -> str:
        """The same, by its names."""
        return self._namer.collection(store, collection)

    def goes(self, steps: Sequence[Step], held: Sequence[Step]) -> tuple[Line, ...]:
        """Whole rows, or only some fields of them; each kind of rows once. ``held``: what stays."""
        found: dict[tuple[str, str, bool], list[Step]] = {}
        for step in steps:
            found.setdefault((step.store, step.collection, step.action == "delete"), []).append(step)
        keyed = self._keyed([same[0] for (_, name, whole), same in found.items() if whole and "[" in name])
        lines = (
            self._goes(same, whole, held) for (_, name, whole), same in found.items() if not (whole and "[" in name)
        )
        return (*keyed, *(line for line in lines if line is not None))

    def _keyed(self, steps: Sequence[Step]) -> list[Line]:
        """Keys of one key/value table are one line: what they hold, and the rows of all of them."""
        tables: dict[str, list[Step]] = {}
        for step in steps:
            tables.setdefault(self._namer.table(step.store, step.collection), []).append(step)
        found = []
        for title, same in tables.items():
            fields = (self._namer.policy.stores[one.store].collections[one.collection].fields for one in same)
            labels = dict.fromkeys(escape(self._namer.field_label(field)) for of in fields for field in of)
            found.append(Line(f"{title}{self._namer.colon}{', '.join(labels)}", sum(one.rows for one in same)))
        return found

    def _goes(self, steps: list[Step], whole: bool, held: Sequence[Step]) -> Line | None:
        one = steps[0]
        names = dict.fromkeys(name for step in steps for name in step.fields)
        rows = max(step.rows for step in steps)
        if whole or not names:
            return Line(self.place(one), rows) if whole else None
        kept = {name for step in held if self.place(step) == self.place(one) for name in step.fields}
        return Line(f"{self.place(one)}{self._namer.colon}{self._said(one, [*names], kept)}", rows)

    def _said(self, step: Step, names: list[str], kept: set[str]) -> str:
        """These fields by what they hold, as the personal space calls it. Where another field of that name stays, by
        their own names too. Finished markup."""
        collection = self._namer.policy.stores[step.store].collections[step.collection]
        known = map(collection.field_named, kept)
        stays = {self._namer.field_label(one) for one in known if one is not None}
        fields = [one for name in names if (one := collection.field_named(name)) is not None]
        return ", ".join(dict.fromkeys(self._label(one, stays) for one in fields))

    def _label(self, field: Field, stays: set[str]) -> str:
        label = self._namer.field_label(field)
        return escape(f"{label} ({sign_of('', field)})" if label in stays else label)

    def stays(self, steps: Sequence[Step]) -> tuple[Line, ...]:
        """What is kept, each kind of rows once: the policy's own reasons, and the last day of each."""
        found: dict[tuple[str, str], list[Step]] = {}
        for step in steps:
            found.setdefault((step.store, step.collection), []).append(step)
        every = [
            (one.store, one.collection, end_of(one), why_of(self._namer.policy, one)) for one in steps
        ]  # fmt: skip
        return tuple(self._stays(kept, every) for kept in found.values())

    def _stays(self, steps: list[Step], every: list[tuple[str, str, str, str]]) -> Line:
        """A row that stays only for its fields' sake, or for rows that need it, is no reason of its own."""
        found: dict[tuple[str, str], list[str]] = {}
        for step in steps:
            why, until = self._below(step, every) or (self._why(step), self._until(step))
            found.setdefault((self._fields(step), until), []).append(why)
        whys = [Why(what, ", ".join(dict.fromkeys(why)), until) for (what, until), why in found.items()]
        named = [why for why in whys if why.what]
        return Line(self.place(steps[0]), max(step.rows for step in steps), tuple(named or whys))

    def _below(self, step: Step, every: list[tuple[str, str, str, str]]) -> tuple[str, str] | None:
        """Of a row that stays for what hangs on it: that, and until when it stays."""
        if why_of(self._namer.policy, step) != BELOW:
            return None
        below, until = hanging(self._namer.policy, (step.store, step.collection), every)
        named = below_in_words(self._namer.policy, self._words, below, self._language)
        return named, ending(self._words, until, self._language)

    def _why(self, step: Step) -> str:
        return said(self._namer.policy, self._words, step.store, why_of(self._namer.policy, step), self._language)

    def _fields(self, step: Step) -> str:
        """Which of its fields, by what they hold; nothing for whole rows. Finished markup."""
        policy = self._namer.policy
        collection = policy.stores[step.store].collections.get(step.collection)
        fields = [collection.field_named(name) for name in step.fields] if collection is not None else []
        return ", ".join(dict.fromkeys(escape(self._namer.field_label(one)) for one in fields if one is not None))

    def _until(self, step: Step) -> str:
        return ending(self._words, end_of(step), self._language)
