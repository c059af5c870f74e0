"""A correction that gives somebody another identifier: what they have refused is theirs under the new one too."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from troth.core.rights.identity import Known
from troth.desk.models import Refusal
from troth.state.vault import Vault


def known_too(vault: Vault, known: Sequence[Known], new: Sequence[Known]) -> None:
    """Whoever has one of the identifiers ``known`` is known by those in ``new`` from now on: *may I?* answers alike
    about both. Again changes nothing."""
    hashes = vault.indexes(new)
    with transaction.atomic():
        theirs = list(Refusal.objects.filter(hash__in=vault.indexes(known), ended__isnull=True).order_by("made"))
        said = Refusal.objects.filter(hash__in=hashes, ended__isnull=True).values_list("hash", "purpose", "ground")
        there = {(bytes(item), purpose, ground) for item, purpose, ground in said}
        added = {
            (item, one.purpose, one.ground): Refusal(
                file_id=one.file_id, hash=item, purpose=one.purpose, ground=one.ground, made=one.made
            )
            for one in theirs for item in hashes if (item, one.purpose, one.ground) not in there
        }  # fmt: skip
        Refusal.objects.bulk_create(added.values(), ignore_conflicts=True)
