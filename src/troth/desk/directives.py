"""Directives after death: what a person wants to become of their data, recorded by themselves, changed and withdrawn at
any time (France: law of 6 January 1978, Article 85). What they say is sealed; the ledger hears that they said it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, cast

from django.db import transaction

from troth.core.errors import UsageError
from troth.core.evidence.canonical import JSON
from troth.core.evidence.leaf import Event
from troth.core.policy.sections.people import AfterDeath
from troth.core.requests.machine import DEATH
from troth.core.requests.model import Act, Behalf, Request, State
from troth.core.rights.identity import Known
from troth.desk.files import file_of
from troth.desk.house import House
from troth.desk.models import Directive, File

Fate = Literal["erase", "keep", "hand_over"]
FATES: tuple[Fate, ...] = ("erase", "keep", "hand_over")
LONGEST = 2000
"""Characters of a text in it."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody named in directives, and how to reach them."""

    name: str = ""
    contact: str = ""


@dataclass(frozen=True, slots=True)
class Directives:
    """What is to become of everything (``whole``), and of the data of each purpose where that is to be otherwise
    (``parts``; what neither says: by law).
    ``heir`` receives what is handed over, ``executor`` carries all of it out, ``words`` is what else they say."""

    whole: Fate | None = None
    parts: Mapping[str, Fate] = field(default_factory=dict)
    heir: Person = Person()
    executor: Person = Person()
    words: str = ""
    language: str = ""

    @property
    def says(self) -> str:
        """``general``, ``specific``, or empty where nothing is said."""
        return "general" if self.whole else "specific" if self.parts or self.words else ""


@dataclass(frozen=True, slots=True)
class Recorded:
    """Directives as they are on record."""

    ref: str
    directives: Directives
    made: datetime
    changed: datetime


def offered(house: House) -> AfterDeath | None:
    """What the policy says of directives; None where it does not take them."""
    rights = house.policy.document.rights
    if rights is None or "directives_after_death" not in rights.offered:
        return None
    return house.policy.document.after_death or AfterDeath()


def record(house: House, person: Known, said: Directives, now: datetime) -> Recorded:
    """Put on record what this person wants, in the place of what they wanted before. Raises UsageError where the policy
    takes no such directives or nothing is said."""
    _check(house, said)
    vault = house.records.state.keys.vault
    index = vault.index(*person)
    with transaction.atomic():
        row = Directive.objects.select_for_update().filter(hash=index).first()
        kind = "directives.recorded" if row is None else "directives.changed"
        if row is None:
            row = Directive(ref=f"dir-{secrets.token_hex(8)}", hash=index, made=now)
        row.changed, row.sealed = now, vault.seal_json(_json(said), _place(row.ref))
        row.save()
        house.records.note(Event(kind, now, {"directives": row.ref, "kind": said.says}))
    return Recorded(row.ref, said, row.made, row.changed)


def withdraw(house: House, person: Known, now: datetime) -> bool:
    """They want nothing of it any more: it is deleted. False where nothing was on record."""
    with transaction.atomic():
        row = Directive.objects.select_for_update().filter(hash=house.records.state.keys.vault.index(*person)).first()
        if row is None:
            return False
        row.delete()
        house.records.note(Event("directives.withdrawn", now, {"directives": row.ref}))
    return True


def of(house: House, identifiers: Sequence[Known]) -> Recorded | None:
    """What somebody has said, for themselves to read."""
    vault = house.records.state.keys.vault
    row = Directive.objects.filter(hash__in=vault.indexes(identifiers)).order_by("-changed").first()
    if row is None:
        return None
    return Recorded(row.ref, _read(vault.open_json(bytes(row.sealed), _place(row.ref))), row.made, row.changed)


def shown_for(house: House, ref: str, now: datetime) -> Recorded | None:
    """What the person of a request on behalf of somebody dead has said, about to be shown to staff; that is an event.
    Raises UsageError for a request that is no heir's or executor's, and before somebody has said that the death was
    shown: whoever asks for a living person in this way would open what these keep to themselves."""
    opened, who = file_of(house, ref, now)
    if opened.request.behalf != Behalf.HEIR:
        raise UsageError(
            "directives are for after death: this request is not that of an heir or executor",
            remedy="somebody alive says themselves what they want",
        )
    if not death_shown(opened.request, File.objects.get(ref=ref).verified):
        raise UsageError(
            "nobody has said yet that the death was shown",
            remedy=f"`troth request identity {ref} --shown {DEATH}` says it",
        )
    found = of(house, _known(house, who.identifiers, now))
    if found is not None:
        house.records.note(Event("directives.shown", now, {"directives": found.ref, "request": ref}))
    return found


def death_shown(request: Request, verified: str) -> bool:
    """Whether a member of staff has said of this request that papers show the death, and it is not in doubt or refused
    since. ``verified`` is what the file says of who asks."""
    if request.behalf != Behalf.HEIR or request.state in (State.IDENTITY_AWAITED, State.REFUSED, State.WITHDRAWN):
        return False
    return verified == DEATH or any(one.act == Act.IDENTITY_SHOWN and one.reference == DEATH for one in request.history)


def _known(house: House, identifiers: Sequence[Known], now: datetime) -> Sequence[Known]:
    """By whatever else the person is known: directives lie under their address."""
    from troth.core.errors import TrothError
    from troth.core.rights.erase import identify
    from troth.core.rights.identity import Decisions, Subject
    from troth.desk.house import stores

    try:
        with stores(house.policy, now, hurried=True) as session:
            identity = identify(session, Subject(tuple(identifiers)), Decisions(), house.records)
    except TrothError:
        return identifiers
    return tuple(dict.fromkeys((*identifiers, *identity.known)))


def _check(house: House, said: Directives) -> None:
    allowed = offered(house)
    if allowed is None:
        raise UsageError("the policy takes no directives", remedy="rights: offered: directives_after_death")
    if not said.says:
        raise UsageError("nothing is said")
    if said.says not in allowed.directives:
        raise UsageError(f"the policy takes no {said.says} directives", remedy="after_death: directives")
    if said.parts and "specific" not in allowed.directives:
        raise UsageError("the policy takes no specific directives", remedy="after_death: directives")
    if said.executor != Person() and not allowed.executor:
        raise UsageError("the policy takes no executor", remedy="after_death: executor: true")
    for name in sorted(set(said.parts) - set(house.policy.purposes)):
        raise UsageError(f"there is no purpose {name!r}")


def _json(said: Directives) -> JSON:
    return {
        "whole": said.whole, "parts": dict(said.parts), "heir": [said.heir.name, said.heir.contact],
        "executor": [said.executor.name, said.executor.contact], "words": said.words, "language": said.language,
    }  # fmt: skip


def _read(raw: JSON) -> Directives:
    data = cast(dict[str, object], raw)
    heir, executor = (cast(list[str], data[name]) for name in ("heir", "executor"))
    return Directives(
        cast("Fate | None", data["whole"]), cast("dict[str, Fate]", data["parts"]), Person(*heir), Person(*executor),
        str(data["words"]), str(data["language"]),
    )  # fmt: skip


def _place(ref: str) -> str:
    return f"desk/directives/{ref}"
