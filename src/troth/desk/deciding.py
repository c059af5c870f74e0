"""What people decide about a request. Act, journal and file change together, or not at all; the ledger hears of it from
the next step, which is woken by the decision."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from troth.core.errors import UsageError
from troth.core.policy.sections.people import Rights
from troth.core.requests.clock import clock
from troth.core.requests.machine import DEATH, PROOFS, happen
from troth.core.requests.model import Act, Behalf, By, Happened, Request, Right
from troth.core.requests.route import Stop, terms_of
from troth.desk import byhand, documents, foretold, informed, sharing, telling
from troth.desk.ahead import ahead
from troth.desk.carry import partly_done
from troth.desk.files import JOB, Opened, file_of, let, request_of
from troth.desk.house import House
from troth.desk.models import File
from troth.desk.way import BY_HAND, REFUSED, SHARED, WAITS
from troth.jobs.orders import answer as wake

_EVERYTHING = (*WAITS.values(), SHARED, REFUSED, "cooling")


def approve(house: House, ref: str, now: datetime, seen: str = "") -> Opened:
    """Let what waits for a member of staff go on; also after the cause of a refused plan has been mended. ``seen`` is
    the digest of the plan that was shown (``foretold.Foreseen``); without one it is that of now. When the plan is
    another one by the time it is carried out, the request waits for approval again. Raises StoreUnreachable,
    PlanRefused where there is no plan to approve."""
    _known(ref)
    opened, who = file_of(house, ref, now)
    _not_yet(opened.request)
    if not seen and opened.request.right in foretold.PLANNED and not partly_done(house, opened.request):
        seen = foretold.relied_on(house, opened.request, who, now)
    happened, waits = Happened(Act.APPROVED, now, By.STAFF), (WAITS[Stop.APPROVAL], REFUSED)
    return _decided(house, ref, happened, now, waits, {"yes": True}, plan=seen)


def share(
    house: House, ref: str, seen: str, now: datetime, apart: Sequence[str] | None = (), plan: str = "", *,
    approves: bool = False,
) -> Opened:  # fmt: skip
    """Say that rows which also concern somebody else, or were found by what nobody verified, are this person's; but for
    those in ``apart`` (tags of rows; None: every one that is in doubt), which are somebody else's: the request goes on
    without them. ``seen`` is the digest of what was shown (``sharing.doubt``), ``plan`` that of what would be done with
    these rows (``foretold.with_these``); without one it is that of now. When either is another one by the time it is
    carried out, the request waits for this again. ``approves``: nobody has said yes to the request yet, and this is the
    yes as well, which is one to the same plan. Raises UsageError when it is not the same any more, StoreUnreachable
    when that cannot be told, PlanRefused where it cannot be done."""
    _known(ref)
    opened, who = file_of(house, ref, now)
    if sharing.doubt(house, opened.request, who, now).digest != seen:
        raise UsageError(
            "these are not the rows that you were shown, or you were shown none",
            remedy=f"`troth request share {ref}` shows what would be opened now",
        )
    tags = () if apart == () else sharing.rows_apart(house, who, now, apart)
    happened = Happened(Act.APPROVED, now, By.STAFF, reference="shared")
    given = {
        "shared": True, "unverified": True, "seen": seen,
        "plan": plan or foretold.with_these(house, opened.request, who, now, tags),
        **({"apart": [*tags]} if tags else {}),
    }  # fmt: skip
    if not approves:
        if ahead(ref).what == WAITS[Stop.APPROVAL]:
            raise UsageError(
                "nobody has approved this request yet, so that nothing goes on with it",
                remedy="approve it first, then say whose the rows are",
            )
        return _decided(house, ref, happened, now, (SHARED,), given)
    empty = foretold.relied_on(house, opened.request, who, now) if opened.request.right in foretold.PLANNED else ""
    with transaction.atomic():
        let(house, ref, Happened(Act.APPROVED, now, By.STAFF), now, empty)
        return _decided(house, ref, happened, now, (SHARED, WAITS[Stop.APPROVAL], REFUSED), given)


def ask_identity(house: House, ref: str, reason: str, now: datetime, *, document: bool = False) -> Opened:
    """Ask the person who they are; the clock stops. ``document``: by a copy of an identity document, which somebody
    says is needed because of a reasonable doubt (GDPR Article 12(6)); the mail has the link under which it is sent.
    Raises MailRefused, and then nothing was recorded; UsageError where the policy asks nobody for documents."""
    asked = documents.link(house, now) if document else None
    opened = _told(house, ref, Happened(Act.IDENTITY_ASKED, now, By.STAFF, (reason,)), now, asked)
    if asked is not None:
        documents.expect(house, ref, asked, now)
    return opened


def identified(house: House, ref: str, how: str, now: datetime, by: By = By.STAFF, who: str = "") -> Opened:
    """It is known who asks; the clock and the work go on. That a copy of an identity document shows it, only ``who``
    (the name that stands for a member of staff) can say who has looked at it. Raises UsageError."""
    accepted = ways_to_know(house, ref)
    if how == "known" and how not in accepted:
        raise UsageError(
            "a copy of an identity document was asked for, and nobody has looked at it",
            remedy="look at it once it has come, ask again without a copy, or say in which other way it was shown",
        )
    if how not in accepted:
        raise UsageError("that is not a way to know who asks for this", remedy=f"one of: {', '.join(accepted)}")
    if how == "identity_document" and not documents.looked_at(ref, who):
        raise UsageError(
            "you have not looked at the copy of the identity document that came",
            remedy="look at it in the console (`--as ADDRESS` says here who you are), or say what you do know them by",
        )
    happened = Happened(Act.IDENTITY_SHOWN, now, by, reference=how)
    opened = _decided(house, ref, happened, now, ("identity",), {"how": how})
    documents.destroy(house, ref, "decided", now)
    return opened


def ways_to_know(house: House, ref: str = "") -> list[str]:
    """How somebody of staff can know who asks: as the policy says (``rights: verify:``), or because they know them. An
    identity document only while one that was sent in waits to be looked at; that they know them not as long as nobody
    has looked at a copy that was asked for."""
    said = {*(house.policy.document.rights or Rights()).verify, "known", DEATH} & PROOFS
    row = File.objects.filter(ref=ref).first()
    if row is not None and row.behalf != Behalf.HEIR:
        said -= {DEATH}
    if not ref or documents.waiting_of(ref) is None:
        said -= {"identity_document"}
    if row is not None and documents.unseen(request_of(row)):
        said -= {"known"}
    return sorted(said)


def extend(house: House, ref: str, reason: str, now: datetime) -> Opened:
    """Tell the person that it takes up to two months more, and why (GDPR Article 12(3)); who gave no address is told
    by letter. Raises MailRefused, and then nothing was recorded."""
    return _told(house, ref, Happened(Act.EXTENDED, now, By.STAFF, (reason,) if reason else ()), now)


def refuse(house: House, ref: str, reasons: Sequence[str], now: datetime) -> Opened:
    """Refuse the whole; the person is told why, and of the complaint and the courts (Article 12(4))."""
    happened = Happened(Act.REFUSED, now, By.STAFF, tuple(reasons))
    opened = _decided(house, ref, happened, now, _EVERYTHING, {"refused": True})
    documents.destroy(house, ref, "decided", now)
    return opened


def withdraw(house: House, ref: str, now: datetime, by: By = By.STAFF, who: str = "") -> Opened:
    """The person does not want it any more. Unless they said so themselves, in their space, they are told first: by
    mail where there is an address. ``who``: of a request for somebody else, which of the two ended it in their space
    (``informed.PERSON``, ``SPEAKER``); the other hears of it. Raises MailRefused, and then nothing was recorded."""
    happened = Happened(Act.WITHDRAWN, now, by, reference=who)
    if by != By.PERSON:
        _tell(house, ref, happened, now)
    with transaction.atomic():
        opened = _decided(house, ref, happened, now, _EVERYTHING, {"withdrawn": True})
        if who:
            informed.called_off(opened.request, who)
    documents.destroy(house, ref, "decided", now)
    return opened


def done_by_hand(
    house: House, ref: str, evidence: str, now: datetime, *, note: str = "", found: bool = True,
    who: str = byhand.COMMAND, review: byhand.Review | None = None,
) -> Opened:  # fmt: skip
    """What waits for a hand now has been done: in a system without a connector, to the recipients, or the letter has
    been sent. ``evidence`` is the number of the file or ticket that shows it, ``note`` what ``who`` writes about it,
    ``found`` whether anything of the person was there, ``review`` what a review by a human came to, which the person
    reads. Raises UsageError when nothing waits for a hand, when nothing shows that it was done, or when a review has
    no result or no reasons."""
    _known(ref)
    reviewed = is_review(house, ref, now)
    if reviewed and not (review and review.said):
        raise UsageError(
            "a review ends with its result and its reasons: the person reads both",
            remedy=f"give the result ({', '.join(byhand.OUTCOMES)}) and write why",
        )
    if not (evidence or note or reviewed):
        raise UsageError(
            "nothing shows that it was done", remedy="give the number of the letter, file or ticket, or a note"
        )
    coming = ahead(ref)
    if coming.what != WAITS[Stop.BY_HAND]:
        raise UsageError(
            "nothing is to be done by hand for this request now", remedy="`troth request list` shows what waits"
        )
    happened = Happened(Act.APPROVED, now, By.STAFF, reference=evidence or BY_HAND)
    with transaction.atomic():
        opened = let(house, ref, happened, now)
        byhand.record(
            house, ref, coming.stop, who, now, evidence, note, found=found, review=review if reviewed else None
        )
        wake(JOB, ref, WAITS[Stop.BY_HAND], {"done": True})
    return opened


def is_review(house: House, ref: str, now: datetime) -> bool:
    """Whether what waits for a hand is that somebody looks at a decision again."""
    right = file_of(house, ref, now)[0].request.right
    return right == Right.HUMAN_REVIEW and ahead(ref).stop == Stop.BY_HAND


def _not_yet(request: Request) -> None:
    """A yes is said once, unless it is asked for again. Raises UsageError."""
    said = any(one.act == Act.APPROVED and not one.reference for one in request.history)
    if said and request.open and ahead(request.ref).what not in (WAITS[Stop.APPROVAL], REFUSED):
        raise UsageError("it has been approved already", remedy="`troth request list` shows what waits")


def _known(ref: str) -> None:
    """Nobody says yes to somebody unknown. Raises UsageError."""
    row = File.objects.filter(ref=ref).first()
    if row is not None and not row.verified:
        raise UsageError(
            "it is not known yet who asks for this", remedy=f"`troth request identity {ref} --shown HOW` says it"
        )


def _told(
    house: House, ref: str, happened: Happened, now: datetime, asked: documents.Asked | None = None
) -> Opened:  # fmt: skip
    """The mail first: an act that the person does not know of would be no extension and no pause."""
    if not _tell(house, ref, happened, now, asked) and asked is not None:
        raise UsageError("there is no address to send the link to", remedy="ask for the document by letter")
    return let(house, ref, happened, now)


def _tell(
    house: House, ref: str, happened: Happened, now: datetime, asked: documents.Asked | None = None
) -> bool:  # fmt: skip
    """Write to the person what is about to be recorded, if it can be; False where there is no address."""
    before, who = file_of(house, ref, now)
    after = happen(before.request, happened, terms_of(house.policy, before.request.controller))
    return telling.waiting(house, after, who, clock(after, terms_of(house.policy), now), asked)


def _decided(
    house: House, ref: str, happened: Happened, now: datetime, waits: Sequence[str], given: dict[str, object],
    plan: str = "",
) -> Opened:  # fmt: skip
    with transaction.atomic():
        opened = let(house, ref, happened, now, plan)
        for what in waits:
            wake(JOB, ref, what, given)
    return opened
