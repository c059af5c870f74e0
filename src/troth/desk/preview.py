"""What an erasure would do, before anybody confirms it: what goes, what stays, why and until when."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from troth.core.evidence.canonical import JSON, canonical
from troth.core.rights.erase import Wish, identify, plan_erasure
from troth.core.rights.identity import Decisions, Subject
from troth.core.rights.plan import PASSIVE, Plan, Step
from troth.desk.house import House, stores
from troth.desk.kept import asked_for, by_law, hold_of
from troth.package import locale
from troth.package.html_names import Namer
from troth.web.wording import Words


@dataclass(frozen=True, slots=True)
class Why:
    """Why something stays. ``what`` names the fields, by their categories, and is empty for whole rows; ``until`` is
    the last day, empty while none is known."""

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

    @property
    def nothing(self) -> bool:
        """Nothing is known of the person."""
        return not self.idle and not self.goes and not self.stays and not self.waiting and not self.away


def preview(
    house: House, identifiers: tuple[tuple[str, str], ...], scope: frozenset[str], language: str, now: datetime,
    *, hurried: bool = True,
) -> Preview:  # fmt: skip
    """The plan in the person's words. Nothing is changed."""
    wish = Wish(tuple(sorted(scope)), (), Decisions())
    with stores(house.policy, now, hurried=hurried) as session:
        identity = identify(session, Subject(identifiers), wish.decisions, house.records)
        plan = plan_erasure(session, identity, wish, house.records.holds(session.as_of)).plan
    steps = [step for store in plan.stores for step in store.steps]
    waiting = sum(step.rows for step in steps if step.action == "flag")
    draw = _Words(house, language)
    goes = [step for step in steps if step.action not in PASSIVE and step.rows]
    held = [step for step in steps if step.action == "keep" and step.rows]
    stays = asked_for(house.policy, scope, held)
    away = tuple(sorted({*plan.unreachable, *session.unreachable}))
    idle = bool(scope and held) and not (goes or stays or waiting or away)
    return Preview(
        draw.goes(goes), draw.stays(stays), waiting, away, bool(plan.refusals), relied_on(plan), idle
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
        return self._namer.collection(step.store, step.collection)

    def goes(self, steps: Sequence[Step]) -> tuple[Line, ...]:
        """Whole rows, or only some fields of them; each kind of rows once."""
        found: dict[tuple[str, str, bool], list[Step]] = {}
        for step in steps:
            found.setdefault((step.store, step.collection, step.action == "delete"), []).append(step)
        return tuple(self._goes(same, whole) for (_, _, whole), same in found.items())

    def _goes(self, steps: list[Step], whole: bool) -> Line:
        fields = replace(steps[0], fields=tuple(dict.fromkeys(name for step in steps for name in step.fields)))
        return Line(self.place(steps[0]) + ("" if whole else self._fields(fields)), max(step.rows for step in steps))

    def stays(self, steps: Sequence[Step]) -> tuple[Line, ...]:
        """What is kept, each kind of rows once: the policy's own reasons, and the last day of each."""
        found: dict[tuple[str, str], list[Step]] = {}
        for step in steps:
            found.setdefault((step.store, step.collection), []).append(step)
        return tuple(self._stays(kept) for kept in found.values())

    def _stays(self, steps: list[Step]) -> Line:
        """A row that stays only for its fields' sake, or for rows that need it, is no reason of its own."""
        found: dict[tuple[str, str], list[str]] = {}
        for step in steps:
            found.setdefault((self._categories(step), self._until(step.until)), []).append(self._why(step))
        whys = [Why(what, ", ".join(dict.fromkeys(why)), until) for (what, until), why in found.items()]
        named = [why for why in whys if why.what]
        return Line(self.place(steps[0]), max(step.rows for step in steps), tuple(named or whys))

    def _why(self, step: Step) -> str:
        if step.detail == "manual" and step.reason.startswith("restriction:"):
            return self._words["stays_frozen"]
        if step.detail == "needed_by_kept":
            return self._words["stays_below"]
        found = hold_of(self._namer.policy, step)
        if found is not None:
            return by_law(found[1], self._language)
        return dict(step.reason_in).get(self._language, "") or self._words["stays_reason"]

    def _fields(self, step: Step) -> str:
        names = self._categories(step)
        return f"{self._namer.colon}{names}" if names else ""

    def _categories(self, step: Step) -> str:
        """Which of its fields, by their categories; nothing for whole rows. Finished markup."""
        policy = self._namer.policy
        collection = policy.stores[step.store].collections.get(step.collection)
        fields = [collection.field_named(name) for name in step.fields] if collection is not None else []
        return ", ".join(dict.fromkeys(self._namer.category(one.category) for one in fields if one is not None))

    def _until(self, day: date | None) -> str:
        return locale.day(day, self._language) if day else ""
