"""Opening a request, reading it back, and letting something happen to it."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

from django.db import connection, transaction
from django.db.models import Q
from django.dispatch import Signal

from troth.core.errors import UsageError
from troth.core.evidence.leaf import read_time, write_time
from troth.core.policy.model import Policy
from troth.core.policy.sections.people import Rights
from troth.core.requests.clock import Clock, clock
from troth.core.requests.machine import DEATH, PROOFS, happen, joinable, may_ask
from troth.core.requests.model import Act, Behalf, By, Channel, Happened, Request, Right, State
from troth.core.requests.route import Stop, route, terms_of, whole_scope
from troth.core.rights.kinds import check_categories
from troth.desk.house import House
from troth.desk.models import File, Name
from troth.desk.particulars import Particulars, unsealed
from troth.jobs.enqueue import Planned, enqueue

if TYPE_CHECKING:
    from troth.state.vault import Vault

_ADDRESS = re.compile(r"[^@\s<>,;:\"]{1,64}@[^@\s<>,;:\"]{1,253}")
_LETTERS = "bcdfghjkmnpqrstvwxz"

acted = Signal()
"""Sent with ``request``, its clock ``found`` and the moment ``at`` when a file has been opened or something has
happened to it, in the transaction of that: what a receiver raises undoes it."""

JOB = "request"
"""The kind of job that carries a request through the house; its key is the request's name."""


MOST = 20
"""Requests of one person, or for others by one speaker, that may be open, or have come within a day, before the site
takes no more of them."""


class TooMany(UsageError):
    """Somebody asks more often than anybody needs to."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asks for. ``verified`` says how it is known who asks, empty if it is not."""

    right: Right
    particulars: Particulars
    channel: Channel
    scope: frozenset[str] = frozenset()
    behalf: Behalf | None = None
    controller: str = ""
    verified: str = ""
    account: str = ""
    received: datetime | None = None
    """When it arrived, if that was earlier: a letter of last week."""
    speaker: tuple[tuple[str, str], ...] = ()
    """What finds whoever speaks for the person, so that they can follow what they asked for."""
    by_human: bool = False
    """Somebody has to look at it before anything is done, whatever the policy says of the right."""
    categories: frozenset[str] = frozenset()
    """Of an erasure: only these kinds of data."""


@dataclass(frozen=True, slots=True)
class Opened:
    """The file of a request; ``joined``: it was asked for already, and this is the file of then."""

    request: Request
    clock: Clock
    joined: bool = field(default=False)


def open_file(house: House, wish: Wish, now: datetime) -> Opened:
    """Make a file and set it on its way, or put the wish to an open one that asks for the same.

    Raises UsageError when the policy does not offer the right, when nobody can ask for it in this way, or when what
    is named does not exist, TooMany when somebody floods the site; then there is no file.
    """
    _check(house.policy, wish, now)
    scope = wish.scope or (frozenset() if wish.controller else whole_scope(wish.right, house.policy))
    vault = house.records.state.keys.vault
    request = Request(
        _new_ref(), wish.right, wish.particulars.subject(vault), wish.received or now, wish.channel, scope,
        wish.behalf, wish.controller, _details(wish.particulars.wish(vault)), categories=wish.categories,
    )  # fmt: skip
    terms = terms_of(house.policy, wish.controller)
    with transaction.atomic():
        _one_at_a_time(request.subject)
        earlier = joinable(request, _open_of(house, wish, request.subject))
        if earlier is not None:
            joined = let(house, earlier.ref, Happened(Act.JOINED, now, By.PERSON), now)
            return Opened(joined.request, joined.clock, joined=True)
        if wish.channel == Channel.PORTAL and _lately(vault, wish, request.subject, now) >= MOST:
            raise TooMany("too many requests of one person", remedy="wait until some of them have been answered")
        found = clock(request, terms, now)
        row = File.objects.create(
            ref=request.ref, right=request.right, channel=request.channel, behalf=request.behalf or "",
            controller=request.controller, subject=request.subject, scope=sorted(request.scope),
            categories=sorted(request.categories), wish=request.details.get("wish", ""), verified=wish.verified,
            account=wish.account,
            received=request.received, state=request.state, due=found.due,
            sealed=wish.particulars.seal(vault, request.ref),
        )  # fmt: skip
        found_by = (*wish.particulars.identifiers, *wish.speaker)
        Name.objects.bulk_create(Name(file=row, hash=item) for item in set(vault.indexes(found_by)))
        steps = [Planned(f"request.{stop}", request.ref) for stop in _stops(house.policy, request, wish)]
        enqueue(JOB, request.ref, steps, plan={"right": str(request.right)})
        acted.send(File, request=request, found=found, at=now)
    return Opened(request, found)


def _stops(policy: Policy, request: Request, wish: Wish) -> tuple[str, ...]:
    """The way of a request. An answer that goes elsewhere than to the person's own address leaves only after somebody
    has approved it: else whoever says that it is known who asks could have anybody's data sent to themselves."""
    stops = route(request, policy, verified=bool(wish.verified)).stops
    if request.controller or Stop.APPROVAL in stops or not (wish.particulars.elsewhere or wish.by_human):
        return stops
    first = int(Stop.IDENTITY in stops)
    return (*stops[:first], Stop.APPROVAL, *stops[first:])


def let(
    house: House, ref: str, happened: Happened, now: datetime, plan: str = "", *, with_next: bool = False
) -> Opened:  # fmt: skip
    """Let an act happen to a request. ``plan`` is the digest of what was approved; ``with_next``: the ledger hears of
    it at once, and that waits for the disk. Raises UsageError, as ``machine.happen``, and for a file that does not
    exist."""
    with transaction.atomic():
        row = _row(ref, locked=True, with_next=with_next)
        return _let(house, row, request_of(row), happened, now, plan)


def _let(house: House, row: Any, before: Request, happened: Happened, now: datetime, plan: str = "") -> Opened:
    """The same for a row that is locked and was read as ``before``."""
    terms = terms_of(house.policy, before.controller)
    request = happen(before, happened, terms)
    happened, now = request.history[-1], max(now, request.last_at)
    found = clock(request, terms, now)
    row.state, row.acts = str(request.state), [*row.acts, _written(happened) | ({"plan": plan} if plan else {})]
    row.due, row.settled = found.due, request.ended_at
    if happened.act == Act.IDENTITY_SHOWN:
        row.verified = happened.reference or row.verified
    row.save(update_fields=("state", "acts", "due", "settled", "verified", "begun"))
    acted.send(File, request=request, found=found, at=now)
    return Opened(request, found)


def approved_plan(ref: str) -> str:
    """The digest of the plan that was approved last; empty where none was."""
    return next((one["plan"] for one in reversed(_row(ref).acts) if "plan" in one), "")


def begin(house: House, ref: str, now: datetime) -> tuple[Request, Request, Particulars]:
    """Say that the stores are about to be touched; from then on nobody can withdraw or refuse. Returns the request as
    it was, as it is, and who it is about. Of a request that has ended, or waits for who asks, nothing is said:
    ``begun`` of what it is tells whether to go on."""
    with transaction.atomic():
        row = _row(ref, locked=True, with_next=True)  # the ledger's intention waits for the disk, before any store
        before = request_of(row)
        request = replace(before, begun=before.open and before.state != State.IDENTITY_AWAITED)
        if request.begun and before.state == State.RECEIVED:
            row.begun = True
            taken_up = _let(house, row, before, Happened(Act.TAKEN_UP, now, By.TROTH), now).request
            request = replace(taken_up, begun=True)
        elif request.begun and not before.begun:
            row.begun = True
            row.save(update_fields=("begun",))
    return before, request, unsealed(house.records.state.keys.vault, ref, row.sealed)


def untouched(ref: str) -> None:
    """Nothing was done after all: it can be withdrawn again."""
    File.objects.filter(ref=ref).update(begun=False)


def read(house: House, ref: str) -> tuple[Request, Particulars]:
    """A request with who it is about, for the machine."""
    row = _row(ref)
    return request_of(row), unsealed(house.records.state.keys.vault, ref, row.sealed)


def file_of(house: House, ref: str, now: datetime) -> tuple[Opened, Particulars]:
    """A request with who it is about. Reading that is an act of its own: whoever shows it to staff records it."""
    row = _row(ref)
    request = request_of(row)
    found = clock(request, terms_of(house.policy, request.controller), now)
    return Opened(request, found), unsealed(house.records.state.keys.vault, ref, row.sealed)


def request_of(row: Any) -> Request:
    """A row as a request."""
    return Request(
        row.ref, Right(row.right), row.subject, row.received, Channel(row.channel), frozenset(row.scope),
        Behalf(row.behalf) if row.behalf else None, row.controller, _details(row.wish), State(row.state),
        tuple(_read(one) for one in row.acts), row.begun, frozenset(row.categories),
    )  # fmt: skip


def all_files(*, only_open: bool = True) -> Iterable[tuple[Request, Any]]:
    """Every request and the day it is due, the most urgent first."""
    rows = File.objects.filter(settled__isnull=True) if only_open else File.objects.all()
    return [(request_of(row), row.due) for row in rows.order_by("due", "received")]


def _new_ref() -> str:
    """Letters that are not taken for each other when they are read out; never a number that could be a telephone's."""
    return "req-" + "".join(secrets.choice(_LETTERS) for _ in range(12))


def _check(policy: Policy, wish: Wish, now: datetime) -> None:
    offered = (policy.document.rights or Rights()).offered
    if wish.right not in offered:
        raise UsageError(
            f"the policy does not offer {wish.right}", remedy=f"rights: offered: names {', '.join(sorted(offered))}"
        )
    if not may_ask(wish.right, wish.behalf):
        raise UsageError(f"{wish.right} cannot be asked for in this way ({wish.behalf or 'in one’s own name'})")
    if wish.received is not None and wish.received > now:
        raise UsageError("a request cannot arrive after today")
    if wish.controller and wish.controller not in policy.document.clients:
        raise UsageError(f"the policy has no client {wish.controller!r}")
    for name in wish.scope - set(policy.purposes):
        raise UsageError(f"there is no purpose {name!r}", remedy=f"the policy has: {', '.join(policy.purposes)}")
    if wish.categories and wish.right != Right.ERASURE:
        raise UsageError(f"{wish.right} is not asked for by kind of data", remedy="name purposes, or nothing")
    check_categories(policy, wish.categories)
    if wish.right in (Right.OBJECTION, Right.WITHDRAWAL):
        possible = whole_scope(wish.right, policy)
        for name in sorted(wish.scope - possible):
            raise UsageError(
                f"{name} is no purpose for {wish.right}", remedy=f"possible: {', '.join(sorted(possible)) or 'none'}"
            )
    for kind, _ in wish.particulars.identifiers:
        if kind not in policy.identifiers:
            raise UsageError(
                f"the policy knows no identifier {kind!r}", remedy=f"it knows: {', '.join(policy.identifiers)}"
            )
    if wish.verified and wish.verified not in PROOFS:
        raise UsageError("that is not a way to know who asks", remedy=f"one of: {', '.join(sorted(PROOFS))}")
    if wish.verified == "identity_document":
        raise UsageError(
            "no copy of an identity document has been looked at for a request that is new",
            remedy="leave it out, and ask for a copy once the request is there, or say what else you know them by",
        )
    if wish.verified == DEATH and wish.behalf != Behalf.HEIR:
        raise UsageError("nobody’s death is shown by this request: it is not that of an heir or executor")
    if wish.particulars.answer_to and not _ADDRESS.fullmatch(wish.particulars.answer_to):
        raise UsageError("the answer cannot go there: that is no e-mail address", remedy="without one, by letter")
    if not wish.particulars.identifiers:
        raise UsageError("nobody is named", remedy="a person is named KIND=VALUE, or by an e-mail address")
    if wish.right == Right.RECTIFICATION and not (wish.particulars.wanted or wish.controller):
        raise UsageError("nothing is said to be corrected", remedy="name a field and its right value")


def _open_of(house: House, wish: Wish, subject: str) -> list[Request]:
    """Those that this wish may be put to. Not what waits for who asks, when that is known of this one; nor what will
    be answered to another address: it may have been somebody else who asked."""
    rows = File.objects.select_for_update().filter(subject=subject, settled__isnull=True)
    found = []
    for row in rows:
        earlier = unsealed(house.records.state.keys.vault, row.ref, row.sealed)
        same = wish.particulars.answer_to in ("", earlier.answer_to)
        if same and (row.verified or not wish.verified):
            found.append(request_of(row))
    return found


def _one_at_a_time(subject: str) -> None:
    """Two wishes of one person at the same instant: the second sees the first. On SQLite writers wait anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int(subject[:15], 16)])


def _lately(vault: Vault, wish: Wish, subject: str, now: datetime) -> int:
    """Requests that count against whoever asks: what others ask for in somebody's name is theirs, not the person's."""
    rows = File.objects.filter(Q(settled__isnull=True) | Q(received__gt=now - timedelta(days=1)))
    if wish.behalf is None:
        return int(rows.filter(subject=subject, behalf="").count())
    theirs = Name.objects.filter(hash__in=vault.indexes(wish.speaker)).values("file")
    about_them = Particulars(wish.speaker).subject(vault)
    return int(rows.exclude(behalf="").exclude(subject=about_them).filter(pk__in=theirs).count())


_ONE = "SELECT * FROM desk_file WHERE ref = %s"
_LOCKED = f"{_ONE} FOR UPDATE"
"""On SQLite the transaction has the whole database."""
_WITH_NEXT = _LOCKED.replace("*", "*, set_config('synchronous_commit', 'off', TRUE) AS with_next")
"""As in the journal's statements: this transaction reaches the disk with the next one."""


def _row(ref: str, *, locked: bool = False, with_next: bool = False) -> Any:
    # In words of its own, since every step of every request begins with it: composing it costs more than the answer.
    locking = locked and connection.vendor == "postgresql"
    for row in File.objects.raw((_WITH_NEXT if with_next else _LOCKED) if locking else _ONE, [ref]):
        return row
    raise UsageError(f"there is no request {ref}", remedy="`troth request list` shows them")


def _details(wish: str) -> dict[str, str]:
    return {"wish": wish} if wish else {}


def _written(one: Happened) -> dict[str, Any]:
    at = write_time(one.at)
    return {"act": one.act, "at": at, "by": one.by, "reasons": list(one.reasons), "reference": one.reference}


def _read(data: dict[str, Any]) -> Happened:
    reasons = tuple(cast(list[str], data["reasons"]))
    return Happened(Act(data["act"]), read_time(data["at"]), By(data["by"]), reasons, data["reference"])


__all__ = [
    "JOB", "MOST", "Opened", "TooMany", "Wish", "all_files", "approved_plan", "begin", "file_of", "let", "open_file",
    "read", "request_of", "untouched",
]  # fmt: skip
