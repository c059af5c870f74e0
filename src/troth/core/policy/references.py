"""Every name in a document that must be the name of something else in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from zoneinfo import ZoneInfoNotFoundError, available_timezones

from pydantic import BaseModel

from troth.core.consent.catalogue import names
from troth.core.consent.uses import dropped_in_vain
from troth.core.policy.document import PolicyDocument
from troth.core.policy.events import BUILT_IN_EVENTS
from troth.core.policy.problems import Problem, nearest, problem, warning
from troth.core.policy.sections.base import Texts
from troth.core.policy.tree import MapNode, Node, Path, locate, names_at
from troth.core.vocabulary import personal_data_terms

_FIELDS = "stores.*.collections.*.fields.*"
_ROWS = "stores.*.collections.*.rows.fields.*"
_INNER = tuple(f"{where}{within}" for where in (_FIELDS, _ROWS) for within in ("", ".json.*", ".php.*"))

REFERENCES: dict[str, tuple[str, ...]] = {
    "recipient": (
        "publisher.host", "recipients.*.subprocessors.*", "purposes.*.recipients.*", "stores.*.recipient",
        "services.*.recipient", "newsletter.recipient", "logs.*.recipient", "security.cards.partner",
        "backups.*.recipient", "agreements.*.recipient",
    ),
    "purpose": (
        "stores.*.collections.*.for.*", "stores.*.collections.*.refused.=",
        *(f"{place}.for.*" for place in _INNER), "services.*.purpose",
        "cookies.*.purpose", "services.*.cookies.*.purpose", "contact.purpose", "newsletter.purpose",
        "accounts.purpose", "logs.*.purposes.*", "automated_decisions.decisions.*.purpose",
    ),
    "store": (
        "newsletter.store", "accounts.store", "logs.*.store", "backups.*.stores.*", "clients.*.stores.*",
    ),
    "event": (
        "purposes.*.keep.after", "purposes.*.keep.archive.after", "stores.*.collections.*.holds.*.after",
        "stores.*.collections.*.events.=",
    ),
    "category": (
        "purposes.*.categories.*", *(f"{place}.is" for place in _INNER), "contact.fields.*.is",
        "newsletter.fields.*.is", "accounts.fields.*.is", "logs.*.contains.*", "rights.request_needs.*",
        "categories.*.broader",
    ),
    "people": ("purposes.*.people.*",),
    "role": (
        "purposes.*.keep.archive.readers.*", "accounts.managers.*", "rights.identity_document.seen_by.*",
        "rights.by_hand.by",
        "breach.decided_by.*", "automated_decisions.decisions.*.review_by.*", "checklists.*.signed_by.*",
        "agreement_requests.handled_by.*", "disclosures.decided_by.*",
    ),
    "client": ("agreements.*.client",),
    "chapter": ("clauses.*.chapter",),
    "catalogue": ("services.*.uses",),
}  # fmt: skip
"""What each name must name, by the places where names stand. ``*`` is any step; ``=`` the key itself."""

_SECTIONS = {
    "recipient": "recipients", "purpose": "purposes", "store": "stores", "people": "people", "client": "clients",
    "chapter": "chapters",
}  # fmt: skip


@dataclass(frozen=True)
class _Context:
    tree: MapNode
    data: dict[str, Any]

    def known(self, kind: str) -> list[str] | None:
        """The names that may stand for this kind; None where any may. They are read off the tree, so that an
        entry with a fault of its own is still known by its name."""
        if kind == "event":
            return [*BUILT_IN_EVENTS, *names_at(self.tree, "events")]
        if kind == "category":
            return [*personal_data_terms(), *names_at(self.tree, "categories")]
        if kind == "role":
            return names_at(self.tree, "staff", "roles")
        if kind == "catalogue":
            return list(names())
        found = names_at(self.tree, _SECTIONS[kind])
        return None if kind == "people" and not found else found


def reference_problems(document: PolicyDocument, tree: MapNode) -> list[Problem]:
    """Names that name nothing, in the whole document."""
    context = _Context(tree, document.model_dump(by_alias=True))
    return [
        *_plain_references(context),
        *_without(context),
        *_about(context),
        *_languages(document, tree),
        *_timezone(document, tree),
    ]


def _plain_references(context: _Context) -> Iterator[Problem]:
    for kind, places in REFERENCES.items():
        known = context.known(kind)
        if known is None:
            continue
        names = frozenset(known)
        for place in places:
            for path, value in select(context.data, place.split(".")):
                if isinstance(value, str) and value not in names:
                    at = locate(context.tree, path, key=place.endswith("="))
                    yield problem(f"unknown_{kind}", at, value=value[:60], nearest=nearest(value, names))


def _without(context: _Context) -> Iterator[Problem]:
    for path, service in select(context.data, ["services", "*"]):
        for index, name, known in dropped_in_vain(service):
            at = locate(context.tree, (*path, "without", index))
            yield problem("unknown_kept", at, value=name[:60], nearest=nearest(name, known), service=service["uses"])


def select(data: Any, steps: Sequence[str], path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Everything in the data at places like ``steps``."""
    if not steps:
        yield path, data
        return
    step, rest = steps[0], steps[1:]
    if isinstance(data, dict):
        if step == "=":
            yield from (((*path, key), key) for key in data)
        elif step == "*":
            for key, value in data.items():
                yield from select(value, rest, (*path, key))
        elif step in data:
            yield from select(data[step], rest, (*path, step))
    elif isinstance(data, list | tuple) and step == "*":
        for index, value in enumerate(data):
            yield from select(value, rest, (*path, index))


def _about(context: _Context) -> Iterator[Problem]:
    for path, value in select(context.data, ["clauses", "*", "about", "*"]):
        # In the tree too: an entry with a fault of its own is still there.
        if not (_leads_somewhere(context.data, str(value)) or _stands_in(context.tree, str(value))):
            section = str(value).split(".")[0]
            near = [f"{section}.{name}" for name in names_at(context.tree, section)]
            known = nearest(str(value), near or list(context.data))
            yield problem("unknown_reference", locate(context.tree, path), value=str(value)[:60], nearest=known)


def _leads_somewhere(data: Any, dotted: str) -> bool:
    """Keys may themselves hold dots, so every beginning of the rest is tried."""
    if not dotted:
        return True
    if not isinstance(data, dict):
        return False
    return any(
        _leads_somewhere(value, dotted[len(key) + 1 :])
        for key, value in data.items()
        if value is not None and (dotted == key or dotted.startswith(f"{key}."))
    )


def _stands_in(node: Node, dotted: str) -> bool:
    if not dotted:
        return True
    return isinstance(node, MapNode) and any(
        _stands_in(child, dotted[len(key) + 1 :])
        for key, (_, child) in node.entries.items()
        if dotted == key or dotted.startswith(f"{key}.")
    )


def _languages(document: PolicyDocument, tree: MapNode) -> Iterator[Problem]:
    languages = document.policy.languages
    if document.policy.authoritative not in languages:
        at = locate(tree, ("policy", "authoritative"))
        yield problem("unknown_language", at, value=document.policy.authoritative, languages=", ".join(languages))
    for path, texts in texts_of(document):
        for language in texts:
            if language not in languages:
                at = locate(tree, (*path, language), key=True)
                yield problem("unknown_language", at, value=language, languages=", ".join(languages))
        missing = [language for language in languages if language not in texts]
        if missing:
            at = locate(tree, path, key=True)
            yield warning("missing_language", at, languages=", ".join(missing))


def texts_of(value: object, path: Path = ()) -> Iterator[tuple[Path, Texts]]:
    """Every text by language in a document, with its path."""
    if isinstance(value, Texts):
        yield path, value
    elif isinstance(value, BaseModel):
        for name in value.model_fields_set:
            key = type(value).model_fields[name].alias or name
            yield from texts_of(getattr(value, name), (*path, key))
    elif isinstance(value, dict):
        for key, child in value.items():
            yield from texts_of(child, (*path, key))
    elif isinstance(value, tuple):
        for index, child in enumerate(value):
            yield from texts_of(child, (*path, index))


def _timezone(document: PolicyDocument, tree: MapNode) -> Iterator[Problem]:
    name = document.publisher.timezone
    try:
        known = _timezones()
    except (OSError, ZoneInfoNotFoundError):
        return
    # A machine without time zone data knows none: then there is nothing to compare with.
    if known and name not in known:
        at = locate(tree, ("publisher", "timezone"))
        yield problem("unknown_timezone", at, value=name[:60], nearest=nearest(name, known))


@cache
def _timezones() -> frozenset[str]:
    """Those of this machine. To list them, each of its files is opened."""
    return frozenset(available_timezones())
