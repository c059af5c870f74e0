"""What the draft of a database adds to a first policy: its store, and the purposes that its collections serve."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from troth.core.policy.events import BUILT_IN_EVENTS
from troth.core.policy_writing.pen import quoted

if TYPE_CHECKING:
    from troth.core.discover.model import Draft


@dataclass(frozen=True, slots=True)
class Found:
    """A purpose that collections of the database serve. ``keep`` is the value of that key, as YAML."""

    title: Mapping[str, str]
    basis: str
    people: str
    categories: tuple[str, ...]
    keep: str


@dataclass(frozen=True, slots=True)
class Mapped:
    """What a database adds; nothing by default. ``numbers``: kinds of identifiers that stand for other things too;
    ``events``: moments that need a declaration; ``stores``: the section, as YAML."""

    purposes: Mapping[str, Found] = field(default_factory=dict)
    numbers: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    stores: str = ""

    def keep(self, name: str, usual: str) -> str:
        """How long a purpose keeps its data: what the database's own events can tell comes first."""
        return self.purposes[name].keep if name in self.purposes else usual

    def categories(self, name: str, *usual: str) -> str:
        """The categories of a purpose, as YAML: the usual ones and those found."""
        more = self.purposes[name].categories if name in self.purposes else ()
        return "[" + ", ".join(dict.fromkeys((*usual, *more))) + "]"

    def declarations(self) -> Iterator[str]:
        """The sections of identifiers and events, where the database needs them."""
        if self.numbers:
            yield "identifiers:"
            yield from (f"  {quoted(kind)}: {{strong: false}}" for kind in self.numbers)
        if self.events:
            yield ""
            yield "events:"
            yield from (f"  {quoted(name)}: {{per: row}}" for name in self.events)


NOTHING = Mapped()


def mapped(draft: Draft, *, variable: str, languages: Sequence[str], country: str) -> Mapped:
    """What the draft adds. ``variable`` names the environment variable with the database's address, ``country`` is
    where the host keeps it."""
    from troth.core.discover.draft import stores_yaml
    from troth.core.discover.keeping import STATE, Keepings
    from troth.core.discover.mapping_draft import entries_of

    # What leads to nobody stands in the draft's comments only, and needs nothing.
    entries = [entry for entry in entries_of(draft) if not entry.unidentified]
    found = {}
    for keeping in Keepings(entries).purposes:
        kind = keeping.kind
        open_end = keeping.period is None or keeping.event is None
        keep = f"{{while: {STATE}}}" if open_end else f"{{for: {keeping.period}, after: {keeping.event}}}"
        found[kind.name] = Found(kind.title, kind.basis, kind.people, tuple(keeping.categories), keep)
    events = dict.fromkeys(event for entry in entries for event in entry.events if event not in BUILT_IN_EVENTS)
    numbers = dict.fromkeys(s.kind for entry in entries for s in entry.subjects if s.column in entry.table.key)
    stores = stores_yaml(draft, url_variable=variable, languages=tuple(languages))
    return Mapped(found, tuple(numbers), tuple(events), _as_answered(stores, draft.store, country))


def _as_answered(stores: str, name: str, country: str) -> str:
    """The drafted name and place are replaced by those that the publisher has given."""
    lines = stores.split("\n")
    top = lines.index("stores:")
    place = next(n for n in range(top, len(lines)) if lines[n].startswith("    location: "))
    lines[top + 1] = f"  {name}:"
    lines[place : place + 1] = [f"    location: {quoted(country)}", "    recipient: web-host"]
    return "\n".join(lines)
