"""Who has an account, where it is open, and the letters that are under way."""

from __future__ import annotations

import hashlib
import secrets
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models


def unguessable() -> str:
    """A public name for a row that tells nothing about it: 128 bits."""
    return secrets.token_urlsafe(16)


def folded(email: str) -> str:
    """An address in the form in which it is kept and looked for."""
    return email.strip().lower()


class Users(BaseUserManager):
    """All accounts."""

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=folded(username or ""))


class User(AbstractBaseUser):
    """Somebody who has an account. The address is confirmed: the row is made by whoever has read its letter."""

    email = models.CharField(max_length=254, unique=True)
    public_id = models.CharField(max_length=22, unique=True, default=unguessable)
    """What stands for the person where others may see it."""
    language = models.CharField(max_length=12, blank=True, default="")
    details: Any = models.JSONField(default=dict)
    """What the policy's ``accounts.fields`` ask for, by the name of the field. Nothing else."""
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = Users()

    def __str__(self) -> str:
        return f"account {self.pk}"


class Session(AbstractBaseSession):
    """A browser in which somebody is logged in. ``session_key`` is a hash: who reads the table cannot log in."""

    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE)
    browser = models.CharField(max_length=60, blank=True, default="")
    """Its kind, such as ``Firefox, Linux``: enough to recognise one's own. Never the address."""
    created_at = models.DateTimeField(null=True)

    @property
    def public_id(self) -> str:
        """What names it on the page; it opens nothing."""
        return hashlib.sha256(f"public {self.session_key}".encode()).hexdigest()[:22]

    @classmethod
    def get_session_store_class(cls) -> Any:
        from troth.web.accounts.sessions import SessionStore

        return SessionStore


class Letter(models.Model):
    """A mail with a link and a code, for one act, once. Without ``email`` it is a blind one: nobody was written to
    who could use it, and its row only makes the answer the same."""

    handle = models.CharField(max_length=22, unique=True, default=unguessable)
    """Names the letter on the page where its code is typed."""
    secret = models.CharField(max_length=64)
    """Hash of what the link carries."""
    code = models.CharField(max_length=64)
    """Hash of what may be typed instead."""
    act = models.CharField(max_length=12)
    email = models.CharField(max_length=254, blank=True, default="")
    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE)
    tries = models.PositiveSmallIntegerField(default=0)
    expires_at = models.DateTimeField(db_index=True)


class Spent(models.Model):
    """What was good once and has been used, as a hash: an answer of a passkey must not come a second time."""

    mark = models.CharField(max_length=64, primary_key=True)
    expires_at = models.DateTimeField(db_index=True)
