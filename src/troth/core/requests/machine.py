"""What may happen to a request, and when. Everything else is refused with the reason."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from troth.core.errors import UsageError
from troth.core.requests.clock import Terms, clock
from troth.core.requests.model import ENDED, Act, Behalf, By, Happened, Request, Right, State
from troth.core.requests.reasons import allowed_reasons

_OPEN = frozenset(State) - ENDED
_AT_WORK = frozenset({State.RECEIVED, State.IN_PROGRESS, State.EXTENDED})

_FROM: Mapping[Act, frozenset[State]] = {
    Act.IDENTITY_ASKED: _AT_WORK | {State.IDENTITY_AWAITED},
    Act.IDENTITY_SHOWN: _AT_WORK | {State.IDENTITY_AWAITED},
    Act.TAKEN_UP: frozenset({State.RECEIVED}),
    Act.APPROVED: _AT_WORK,
    Act.EXTENDED: _AT_WORK - {State.EXTENDED} | {State.IDENTITY_AWAITED},
    Act.FEE_ANNOUNCED: _AT_WORK,
    Act.ANSWERED: frozenset({State.IN_PROGRESS, State.EXTENDED}),
    Act.PARTLY_REFUSED: frozenset({State.IN_PROGRESS, State.EXTENDED}),
    Act.REFUSED: _OPEN,
    Act.WITHDRAWN: _OPEN,
    Act.FORWARDED: _OPEN,
    Act.JOINED: _OPEN,
}

_TO: Mapping[Act, State] = {
    Act.IDENTITY_ASKED: State.IDENTITY_AWAITED,
    Act.TAKEN_UP: State.IN_PROGRESS,
    Act.ANSWERED: State.ANSWERED,
    Act.PARTLY_REFUSED: State.PARTLY_REFUSED,
    Act.REFUSED: State.REFUSED,
    Act.WITHDRAWN: State.WITHDRAWN,
    Act.FORWARDED: State.FORWARDED,
}

_BY: Mapping[Act, frozenset[By]] = {
    Act.APPROVED: frozenset({By.STAFF}),
    Act.WITHDRAWN: frozenset({By.PERSON, By.STAFF}),
    Act.REFUSED: frozenset({By.STAFF}),
    Act.PARTLY_REFUSED: frozenset({By.STAFF, By.TROTH}),
    Act.EXTENDED: frozenset({By.STAFF}),
    Act.FEE_ANNOUNCED: frozenset({By.STAFF}),
}
"""Who may; anybody where nothing is said. Troth refuses nothing on its own: where the law keeps something, that is
a partial refusal with the hold's reason, and a member of staff writes it down when it is refused as a whole."""


_TOO_LATE = frozenset({Act.WITHDRAWN, Act.REFUSED})
"""Not once the stores have been touched: the person would be told that nothing was done."""

NEAR = timedelta(seconds=30)
"""A lock is waited for less long, and clocks that a network keeps differ by less."""

DEATH = "death"
"""Shown by papers: that the person has died, and that whoever asks may speak for them. Of heirs and executors only."""
PROOFS = frozenset({"account", "email_link", "phone", "customer_number", "identity_document", "known", DEATH})
"""How it is known who asks: the words of ``rights: verify:``, that somebody here knows them, and ``DEATH``."""
_WORDS = PROOFS | {"shared", "hand", "person", "speaker"}
_NUMBER = re.compile(r"(?=.*\d)(?!.*\d(?:[./-]?\d){8})[A-Za-z0-9][A-Za-z0-9._:/#-]{0,59}")
"""Of a file or ticket: a digit at least, and not so many in a row that it could be a telephone's."""
_REGISTERED = re.compile(r"[A-Z]{2}\d{9}[A-Z]{2}|\d[A-Z]\d{11}")
"""Of a registered letter: by the Universal Postal Union's standard S10, or as the French post counts its own."""


def happen(request: Request, one: Happened, terms: Terms) -> Request:
    """The request after the act.

    Raises UsageError, and nothing is changed, when the act is not possible in this state, not by this actor, before
    what happened last, without a reason where the law asks for one, or, for an extension, too late to tell the
    person (GDPR Article 12(3)). What lies no more than ``NEAR`` before counts as of then: whoever acts reads the clock
    before waiting for somebody else to finish, and two machines never tell quite the same time.
    """
    one = _in_order(request, replace(one, reference=_bare(one.reference)))
    _check(request, one)
    _check_reasons(request, one, terms)
    if one.act == Act.EXTENDED:
        _check_extension(request, one.at, terms)
    return replace(request, state=_after(request, one.act), history=(*request.history, one))


def possible(request: Request, by: By) -> frozenset[Act]:
    """What this actor may do with the request now, times and reasons aside."""
    return frozenset(
        act for act, states in _FROM.items()
        if request.state in states and by in _BY.get(act, frozenset(By)) and _fits(request, act)
        and not (request.begun and act in _TOO_LATE)
    )  # fmt: skip


def may_ask(right: Right, behalf: Behalf | None) -> bool:
    """Whether this right can be used for somebody else in this way.

    Heirs without directives may learn what settling the estate needs, have the death taken into account and
    accounts closed, and stop further processing (France: law of 6 January 1978, Article 85); portability, consent
    and decisions were the person's own.
    """
    if behalf == Behalf.HEIR:
        return right in {
            Right.ACCESS, Right.RECTIFICATION, Right.ERASURE, Right.OBJECTION, Right.DIRECTIVES_AFTER_DEATH,
        }  # fmt: skip
    return right != Right.DIRECTIVES_AFTER_DEATH or behalf is None


def joinable(request: Request, others: Iterable[Request]) -> Request | None:
    """An open request that already asks for the same: same right, same person, and everything that is asked here."""
    for other in others:
        if (
            other.open and other.ref != request.ref and other.right == request.right
            and other.subject == request.subject and other.controller == request.controller
            and other.behalf == request.behalf and other.details == request.details
            and _within(request.scope, other.scope) and _within(request.categories, other.categories)
        ):  # fmt: skip
            return other
    return None


def _within(asked: frozenset[str], other: frozenset[str]) -> bool:
    """Whether the other asks for all of it; nothing named is everything."""
    return not other or (bool(asked) and asked <= other)


def _after(request: Request, act: Act) -> State:
    if act == Act.IDENTITY_SHOWN:
        return State.EXTENDED if request.extended_at else State.IN_PROGRESS
    if act == Act.APPROVED:
        return State.IN_PROGRESS if request.state == State.RECEIVED else request.state
    if act == Act.EXTENDED:
        return request.state if request.state == State.IDENTITY_AWAITED else State.EXTENDED
    return _TO.get(act, request.state)


def on_record(reference: str) -> str:
    """A reference as it may stand in the ledger for good. Raises UsageError where it could name somebody."""
    bare = _bare(reference)
    if not any((bare in _WORDS, _NUMBER.fullmatch(bare), _REGISTERED.fullmatch(bare))):
        raise UsageError(
            "a reference stands in the ledger for good: it must not be able to name anybody",
            remedy="write the number of a file, ticket or registered letter, such as ticket-4711, or leave it empty",
        )
    return bare


def _fits(request: Request, act: Act) -> bool:
    """A controller's request is handed on or withdrawn, and nothing else; any other is never handed on."""
    if request.controller:
        return act in {Act.FORWARDED, Act.WITHDRAWN, Act.JOINED}
    if act == Act.EXTENDED:
        return request.extended_at is None
    return act != Act.FORWARDED


def _in_order(request: Request, one: Happened) -> Happened:
    near = one.at.tzinfo is not None and request.last_at - NEAR <= one.at < request.last_at
    return replace(one, at=request.last_at) if near else one


def _bare(reference: str) -> str:
    """The number of a registered letter is written in groups; it is kept in one."""
    bare = "".join(reference.split()).upper()
    return bare if _REGISTERED.fullmatch(bare) else reference


def _check(request: Request, one: Happened) -> None:
    if one.at.tzinfo is None:
        raise UsageError("an act needs a moment with its time zone")
    if one.at < request.last_at:
        raise UsageError(f"{one.act} would lie before what happened last", remedy="look at the clock of this machine")
    if not request.open:
        raise UsageError(f"this request has ended: {request.state}", remedy="a new wish is a new request")
    if one.by not in _BY.get(one.act, frozenset(By)):
        raise UsageError(f"{one.act} is not for {one.by} to say")
    if one.reference:
        on_record(one.reference)
    if one.act == Act.IDENTITY_SHOWN and one.reference == DEATH and request.behalf != Behalf.HEIR:
        raise UsageError("nobody’s death is shown by this request: it is not that of an heir or executor")
    if request.begun and one.act in _TOO_LATE:
        raise UsageError("it is being carried out already, or was", remedy="`troth request list` shows how it ends")
    if request.state not in _FROM[one.act] or not _fits(request, one.act):
        possibilities = ", ".join(sorted(possible(request, one.by))) or "nothing"
        raise UsageError(
            f"{one.act} is not possible while the request is {request.state}", remedy=f"possible: {possibilities}"
        )


def _check_reasons(request: Request, one: Happened, terms: Terms) -> None:
    absolute = request.right == Right.OBJECTION and bool(request.scope) and request.scope <= terms.marketing
    allowed = allowed_reasons(one.act, request.right, absolute=absolute)
    if allowed is None:
        if one.reasons:
            raise UsageError(f"{one.act} takes no reason")
        return
    if not one.reasons:
        raise UsageError(f"{one.act} needs a reason", remedy="one of: " + ", ".join(sorted(allowed)))
    for reason in one.reasons:
        if reason not in allowed:
            raise UsageError(
                f"{reason} is no reason for {one.act} of {request.right}",
                remedy="one of: " + ", ".join(sorted(allowed)),
            )


def _check_extension(request: Request, at: datetime, terms: Terms) -> None:
    by = clock(request, terms, at).extend_by
    if by is None or terms.day(at) > by:
        raise UsageError(
            "the person had to be told within the first month that it takes longer (GDPR Article 12(3))",
            remedy="answer now; say why it is late",
        )
