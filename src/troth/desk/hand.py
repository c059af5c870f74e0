"""Handing over: the package of an access (Article 15) or of what is portable (Article 20), encrypted until fetched."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal

from django.db import transaction

from troth.core.evidence.leaf import Event
from troth.core.policy.values import Duration, add
from troth.core.requests.model import Request, Right
from troth.core.requests.route import route, terms_of
from troth.core.rights.access import given, plan_access, rows_read, with_archive
from troth.core.rights.erase import identify
from troth.core.rights.identity import Decisions, Subject
from troth.core.rights.whose import keep_apart
from troth.desk import disclosures, packages
from troth.desk.carry import Carried
from troth.desk.files import JOB
from troth.desk.house import House, stores
from troth.desk.models import File, Package
from troth.desk.particulars import Particulars
from troth.jobs.orders import answer
from troth.package.folder_or_zip import Destination
from troth.package.write import Order, Written, write_package

if TYPE_CHECKING:
    from troth.state.vault import Vault


@dataclass(frozen=True, slots=True)
class Handed:
    """``row``: a package lies ready, and this is what has to be recorded of it (``record``)."""

    carried: Carried
    row: Mapping[str, Any] | None = None


def record(ref: str, row: Mapping[str, Any]) -> None:
    """From now on this is the package of the request; an earlier one goes. For the transaction that ends the step:
    whoever has lost it meanwhile must not put a package in the place of another's."""
    Package.objects.update_or_create(file=File.objects.get(ref=ref), defaults=row)
    transaction.on_commit(lambda: packages.clear(ref, keep=str(row["name"])))


def destroy(house: House, ref: str, now: datetime) -> None:
    """Destroy the package of a request before its last day: whoever it is for has asked for it. Again changes
    nothing."""
    with transaction.atomic():
        there = Package.objects.filter(file__ref=ref)
        if not there.exists():
            return
        house.records.note(Event("answer.deleted", now, {"request": ref}))
        there.delete()
        answer(JOB, ref, "fetching", {})
        transaction.on_commit(lambda: packages.clear(ref))


def pack(
    house: House, request: Request, who: Particulars, decisions: Decisions, now: datetime, attempt: int = 1
) -> Handed:
    """Gather the data and store it, under a name of this attempt's own.

    Raises StoreError, EvidenceError, TrothError when the disk does not take it; then there is no new package.
    """
    right: Literal["access", "portability"] = "access" if request.right == Right.ACCESS else "portability"
    with stores(house.policy, now) as session:
        identity = identify(session, Subject(who.identifiers), decisions, house.records)
        if identity.unreachable:
            return Handed(Carried(unreachable=tuple(sorted(identity.unreachable))))
        archived = house.records.archived(identity.certain) if right == "access" else []
        plan = plan_access(session, identity, decisions, right)
        if any(entry.reason in ("shared", "unverified", "too_many") for entry in plan.left_out):
            return Handed(Carried(flagged=sum(entry.rows for entry in plan.left_out)))
        keep_apart(house.records, identity, decisions)
        if not (identity.found or archived):
            _note(house, request, right, Written(left_out=list(plan.left_out)), "none", now)
            return Handed(Carried(nobody=True))
        whole = with_archive(plan, house.policy, archived)
        given_to_others = disclosures.of(house, disclosures.certain(who.identifiers, identity), _day(house, now))
        order = Order(
            house.policy, whole, lambda reading: iter(rows_read(session, reading, archived)), who.identifiers, now,
            who.language, disclosures.informed(given_to_others),
        )  # fmt: skip
        return _packed(house, request, order, right, now, attempt)


def _packed(
    house: House, request: Request, order: Order, right: Literal["access", "portability"], now: datetime, attempt: int
) -> Handed:  # fmt: skip
    """The plain file lives beside the encrypted one for as long as it takes, in a folder of Troth's own."""
    plain, name, vault = packages.plain_of(request.ref, attempt), f"{request.ref}-{attempt}.sealed", _vault(house)
    try:
        written = write_package(order, Destination(plain, force=True), lambda done: None)
        if not written.complete:
            return Handed(Carried(unreachable=tuple(sorted({e.store for e in written.left_out if e.asks_for_action}))))
        size, digest = packages.store(vault, name, plain)
    finally:
        plain.unlink(missing_ok=True)
    _note(house, request, right, written, "zip", now)
    secret = secrets.token_urlsafe(32)
    until = _until(house, request, now)
    row = {
        "link": link_of(secret), "name": name, "size": size, "digest": digest, "made": now, "until": until,
        "fetched": [], "secret": vault.seal(secret.encode(), f"desk/{request.ref}/link"),
    }  # fmt: skip
    counts = tuple((store, name, rows) for (store, name), rows in written.counts.items())
    return Handed(Carried(rows=sum(rows for _, _, rows in counts), collections=counts), row)


def _day(house: House, now: datetime) -> date:
    return terms_of(house.policy).day(now)


def _vault(house: House) -> Vault:
    return house.records.state.keys.vault


def link_of(secret: str) -> str:
    """What is kept of the secret in a link."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _until(house: House, request: Request, now: datetime) -> datetime:
    kept: Duration = route(request, house.policy, verified=True).kept
    day = _day(house, now)
    return now + (add(day, kept) - day)


def _note(
    house: House, request: Request, right: Literal["access", "portability"], written: Written,
    form: Literal["zip", "none"], now: datetime,
) -> None:  # fmt: skip
    body = given(right, request.ref, house.policy, written.counts, written.left_out, form)
    house.records.note(Event(f"{right}.given", now, body))
