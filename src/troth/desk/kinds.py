"""The kinds of data that are held of a person: what they can have erased without the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from troth.core.policy.model import Policy
from troth.core.rights.access import Reading
from troth.core.tombstone import is_tombstone
from troth.package.html_meaning import is_nothing

Place = tuple[str, str]


def kinds_held(readings: Mapping[Place, Reading], rows: Mapping[Place, Sequence[Mapping[str, Any]]]) -> frozenset[str]:
    """The categories of the fields in which something stands, in the rows that were read."""
    return frozenset(
        column.field.category
        for place, reading in readings.items() for column in reading.columns
        if column.field is not None and any(stands(row.get(column.name)) for row in rows.get(place, ()))
    )  # fmt: skip


def possible_kinds(policy: Policy) -> frozenset[str]:
    """All that could be named, where nobody knows what is held."""
    return frozenset(one.category for collection in policy.collections() for one in collection.fields if one.export)


def stands(value: object) -> bool:
    """Whether something about somebody stands there: no empty list, nothing that an erasure has written."""
    if isinstance(value, list | tuple | dict):
        return any(map(stands, value.values() if isinstance(value, dict) else value))
    return not is_nothing(value) and not is_tombstone(value)
