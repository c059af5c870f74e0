"""What a value of the law carries with it: where it comes from, how far that was read, and when it holds.

A fact is never changed in place: what replaces it gets a ``valid_from``, and the old one a ``valid_to``, so that
the law of any day can be looked up (``in_force``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Generic, Literal, TypeVar

LocalText = Mapping[str, str]
"""A text by language code; those of the law exist in ``en`` and ``fr``."""

T = TypeVar("T")

Mark = Literal["C", "S", "T"]
"""``C``: read on a primary text (statute, decision, the authority's own page). ``S``: read on a secondary page
(law firm, press, vendor). ``T``: general knowledge, not confirmed on any page."""

CHECKED_ON = date(2026, 11, 22)
"""The day on which the facts of this release were last gone through."""

MARKS: Mapping[Mark, LocalText] = {
    "C": {"en": "read on a primary text", "fr": "lu dans un texte officiel"},
    "S": {"en": "read on a secondary page", "fr": "lu sur une page secondaire"},
    "T": {"en": "general knowledge, not confirmed", "fr": "connaissance générale, non confirmée"},
}
"""What each mark says, for people."""


def both(en: str, fr: str) -> LocalText:
    """A text in the two languages that Troth is complete in."""
    return {"en": en, "fr": fr}


@dataclass(frozen=True, slots=True)
class Fact(Generic[T]):
    """One value of the law.

    ``valid_from`` and ``valid_to`` are the first and the last day on which it holds; None means that no such day
    is known or set. ``about`` says what the value is, ``note`` what else must be known to use it.
    """

    value: T
    source: str
    mark: Mark
    valid_from: date | None = None
    valid_to: date | None = None
    checked_on: date = CHECKED_ON
    note: LocalText = field(default_factory=dict)
    about: LocalText = field(default_factory=dict)

    def holds_on(self, day: date) -> bool:
        """Whether the value is the law of that day."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)


def in_force(facts: Iterable[Fact[T]], as_of: date) -> Fact[T] | None:
    """The fact of a series that holds on a day: the latest to begin, should several. None if none does."""
    holding = [f for f in facts if f.holds_on(as_of)]
    return max(holding, key=lambda f: f.valid_from or date.min, default=None)
