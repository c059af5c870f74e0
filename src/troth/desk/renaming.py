"""A correction that gives somebody another identifier: what they have refused, and what was given away about them, is
theirs under the new one too."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from django.db import transaction

from troth.core.rights.erase import identify
from troth.core.rights.identity import Decisions, Identity, Known, Subject
from troth.core.rights.session import Session
from troth.desk.models import Disclosed, Refusal
from troth.state.engine import StateRecords
from troth.state.vault import Vault


def known_too(vault: Vault, known: Sequence[Known], new: Sequence[Known], doubtful: Collection[str] = ()) -> None:
    """Whoever has one of the identifiers ``known`` is known by those in ``new`` from now on: *may I?* answers alike
    about both, and the register of disclosures finds them by both; but for entries that only an identifier of a
    ``doubtful`` kind leads to. Again changes nothing."""
    hashes = vault.indexes(new)
    sure = vault.indexes([one for one in known if one[0] not in doubtful])
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
        given = set(Disclosed.objects.filter(hash__in=sure).values_list("disclosure", flat=True))
        entries = (Disclosed(disclosure_id=one, hash=item) for one in given for item in hashes)
        Disclosed.objects.bulk_create(entries, ignore_conflicts=True)


def doubtful(identity: Identity, decisions: Decisions, new: Iterable[Known]) -> frozenset[str]:
    """The kinds of identifier that may be somebody else's too: of rows in doubt, and, where a human has opened such
    rows, of what is corrected."""
    shared = {flag.kind for flag in identity.flags if flag.reason == "shared"}
    return frozenset(shared | ({kind for kind, _ in new} if decisions.shared else set()))


def left_behind(records: StateRecords, session: Session, known: Sequence[Known], new: Sequence[Known]) -> None:
    """After the correction: what was given away about the person is no longer told to whoever has an identifier that
    they have given up, such as the mailbox of an old address. Where a store does not answer, it stays as it was."""
    found = identify(session, Subject(tuple(new)), Decisions(), records)
    kinds = {kind for kind, _ in new}
    old = [one for one in known if one[0] in kinds and one not in found.known]
    if not old or not found.found or found.unreachable:
        return
    vault = records.state.keys.vault
    theirs = Disclosed.objects.filter(hash__in=vault.indexes(new)).values_list("disclosure", flat=True)
    Disclosed.objects.filter(hash__in=vault.indexes(old), disclosure__in=list(theirs)).delete()
