"""For staff, before they decide: what the person would be told, and what would be done in the stores."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from html import escape

from troth.core.errors import PlanRefused, StoreUnreachable, TrothError, UsageError
from troth.core.evidence.canonical import JSON, canonical
from troth.core.requests.clock import clock
from troth.core.requests.machine import happen
from troth.core.requests.model import Act, By, Happened, Request, Right
from troth.core.requests.route import terms_of
from troth.core.rights.erase import Planned, identify
from troth.core.rights.formats import unfit
from troth.core.rights.identity import Decisions, Identity, Subject
from troth.core.rights.plan import PASSIVE, Plan, Step
from troth.core.rights.rectify import plan_rectification
from troth.core.rights.refuse import plan_refusal
from troth.core.rights.restrict import plan_restriction
from troth.core.rights.session import Session
from troth.desk import documents, telling
from troth.desk.files import file_of
from troth.desk.house import House, stores
from troth.desk.particulars import Particulars
from troth.desk.preview import Preview, preview
from troth.desk.preview import relied_on as relied_keys
from troth.desk.sharing import OPENED, in_the_way, rows_apart
from troth.package.html_names import Namer
from troth.web.wording import Words

SECRET = ("Password", "Authenticating")
"""Categories that nobody is shown."""


def told(
    house: House, ref: str, act: Act, reasons: Sequence[str], now: datetime, *, document: bool = False
) -> list[str]:  # fmt: skip
    """The paragraphs that the person would read, in their language. ``document``: asked for a copy of an identity
    document. Raises UsageError, as the act itself would."""
    before, who = file_of(house, ref, now)
    terms = terms_of(house.policy, before.request.controller)
    after = happen(before.request, Happened(act, now, By.STAFF, tuple(reasons)), terms)
    if act == Act.REFUSED:
        return telling.refusal_lines(house, after, who)
    asked = documents.link(house, now) if document else None
    return telling.waiting_lines(house, after, who, clock(after, terms, now), asked)


@dataclass(frozen=True, slots=True)
class Written:
    """Fields that would be written. ``place`` and ``field`` are finished markup; ``value`` is not, it is what somebody
    wrote: empty for a field that is emptied, or a flag that is set."""

    place: str
    field: str
    value: str
    rows: int
    standing: tuple[str, ...] = ()
    """What stands there now, each value once."""
    doubt: str = ""
    """What the value cannot be, as the name of a sentence (``formats.unfit``)."""


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What carrying out would do. ``erasure`` for that right; ``writes`` for a rectification and a restriction;
    ``purposes`` (their titles) and the flags in ``writes`` for an objection and a withdrawal. ``why_not``: (message,
    remedy) of what stops it, in English; ``nobody``: nobody is known by what was given; ``digest``: over the keys of
    the rows, empty where an approval is not about rows."""

    erasure: Preview | None = None
    writes: tuple[Written, ...] = ()
    purposes: tuple[str, ...] = ()
    waiting: int = 0
    away: tuple[str, ...] = ()
    why_not: tuple[tuple[str, str], ...] = field(default=())
    nobody: bool = False
    digest: str = ""

    @property
    def blind(self) -> bool:
        """It cannot be seen, or cannot be done: nobody can say yes to it."""
        return bool(self.away or self.why_not or (self.erasure is not None and self.erasure.refused))

    @property
    def only_doubt(self) -> bool:
        """Everything that was found is in doubt about whose it is: there is nothing else to say yes to."""
        plan = self.erasure
        sure = bool(self.writes or self.purposes or (plan is not None and (plan.goes or plan.stays)))
        return bool(self.waiting) and not (sure or self.blind)


def foresee(
    house: House, request: Request, who: Particulars, language: str, now: datetime, *, hurried: bool = True,
    decisions: Decisions | None = None,
) -> Foreseen:  # fmt: skip
    """Ask the stores what carrying out would do now, with ``decisions`` about the rows in doubt; nothing is changed.
    Raises StoreError, PlanRefused, UsageError."""
    decided = decisions or Decisions()
    match request.right:
        case Right.ERASURE:
            found = preview(
                house, who.identifiers, request.scope, language, now, hurried=hurried, decisions=decided,
                categories=request.categories,
            )  # fmt: skip
            return Foreseen(
                found, waiting=found.waiting, away=found.away, nobody=found.nothing, digest=found.digest
            )  # fmt: skip
        case Right.RECTIFICATION | Right.RESTRICTION:
            return _written(house, request, who, language, now, hurried=hurried, decided=decided)
        case Right.OBJECTION | Right.WITHDRAWAL:
            return _refused(house, request, who, language, now, hurried=hurried, decided=decided)
        case _:
            return Foreseen()


PLANNED = frozenset({Right.ERASURE, Right.RECTIFICATION, Right.RESTRICTION})
"""Where a yes is one to a plan, over rows that somebody has seen."""


def with_these(
    house: House, request: Request, who: Particulars, now: datetime, apart: Iterable[str]
) -> str:  # fmt: skip
    """The digest of what would be done if rows in doubt are the person's, but for those with the tags in ``apart``;
    empty where nothing is done to rows. Raises as ``relied_on``."""
    if request.right not in PLANNED:
        return ""
    return relied_on(house, request, who, now, replace(OPENED, apart=frozenset(apart)))


def foresee_shared(
    house: House, request: Request, who: Particulars, language: str, now: datetime, apart: Sequence[str] | None
) -> Foreseen | None:  # fmt: skip
    """What would be done if all rows in doubt but those with these tags are the person's (None: no row in doubt is);
    why it cannot be told, where it cannot. No plan for a copy, which changes nothing. Raises UsageError for a row that
    is not in doubt."""
    if request.right not in PLANNED:
        return None
    tags = () if apart == () else rows_apart(house, who, now, apart)
    try:
        return foresee(house, request, who, language, now, decisions=replace(OPENED, apart=frozenset(tags)))
    except UsageError:
        raise
    except TrothError as error:
        return Foreseen(why_not=((error.message, error.remedy),))


def relied_on(
    house: House, request: Request, who: Particulars, now: datetime, decisions: Decisions | None = None,
    *, hurried: bool = False,
) -> str:  # fmt: skip
    """The digest of what carrying out would do now. Raises StoreUnreachable when a store does not answer, PlanRefused
    when it cannot be done: nobody can say yes to what cannot be seen."""
    language = house.policy.authoritative
    found = foresee(house, request, who, language, now, hurried=hurried, decisions=decisions)
    check_seen(found)
    return found.digest


def check_seen(found: Foreseen) -> None:
    """Raises StoreUnreachable, PlanRefused where it cannot be seen, or cannot be done."""
    if found.away:
        raise StoreUnreachable(
            f"{', '.join(found.away)} does not answer", remedy="approve when all of it can be seen"
        )  # fmt: skip
    if found.blind:
        message, remedy = next(iter(found.why_not), ("the plan is refused", "`troth plan` shows what stops it"))
        raise PlanRefused(message, remedy=remedy)


def _written(
    house: House, request: Request, who: Particulars, language: str, now: datetime, *, hurried: bool,
    decided: Decisions,
) -> Foreseen:  # fmt: skip
    with stores(house.policy, now, hurried=hurried) as session:
        identity = identify(session, Subject(who.identifiers), decided, house.records)
        planned = _plan(session, identity, request, who, decided)
        away = tuple(sorted({*planned.plan.unreachable, *session.unreachable, *identity.unreachable}))
        standing = replaced(session, planned.plan)
    draw = _Fields(house, who, language)
    steps = [step for store in planned.plan.stores for step in store.steps]
    changes = [step for step in steps if step.action not in PASSIVE and step.rows]
    held = in_the_way(house, request, who, identity)
    waiting = held + sum(step.rows for step in steps if step.action == "flag")
    writes = [draw.written(s, name, standing.get((s.store, s.number), ())) for s in changes for name in s.fields]
    return Foreseen(
        writes=once(writes), waiting=waiting, away=away, nobody=not identity.found and not waiting,
        why_not=tuple((finding.message, finding.remedy) for finding in planned.plan.refusals),
        digest=digest_of(house, planned.plan, standing),
    )  # fmt: skip


def _refused(
    house: House, request: Request, who: Particulars, language: str, now: datetime, *, hurried: bool,
    decided: Decisions,
) -> Foreseen:  # fmt: skip
    """An objection or a withdrawal: what is no longer used, and the flags that say so. A store that is away holds
    nothing up; it is flagged when it is back."""
    titles = [house.policy.purposes[name].title for name in sorted(request.scope)]
    purposes = tuple(title.get(language) or next(iter(title.values())) for title in titles)
    mapped = {purpose for collection in house.policy.collections() for purpose in collection.refused}
    if mapped.isdisjoint(request.scope):
        return Foreseen(purposes=purposes)
    with stores(house.policy, now, hurried=hurried) as session:
        identity = identify(session, Subject(who.identifiers), decided, house.records)
        plan = plan_refusal(session, identity, request.scope, now, decided).plan
    place = Namer(house.policy, language).collection
    changes = {(store.store, one.number): one for store in plan.stores for one in store.changes}
    writes = [
        Written(place(step.store, step.collection), *_flag(one.column, one.value, language), step.rows)
        for store in plan.stores for step in store.steps if step.action == "set"
        for one in changes[store.store, step.number].assignments if one.kind == "value"
    ]  # fmt: skip
    return Foreseen(
        writes=once(writes), purposes=purposes, waiting=sum(step.rows for step in plan.flags),
        why_not=tuple((finding.message, finding.remedy) for finding in plan.refusals),
    )  # fmt: skip


def _flag(column: str, value: object, language: str) -> tuple[str, str]:
    """What the flag of a refusal is called, as finished markup, and what it says."""
    words = Words("console", language)
    said = words["yes" if value else "no"] if isinstance(value, bool) else str(value)
    return f"{escape(words['foreseen_flag'])} (<code>{escape(column)}</code>)", said


def once(writes: Iterable[Written]) -> tuple[Written, ...]:
    """The same lines; those that say the same of places of one name are one, with the rows of all."""
    found: dict[tuple[str, str, str, str], Written] = {}
    for one in writes:
        key = (one.place, one.field, one.value, one.doubt)
        same = found.get(key, replace(one, rows=0, standing=()))
        standing = tuple(sorted({*same.standing, *one.standing}))
        found[key] = replace(same, rows=same.rows + one.rows, standing=standing)
    return tuple(found.values())


Standing = Mapping[tuple[str, int], tuple[str, ...]]


def replaced(session: Session, plan: Plan) -> Standing:
    """What stands now where a rectification would write, by the store and number of its step; each value once. Empty
    for every other plan: what an erasure takes, it takes whatever stands in it."""
    if plan.kind != "rectify":
        return {}
    found = {}
    for store in plan.stores:
        wheres = {change.number: change.where for change in store.changes}
        for step in store.steps:
            if step.number not in wheres or not step.rows or store.store not in session.stores:
                continue
            rows = session.stores[store.store].connector.read(step.collection, wheres[step.number], step.fields)
            values = {"" if value is None else str(value) for row in rows for value in row.values()}
            found[store.store, step.number] = tuple(sorted(values))
    return found


def digest_of(house: House, plan: Plan, standing: Standing) -> str:
    """What somebody says yes to: which rows (``preview.relied_on``) and, for a rectification, the values that it would
    overwrite, under a hash with the vault's key: the digest is kept, and tells nothing of them."""
    if not standing:
        return relied_keys(plan)
    told: list[JSON] = [[store, number, [*values]] for (store, number), values in sorted(standing.items())]
    values = hashlib.sha256(canonical([relied_keys(plan), told])).hexdigest()
    return house.records.state.keys.vault.index("desk/approval", values).hex()


def _plan(session: Session, identity: Identity, request: Request, who: Particulars, decided: Decisions) -> Planned:
    if request.right == Right.RESTRICTION:
        return plan_restriction(session, identity, decided)
    return plan_rectification(session, identity, who.wanted)


class _Fields:
    """What fields are called, and what is to stand in them."""

    def __init__(self, house: House, who: Particulars, language: str) -> None:
        self._namer = Namer(house.policy, language)
        self._said = who.said

    def written(self, step: Step, field: str, standing: tuple[str, ...]) -> Written:
        store, name = step.store, step.collection
        collection = self._namer.policy.stores[store].collections.get(name)
        found = collection.field_named(field) if collection is not None else None
        label = escape(self._namer.field_label(found)) if found is not None else ""
        spelt = (f"{store}.{name}.{field}", f"{name}.{field}", field)
        values = " · ".join(dict.fromkeys(value for one, value in self._said if one in spelt and value))
        shown = () if found is not None and found.category in SECRET else standing
        doubts = (unfit(found.category, value, standing) for one, value in self._said if one in spelt) if found else ()
        doubt = next((code for code in doubts if code), "")
        return Written(self._namer.collection(store, name), label, values, step.rows, shown, doubt)
