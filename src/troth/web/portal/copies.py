"""Copies of their data that a person asked for and that still wait: an erasure does not reach them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.urls import reverse

from troth.core.evidence.pseudonym import normalise
from troth.desk.files import file_of
from troth.desk.house import House
from troth.desk.models import Name, Package
from troth.desk.telling import spelt
from troth.web.portal.visitor import Visitor


def package_of(at: House, visitor: Visitor, ref: str) -> Any | None:
    """The package that waits for this very reader: it goes to whom the answer goes, and to nobody else."""
    now = datetime.now(UTC)
    _, who = file_of(at, ref, now)
    if normalise("email", who.answer_to) != normalise("email", visitor.email):
        return None
    return Package.objects.filter(file__ref=ref, until__gt=now).select_related("file").first()


def deletable(package: Any | None) -> bool:
    """Whether it may go before its last day: not as long as the mail that tells of it has not left."""
    return package is not None and not package.secret


def waiting(at: House, visitor: Visitor, language: str) -> list[tuple[str, str]]:
    """The page of each request whose package waits for this reader, and until when it does."""
    hashes = at.records.state.keys.vault.indexes(visitor.identifiers)
    theirs = Name.objects.filter(hash__in=hashes).values("file")
    now = datetime.now(UTC)
    there = Package.objects.filter(file__in=theirs, file__behalf="", until__gt=now).select_related("file")
    return [
        (reverse("me_request", args=(one.file.ref,)), spelt(at.policy, one.until, language))
        for one in there.order_by("until") if package_of(at, visitor, one.file.ref) is not None
    ]  # fmt: skip
