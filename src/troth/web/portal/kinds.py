"""Erasure of some kinds of data: what a person can choose beside the uses."""

from __future__ import annotations

from typing import Any

from troth.core.policy.model import Policy
from troth.desk.asked import named
from troth.desk.holdings import Holdings
from troth.desk.kinds import possible_kinds


def read(data: Any, policy: Policy) -> frozenset[str]:
    """The kinds that were ticked. Names that the policy does not know are not heard."""
    return frozenset(data.getlist("category")) & possible_kinds(policy)


def choices(
    policy: Policy, ticked: frozenset[str], language: str, held: Holdings | None
) -> list[tuple[str, str, bool]]:  # fmt: skip
    """What the page offers, as (name, label, ticked): what is held of the person. ``held`` is None where that cannot be
    told."""
    names = possible_kinds(policy)
    names = names if held is None else (names & held.kinds) | ticked
    said = [(name, named(policy, [name], language)[0], name in ticked) for name in names]
    return sorted(said, key=lambda one: one[1].casefold())
