"""Letters: a link and a code for one act, once. Nothing personal is in the link, and opening it does nothing yet."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from django.db.models import F
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from troth.web.accounts.models import Letter, User

Act = Literal["signup", "reset", "login", "address", "me", "correct", "staff"]

LIVES: dict[Act, timedelta] = {
    "signup": timedelta(hours=24), "address": timedelta(hours=24),
    "reset": timedelta(minutes=15), "login": timedelta(minutes=15),
    "me": timedelta(minutes=15), "correct": timedelta(minutes=15), "staff": timedelta(days=3),
}  # fmt: skip
"""How long each kind may be used. The first two give nobody what is another's, so they may wait for a day; that of a
new member of staff is opened when they are at work, and is worth nothing once there is a password."""
TRIES = 5
"""Wrong codes that one letter takes."""
LETTERS = "23456789BCDFGHJKLMNPQRSTVWXZ"
"""What codes are made of: nothing that looks like another sign, no vowels to make words of."""
LENGTH = 8


@dataclass(frozen=True, slots=True)
class Written:
    """A letter and what only its reader gets to know."""

    letter: Letter
    secret: str
    code: str

    @property
    def path(self) -> tuple[str, str]:
        """What the link carries."""
        return self.letter.handle, self.secret


def write(act: Act, email: str = "", user: User | None = None) -> Written:
    """A new letter. Without ``email`` a blind one: its code and link fit nothing."""
    secret, code = secrets.token_urlsafe(24), "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
    letter = Letter(act=act, email=email, user=user, expires_at=timezone.now() + LIVES[act], secret=_hash(secret))
    letter.code = _code(letter.handle, code)
    letter.save(force_insert=True)
    return Written(letter, secret, f"{code[:4]}-{code[4:]}")


def waiting(handle: str) -> bool:
    """Whether a code may still be typed for it. The same for a blind one."""
    return Letter.objects.filter(handle=handle, tries__lt=TRIES, expires_at__gt=timezone.now()).exists()


def act_of(handle: str) -> str:
    """What a letter is for, fitting or blind; empty where there is none of that handle."""
    return Letter.objects.filter(handle=handle).values_list("act", flat=True).first() or ""


def linked(handle: str, secret: str) -> Letter | None:
    """The letter whose link this is, unless it was used or is too old."""
    letter = Letter.objects.select_related("user").filter(handle=handle, expires_at__gt=timezone.now()).first()
    if letter is None or not letter.email or not constant_time_compare(letter.secret, _hash(secret)):
        return None
    return letter


def typed(handle: str, code: str) -> tuple[str, str] | None:
    """The link that a typed code stands for; a new one, so that the code has been used. None when it is wrong."""
    open_ones = Letter.objects.filter(handle=handle, tries__lt=TRIES, expires_at__gt=timezone.now())
    if not open_ones.update(tries=F("tries") + 1):
        return None
    letter = Letter.objects.filter(handle=handle).first()
    plain = "".join(sign for sign in code.upper() if sign.isalnum())
    if letter is None or not constant_time_compare(letter.code, _code(handle, plain)) or not letter.email:
        return None
    secret = secrets.token_urlsafe(24)
    Letter.objects.filter(pk=letter.pk).update(secret=_hash(secret), tries=TRIES)
    return handle, secret


def use(letter: Letter) -> bool:
    """Take it out of the world, and the others for the same act; False when somebody else was faster."""
    used, _ = Letter.objects.filter(pk=letter.pk, secret=letter.secret).delete()
    if used:
        Letter.objects.filter(act=letter.act, email=letter.email).delete()
    return bool(used)


def end(user: User) -> None:
    """Whoever knew the earlier password or address may have asked for letters, to an address of their own too."""
    Letter.objects.filter(user=user).delete()


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _code(handle: str, code: str) -> str:
    """A code is short, so its hash needs the site's key: the table alone does not tell it."""
    return salted_hmac(f"accounts.letter.{handle}", code, algorithm="sha256").hexdigest()
