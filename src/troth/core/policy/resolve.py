"""Document to ``Policy``: periods read, names followed, defaults filled in. The document must be free of faults."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from troth.core.policy.document import PolicyDocument
from troth.core.policy.events import BUILT_IN_EVENTS
from troth.core.policy.model import (
    Archive,
    Basis,
    Event,
    IdentifierKind,
    Keep,
    LocalText,
    Policy,
    Purpose,
    Recipient,
)
from troth.core.policy.resolve_stores import StoreResolver
from troth.core.policy.sections import purposes as written
from troth.core.policy.tree import MapNode, locate
from troth.core.policy.values import Duration, FinancialYear, parse_duration


def resolve(document: PolicyDocument, tree: MapNode, folder: str) -> Policy:
    """The policy that the engine runs. ``folder`` is where relative SQLite addresses count from."""
    info, publisher = document.policy, document.publisher
    month, day = publisher.financial_year_end.split("-")
    speak = Speaker(info.languages, info.authoritative)
    stores = StoreResolver(tree, folder, speak.one)
    return Policy(
        version=info.version,
        languages=info.languages,
        authoritative=info.authoritative,
        publisher=publisher.name,
        country=publisher.country,
        timezone=publisher.timezone,
        financial_year=FinancialYear(int(month), int(day)),
        purposes={name: _purpose(name, p, tree, speak) for name, p in document.purposes.items()},
        recipients={name: _recipient(name, r) for name, r in document.recipients.items()},
        events=_events(document),
        identifiers=_identifiers(document),
        stores={name: stores.store(name, store) for name, store in document.stores.items()},
        digest=digest_of(document),
        document=document,
    )


def digest_of(document: PolicyDocument) -> str:
    """SHA-256 (hex) over everything the policy says, whatever the files it is split into, the order of their
    keys, comments, and whether short forms were used. How it looks and where it is read is nothing it says."""
    unsaid: dict[str, Any] = {"include": True, "publisher": {"look"}, "policy": {"address"}}
    data = document.model_dump(mode="json", by_alias=True, exclude=unsaid)
    text = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


class Speaker:
    """Chooses one language where the model holds a single text: English, which the command line speaks, or
    else the authoritative one."""

    def __init__(self, languages: Sequence[str], authoritative: str) -> None:
        self._order = ("en", authoritative, *languages)

    def one(self, text: LocalText) -> str:
        """The text in that language."""
        return next((text[language] for language in self._order if language in text), next(iter(text.values())))


def _purpose(name: str, purpose: written.Purpose, tree: MapNode, speak: Speaker) -> Purpose:
    return Purpose(
        name=name,
        title=purpose.title,
        basis=Basis(purpose.basis),
        people=purpose.people,
        categories=purpose.categories,
        recipients=purpose.recipients,
        keep=_keep(purpose.keep, speak),
        source=purpose.source,
        at=locate(tree, ("purposes", name), key=True),
    )


def _keep(keep: written.Keep, speak: Speaker) -> Keep:
    archive = keep.archive
    return Keep(
        while_state=keep.while_,
        period=_period(keep.period),
        after=keep.after,
        then=keep.then,
        archive=Archive(
            period=parse_duration(archive.period),
            after=archive.after,
            because=speak.one(archive.because),
            because_in=archive.because,
        )
        if archive
        else None,
    )


def _period(text: str | None) -> Duration | None:
    return parse_duration(text) if text is not None else None


def _recipient(name: str, recipient: written.Recipient) -> Recipient:
    return Recipient(
        name=name,
        title=recipient.name,
        role=recipient.role,
        country=recipient.country,
        agreement=recipient.agreement,
        transfer=recipient.transfer.basis if recipient.transfer else None,
    )


def _events(document: PolicyDocument) -> Mapping[str, Event]:
    own = {
        name: Event(name, event.per, event.computed)
        for name, event in document.events.items()
        if name not in BUILT_IN_EVENTS
    }
    return {**BUILT_IN_EVENTS, **own}


def _identifiers(document: PolicyDocument) -> Mapping[str, IdentifierKind]:
    declared = {name: IdentifierKind(name, kind.strong, kind.title) for name, kind in document.identifiers.items()}
    used = {
        kind
        for store in document.stores.values()
        for collection in store.collections.values()
        for kind in collection.subject
    }
    return {**declared, **{kind: IdentifierKind(kind) for kind in sorted(used - set(declared))}}
