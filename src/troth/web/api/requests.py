"""Entering requests, following them, and taking back what this program has entered."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from troth.core.errors import UsageError
from troth.core.evidence.pseudonym import normalise
from troth.core.policy.model import Policy
from troth.core.policy.sections.people import Rights
from troth.core.requests.clock import Clock, clock
from troth.core.requests.model import ENDED, By, Channel, Request, State
from troth.core.requests.route import terms_of
from troth.desk import deciding
from troth.desk.files import Wish, open_file, request_of
from troth.desk.house import house
from troth.desk.models import File
from troth.desk.particulars import Particulars
from troth.web.api.door import Answer, Call
from troth.web.api.once import once
from troth.web.api.problems import Problem
from troth.web.api.shapes import CreatedOut, FullRequestOut, HappenedOut, NewRequest, PageOut, RequestOut
from troth.web.api.tokens import Scope
from troth.web.mail.errors import MailRefused
from troth.web.pages.published import kept

_MOST, _USUAL = 100, 50
FILTERS = frozenset({"state", "due_before", "limit", "cursor"})


def create(call: Call) -> Answer:
    """``POST /api/requests``."""
    said: NewRequest = call.body
    with house() as at:
        wish = _wish(call, said, at.policy)

        def act() -> Answer:
            opened = open_file(at, wish, call.now)
            verified = bool(_row(opened.request.ref).verified)
            shown = _shown(opened.request, opened.clock, at.policy, call.now, verified=verified)
            place = {"Location": f"/api/requests/{opened.request.ref}"}
            return Answer(
                CreatedOut(**shown, joined=opened.joined), 200 if opened.joined else 201, place,
            )  # fmt: skip

        return once(call, at.records.state.keys.vault, act)


def _wish(call: Call, said: NewRequest, policy: Policy) -> Wish:
    who = Particulars(
        tuple(said.identifiers.items()), said.answer_to or "", said.language or "", said.corrections,
        message=said.message or "",
    )  # fmt: skip
    return Wish(
        said.right, who, Channel(said.channel), frozenset(said.scope), said.behalf, said.controller or "",
        _vouched(call, said, policy), call.token.ref, said.received, categories=frozenset(said.categories),
    )  # fmt: skip


def _vouched(call: Call, said: NewRequest, policy: Policy) -> str:
    """How the holder of the token says that it is known who asks.

    What is vouched for here opens somebody's data, so: only with a scope of its own, only in a way that the policy
    names, and the answer goes to an address that was vouched for too, never to another one.
    """
    if said.verified is None:
        return ""
    call.may(Scope.VOUCH)
    if said.verified == "identity_document":
        raise Problem(
            "not-vouched",
            "a copy of an identity document is asked for and looked at here, by staff",
            remedy="leave verified out: staff then ask the person who they are",
        )
    accepted = (policy.document.rights or Rights()).verify
    if said.verified not in accepted:
        raise Problem(
            "not-vouched", "the policy does not accept this way", remedy=f"rights: verify: names {', '.join(accepted)}"
        )
    known = {normalise("email", value) for value in said.identifiers.values()}
    if said.answer_to and normalise("email", said.answer_to) not in known:
        raise Problem(
            "not-vouched", "the answer would go to an address that is not among the identifiers",
            remedy="send it there, leave answer_to out (staff write a letter), or leave verified out",
        )  # fmt: skip
    return said.verified


def one(call: Call) -> Answer:
    """``GET /api/requests/REF``."""
    row = _row(call.named["ref"])
    policy = kept.get().policy
    request = request_of(row)
    found = clock(request, terms_of(policy, request.controller), call.now)
    shown = _shown(request, found, policy, call.now, verified=bool(row.verified))
    return Answer(FullRequestOut(**shown, history=_history(request)))


def several(call: Call) -> Answer:
    """``GET /api/requests``: those that are open, unless another state is named."""
    for name in call.query:
        if name not in FILTERS:
            raise Problem("invalid", "there is no such filter", remedy=f"one of: {', '.join(sorted(FILTERS))}")
    limit = _number(call.query.get("limit", str(_USUAL)))
    rows = _filtered(call.query).filter(pk__gt=_behind(call.query.get("cursor"))).order_by("pk")[: limit + 1]
    some = list(rows)
    policy = kept.get().policy
    listed = []
    for row in some[:limit]:
        request = request_of(row)
        found = clock(request, terms_of(policy, request.controller), call.now)
        listed.append(RequestOut(**_shown(request, found, policy, call.now, verified=bool(row.verified))))
    following = _cursor(some[limit - 1].pk) if len(some) > limit else None
    return Answer(PageOut(requests=listed, next=following))


def _filtered(query: Mapping[str, str]) -> Any:
    state = query.get("state", "open")
    rows = File.objects.all()
    if state == "open":
        rows = rows.filter(settled__isnull=True)
    elif state == "ended":
        rows = rows.filter(settled__isnull=False)
    elif state in list(State):
        rows = rows.filter(state=state)
    elif state != "all":
        raise Problem("invalid", "there is no such state", remedy=f"open, ended, all or one of: {', '.join(State)}")
    before = query.get("due_before")
    return rows if before is None else rows.filter(due__lt=_day(before))


def withdraw(call: Call) -> Answer:
    """``POST /api/requests/REF/withdraw``: of a request that this token has entered. Again changes nothing."""
    with house() as at:

        def act() -> Answer:
            row = _row(call.named["ref"])
            if row.account != call.token.ref:
                raise Problem("not-yours", remedy="staff withdraw it: `troth request withdraw`")
            before = request_of(row)
            if before.state == State.WITHDRAWN:
                found = clock(before, terms_of(at.policy, before.controller), call.now)
                after = before
            else:
                try:
                    opened = deciding.withdraw(at, row.ref, call.now, By.STAFF)
                except UsageError as late:
                    raise Problem("conflict", late.message, remedy=late.remedy) from None
                except MailRefused:  # the person hears of it, or it does not happen
                    raise Problem("unavailable", headers={"Retry-After": "60"}) from None
                after, found = opened.request, opened.clock
            shown = _shown(after, found, at.policy, call.now, verified=bool(row.verified))
            return Answer(FullRequestOut(**shown, history=_history(after)))

        return once(call, at.records.state.keys.vault, act)


def _row(ref: str) -> Any:
    row = File.objects.filter(ref=ref).first()
    if row is None:
        raise Problem("not-found", "there is no such request, or it has been forgotten")
    return row


def _shown(request: Request, found: Clock, policy: Policy, now: datetime, *, verified: bool) -> dict[str, Any]:
    today = terms_of(policy).day(now)
    return {
        "request": request.ref, "right": request.right, "state": request.state,
        "open": request.state not in ENDED, "channel": request.channel, "behalf": request.behalf,
        "controller": request.controller or None, "scope": sorted(request.scope),
        "categories": sorted(request.categories), "received": request.received,
        "verified": verified, "due": found.due, "limit": found.limit, "clock_runs": found.running,
        "late": found.running and found.due < today,
    }  # fmt: skip


def _history(request: Request) -> list[HappenedOut]:
    return [HappenedOut(act=h.act, at=h.at, by=h.by, reasons=list(h.reasons)) for h in request.history]


def _cursor(key: int) -> str:
    return base64.urlsafe_b64encode(f"1:{key}".encode()).decode().rstrip("=")


def _behind(cursor: str | None) -> int:
    """The key behind which a page begins."""
    if cursor is None:
        return 0
    try:
        kind, _, key = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4)).partition(b":")
        if kind != b"1" or not key.isdigit() or len(key) > 18:
            raise ValueError
        return int(key)
    except (ValueError, UnicodeEncodeError, binascii.Error):
        raise Problem("bad-cursor") from None


def _number(written: str) -> int:
    if not (written.isascii() and written.isdecimal() and len(written) < 5 and 1 <= int(written) <= _MOST):
        raise Problem("invalid", f"limit is a number from 1 to {_MOST}")
    return int(written)


def _day(written: str) -> date:
    try:
        if len(written) != 10:
            raise ValueError
        return date.fromisoformat(written)
    except ValueError:
        raise Problem("invalid", "due_before is a day such as 2026-11-22") from None
