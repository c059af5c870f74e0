"""What stood in rows before Troth set a flag there, so that it can be put back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from troth.core.policy.model import Scalar
from troth.core.query import Key


@dataclass(frozen=True, slots=True)
class Before:
    """What stood in a column of some rows before Troth wrote ``written`` there. ``table`` is its name in the store:
    several collections may be maps of one. ``done``: it was written, as far as can be known; else it was only about to
    be, and what says so in the row may be somebody else's word."""

    store: str
    collection: str
    column: str
    former: Scalar
    written: Scalar
    keys: tuple[Key, ...]
    table: str = ""
    done: bool = True

    @property
    def place(self) -> tuple[str, str, str]:
        """The column, in the whole of the stores."""
        return self.store, self.table or self.collection, self.column


def merged(*parts: Iterable[Before]) -> list[Before]:
    """Everything that is remembered; of a column in a row the first word counts."""
    seen: dict[tuple[str, str, str], set[Key]] = {}
    found: list[Before] = []
    for one in (one for part in parts for one in part):
        told = seen.setdefault(one.place, set())
        keys = tuple(key for key in one.keys if key not in told)
        told.update(keys)
        found += [replace(one, keys=keys)] if keys else []
    return found


def without(mine: Iterable[Before], others: Iterable[Before]) -> list[Before]:
    """What nobody else needs: a column that another restriction or refusal holds too stays as it is in that row."""
    needed: dict[tuple[str, str, str], set[Key]] = {}
    for one in others:
        needed.setdefault(one.place, set()).update(one.keys)
    left = ((one, tuple(key for key in one.keys if key not in needed.get(one.place, ()))) for one in mine)
    return [replace(one, keys=keys) for one, keys in left if keys]
