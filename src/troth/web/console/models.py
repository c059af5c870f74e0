"""Who belongs to staff, what they signed, and whose data they looked at."""

# mypy: allow-subclassing-any

from __future__ import annotations

from django.conf import settings
from django.db import models

from troth.web.accounts.models import unguessable


class Staff(models.Model):
    """Somebody who may enter the console. The row outlives the account: what they signed stays on record."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="staff"
    )  # fmt: skip
    public_id = models.CharField(max_length=22, unique=True, default=unguessable)
    """What stands for them in the ledger."""
    roles = models.JSONField(default=list)
    """Names of the policy's ``staff.roles``; one that the policy does not know gives nothing."""
    added = models.DateTimeField()
    ended = models.DateTimeField(null=True)


class Signature(models.Model):
    """An undertaking of confidentiality that was signed (GDPR Articles 28(3)(b), 29 and 32(4))."""

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="signatures")
    version = models.CharField(max_length=60)
    digest = models.CharField(max_length=64)
    """SHA-256 of the words that stood on the page."""
    language = models.CharField(max_length=12)
    at = models.DateTimeField()

    class Meta:
        """Signed once."""

        constraints = (models.UniqueConstraint(fields=("staff", "version", "digest"), name="console_signed_once"),)


class Look(models.Model):
    """Staff saw or changed a person's data: the same as the event in the ledger, to be found by the person. Written
    after it; goes when its time is over (``trace.KEPT``)."""

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="looks")
    kind = models.CharField(max_length=10)
    """``seen`` or ``changed``."""
    what = models.CharField(max_length=40)
    ground = models.CharField(max_length=40, blank=True, default="")
    ref = models.CharField(max_length=40, blank=True, default="")
    """The request that it was about, if it was one."""
    at = models.DateTimeField(db_index=True)
    position = models.BigIntegerField(unique=True)
    """Of the event in the ledger."""
    words = models.BinaryField(null=True)
    """What they wrote about the reason, sealed; the ledger has only its code."""


class Seen(models.Model):
    """Whom a look was about, one row for each identifier, as the vault's keyed hash."""

    look = models.ForeignKey(Look, on_delete=models.CASCADE, related_name="seen", db_index=False)
    hash = models.BinaryField(max_length=32)

    class Meta:
        """Found by hash; said once."""

        constraints = (models.UniqueConstraint(fields=("hash", "look"), name="console_seen_once"),)


class Outlook(models.Model):
    """What a job has found out for a page, with its time: no page waits for the publisher's stores. ``found`` holds
    names of the policy, days and numbers, nobody's data."""

    kind = models.CharField(max_length=20, unique=True)
    """``sweeps`` or ``stores``."""
    made = models.DateTimeField()
    found = models.JSONField()
