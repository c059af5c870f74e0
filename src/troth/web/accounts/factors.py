"""Second factors: an application that counts (TOTP, RFC 6238), recovery codes, a passkey. The rows, and the
recovery codes, are allauth's."""

from __future__ import annotations

import base64
import secrets
from typing import Any

from allauth.mfa.adapter import DefaultMFAAdapter  # type: ignore[import-untyped]
from allauth.mfa.models import Authenticator  # type: ignore[import-untyped]
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest

from troth.web.accounts.counting import step_of
from troth.web.accounts.models import User
from troth.web.accounts.passkeys import shown_by
from troth.web.pages.published import kept


class Adapter(DefaultMFAAdapter):
    """Secrets are encrypted in the table, with a key derived from the site's own: the table alone is worth nothing."""

    def encrypt(self, text: str) -> str:
        """For the table."""
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """From the table."""
        return _cipher().decrypt(encrypted_text.encode()).decode()

    def get_totp_issuer(self) -> str:
        """What the application shows beside the code."""
        return kept.get().policy.publisher


def _cipher() -> Fernet:
    key = HKDF(SHA256(), length=32, salt=None, info=b"troth accounts factors").derive(settings.SECRET_KEY.encode())
    return Fernet(base64.urlsafe_b64encode(key))


def _row(user: User, kind: str) -> Authenticator | None:
    return Authenticator.objects.filter(user=user, type=kind).first()


def asks_for_second(user: User) -> bool:
    """Whether a password or a letter alone does not open this account."""
    return _row(user, Authenticator.Type.TOTP) is not None


def fits(request: HttpRequest, user: User) -> bool:
    """Whether the form shows the person's second factor: a passkey, the application's code, or a recovery code."""
    if request.POST.get("passkey"):
        return shown_by(request, user)
    code = "".join(request.POST.get("code", "")[:40].split()).replace("-", "")
    return bool(code) and (_is_counted(user, code) or _is_kept(user, code))


def _is_counted(user: User, code: str) -> bool:
    """Whether the application shows this code now, one step ago or in one step; each counts once (RFC 6238, 5.2)."""
    with transaction.atomic():
        row = Authenticator.objects.select_for_update().filter(user=user, type=Authenticator.Type.TOTP).first()
        step = step_of(Adapter().decrypt(row.data["secret"]), code) if row is not None else None
        if row is None or step is None or step <= row.data.get("step", 0):
            return False
        row.data["step"] = step
        row.save(update_fields=["data"])
        row.record_usage()
    return True


def _is_kept(user: User, code: str) -> bool:
    row = _row(user, Authenticator.Type.RECOVERY_CODES)
    if row is None or not row.wrap().validate_code(code):
        return False
    row.record_usage()
    return True


def address_of(user: User, secret: str) -> str:
    """What an application reads from the picture."""
    return Adapter().build_totp_url(user, secret)


def picture_of(address: str) -> str:
    """The same as a QR code, SVG to stand in the page."""
    import qrcode  # type: ignore[import-untyped]
    from qrcode.image.svg import SvgPathImage  # type: ignore[import-untyped]

    image = qrcode.make(address, image_factory=SvgPathImage, border=2)
    return image.to_string(encoding="unicode")


def begin_counting(user: User, secret: str, code: str) -> bool:
    """Turn the application on, once it has shown that it counts as we do."""
    step = step_of(secret, "".join(code.split()))
    if step is None:
        return False
    kind = Authenticator.Type.TOTP
    Authenticator.objects.filter(user=user, type=kind).delete()
    Authenticator.objects.create(user=user, type=kind, data={"secret": Adapter().encrypt(secret), "step": step})
    return True


def stop_counting(user: User) -> None:
    """Turn it off; the recovery codes go with it."""
    kinds = (Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES)
    Authenticator.objects.filter(user=user, type__in=kinds).delete()


def new_codes(user: User) -> list[str]:
    """Ten recovery codes; the earlier ones are worth nothing from now on."""
    kind = Authenticator.Type.RECOVERY_CODES
    Authenticator.objects.filter(user=user, type=kind).delete()
    data = {"seed": Adapter().encrypt(secrets.token_hex(40)), "used_mask": 0}
    row = Authenticator.objects.create(user=user, type=kind, data=data)
    return _spaced(row.wrap().generate_codes())


def codes_left(user: User) -> int:
    """How many of them have not been used."""
    row = _row(user, Authenticator.Type.RECOVERY_CODES)
    return len(row.wrap().get_unused_codes()) if row is not None else 0


def _spaced(codes: list[Any]) -> list[str]:
    return [f"{code[:4]} {code[4:]}" for code in codes]
