"""A draft written out as a policy file that loads, for a person to read, correct and complete.

Everything guessed stands with its confidence and its reasons; everything only a person can know is marked
``TODO``; what could not be guessed, mapped or seen stands in comments, so that nothing is lost in silence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from troth.core.discover import yaml_text as yaml
from troth.core.discover.draft_collections import CollectionWriter
from troth.core.discover.draft_words import HEADS, index_of, reason_text, say
from troth.core.discover.keeping import STATE, Keeping, Keepings
from troth.core.discover.mapping_draft import Entry, entries_of, store_key
from troth.core.discover.model import Draft
from troth.core.policy.events import BUILT_IN_EVENTS
from troth.core.policy.text_source import MAX_BYTES

_LARGEST = MAX_BYTES - 200_000
_WIDTH = 110

_Write: TypeAlias = "Callable[[_Writer], Iterable[str]]"


def policy_yaml(
    draft: Draft, *, url_variable: str, languages: Sequence[str] = ("en",), url: str | None = None,
    location: str | None = None,
) -> str:  # fmt: skip
    """A whole policy file.

    ``url_variable`` names the environment variable with the database's address; ``url`` stands there instead where
    the address holds no secret, such as a file beside the policy. ``languages``: those of the policy, that of the
    comments first. ``location``: the country where the database lies, if somebody knows.
    """
    return _smallest(draft, languages, lambda writer: writer.policy(url_variable, url), location)


def stores_yaml(
    draft: Draft, *, url_variable: str, languages: Sequence[str] = ("en",), indent: int = 0, url: str | None = None,
    location: str | None = None,
) -> str:  # fmt: skip
    """The ``stores:`` section only, for the ``include:`` of a policy; its head says what the policy must also
    have. ``indent``: spaces before each line."""
    text = _smallest(draft, languages, lambda writer: writer.part(url_variable, url), location)
    margin = " " * indent
    return "".join(f"{margin}{line}\n" if line else "\n" for line in text.split("\n")[:-1])


def collection_names(draft: Draft) -> dict[str, str]:
    """The collection that a draft's policy makes of each table, by qualified name."""
    return {entry.table.qualified: entry.name for entry in entries_of(draft)}


def _smallest(draft: Draft, languages: Sequence[str], write: _Write, location: str | None) -> str:
    """The text with all its comments, or with fewer, or with fewer tables: as much as a policy file may hold."""
    entries = entries_of(draft)
    for brief in (False, True):
        text = _text(_Writer(draft, entries, tuple(languages), brief, location=location), write)
        if len(text.encode("utf-8")) <= _LARGEST:
            return text
    share = _LARGEST / len(text.encode("utf-8"))
    kept = _closed(entries[: int(len(entries) * share * 0.9)])
    return _text(_Writer(draft, kept, tuple(languages), True, len(entries) - len(kept), location), write)


def _text(writer: _Writer, write: _Write) -> str:
    return "\n".join(line.rstrip() for line in write(writer)) + "\n"


def _closed(entries: Sequence[Entry]) -> list[Entry]:
    """Without those that belong to something left out."""
    kept = {e.name: e for e in entries}
    while True:
        loose = [n for n, e in kept.items() if any(parent not in kept for parent, _ in e.links)]
        if not loose:
            return list(kept.values())
        for name in loose:
            del kept[name]


@dataclass
class _Writer:
    draft: Draft
    entries: Sequence[Entry]
    languages: tuple[str, ...]
    brief: bool
    left_out: int = 0
    location: str | None = None

    def __post_init__(self) -> None:
        self.language = self.languages[0]
        self.loose = [e for e in self.entries if e.unidentified]
        self.mapped = [e for e in self.entries if not e.unidentified]
        self.keepings = Keepings(self.mapped)
        self.store = store_key(self.draft.store)

    def _say(self, code: str, **params: str) -> str:
        return say(HEADS, code, self.language, params)

    def _comment(self, code: str, **params: str) -> Iterator[str]:
        yield from (f"# {line}" for line in self._say(code, **params).split("\n"))

    # --- the whole ----------------------------------------------------------------------------------

    def policy(self, variable: str, url: str | None) -> Iterator[str]:
        """All lines of a policy."""
        yield from self._comment("policy_head")
        yield "format: 1"
        yield ""
        yield from self._about_policy()
        yield ""
        yield from self._publisher()
        yield from self._identifiers()
        yield from self._own_events()
        yield from self._purposes()
        yield ""
        yield from self.stores(variable, url)

    def part(self, variable: str, url: str | None) -> Iterator[str]:
        """All lines of a file to include."""
        yield from self._comment("stores_head")
        needs = {
            "needs_purposes": [k.kind.name for k in self.keepings.purposes],
            "needs_events": self._event_names(),
            "needs_identifiers": self._numbers(),
        }
        for code, names in needs.items():
            if names:
                yield from (f"#   {line}" for line in self._say(code, names=", ".join(names)).split("\n"))
        yield ""
        yield from self.stores(variable, url)

    def stores(self, variable: str, url: str | None) -> Iterator[str]:
        """The section itself, and what is left to say behind it."""
        yield "stores:"
        yield f"  {yaml.key(self.store)}:"
        address = "${" + variable + "}" if url is None else yaml.value(url)
        yield f"    url: {address}"
        yield f"    location: {yaml.value(self.location)}" if self.location else self._unknown_location()
        yield f"    mode: observe  # {self._say('observe')}"
        if not self.mapped:
            yield f"    collections: {{}}  # {self._say(self._why_nothing())}"
        else:
            yield "    collections:"
        writer = CollectionWriter(self.language, self.keepings.states, self.brief)
        for place, entry in enumerate(self.mapped):
            if place:
                yield ""
            yield from (f"      {line}" for line in writer.lines(entry))
        yield from self._aside()
        yield from self._rest()

    def _why_nothing(self) -> str:
        if self.loose:
            return "only_loose"
        return "nothing" if self.draft.catalogue.tables else "empty"

    def _aside(self) -> Iterator[str]:
        """Collections nobody is found from, as comments: no rule shall touch what may be a catalogue of things.
        Each declares the state in which nothing is due, in case somebody takes it in."""
        writer = CollectionWriter(self.language, frozenset(e.name for e in self.loose), self.brief)
        if self.loose:
            yield ""
            yield from (f"      {line}" for line in self._comment("aside"))
        for entry in self.loose:
            yield "      #"
            yield from (f"      # {line}" for line in writer.lines(entry))

    def _unknown_location(self) -> str:
        return f"    location: FR  # {self._say('todo_location')}"

    # --- sections -----------------------------------------------------------------------------------

    def _about_policy(self) -> Iterator[str]:
        yield "policy:"
        yield f"  title: {self._in_all(HEADS['title'])}"
        yield f"  version: draft  # {self._say('todo_version')}"
        yield f"  languages: [{', '.join(self.languages)}]"
        yield f"  authoritative: {self.language}"

    def _in_all(self, pair: tuple[str, str]) -> str:
        return "{" + ", ".join(f"{code}: {yaml.value(pair[index_of(code)])}" for code in self.languages) + "}"

    def _publisher(self) -> Iterator[str]:
        yield f"publisher:  # {self._say('todo_title')}"
        yield f"  name: TODO  # {self._say('todo_name')}"
        yield f"  country: FR  # {self._say('todo_country')}"
        yield f"  timezone: Europe/Paris  # {self._say('todo_timezone')}"

    def _numbers(self) -> list[str]:
        """Kinds of identifiers that are keys: numbers mostly, which stand for other things as well."""
        kinds = {s.kind: None for e in self.mapped for s in e.subjects if s.column in e.table.key}
        return list(kinds)

    def _identifiers(self) -> Iterator[str]:
        numbers = self._numbers()
        if numbers:
            yield ""
            yield f"identifiers:  # {self._say('numbers_weak')}"
            yield from (f"  {yaml.key(kind)}: {{strong: false}}" for kind in numbers)

    def _event_names(self) -> list[str]:
        names = dict.fromkeys(event for e in self.mapped for event in e.events)
        return [n for n in names if n not in BUILT_IN_EVENTS]

    def _own_events(self) -> Iterator[str]:
        names = self._event_names()
        if names:
            yield ""
            yield "events:"
            yield from (f"  {yaml.key(name)}: {{per: row}}" for name in names)

    def _purposes(self) -> Iterator[str]:
        if self.keepings.purposes:
            yield ""
            yield "purposes:"
        for keeping in self.keepings.purposes:
            yield from (f"  {line}" for line in self._purpose(keeping))

    def _purpose(self, keeping: Keeping) -> Iterator[str]:
        kind = keeping.kind
        yield f"{kind.name}:"
        titles = (kind.title["en"], kind.title["fr"])
        yield f"  title: {self._in_all(titles)}"
        yield f"  basis: {kind.basis}  # {self._say('todo_basis')}"
        yield f"  people: {kind.people}  # {self._say('todo_people')}"
        if keeping.categories:
            yield f"  categories: [{', '.join(keeping.categories)}]"
        if keeping.event is None:
            yield f"  keep: {{while: {STATE}}}  # {self._say('todo_keep_open')}"
        else:
            yield f"  keep: {{for: {keeping.period}, after: {keeping.event}}}  # {self._say('todo_keep')}"

    # --- what is left -------------------------------------------------------------------------------

    def _rest(self) -> Iterator[str]:
        mapped = {e.table.qualified for e in self.entries}
        others = [t for t in self.draft.tables if t.table.qualified not in mapped]
        if self.left_out:
            yield ""
            yield from self._comment("cut", count=str(self.left_out))
        if others and not self.left_out:
            yield ""
            yield from self._comment("no_personal")
            yield from _folded(sorted(t.table.qualified for t in others if not t.reasons))
            for guess in (t for t in others if t.reasons):
                why = "; ".join(reason_text(r, self.language) for r in guess.reasons)
                yield f"#   {yaml.comment(f'{guess.table.qualified} ({why})')}"
        if self.draft.troubles:
            yield ""
            yield from self._comment("troubles")
            for trouble in self.draft.troubles[:200]:
                place = ".".join(p for p in (trouble.table, trouble.column) if p)
                told = bool(trouble.table) and trouble.message.startswith(trouble.table)
                yield f"#   {yaml.comment(trouble.message if told or not place else f'{place}: {trouble.message}')}"


def _folded(names: Iterable[str]) -> Iterator[str]:
    """Names as comment lines of a bearable width."""
    line = ""
    for name in map(yaml.comment, names):
        if line and len(line) + len(name) > _WIDTH:
            yield f"#   {line},"
            line = ""
        line = f"{line}, {name}" if line else name
    if line:
        yield f"#   {line}"
