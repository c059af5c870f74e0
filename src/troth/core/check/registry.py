"""Every rule, by its code and by the room it belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType

from troth.core.check.rooms import (
    backups,
    cards,
    children,
    consent,
    decisions,
    forms,
    identity,
    legal_notice,
    locations,
    logs,
    newsletter,
    processors,
    purposes,
    retention,
    rights,
    security,
    services,
    special,
    texts,
    trackers,
    transfers,
    words,
)
from troth.core.check.rule import Rule

ROOMS: Mapping[str, ModuleType] = {
    "consent": consent, "trackers": trackers, "services": services, "words": words, "purposes": purposes,
    "special": special,
    "retention": retention, "logs": logs, "backups": backups, "transfers": transfers, "locations": locations,
    "processors": processors, "rights": rights, "identity": identity, "children": children,
    "decisions": decisions, "forms": forms, "newsletter": newsletter, "cards": cards, "security": security,
    "legal_notice": legal_notice, "texts": texts,
}  # fmt: skip
"""The subjects, in the order of the reference."""


def _in(room: ModuleType) -> list[Rule]:
    return [value for value in vars(room).values() if isinstance(value, Rule)]


RULES: Mapping[str, Rule] = {rule.code: rule for room in ROOMS.values() for rule in _in(room)}


def room_of(code: str) -> str:
    """The subject that a rule belongs to. KeyError for an unknown code."""
    return next(name for name, room in ROOMS.items() if any(rule.code == code for rule in _in(room)))
