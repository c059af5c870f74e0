"""Which usual period each guessed purpose can have: one whose event all of its collections can tell.

Where there is none, the purpose lasts while a state does that holds for every row, until a human decides: nothing
is ever due by a guess that nobody made.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from troth.core.discover.mapping_draft import Entry, anchored_names
from troth.core.discover.purposes import PURPOSES, PurposeKind
from troth.core.policy.events import BUILT_IN_EVENTS

STATE = "undecided"
"""The state of every row while nobody has decided how long it is kept."""


@dataclass(frozen=True, slots=True)
class Keeping:
    """A purpose of the draft. ``period`` and ``event`` are None when no event can be told."""

    kind: PurposeKind
    categories: tuple[str, ...]
    period: str | None
    event: str | None


class Keepings:
    """The purposes of some collections, and which collections must declare the state."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._entries = entries
        self._by_name = {e.name: e for e in entries}
        self._anchored = anchored_names(entries)
        self._of_people = {event for e in entries if e.name in self._anchored for event in e.events}
        self._seen: dict[str, set[str]] = {}
        names = dict.fromkeys(e.purpose for e in entries)
        self.purposes = tuple(self._keeping(PURPOSES[name]) for name in PURPOSES if name in names)
        self.states = self._stating()

    def _keeping(self, kind: PurposeKind) -> Keeping:
        own = [e for e in self._entries if e.purpose == kind.name]
        categories = tuple(sorted({c for e in own for c in e.categories}))
        for period, event in kind.keeps:
            if all(self._sees(e, event) for e in own):
                return Keeping(kind, categories, period, event)
        return Keeping(kind, categories, None, None)

    def _sees(self, entry: Entry, event: str) -> bool:
        if event in self._events_above(entry.name):
            return True
        return BUILT_IN_EVENTS[event].per == "person" and entry.name in self._anchored and event in self._of_people

    def _events_above(self, name: str) -> set[str]:
        if name not in self._seen:
            entry = self._by_name.get(name)
            self._seen[name] = set(entry.events) if entry else set()
            for parent, _ in entry.links if entry else ():
                self._seen[name] |= self._events_above(parent)
        return self._seen[name]

    def _stating(self) -> frozenset[str]:
        """The collections that declare the state: the people, and what no person is found from."""
        open_ones = {k.kind.name for k in self.purposes if k.event is None}
        concerned = [e for e in self._entries if e.purpose in open_ones]
        own = {e.name for e in concerned if e.name not in self._anchored}
        if len(own) < len(concerned):
            own |= {e.name for e in self._entries if e.subjects}
        return frozenset(own)
