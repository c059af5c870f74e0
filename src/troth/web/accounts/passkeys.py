"""Passkeys (W3C Web Authentication, level 3). What the browser is asked for travels in the page, signed, in place of a
session: nobody gets a cookie for looking at the login page."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address
from typing import Any

from allauth.mfa.models import Authenticator  # type: ignore[import-untyped]
from django.core import signing
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    RegistrationResponse,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from troth.web.accounts.models import Spent, User
from troth.web.pages.published import kept

_SALT = "troth.accounts.passkey"
_LIVES = 15 * 60
_REQUIRED = UserVerificationRequirement.REQUIRED
_NONSENSE = (ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError)
"""What comes of reading an answer that no browser wrote."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a page asks the browser for, and the same signed, to come back with the answer."""

    options: str
    ticket: str


def _server(request: HttpRequest) -> Fido2Server:
    name = request.get_host()
    host = name if name.endswith("]") else name.partition(":")[0]
    return Fido2Server(PublicKeyCredentialRpEntity(id=host, name=kept.get().policy.publisher))


def possible(request: HttpRequest) -> bool:
    """Passkeys belong to a name, not to an address."""
    host = request.get_host()
    try:
        ip_address(host.strip("[]") if host.endswith("]") else host.partition(":")[0])
    except ValueError:
        return True
    return False


def _rows(user: User) -> list[Authenticator]:
    return list(Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN).order_by("pk"))


def _credential(row: Authenticator) -> AttestedCredentialData:
    made = RegistrationResponse.from_dict(row.data["credential"])
    data = made.response.attestation_object.auth_data.credential_data
    if data is None:  # it was checked when the row was made
        raise ValueError("a passkey without its key")
    return data


def has_passkey(user: User) -> bool:
    """Whether the person has one."""
    return Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN).exists()


def listed(user: User) -> list[Authenticator]:
    """The person's passkeys, the oldest first."""
    return _rows(user)


def asked_for(request: HttpRequest, user: User | None = None) -> Asked | None:
    """Ask the browser for a passkey: of this person, or of anybody. With PIN, finger or face in every case."""
    if not possible(request):
        return None
    credentials = [_credential(row) for row in _rows(user)] if user is not None else None
    options, state = _server(request).authenticate_begin(credentials, user_verification=_REQUIRED)
    return _asked(options, state)


def _asked(options: Any, state: Any) -> Asked:
    return Asked(json.dumps(dict(options)), signing.dumps(dict(state), salt=_SALT))


def _answered(request: HttpRequest) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """The browser's answer and what it was asked; None when it is no answer, too late, or comes a second time."""
    ticket = request.POST.get("asked", "")
    try:
        state = signing.loads(ticket, salt=_SALT, max_age=_LIVES)
        answer = json.loads(request.POST.get("passkey", ""))
    except (signing.BadSignature, *_NONSENSE):
        return None
    if not isinstance(answer, dict) or not _first_time(str(state.get("challenge"))):
        return None
    return answer, state


def _first_time(challenge: str) -> bool:
    mark = hashlib.sha256(challenge.encode()).hexdigest()
    _, made = Spent.objects.get_or_create(
        mark=mark, defaults={"expires_at": timezone.now() + timedelta(seconds=_LIVES)}
    )
    return bool(made)


def whose(request: HttpRequest) -> User | None:
    """Whom a passkey alone names, with a proof."""
    try:
        handle = AuthenticationResponse.from_dict(json.loads(request.POST.get("passkey", ""))).response.user_handle
    except _NONSENSE:
        return None
    user = User.objects.filter(public_id=(handle or b"").decode("ascii", "replace")).first()
    return user if user is not None and shown_by(request, user) else None


def shown_by(request: HttpRequest, user: User) -> bool:
    """Whether the answer proves a passkey of this person."""
    answered = _answered(request)
    if answered is None:
        return False
    answer, state = answered
    rows = _rows(user)
    try:
        response = AuthenticationResponse.from_dict(answer)
        used = _server(request).authenticate_complete(state, [_credential(row) for row in rows], response)
    except (*_NONSENSE, signing.BadSignature):
        return False
    row = next(row for row in rows if _credential(row).credential_id == used.credential_id)
    return _counted(row.pk, response.response.authenticator_data.counter)


def _counted(pk: int, counter: int) -> bool:
    """A counter that does not grow tells of a copy; most passkeys do not count and always say 0."""
    with transaction.atomic():
        row = Authenticator.objects.select_for_update().get(pk=pk)
        if counter and counter <= row.data.get("counter", 0):
            return False
        row.data["counter"] = counter
        row.save(update_fields=["data"])
        row.record_usage()
    return True


def offered(request: HttpRequest, user: User) -> Asked | None:
    """Ask the browser to make a passkey for this person."""
    if not possible(request):
        return None
    entity = PublicKeyCredentialUserEntity(id=user.public_id.encode("ascii"), name=user.email, display_name=user.email)
    options, state = _server(request).register_begin(
        entity, [_credential(row) for row in _rows(user)], resident_key_requirement=ResidentKeyRequirement.REQUIRED,
        user_verification=_REQUIRED,
    )  # fmt: skip
    return _asked(options, {**state, "user": user.pk})


def add(request: HttpRequest, user: User, name: str) -> bool:
    """Keep the passkey that the browser has made."""
    answered = _answered(request)
    if answered is None or answered[1].pop("user", None) != user.pk:
        return False
    answer, state = answered
    try:
        _server(request).register_complete(state, RegistrationResponse.from_dict(answer))
    except _NONSENSE:
        return False
    Authenticator.objects.create(
        user=user, type=Authenticator.Type.WEBAUTHN, data={"name": name[:60], "credential": answer}
    )
    return True
