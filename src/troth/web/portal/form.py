"""What a person fills in to use a right."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from django.http import HttpRequest

from troth.core.policy.model import Policy
from troth.core.requests.model import Right
from troth.core.requests.route import whole_scope
from troth.package import labels

LONGEST = 2000
"""Characters of a message."""

_NARROWED = (Right.ERASURE, Right.OBJECTION, Right.WITHDRAWAL)
_WRITTEN = (Right.HUMAN_REVIEW, Right.DIRECTIVES_AFTER_DEATH)


@dataclass(frozen=True, slots=True)
class Read:
    """A form as it was sent. ``preview``: only to see what would happen with this choice."""

    scope: frozenset[str] = frozenset()
    sure: bool = False
    preview: bool = False
    message: str = ""
    corrections: dict[str, str] = field(default_factory=dict)
    complete: bool = False
    unseen: bool = False
    """What would happen with this choice was not shown before."""


def mark(scope: frozenset[str]) -> str:
    """What a page carries to tell for which choice it has shown the consequence."""
    return " ".join(sorted(scope))


def read(request: HttpRequest, policy: Policy, right: Right) -> Read:
    """The form, or the state of one that was not sent yet. Names that the policy does not know are not heard."""
    data = request.POST if request.method == "POST" else request.GET
    possible = _purposes(policy, right)
    scope = (
        frozenset(name for name in data.getlist("purpose") if name in possible) if right in _NARROWED else frozenset()
    )
    message = data.get("message", "").strip()[:LONGEST] if right in _WRITTEN else ""
    found = Read(scope, "sure" in data, "look" in data, message, _corrections(data, policy, right))
    if right == Right.ERASURE:
        found = replace(found, unseen=data.get("seen") != mark(scope))
    enough = {
        Right.RECTIFICATION: bool(found.corrections), Right.HUMAN_REVIEW: bool(message),
        Right.DIRECTIVES_AFTER_DEATH: bool(message), Right.ERASURE: found.sure and not found.unseen,
    }  # fmt: skip
    return replace(found, complete=enough.get(right, True))


def choices(policy: Policy, right: Right, found: Read, language: str) -> dict[str, Any]:
    """What the page offers to choose."""
    purposes = [
        (name, _title(policy.purposes[name].title, language), name in found.scope) for name in _purposes(policy, right)
    ]
    fields = [(name, label) for name, label in _fields(policy, language)] if right == Right.RECTIFICATION else []
    return {
        "purposes": purposes if right in _NARROWED else [], "fields": fields, "writes": right in _WRITTEN,
        "asks_sure": right == Right.ERASURE,
    }  # fmt: skip


def _purposes(policy: Policy, right: Right) -> list[str]:
    if right == Right.ERASURE:
        return list(policy.purposes)
    return [name for name in policy.purposes if name in whole_scope(right, policy)]


def _fields(policy: Policy, language: str) -> list[tuple[str, str]]:
    """Fields that hold what people gave, each with its label."""
    own = {name: section.title for name, section in policy.document.categories.items()}
    found = []
    for collection in policy.collections():
        for one in collection.fields:
            if one.given != "given" or one.category in ("Password", "Authenticating"):
                continue
            label = _title(one.title or {}, language) or labels.category(one.category, language, own)
            place = _title(collection.title or {}, language) or collection.name
            found.append((f"{collection.store}.{collection.name}.{one.name}", f"{place} — {label}"))
    return found


def _corrections(data: Any, policy: Policy, right: Right) -> dict[str, str]:
    if right != Right.RECTIFICATION:
        return {}
    known = {name for name, _ in _fields(policy, "en")}
    name, value = data.get("field", ""), data.get("value", "").strip()[:LONGEST]
    return {name: value} if name in known and value else {}


def _title(texts: Any, language: str) -> str:
    return texts.get(language) or next(iter(texts.values()), "")
