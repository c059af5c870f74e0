"""Copies of identity documents, where the policy and a reasonable doubt demand one: sent in by a link, encrypted while
they arrive, looked at by one role with a watermark, destroyed when it is decided who asks (CNIL sheet of November 2020;
EDPB guidelines 01/2022: note that it was checked, keep no copy)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from troth.core.errors import TrothError, UsageError
from troth.core.evidence.leaf import Event
from troth.core.policy.sections.people import IdentityDocument, Rights
from troth.core.policy.values import add, parse_duration
from troth.core.requests.model import Act, Request, State
from troth.core.requests.route import terms_of
from troth.desk import packages, watermark
from troth.desk.hand import link_of
from troth.desk.house import House
from troth.desk.models import Document, File
from troth.desk.packages import Sealing
from troth.desk.pictures import MARKS, ends, faults, kind_of

LARGEST = 8 * 1024 * 1024
"""Bytes of one."""
KINDS = {"png": "image/png", "jpg": "image/jpeg", "pdf": "application/pdf"}


class NotTaken(TrothError):
    """What was sent is not taken; ``why`` is a code: ``too_large``, ``not_a_document``, ``too_many_pixels``,
    ``too_narrow``, ``nothing``."""

    def __init__(self, why: str) -> None:
        super().__init__("the document is not taken", remedy=why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Asked:
    """A link to be mailed, and the row to be made once it has been."""

    secret: str
    until: datetime


def may_be_asked(house: House) -> IdentityDocument | None:
    """How the policy treats them; None where it does not ask for any."""
    rights = house.policy.document.rights or Rights()
    return rights.identity_document if "identity_document" in rights.verify else None


def link(house: House, now: datetime) -> Asked:
    """A new secret link. Raises UsageError where the policy asks for no document, or nobody could look at one here."""
    rule = may_be_asked(house)
    if rule is None:
        raise UsageError("the policy asks nobody for an identity document", remedy="rights: verify: identity_document")
    if not watermark.available():
        raise UsageError("a document could not be looked at here", remedy="install the extra `troth[pdf]`")
    day = terms_of(house.policy).day(now)
    return Asked(secrets.token_urlsafe(32), now + (add(day, parse_duration(rule.kept_at_most)) - day))


def expect(house: House, ref: str, asked: Asked, now: datetime) -> None:
    """From now on the link takes a document. An earlier one ends if it was not used; what came by it is destroyed: it
    was not enough, or somebody would not ask again."""
    row = File.objects.get(ref=ref)
    Document.objects.filter(file=row, given__isnull=True, destroyed__isnull=True).delete()
    destroy(house, ref, "asked_again", now)
    Document.objects.create(file=row, link=link_of(asked.secret), asked=now, until=asked.until)


def expected(secret: str, now: datetime) -> Any | None:
    """The row that waits for a document under this link; None when it has come, or is not wanted any more."""
    rows = Document.objects.select_related("file").filter(link=link_of(secret), until__gt=now, destroyed__isnull=True)
    row = rows.filter(given__isnull=True).first()
    return row if row is not None and row.file.state == State.IDENTITY_AWAITED else None


class Arriving:
    """A document that comes in, encrypted at once; refused as soon as it is seen to be none."""

    def __init__(self, house: House) -> None:
        self.name = f"id-{secrets.token_hex(12)}.sealed"
        self._sealing = Sealing(house.records.state.keys.vault, self.name)
        self._head = b""
        self.kind = ""

    def put(self, data: bytes) -> None:
        """More of it. Raises NotTaken."""
        if self._sealing.size + len(data) > LARGEST:
            raise self._refused("too_large")
        if not self.kind:
            self._head += data
            if len(self._head) >= max(map(len, MARKS)):
                self.kind = kind_of(self._head)
                if not self.kind:
                    raise self._refused("not_a_document")
        self._sealing.put(data)

    def end(self) -> None:
        """That was all. Raises NotTaken."""
        if not self._sealing.size:
            raise self._refused("nothing")
        if not self.kind:
            raise self._refused("not_a_document")
        self._sealing.end()

    def close(self) -> None:
        """What was not ended does not stay."""
        self._sealing.abandon()

    def abandon(self) -> None:
        """Nothing of it stays."""
        self._sealing.abandon()
        packages.delete(self.name)

    def _refused(self, why: str) -> NotTaken:
        self._sealing.abandon()
        return NotTaken(why)


def take(house: House, row: Any, arrived: Arriving, now: datetime) -> None:
    """Put what has arrived to its request. Raises NotTaken, and nothing of it stays, when it cannot be a document or
    when another one came first."""
    why = faults(arrived.kind, *ends(packages.read(house.records.state.keys.vault, arrived.name)))
    if why:
        arrived.abandon()
        raise NotTaken(why)
    with transaction.atomic():
        mine = Document.objects.filter(pk=row.pk, given__isnull=True, destroyed__isnull=True)
        if not mine.update(name=arrived.name, kind=arrived.kind, given=now):
            arrived.abandon()
            raise NotTaken("nothing")
        house.records.note(Event("identity.document_received", now, {"request": row.file.ref}))


def waiting_of(ref: str) -> Any | None:
    """The document of a request that somebody may look at; None when there is none."""
    return Document.objects.filter(file__ref=ref, given__isnull=False, destroyed__isnull=True).first()


def looked_at(ref: str, who: str) -> bool:
    """Whether this member of staff has looked at a page of the document that waits for a look: it is on record."""
    from troth.web.console.models import Look

    row = waiting_of(ref)
    looks = Look.objects.filter(staff__public_id=who, kind="seen", what="identity_document", ref=ref)
    return row is not None and looks.filter(at__gte=row.given).exists()


def unseen(found: Request) -> bool:
    """Whether the person was last asked for a copy, or one waits, and nobody has looked at it: until then nobody can
    say that they know them, since a doubt is on record (GDPR Article 12(6)). Whoever asks again without a copy lets it
    be shown in another way."""
    from troth.web.console.models import Look

    row = Document.objects.filter(file__ref=found.ref).order_by("asked", "pk").last()
    asked = [one.at for one in found.history if one.act == Act.IDENTITY_ASKED]
    if row is None or not asked or (row.asked < asked[-1] and waiting_of(found.ref) is None):
        return False
    looks = Look.objects.filter(kind="seen", what="identity_document", ref=found.ref)
    return row.given is None or not looks.filter(at__gte=row.given).exists()


def look(house: House, ref: str, says: str, page: int = 1) -> bytes:
    """A page of the document as a picture (PNG) that says who looks, and when. Whoever shows it records that before
    (``staff.seen``), and lets only the policy's role see it. Raises PackageGone when there is none (any more),
    UsageError for a page that it does not have or a document that cannot be drawn."""
    row = waiting_of(ref)
    if row is None:
        raise packages.PackageGone("there is no identity document", remedy="it was not sent, or was destroyed")
    content = b"".join(packages.read(house.records.state.keys.vault, row.name))
    return watermark.drawn(content, row.kind, says, page)


def destroy(house: House, ref: str, because: str, now: datetime) -> int:
    """Destroy what was sent in for a request, and end its links; how many documents. ``because``: ``decided``,
    ``time`` or ``asked_again``."""
    return _destroyed(house, Document.objects.filter(file__ref=ref, destroyed__isnull=True), because, now)


def tidy(house: House, now: datetime) -> int:
    """Destroy what is past its time, and what a crash left after a decision; how many. Files that belong to no row go
    with the packages'."""
    living = Document.objects.filter(destroyed__isnull=True)
    decided = living.exclude(file__state=State.IDENTITY_AWAITED)
    return _destroyed(house, decided, "decided", now) + _destroyed(house, living.filter(until__lte=now), "time", now)


def _destroyed(house: House, rows: Any, because: str, now: datetime) -> int:
    """The file first: a row without a file is a document that was destroyed, never one that was forgotten."""
    count = 0
    for row in rows.select_related("file"):
        if row.name:
            packages.delete(row.name)
            body = {"request": row.file.ref, "because": because}
            house.records.note(Event("identity.document_destroyed", now, {**body}))
            count += 1
        Document.objects.filter(pk=row.pk).update(name="", destroyed=now)
    return count


__all__ = [
    "KINDS", "LARGEST", "Arriving", "Asked", "NotTaken", "destroy", "expect", "expected", "link", "look",
    "looked_at", "may_be_asked", "take", "tidy", "unseen", "waiting_of",
]  # fmt: skip
