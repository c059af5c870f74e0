"""What follows from a review by a human (GDPR Article 22(3)): which decision was looked at again, and, where it is
changed, a new request that carries that out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction

from troth.core.errors import UsageError
from troth.core.requests.model import Channel, Request, Right, State
from troth.core.requests.route import Stop
from troth.desk.files import Wish, file_of, request_of
from troth.desk.models import File, Hand, Name

if TYPE_CHECKING:
    from troth.desk.house import House

CHANGED = ("changed", "partly")
"""Of ``byhand.OUTCOMES``: something has to be done."""
_REFUSED = (State.REFUSED, State.PARTLY_REFUSED)


@dataclass(frozen=True, slots=True)
class After:
    """Of a review that somebody has written down: what it came to, the request that it was about (None where nobody
    has said, or its file is gone), the name of the one that was opened since, and the name that stands for whoever
    looked at it again."""

    outcome: str
    about: Request | None
    anew: str
    who: str

    @property
    def open(self) -> bool:
        """Whether the changed decision still has to be carried out."""
        return self.outcome in CHANGED and self.about is not None and not self.anew


def refused_before(review: Request) -> list[Request]:
    """What was refused, wholly or in part, of whom this review is about; the last first. Whoever speaks for several
    people is found under each of their requests: only the person's own count."""
    return [request_of(row) for row in _refused(review).order_by("-settled")[:20]]


def _refused(review: Request) -> Any:
    mine = Name.objects.filter(file__ref=review.ref).values("hash")
    files = Name.objects.filter(hash__in=mine).values("file")
    states = [str(state) for state in _REFUSED]
    rows = File.objects.filter(pk__in=files, state__in=states, behalf=review.behalf or "", controller="")
    return (rows.filter(subject=review.subject) if review.behalf else rows).exclude(ref=review.ref)


def after(review: Request) -> After | None:
    """None as long as nobody has written down what it came to."""
    row = _row(review.ref)
    if review.right != Right.HUMAN_REVIEW or row is None:
        return None
    about = File.objects.filter(ref=row.about).first() if row.about else None
    return After(row.outcome, request_of(about) if about is not None else None, row.anew, row.who)


def reviews_of(ref: str) -> list[str]:
    """The reviews that were about this request, by their names."""
    return list(Hand.objects.filter(about=ref).exclude(outcome="").order_by("at").values_list("file__ref", flat=True))


def again(house: House, review: Request, now: datetime) -> Wish:
    """What the refused request asked for, once more, in the name of whoever asked for the review, and as well known as
    they were for that; a copy of an identity document has been destroyed since and shows nothing any more. Raises
    UsageError where there is nothing to be carried out."""
    found = after(review)
    if found is None or not found.open or found.about is None:
        raise UsageError("no changed decision waits to be carried out", remedy="look at what the review came to")
    if not _refused(review).filter(ref=found.about.ref).exists():
        raise UsageError("that request is not one of whom the review is about", remedy="enter a new request by hand")
    (before, wanted), (_, asks) = (file_of(house, ref, now) for ref in (found.about.ref, review.ref))
    row: Any = File.objects.get(ref=review.ref)
    # Who was refused because nobody knew who they were may have been somebody else: only what they wanted is taken.
    who = replace(asks, corrections=wanted.corrections, replaced=wanted.replaced, message=wanted.message)
    verified = "" if row.verified == "identity_document" else str(row.verified)
    channel = Channel.FORM if review.channel == Channel.PORTAL else review.channel
    return Wish(
        before.request.right, who, channel, before.request.scope, review.behalf, "", verified, str(row.account),
        by_human=True, categories=before.request.categories,
    )  # fmt: skip


def carried_on(review: str, anew: str) -> None:
    """Say which request carries out what a review has changed. Raises UsageError when that has been said."""
    with transaction.atomic():
        if not Hand.objects.filter(file__ref=review, stop=str(Stop.BY_HAND), anew="").update(anew=anew):
            raise UsageError("a request has been opened for it already")


def _row(ref: str) -> Any:
    return Hand.objects.filter(file__ref=ref, stop=str(Stop.BY_HAND)).exclude(outcome="").first()
