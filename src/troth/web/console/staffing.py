"""Staff come, sign, change what they do, and go. The ledger hears of it first, by the names that stand for people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from troth.bootstrap import open_records
from troth.core.errors import UsageError
from troth.core.evidence.canonical import JSON
from troth.core.evidence.leaf import Event
from troth.core.policy.model import Policy
from troth.web.accounts.models import User, folded
from troth.web.console.member import digest_of, has_signed, roles
from troth.web.console.models import Signature, Staff


class AlreadyStaffError(UsageError):
    """They belong to staff already."""


class RoleFullError(UsageError):
    """As many hold ``role`` as the policy lets (``most``)."""

    def __init__(self, message: str, *, remedy: str, role: str, most: int) -> None:
        super().__init__(message, remedy=remedy)
        self.role, self.most = role, most


class HasLeftError(UsageError):
    """They have no access any more."""


BY_COMMAND = "command"
"""Stands where nobody of staff did it: somebody at the command line."""


def add(policy: Policy, email: str, names: Sequence[str], now: datetime, by: str = BY_COMMAND) -> tuple[Any, bool]:
    """Make somebody a member of staff, again if they had left; whether their account is new and needs a password.

    Raises UsageError for roles that there are not or that no more may hold, for an address that is none, for who is a
    member already.
    """
    _check(policy, names)
    address = folded(email)
    _check_address(address)
    with transaction.atomic():
        user = User.objects.select_for_update().filter(email=address).first()
        new = user is None
        if user is None:
            user = User(email=address, language=policy.authoritative)
            user.set_unusable_password()
            user.save()
        staff = Staff.objects.select_for_update().filter(user=user).first()
        if staff is not None and staff.ended is None:
            raise AlreadyStaffError(
                "this person belongs to staff already", remedy="`troth staff role` changes what they do"
            )
        staff = staff or Staff(user=user)
        _check_room(policy, names, staff)
        staff.roles, staff.added, staff.ended = list(names), now, None
        _note(Event("staff.added", now, {"who": staff.public_id, "by": by, "roles": [*names]}))
        staff.save()
    return staff, new


def _check_room(policy: Policy, names: Sequence[str], staff: Any) -> None:
    """A role is held by no more than the policy says (``people:``). Raises UsageError. For a transaction."""
    others = [row for row in Staff.objects.select_for_update().filter(ended__isnull=True) if row.pk != staff.pk]
    for name in names:
        most = roles(policy)[name].people
        if most is not None and sum(name in row.roles for row in others) >= most:
            raise RoleFullError(
                f"the policy lets {most} hold the role {name}, and as many do",
                remedy="take it from somebody first, or change `people:` of the role in the policy",
                role=name, most=most,
            )  # fmt: skip


def give(policy: Policy, staff: Any, names: Sequence[str], now: datetime, by: str = BY_COMMAND) -> None:
    """Let a member have these roles and no others. Raises UsageError."""
    _check(policy, names)
    with transaction.atomic():
        row = Staff.objects.select_for_update().get(pk=staff.pk)
        if row.ended is not None:
            raise HasLeftError("this person has left", remedy="`troth staff add` takes them in again")
        _check_room(policy, names, row)
        _note(Event("staff.role", now, {"who": row.public_id, "by": by, "roles": [*names]}))
        row.roles = list(names)
        row.save(update_fields=["roles"])


def end(staff: Any, now: datetime, by: str = BY_COMMAND) -> None:
    """From now on the console is closed to them; their account stays. Raises UsageError when they have left."""
    with transaction.atomic():
        row = Staff.objects.select_for_update().get(pk=staff.pk)
        if row.ended is not None:
            raise HasLeftError("this person has left already")
        _note(Event("staff.ended", now, {"who": row.public_id, "by": by}))
        row.ended = now
        row.save(update_fields=["ended"])


def sign(staff: Any, version: str, text: str, language: str, now: datetime) -> None:
    """Put a signature on record; signing the same again changes nothing. Raises EvidenceError."""
    digest = digest_of(text)
    if Signature.objects.filter(staff=staff, version=version, digest=digest).exists():
        return
    body: dict[str, JSON] = {"who": staff.public_id, "version": version, "text": digest, "language": language}
    _note(Event("staff.signed", now, body))
    try:
        with transaction.atomic():
            Signature.objects.create(staff=staff, version=version, digest=digest, language=language, at=now)
    except IntegrityError:  # pressed twice
        return


def people() -> dict[str, str]:
    """Who stands behind each name of the ledger, for whoever may read it: the e-mail address, or the roles of somebody
    who has no account any more."""
    rows = Staff.objects.select_related("user")
    return {row.public_id: row.user.email if row.user else ", ".join(row.roles) for row in rows}


def named(email: str) -> Any:
    """The member of staff with this address. Raises UsageError."""
    found = Staff.objects.select_related("user").filter(user__email=folded(email)).first()
    if found is None:
        raise UsageError("nobody of staff has this address", remedy="`troth staff list` shows who there is")
    return found


def invitation(policy: Policy, staff: Any) -> str:
    """A link by which a new member chooses a password, once: a secret."""
    from troth.desk.telling import LOCAL
    from troth.web.accounts import letters
    from troth.web.addresses import site_address

    handle, secret = letters.write("staff", staff.user.email, staff.user).path
    return f"{site_address(policy) or LOCAL}/account/letter/{handle}/{secret}"


def invite(policy: Policy, staff: Any) -> None:
    """The same in a letter. Raises MailRefused: then `troth staff add --link`, or the login page, gives another."""
    from django.urls import reverse

    from troth.desk.telling import LOCAL
    from troth.web.accounts.post import Mail
    from troth.web.addresses import site_address

    place = f"{site_address(policy) or LOCAL}{reverse('console')}"
    Mail(
        staff.user.email, "staff", policy.authoritative, policy.publisher, button=invitation(policy, staff),
        act="staff", place=place,
    ).send()  # fmt: skip


def overview(policy: Policy, *, ended: bool) -> list[dict[str, Any]]:
    """Everybody of staff, in the order of their coming: address, roles, signature of the version in force, second
    factor, days. ``ended``: those who have left too."""
    from troth.web.accounts import factors
    from troth.web.accounts.passkeys import has_passkey

    rows = Staff.objects.select_related("user").order_by("added")
    if not ended:
        rows = rows.filter(ended__isnull=True)
    return [
        {
            "id": row.public_id, "address": row.user.email if row.user else None, "roles": row.roles,
            "signed": has_signed(policy, row), "ended": row.ended.isoformat() if row.ended else None,
            "second_factor": row.user is not None and (factors.asks_for_second(row.user) or has_passkey(row.user)),
            "added": row.added.isoformat(),
        }
        for row in rows
    ]  # fmt: skip


def _check(policy: Policy, names: Sequence[str]) -> None:
    known = roles(policy)
    if not names:
        raise UsageError("no role is named", remedy=f"the policy has: {', '.join(known)}")
    for name in names:
        if name not in known:
            raise UsageError(f"the policy has no role {name!r}", remedy=f"it has: {', '.join(known)}")


def _check_address(email: str) -> None:
    from troth.web.accounts.joining import is_address

    if not is_address(email):
        raise UsageError("that is no e-mail address", remedy="write it like name@example.org")


def _note(event: Event) -> None:
    records = open_records(settings.STATE)
    try:
        records.note(event)
    finally:
        records.state.close()
