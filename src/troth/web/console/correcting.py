"""Correcting a field: what would change is shown first; then it goes the way of every request, so that notices,
evidence and journal are the same (GDPR Articles 16 and 19)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from troth.core.policy.model import Policy
from troth.core.policy.sections.people import Rights
from troth.core.requests.model import Channel, Right
from troth.core.requests.route import needs_approval
from troth.core.rights.erase import identify
from troth.core.rights.formats import unfit_in
from troth.core.rights.identity import Decisions, Subject
from troth.core.rights.plan import PASSIVE
from troth.core.rights.rectify import Correction, plan_rectification
from troth.desk import deciding, foretold
from troth.desk.ahead import ahead
from troth.desk.fields import given, given_by
from troth.desk.files import Wish, open_file
from troth.desk.house import House, stores
from troth.desk.particulars import Particulars
from troth.desk.sharing import concerned
from troth.package.html_names import Namer
from troth.web.console import trace
from troth.web.console.drawing import draw, language_of, stores_called, to, words_for
from troth.web.console.gate import Member, staff_only
from troth.web.console.member import roles
from troth.web.console.person import Person, called, with_person
from troth.web.console.saying import said

LONGEST = 2000
"""Characters of a value."""
_CHANNELS = (Channel.PHONE, Channel.POST, Channel.EMAIL, Channel.FORM)
KNOWN = "known"
"""How it is known who asks: somebody here knows them (``machine.PROOFS``)."""


@dataclass(frozen=True, slots=True)
class Shown:
    """The plan of a correction: places and rows; what stands in its way; its digest."""

    lines: tuple[tuple[str, int], ...]
    flagged: bool
    refusals: tuple[tuple[str, str], ...]
    away: tuple[str, ...]
    answer_to: str
    digest: str
    standing: tuple[str, ...]
    """What stands there now, each value once."""
    relied: str
    """The digest that an approval is bound to (``foretold.digest_of``)."""

    @property
    def possible(self) -> bool:
        """Whether there is something to do and nothing against it."""
        return bool(self.lines) and not (self.flagged or self.refusals or self.away)


def may_change(policy: Policy, me: Member) -> bool:
    """Whether they may correct people's data, where the policy offers rectification: a role that the policy counts
    among the managers of accounts where ``accounts: managers_may`` says so, any other where its own ``may`` does."""
    if Right.RECTIFICATION not in (policy.document.rights or Rights()).offered:
        return False
    accounts = policy.document.accounts
    managers = set(accounts.managers) if accounts is not None else set()
    for name in me.staff.roles:
        role = roles(policy).get(name)
        if role is None:
            continue
        if name in managers and accounts is not None:
            if "change" in accounts.managers_may:
                return True
        elif "change_people" in role.may:
            return True
    return False


@staff_only("change_people")
@require_http_methods(["GET", "POST"])
@with_person
def correct(request: HttpRequest, me: Member, at: House, who: Person) -> HttpResponse:
    """One field and its right value."""
    if not may_change(at.policy, me):
        return draw(request, me, "refused", 403, right_title=words_for(request)["right_change_people"])
    language, words = language_of(request), words_for(request)
    titles = dict(given(at.policy, language))
    field, value = request.POST.get("field", ""), request.POST.get("value", "").strip()[:LONGEST]
    plan, error = None, ""
    if request.method == "POST":
        if field not in titles or not value:
            error = "correct_unsaid"
        else:
            plan = planned(at, who, field, value, language)
            error = unfit_in(at.policy, Correction(field, value), plan.standing)
            plan = None if error else plan
            if plan is not None and "seen" in request.POST:
                if plan.possible and request.POST["seen"] == plan.digest:
                    goes_on = enter(at, me, who, field, value, _channel(request), language, plan.relied)
                    return to(request, "console_person", said="corrected" if goes_on else "correction_joined")
                error = "correct_changed"
    channels = [(str(one), words[f"told_by_{one}"]) for one in _CHANNELS]
    return draw(
        request, me, "correct", 400 if error else 200, error=error, room="people",
        who=called(at.policy, who.identifiers, language),
        fields=given_by(at, who.identifiers, language, datetime.now(UTC)),
        field=field, field_title=titles.get(field, ""), value=value, plan=plan, channels=channels,
        away=stores_called(at.policy, plan.away if plan else (), language), channel=str(_channel(request)),
        refusals=[said(*one, language) for one in plan.refusals] if plan else [],
    )  # fmt: skip


def _channel(request: HttpRequest) -> Channel:
    return next((one for one in _CHANNELS if one == request.POST.get("channel")), _CHANNELS[0])


def planned(at: House, who: Person, field: str, value: str, language: str) -> Shown:
    """What the correction would do, counted now. Nothing is changed. Raises StoreError."""
    with stores(at.policy, datetime.now(UTC), hurried=True) as session:
        identity = identify(session, Subject(who.identifiers), Decisions(), at.records)
        plan = plan_rectification(session, identity, [Correction(field, value)]).plan
        away = {*plan.unreachable, *session.unreachable}
        standing = foretold.replaced(session, plan)
    steps = [step for store in plan.stores for step in store.steps]
    namer = Namer(at.policy, language)
    lines = tuple(
        (namer.place(s.store, s.collection), s.rows) for s in steps if s.action not in PASSIVE and s.rows
    )  # fmt: skip
    relied = foretold.digest_of(at, plan, standing)
    now = tuple(sorted({value for values in standing.values() for value in values}))
    refusals = tuple((one.message, one.remedy) for one in plan.refusals)
    meant = concerned(at, [Correction(field, value)])
    flagged = bool(plan.flags) or any((one.store, one.collection) in meant for one in identity.flags)
    return Shown(lines, flagged, refusals, tuple(sorted(away)), who.email, plan.digest + relied, now, relied)


def enter(
    at: House, me: Member, who: Person, field: str, value: str, channel: Channel, language: str, seen: str
) -> bool:  # fmt: skip
    """Enter the request; on record, and approved by whoever has just seen its plan, whose digest over the rows is
    ``seen``. False where the same had been asked for already and waits for something else than this approval. Raises
    EvidenceError, UsageError; then nothing was entered."""
    now = datetime.now(UTC)
    particulars = Particulars(who.identifiers, who.email, language, {field: value})
    wish = Wish(Right.RECTIFICATION, particulars, channel, verified=KNOWN)
    approval = (at.policy.document.rights or Rights()).approval
    with transaction.atomic():
        opened = open_file(at, wish, now)
        ref = opened.request.ref
        trace.changed(me, "correction", at=at, ref=ref, person=who.identifiers, ground=who.ground)
        waits = ahead(ref).what == "approval" if opened.joined else needs_approval(opened.request, approval)
        if waits:
            deciding.approve(at, ref, now, seen)
    return waits or not opened.joined
