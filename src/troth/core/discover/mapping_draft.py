"""What of a draft can be carried out: collections, subjects, links and events that the loader accepts.

The policy's own rules decide (see ``core.policy.mapping`` and ``reach``). Whatever would break one becomes a
``Remark``, so that nothing is lost and the file still loads.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count

from troth.core.discover.link_index import is_real, unique_columns
from troth.core.discover.link_names import words_of
from troth.core.discover.model import ClockGuess, Draft, FieldGuess, KeyValueGuess, LinkGuess, Table, TableGuess
from troth.core.discover.people import SURE
from troth.core.discover.purposes import ACCOUNTS, PURPOSES
from troth.core.discover.yaml_text import value_writable, writable
from troth.core.policy.mapping import steps_of
from troth.core.policy.sections.base import COLLECTION_PATTERN, NAME_PATTERN
from troth.core.vocabulary import personal_data_terms

_MOST_SUBJECTS = 4


@dataclass(frozen=True, slots=True)
class Remark:
    """Something for a human: ``code`` and what fills its sentence; ``about`` may hold the guess behind it."""

    code: str
    params: Mapping[str, str] = field(default_factory=dict)
    about: FieldGuess | LinkGuess | ClockGuess | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """A column that finds the person."""

    kind: str
    column: str
    verified: bool


@dataclass
class Entry:
    """One collection of the draft."""

    name: str
    guess: TableGuess
    purpose: str
    subjects: list[Subject] = field(default_factory=list)
    fields: list[FieldGuess] = field(default_factory=list)
    inner: dict[str, list[FieldGuess]] = field(default_factory=dict)
    links: list[tuple[str, LinkGuess]] = field(default_factory=list)
    events: dict[str, ClockGuess] = field(default_factory=dict)
    rows: KeyValueGuess | None = None
    unidentified: bool = False
    state_column: str | None = None
    remarks: list[Remark] = field(default_factory=list)

    @property
    def table(self) -> Table:
        """The table behind it."""
        return self.guess.table

    @property
    def categories(self) -> set[str]:
        """The categories of everything it maps."""
        inner = [f for guesses in self.inner.values() for f in guesses]
        return {f.category for f in (*self.fields, *inner, *(self.rows.fields if self.rows else ()))}


def has_key(table: Table) -> bool:
    """Whether the engine can tell the rows apart."""
    nullable = {c.name for c in table.columns if c.nullable}
    return bool(table.key) or any(not u.opaque and not set(u.columns) & nullable for u in table.uniques)


def entries_of(draft: Draft) -> list[Entry]:
    """The collections that the policy can have, in the draft's order."""
    entries = [_entry(guess, name) for guess, name in _named(draft)]
    by_table = {e.table.qualified: e for e in entries}
    for entry in entries:
        _add_subjects(entry)
    _add_links(entries, by_table)
    _add_last_orders(entries)
    anchored = anchored_names(entries)
    for entry in entries:
        if entry.name not in anchored:
            entry.unidentified = True
            entry.remarks.append(Remark("nobody_found"))
    for entry in entries:
        # What is not mapped cannot be led to; whoever is anchored is so by another way.
        entry.links = [(parent, link) for parent, link in entry.links if entry.unidentified or parent in anchored]
    return entries


# --- names ----------------------------------------------------------------------------------------


def _named(draft: Draft) -> Iterator[tuple[TableGuess, str]]:
    taken: set[str] = set()
    for number, guess in enumerate(draft.tables, 1):
        if guess.role == "none" or not can_be_mapped(guess.table):
            continue
        name = next(n for n in _names_for(guess.table, number) if _collection_name(n) and n not in taken)
        taken.add(name)
        yield guess, name


def can_be_mapped(table: Table) -> bool:
    """Whether a policy can name the table, and any column of it."""
    names = [table.name, *([table.schema] if table.schema else [])]
    return is_real(table) and all(map(value_writable, names)) and any(writable(c.name) for c in table.columns)


def _collection_name(name: str) -> bool:
    return len(name) <= 200 and value_writable(name) and re.search(COLLECTION_PATTERN, name) is not None


def _names_for(table: Table, number: int) -> Iterator[str]:
    """What the collection may be called, best first: as the table, as nearly so as can be, by its place."""
    yield table.qualified
    yield _UNNAMEABLE.sub("_", table.qualified).strip("_")
    yield name_from(table.qualified, "")
    yield f"table-{number}"
    yield from (f"table-{number}-{again}" for again in count(2))


_UNNAMEABLE = re.compile(r"[\s\[\]/=,]+")


def store_key(text: str) -> str:
    """What a policy calls the store: the name given if it may, else one made from it."""
    if len(text) <= 100 and re.fullmatch(NAME_PATTERN[1:-1], text):
        return text
    return name_from(text, "") or name_from(f"db {text}", "") or "store"


def name_from(text: str, fallback: str) -> str:
    """A name as the policy allows it, made from any text."""
    made = "_".join(words_of(text))[:80].strip("_")
    return made if re.fullmatch(NAME_PATTERN[1:-1], made) else fallback


# --- one collection -------------------------------------------------------------------------------


def _entry(guess: TableGuess, name: str) -> Entry:
    purpose = guess.purpose if guess.purpose is not None and guess.purpose in PURPOSES else ACCOUNTS
    entry = Entry(name, guess, purpose)
    columns = {c.name for c in guess.table.columns if writable(c.name)}
    if guess.key_value is not None:
        _add_rows(entry, guess.key_value, columns)
    if entry.rows is None:
        _add_fields(entry, columns)
    else:
        entry.remarks += [Remark("field_beside_rows", about=f) for f in guess.fields if f.confidence >= SURE]
    _add_events(entry, columns)
    if guess.soft_delete in columns and guess.soft_delete is not None:
        entry.remarks.append(Remark("soft_delete", {"column": guess.soft_delete}))
    entry.state_column = next((c for c in guess.table.key if c in columns), None) or min(columns)
    return entry


def _add_rows(entry: Entry, rows: KeyValueGuess, columns: set[str]) -> None:
    sure = {f.column: f for f in rows.fields if f.confidence >= SURE and writable(f.column) and _known(f)}
    values = value_writable(rows.key) and value_writable(rows.value)
    if sure and values and {rows.key, rows.value} <= columns and rows.key != rows.value:
        entry.rows = KeyValueGuess(rows.key, rows.value, tuple(sure.values()))
        entry.remarks += [Remark("field_perhaps", about=f) for f in rows.fields if f.column not in sure]


def _known(guess: FieldGuess) -> bool:
    return guess.category in personal_data_terms()


def _add_fields(entry: Entry, columns: set[str]) -> None:
    outer: dict[str, FieldGuess] = {}
    for guess in sorted(entry.guess.fields, key=lambda f: -f.confidence):
        if guess.column in entry.table.key and guess.identifier and guess.path is None:
            continue  # a number that finds the person goes with its row and cannot be emptied
        if guess.column not in columns or guess.confidence < SURE or not _known(guess):
            entry.remarks.append(Remark("field_perhaps", about=guess))
        elif guess.path is None:
            outer.setdefault(guess.column, guess)
        elif guess.inner_format and writable(guess.path) and all(steps_of(guess.path)):
            _add_inner(entry, guess)
    order = {c.name: place for place, c in enumerate(entry.table.columns)}
    entry.fields = sorted((f for c, f in outer.items() if c not in entry.inner), key=lambda f: order[f.column])


def _add_inner(entry: Entry, guess: FieldGuess) -> None:
    listed = entry.inner.setdefault(guess.column, [])
    alike = not listed or listed[0].inner_format == guess.inner_format
    if alike and guess.path not in {f.path for f in listed}:
        listed.append(guess)


def _add_events(entry: Entry, columns: set[str]) -> None:
    for clock in sorted(entry.guess.clocks, key=lambda c: -c.confidence):
        fits = clock.column in columns and value_writable(clock.column) and _readable(clock)
        named = re.fullmatch(NAME_PATTERN[1:-1], clock.event) is not None and len(clock.event) <= 100
        if fits and named and clock.confidence >= SURE and clock.event not in entry.events:
            entry.events[clock.event] = clock
        else:
            entry.remarks.append(Remark("clock_perhaps", about=clock))


def _readable(clock: ClockGuess) -> bool:
    """Whether the loader accepts how the clock is read."""
    if clock.kind != "text" or clock.format is None:
        return clock.kind != "text" and clock.format is None
    letters = set(re.findall("%(.)", clock.format, re.DOTALL))
    day = "j" in letters or ("d" in letters and letters & {"m", "b", "B"})
    return bool(letters & {"Y", "y"} and day) and value_writable(clock.format)


# --- people ---------------------------------------------------------------------------------------


def _add_subjects(entry: Entry) -> None:
    if entry.guess.role != "person":
        return
    if not has_key(entry.table):
        entry.remarks.append(Remark("no_key"))
        return
    unique = unique_columns(entry.table)
    columns = {c.name for c in entry.table.columns if value_writable(c.name)}
    found: dict[str, Subject] = {}
    if len(entry.table.key) == 1 and entry.table.key[0] in columns:
        kind = _kind_of_key(entry.table, entry.guess.fields)
        found[kind] = Subject(kind, entry.table.key[0], verified=True)
    for guess in [f for f in entry.guess.fields if f.path is None and f.confidence >= SURE]:
        kind = name_from(guess.identifier or "", "")
        usable = kind and guess.column in columns and guess.column not in {s.column for s in found.values()}
        if usable and kind not in found and len(found) < _MOST_SUBJECTS:
            found[kind] = Subject(kind, guess.column, verified=guess.column in unique)
    if any(kind != "phone" and s.column not in entry.table.key for kind, s in found.items()):
        found.pop("phone", None)  # families and offices share one
    # What people name themselves by comes first.
    entry.subjects = sorted(found.values(), key=lambda s: s.column in entry.table.key)


def _kind_of_key(table: Table, fields: Iterable[FieldGuess]) -> str:
    """What the key is called as an identifier: ``customer_id`` for customers."""
    said = [f.identifier for f in fields if f.column == table.key[0] and f.identifier and f.path is None]
    key = words_of(table.key[0])
    if len(key) > 1 and key[-1] in ("id", "no", "number", "uuid", "nr"):
        return name_from(table.key[0], "person_id")
    return name_from(said[0] if said else f"{table.name} id", "person_id")


# --- links ----------------------------------------------------------------------------------------


def _add_links(entries: Iterable[Entry], by_table: Mapping[str, Entry]) -> None:
    """The links that lead upwards to people, without a ring: first those by the shortest way, then the likeliest."""
    steps = _steps_to_people(by_table)
    wanted = [(link, entry) for entry in entries for link in entry.guess.links]

    def rank(pair: tuple[LinkGuess, Entry]) -> tuple[bool, float]:
        link, entry = pair
        nearer = steps.get(link.parent, len(steps)) < steps.get(entry.table.qualified, len(steps) + 1)
        return not nearer, -link.confidence

    for link, entry in sorted(wanted, key=rank):
        parent = by_table.get(link.parent)
        refusal = _refusal(entry, link, parent)
        if parent is not None and refusal is None:
            entry.links.append((parent.name, link))
            if _above(entry, by_table) & {entry.name}:
                entry.links.pop()
                refusal = "link_ring"
        if refusal is not None:
            entry.remarks.append(Remark(refusal, about=link))


def _steps_to_people(by_table: Mapping[str, Entry]) -> dict[str, int]:
    """How many links lie between each table and the nearest person's row."""
    steps = {name: 0 for name, entry in by_table.items() if entry.subjects}
    below: dict[str, list[str]] = {}
    for name, entry in by_table.items():
        for link in entry.guess.links:
            if link.confidence >= SURE:
                below.setdefault(link.parent, []).append(name)
    frontier = list(steps)
    while frontier:
        reached = [(child, steps[parent] + 1) for parent in frontier for child in below.get(parent, ())]
        frontier = [child for child, _ in reached if child not in steps]
        steps = dict(reversed(reached)) | steps
    return steps


def _refusal(entry: Entry, link: LinkGuess, parent: Entry | None) -> str | None:
    if parent is None:
        return "link_unmapped"
    if link.confidence < SURE:
        return "link_perhaps"
    if parent is entry:
        return "link_itself"
    if parent.rows is not None:
        return "link_to_rows"
    ours, theirs = {o for o, _ in link.columns}, {t for _, t in link.columns}
    own = {c.name for c in entry.table.columns if writable(c.name)}
    other = {c.name for c in parent.table.columns if value_writable(c.name)}
    named = ours <= own and theirs <= other and len(ours) == len(link.columns) > 0
    where = link.where is None or (link.where[0] in own and value_writable(link.where[1]))
    text = link.text is None or (link.text.count("{}") == 1 and len(ours) == 1 and value_writable(link.text))
    return None if named and where and text else "link_unwritable"


def _above(entry: Entry, by_table: Mapping[str, Entry]) -> set[str]:
    """Everything the entry belongs to, itself only when it stands in a ring."""
    found: set[str] = set()
    todo = [link.parent for _, link in entry.links]
    while todo:
        at = by_table[todo.pop()]
        if at.name not in found:
            found.add(at.name)
            todo += [link.parent for _, link in at.links]
    return found


def _add_last_orders(entries: Iterable[Entry]) -> None:
    """The date of a document of a person is also when they last ordered."""
    listed = list(entries)
    people = {e.name for e in listed if e.subjects}
    for entry in listed:
        clock = entry.events.get("document_date")
        direct = any(parent in people for parent, _ in entry.links)
        if clock is not None and direct and entry.purpose == "orders":
            entry.events.setdefault("last_order", clock)


def anchored_names(entries: Iterable[Entry]) -> set[str]:
    """The collections from whose rows a person is found."""
    listed = list(entries)
    found = {e.name for e in listed if e.subjects}
    grown = True
    while grown:
        grown = False
        for entry in listed:
            if entry.name not in found and any(parent in found for parent, _ in entry.links):
                found.add(entry.name)
                grown = True
    return found
