"""The register of disclosures: what was given to whom in the course of business, or to an authority.

People are told who has received their data, by name (GDPR Article 15(1)(c); Court of Justice, C-154/21); of what went
to an authority only when that may be told: a judge's secrecy, for instance, ends on a day or by somebody's word.
Nothing is entered without a legal ground. Who it is about is kept as keyed hashes; the rest lies sealed.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, cast

from django.db import transaction

from troth.core.errors import TrothError, UsageError
from troth.core.evidence.canonical import JSON
from troth.core.evidence.leaf import Event
from troth.core.policy.model import Basis, Policy
from troth.core.requests.route import terms_of
from troth.core.rights.erase import identify
from troth.core.rights.identity import Decisions, Identity, Known, Subject
from troth.core.rights.information import DisclosureInformation
from troth.core.rights.information_words import BASES
from troth.desk.house import House, stores
from troth.desk.models import Disclosed, Disclosure

KINDS = ("authority", "recipient")
"""To whom: an authority or a court, or anybody else."""
GROUNDS = tuple(one.value for one in Basis)
LONGEST = 200
"""Characters of a name, of a law, of who decided."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What was given. ``law``: article, order or contract that it rests on; ``categories`` of the vocabulary;
    ``told_from``: the day from which the person may know; None: not before somebody says so."""

    kind: Literal["authority", "recipient"]
    to: str
    ground: str
    law: str
    categories: tuple[str, ...]
    day: date
    decided_by: str = ""
    told_from: date | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """An entry as it is on record."""

    ref: str
    entry: Entry
    made: datetime

    def may_be_told(self, today: date) -> bool:
        """Whether the person may know of it today."""
        return self.entry.told_from is not None and self.entry.told_from <= today


def categories_of(policy: Policy) -> tuple[str, ...]:
    """What can be given: the categories of all fields and purposes, each once."""
    fields = (field.category for collection in policy.collections() for field in collection.fields)
    told = (category for purpose in policy.purposes.values() for category in purpose.categories)
    return tuple(dict.fromkeys((*fields, *told)))


def record(house: House, person: Sequence[Known], said: Entry, by: str, now: datetime) -> Recorded:
    """Enter it, for whoever has these identifiers and those by which the stores know them for certain. ``by`` stands
    for the member of staff. Raises UsageError where something is missing or cannot be."""
    _check(house.policy, said, terms_of(house.policy).day(now))
    vault = house.records.state.keys.vault
    with transaction.atomic():
        ref = f"disclosure-{secrets.token_hex(6)}"
        sealed = vault.seal_json(_json(said), _place(ref))
        row = Disclosure.objects.create(ref=ref, day=said.day, told_from=said.told_from, sealed=sealed, made=now)
        hashes = dict.fromkeys(vault.indexes(_every(house, person, now)))
        Disclosed.objects.bulk_create(Disclosed(disclosure=row, hash=item) for item in hashes)
        house.records.note(Event("disclosure.recorded", now, {
            "disclosure": ref, "by": by, "kind": said.kind, "ground": said.ground, "categories": [*said.categories],
            "day": said.day.isoformat(), "told_from": said.told_from.isoformat() if said.told_from else None,
        }))  # fmt: skip
    return Recorded(ref, said, now)


def _check(policy: Policy, said: Entry, today: date) -> None:
    if said.kind not in KINDS:
        raise UsageError("that is nobody whom data is given to", remedy=f"one of: {', '.join(KINDS)}")
    if not said.to.strip():
        raise UsageError("it is not said to whom", remedy="name the recipient or the authority")
    if said.ground not in GROUNDS or not said.law.strip():
        raise UsageError(
            "nothing is given without a legal ground",
            remedy=f"one of {', '.join(GROUNDS)}, and the article, order or contract that it rests on",
        )
    known = categories_of(policy)
    if not said.categories or not set(said.categories) <= set(known):
        raise UsageError("it is not said what was given", remedy=f"categories, of: {', '.join(known)}")
    if said.day > today:
        raise UsageError("that day is still to come", remedy="enter what was given, not what will be")
    if max(len(said.to), len(said.law), len(said.decided_by)) > LONGEST:
        raise UsageError(f"more than {LONGEST} characters", remedy="write it shorter")


def certain(person: Sequence[Known], identity: Identity) -> tuple[Known, ...]:
    """These identifiers and those by which the stores know the person, but for what leads to somebody else too."""
    return tuple(one for one in dict.fromkeys((*person, *identity.known)) if one not in identity.shared)


def _every(house: House, person: Sequence[Known], now: datetime) -> tuple[Known, ...]:
    """By whatever else the stores know the person for certain; nothing more where one does not answer. Raises
    UsageError where all of it leads to somebody else too."""
    try:
        found = _identity(house, person, now)
    except TrothError:
        return tuple(person)
    names = certain(person, found)
    if not names:
        raise UsageError(
            "several people are known by that: it would be told to the wrong one",
            remedy="name the person by what is theirs alone, their number for instance",
        )
    return names


def _identity(house: House, person: Sequence[Known], now: datetime) -> Identity:
    with stores(house.policy, now, hurried=True) as session:
        return identify(session, Subject(tuple(person)), Decisions(), house.records)


def told_to(house: House, person: Sequence[Known], now: datetime) -> list[Recorded]:
    """What somebody who has shown to have these identifiers may be told at once: nothing that an identifier alone
    leads to which others have too, or of which that is not known since a store does not answer."""
    today = terms_of(house.policy).day(now)
    if not of(house, person, today):
        return []
    try:
        found = _identity(house, person, now)
    except TrothError:
        return []
    return of(house, certain(person, found), today) if not found.unreachable else []


def every(house: House) -> list[Recorded]:
    """The whole register, the newest first; nobody is named whose data it was."""
    return [_read(house, row) for row in Disclosure.objects.order_by("-day", "-made")]


def of(house: House, person: Sequence[Known], today: date) -> list[Recorded]:
    """What may be told today to whoever has these identifiers, the newest first."""
    hashes = house.records.state.keys.vault.indexes(person)
    rows = Disclosure.objects.filter(people__hash__in=hashes, told_from__lte=today).distinct()
    return [_read(house, row) for row in rows.order_by("-day", "-made")]


def one(house: House, ref: str) -> Recorded:
    """One entry. Raises UsageError when there is none of that name."""
    return _read(house, _row(ref))


def let_tell(house: House, ref: str, day: date | None, by: str, now: datetime) -> None:
    """From that day on the person may know of it; None: not before somebody says so. Raises UsageError."""
    with transaction.atomic():
        row = _row(ref)
        row.told_from = day
        row.save(update_fields=["told_from"])
        said = day.isoformat() if day else None
        house.records.note(Event("disclosure.told_from", now, {"disclosure": ref, "by": by, "told_from": said}))


def remove(house: House, ref: str, by: str, now: datetime) -> None:
    """It was entered by mistake: it goes, and that is on record. Raises UsageError."""
    with transaction.atomic():
        _row(ref).delete()
        house.records.note(Event("disclosure.removed", now, {"disclosure": ref, "by": by}))


def informed(found: Sequence[Recorded]) -> tuple[DisclosureInformation, ...]:
    """As it stands in the package of an access."""
    return tuple(
        DisclosureInformation(one.entry.day, one.entry.kind, one.entry.to, one.entry.categories,
                              BASES[Basis(one.entry.ground)], one.entry.law)
        for one in found
    )  # fmt: skip


def _row(ref: str) -> Any:
    row = Disclosure.objects.filter(ref=ref).first()
    if row is None:
        raise UsageError(f"there is no disclosure {ref}", remedy="`troth disclosures list` shows their names")
    return row


def _json(said: Entry) -> JSON:
    return {
        "kind": said.kind, "to": said.to, "ground": said.ground, "law": said.law, "categories": [*said.categories],
        "decided_by": said.decided_by,
    }  # fmt: skip


def _read(house: House, row: Any) -> Recorded:
    raw = cast("dict[str, Any]", house.records.state.keys.vault.open_json(bytes(row.sealed), _place(row.ref)))
    entry = Entry(
        raw["kind"], raw["to"], raw["ground"], raw["law"], tuple(raw["categories"]), row.day, raw["decided_by"],
        row.told_from,
    )  # fmt: skip
    return Recorded(row.ref, entry, row.made)


def _place(ref: str) -> str:
    return f"desk/disclosure/{ref}"
