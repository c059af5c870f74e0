"""The rows of the desk."""

# mypy: allow-subclassing-any

from __future__ import annotations

from django.db import models


class File(models.Model):
    """The file of one request. Only ``sealed`` says who it is about."""

    ref = models.CharField(max_length=40, unique=True)
    right = models.CharField(max_length=30)
    channel = models.CharField(max_length=10)
    behalf = models.CharField(max_length=10, blank=True, default="")
    controller = models.CharField(max_length=60, blank=True, default="")
    subject = models.CharField(max_length=64, db_index=True)
    """A keyed hash of the identifiers that were given: the same person's requests are found by it."""
    scope = models.JSONField(default=list)
    categories = models.JSONField(default=list)
    """Of an erasure of some kinds of data: which, by the policy's names; empty for every kind."""
    wish = models.CharField(max_length=64, blank=True, default="")
    """A keyed hash of what is sealed of the wish (the values of a rectification): two different ones differ."""
    verified = models.CharField(max_length=20, blank=True, default="")
    """How it is known who asks; empty while it is not."""
    account = models.CharField(max_length=60, blank=True, default="")
    """The account it was made from, by its public name."""
    received = models.DateTimeField()
    state = models.CharField(max_length=20)
    acts = models.JSONField(default=list)
    due = models.DateField()
    settled = models.DateTimeField(null=True)
    assigned = models.CharField(max_length=22, blank=True, default="")
    """Who of staff does what waits for staff, by the name that stands for them; empty where nobody was named."""
    assigned_at = models.DateTimeField(null=True)
    begun = models.BooleanField(default=False)
    """It is being carried out on the stores, or was: from then on it is neither withdrawn nor refused."""
    sealed = models.BinaryField()

    class Meta:
        """Open files by their day."""

        indexes = (
            models.Index(fields=("due",), condition=models.Q(settled__isnull=True), name="desk_file_open"),
            models.Index(fields=("settled",), name="desk_file_settled"),
        )


class Name(models.Model):
    """What a file says of whom it is about, one row for each identifier, as the vault's keyed hash: by it people find
    their requests, whoever entered them and with whatever other identifiers."""

    file = models.ForeignKey(File, on_delete=models.CASCADE, related_name="names", db_index=False)
    hash = models.BinaryField(max_length=32)

    class Meta:
        """Found by hash; said once."""

        constraints = (models.UniqueConstraint(fields=("hash", "file"), name="desk_name_once"),)


class Hand(models.Model):
    """What somebody has done by hand for a request, at one stop of its way: each stop once, so that two people who say
    so at the same time say it of the same thing."""

    file = models.ForeignKey(File, on_delete=models.CASCADE, related_name="hands", db_index=False)
    stop = models.CharField(max_length=20)
    who = models.CharField(max_length=22)
    """The member of staff, by the name that stands for them, or ``command``."""
    at = models.DateTimeField()
    found = models.BooleanField(default=True)
    """In a system without a connector: whether anything of the person was there."""
    number = models.CharField(max_length=60, blank=True, default="")
    """Of the file or ticket that shows it."""
    note = models.BinaryField(null=True)
    """What they wrote about it, sealed."""
    outcome = models.CharField(max_length=10, blank=True, default="")
    """Of a review by a human: a word of ``byhand.OUTCOMES``."""
    reasons = models.BinaryField(null=True)
    """Of a review by a human: why, for the person to read, sealed."""
    about = models.CharField(max_length=40, blank=True, default="")
    """Of a review by a human: the request whose decision was looked at again."""
    anew = models.CharField(max_length=40, blank=True, default="")
    """Of a review that changed a decision: the request that was opened to carry that out."""
    day = models.DateField(null=True)
    """Of what a client has answered: when."""

    class Meta:
        """Said once at each stop."""

        constraints = (models.UniqueConstraint(fields=("file", "stop"), name="desk_hand_once"),)


class Package(models.Model):
    """A package that answers a request: encrypted beside the state, fetched by a link, deleted on its day."""

    file = models.OneToOneField(File, on_delete=models.CASCADE, related_name="package")
    link = models.CharField(max_length=64, unique=True)
    """SHA-256 of the secret in the link."""
    name = models.CharField(max_length=60)
    size = models.BigIntegerField()
    digest = models.CharField(max_length=64)
    """SHA-256 of what the person gets."""
    made = models.DateTimeField()
    until = models.DateTimeField()
    secret = models.BinaryField(null=True)
    """The secret itself, sealed, until the mail with it has gone."""
    fetched = models.JSONField(default=list)
    """The moments at which it was fetched."""


class Refusal(models.Model):
    """A person's no to a purpose: an objection (Article 21) or a consent withdrawn (7(3)). One row for each identifier
    of the person and each purpose; ``hash`` is the vault's keyed hash. It outlives the file of the request: an
    objection does not end because the paper about it has gone."""

    file = models.ForeignKey(File, null=True, on_delete=models.SET_NULL, related_name="refusals")
    hash = models.BinaryField(max_length=32)
    purpose = models.CharField(max_length=60)
    ground = models.CharField(max_length=20)
    made = models.DateTimeField()
    ended = models.DateTimeField(null=True)

    class Meta:
        """Found by hash; said once."""

        constraints = (models.UniqueConstraint(fields=("file", "hash", "purpose"), name="desk_refusal_once"),)
        indexes = (models.Index(fields=("hash", "purpose"), name="desk_refusal_of"),)


class Directive(models.Model):
    """What a person wants to become of their data after their death (France: law of 6 January 1978, Article 85). Only
    ``sealed`` says what and who; it is found by the keyed hash of their address."""

    ref = models.CharField(max_length=40, unique=True)
    hash = models.BinaryField(max_length=32, unique=True)
    sealed = models.BinaryField()
    made = models.DateTimeField()
    changed = models.DateTimeField()


class Document(models.Model):
    """A copy of an identity document that somebody was asked for: encrypted beside the state from the moment it
    arrives, seen by one role, destroyed when it is decided who asks."""

    file = models.ForeignKey(File, on_delete=models.CASCADE, related_name="documents")
    link = models.CharField(max_length=64, unique=True)
    """SHA-256 of the secret in the link under which it is sent in."""
    name = models.CharField(max_length=60, blank=True, default="")
    """Of the encrypted file; empty before it was sent and after it was destroyed."""
    kind = models.CharField(max_length=4, blank=True, default="")
    """``jpg``, ``png`` or ``pdf``, by its content."""
    asked = models.DateTimeField()
    until = models.DateTimeField()
    """It is destroyed then at the latest, and the link ends."""
    given = models.DateTimeField(null=True)
    destroyed = models.DateTimeField(null=True)


class Unconfirmed(models.Model):
    """A correction that gives somebody another e-mail address and waits until whoever reads the new mailbox has said
    that it is theirs. Only ``sealed`` says whose it is and what is asked for."""

    handle = models.CharField(max_length=22, unique=True)
    """Of the letter that went to the new address."""
    subject = models.CharField(max_length=64, unique=True)
    """As in ``File``: each person has one at a time, the last."""
    verified = models.CharField(max_length=20)
    account = models.CharField(max_length=60, blank=True, default="")
    until = models.DateTimeField(db_index=True)
    sealed = models.BinaryField()


class Disclosure(models.Model):
    """What was given to a recipient or an authority. Only ``sealed`` says to whom, what and why; ``told_from`` is the
    day from which the person may know, None as long as nobody has said so."""

    ref = models.CharField(max_length=40, unique=True)
    day = models.DateField()
    told_from = models.DateField(null=True)
    sealed = models.BinaryField()
    made = models.DateTimeField()


class Disclosed(models.Model):
    """Whose data it was: the vault's keyed hash of an identifier, one row for each."""

    disclosure = models.ForeignKey(Disclosure, on_delete=models.CASCADE, related_name="people", db_index=False)
    hash = models.BinaryField(max_length=32)

    class Meta:
        """Found by hash; said once."""

        constraints = (models.UniqueConstraint(fields=("hash", "disclosure"), name="desk_disclosed_once"),)
