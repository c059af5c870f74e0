"""What a person fills in to use a right."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from django.http import HttpRequest

from troth.core.consent.services import asked
from troth.core.policy.model import Policy
from troth.core.requests.model import Right
from troth.core.requests.route import whole_scope
from troth.desk.fields import given
from troth.desk.holdings import Holdings
from troth.web.portal import kinds

LONGEST = 2000
"""Characters of a message."""

NARROWED = (Right.ERASURE, Right.OBJECTION, Right.WITHDRAWAL)
NAMED = (Right.OBJECTION, Right.WITHDRAWAL)
"""Of these everything is asked for by saying so, not by ticking nothing."""
EXPLICIT = (*NAMED, Right.ERASURE)
"""Of these the page offers everything as a choice of its own."""
_WRITTEN = (Right.HUMAN_REVIEW,)


@dataclass(frozen=True, slots=True)
class Read:
    """A form as it was sent. ``preview``: only to see what would happen with this choice; ``everything``: said to be
    for all purposes; ``lacks``: the id of the field that is missing."""

    scope: frozenset[str] = frozenset()
    sure: bool = False
    preview: bool = False
    message: str = ""
    everything: bool = False
    unseen: bool = False
    """What would happen with this choice was not shown before."""
    lacks: str = ""
    corrections: dict[str, str] = field(default_factory=dict)
    """Of a letter that staff enters: the field that it names, and its right value."""
    field: str = ""
    kinds: frozenset[str] = frozenset()
    """Of an erasure: only these kinds of data."""

    @property
    def complete(self) -> bool:
        """It can be entered."""
        return not self.lacks and not self.unseen

    @property
    def chosen(self) -> bool:
        """It is said what it is about."""
        return bool(self.scope or self.everything or self.kinds)

    @property
    def meant(self) -> frozenset[str]:
        """The purposes that are asked for; none for all of them."""
        return frozenset() if self.everything else self.scope


def mark(found: Read) -> str:
    """What a page carries to tell for which choice it has shown the consequence."""
    return " ".join([*sorted(found.meant), *(f"/{kind}" for kind in sorted(found.kinds))])


def read(request: HttpRequest, policy: Policy, right: Right) -> Read:
    """The form, or the state of one that was not sent yet. Names that the policy does not know are not heard."""
    data = request.POST if request.method == "POST" else request.GET
    possible = _purposes(policy, right)
    scope = (
        frozenset(name for name in data.getlist("purpose") if name in possible) if right in NARROWED else frozenset()
    )
    message = data.get("message", "").strip()[:LONGEST] if right in _WRITTEN else ""
    found = Read(
        scope, "sure" in data, "look" in data, message, right in EXPLICIT and "everything" in data,
        corrections=_corrections(data, policy, right), field=data.get("field", ""),
    )  # fmt: skip
    if right == Right.ERASURE:
        found = replace(found, kinds=kinds.read(data, policy))
        found = replace(found, unseen=data.get("seen") != mark(found))
    return replace(found, lacks=_lacking(found, right))


def _lacking(found: Read, right: Right) -> str:
    """What is missing, by the id of its field."""
    if right in _WRITTEN and not found.message:
        return "message"
    if right in NAMED and not found.scope and not found.everything:
        return "which"
    return "sure" if right == Right.ERASURE and not found.sure else ""


def choices(policy: Policy, right: Right, found: Read, language: str, held: Holdings | None) -> dict[str, Any]:
    """What the page offers to choose: of an erasure only what serves something that is held of the person; of an
    objection and a withdrawal that first, and the rest apart. ``held`` is None where that cannot be told."""
    names = _purposes(policy, right) if right in NARROWED else []
    theirs = {one.name for one in held.purposes} if held is not None else set(names)
    purposes = [(name, _title(policy.purposes[name].title, language), name in found.scope) for name in names]
    first = [one for one in purposes if one[0] in theirs]
    elsewhere = {service.purpose for service in asked(policy)} if right == Right.WITHDRAWAL else set()
    others = [one for one in purposes if one[0] not in theirs | elsewhere] if right in NAMED else []
    return {
        "purposes": first, "apart": others, "apart_ticked": any(ticked for _, _, ticked in others),
        "elsewhere": bool(elsewhere) and bool(policy.document.sites),
        "names_theirs": held is not None and right in NAMED, "asks_everything": right in EXPLICIT,
        "fields": [(name, label, name == found.field) for name, label in _fields(policy, right, language)],
        "categories": kinds.choices(policy, found.kinds, language, held) if right == Right.ERASURE else [],
        "writes": right in _WRITTEN, "asks_sure": right == Right.ERASURE, "erases": right == Right.ERASURE,
    }  # fmt: skip


def _purposes(policy: Policy, right: Right) -> list[str]:
    if right == Right.ERASURE:
        return list(policy.purposes)
    return [name for name in policy.purposes if name in whole_scope(right, policy)]


def _corrections(data: Any, policy: Policy, right: Right) -> dict[str, str]:
    name, value = data.get("field", ""), data.get("value", "").strip()[:LONGEST]
    known = dict(_fields(policy, right, "en"))
    return {name: value} if name in known and value else {}


def _fields(policy: Policy, right: Right, language: str) -> list[tuple[str, str]]:
    """For staff, who correct what a letter names."""
    return given(policy, language) if right == Right.RECTIFICATION else []


def corrections(data: Any, policy: Policy) -> dict[str, str]:
    """The field that a form names, and its right value; empty where one of them is missing."""
    return _corrections(data, policy, Right.RECTIFICATION)


def _title(texts: Any, language: str) -> str:
    return texts.get(language) or next(iter(texts.values()), "")
