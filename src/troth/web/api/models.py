"""The rows of the API. None names a person."""

from __future__ import annotations

from django.db import models


class Token(models.Model):
    """What a program shows to be let in. Only the hash of its secret is kept."""

    ref = models.CharField(max_length=24, unique=True)
    """Its name for the journal and the files of requests."""
    name = models.CharField(max_length=60, unique=True)
    """Its name for people, chosen by them; that of a token that has ended is free again."""
    digest = models.CharField(max_length=64, unique=True)
    """SHA-256 of the secret, which is 256 random bits: nothing can be guessed from it."""
    scopes = models.JSONField(default=list)
    created = models.DateTimeField()
    used = models.DateField(null=True)
    """The last day on which it was used."""
    expires = models.DateTimeField(null=True)
    ended = models.DateTimeField(null=True)


class Once(models.Model):
    """What was answered under an idempotency key, for a day."""

    token = models.ForeignKey(Token, on_delete=models.CASCADE, db_index=False)
    key = models.CharField(max_length=64)
    """SHA-256 of the key with the method and the path."""
    body = models.BinaryField(max_length=32)
    """The vault's keyed hash of what was sent, which may speak of somebody."""
    made = models.DateTimeField(db_index=True)
    status = models.PositiveSmallIntegerField(default=0)
    answer = models.BinaryField(default=bytes)
    """Sealed by the vault: the answer that tells of a new webhook holds its secret."""

    class Meta:
        """One answer for each key of a token."""

        constraints = (models.UniqueConstraint(fields=("token", "key"), name="api_once_per_token"),)


class Webhook(models.Model):
    """Where a program wants to be told."""

    ref = models.CharField(max_length=24, unique=True)
    url = models.CharField(max_length=500)
    events = models.JSONField(default=list)
    """The kinds it wants; empty for all."""
    secret = models.BinaryField()
    """Sealed by the vault."""
    created = models.DateTimeField()
    failures = models.PositiveIntegerField(default=0)
    """In a row."""
    failing_since = models.DateTimeField(null=True)
    rests_until = models.DateTimeField(null=True)
    """After a failure nothing is sent there before."""
    trouble = models.CharField(max_length=30, blank=True, default="")
    """The last one, as a code."""
    ended = models.DateTimeField(null=True)
    why = models.CharField(max_length=20, blank=True, default="")
    """Why it has ended: ``by_hand``, ``gone`` (HTTP 410) or ``failing``."""
