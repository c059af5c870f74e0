"""What the engine has to remember between two runs, as it asks for it. ``troth.state`` keeps it, encrypted.

Everything here may name rows of people (keys, identifiers); an implementation must seal it at rest and look
people up by keyed hashes only.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal, Protocol

from troth.core.evidence.leaf import Event
from troth.core.query import Key
from troth.core.rights.before import Before

Known = tuple[str, str]
"""(kind of identifier, value)"""

Anchors = Mapping[str, Mapping[str, tuple[Key, ...]]]
"""Keys of a person's own rows, by store and collection."""


@dataclass(frozen=True, slots=True)
class Held:
    """Fields that were kept, by store and collection, and of each field the keys of the rows that hold it; a collection
    without keys stands for all its rows of the person. What the person has given since is in none of them."""

    fields: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    rows: Mapping[str, Mapping[str, Mapping[str, tuple[Key, ...]]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pending:
    """An erasure that is under way, or whose rest waits for its day.

    ``due``: the first day on which something more may go; None when only a state holds it (asked at every
    sweep). ``cleared``: the fields emptied so far, by store and collection: a row in which they are filled
    again is no longer the row that was erased (keys get reused) and is left to a human.
    """

    ref: str
    anchors: Anchors
    known: tuple[Known, ...] = ()
    scope: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    due: date | None = None
    cleared: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    unfinished: bool = False
    held: Held = field(default_factory=Held)
    """Of an erasure of some kinds of data: what is left for that day, and nothing else."""


@dataclass(frozen=True, slots=True)
class Erased:
    """What ``replay`` knows of one erasure: what it was about, and how to recognise its rows (by hashes, which
    the records themselves compare)."""

    ref: str
    at: datetime
    scope: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class HoldRecord:
    """A hold added by hand or a restriction (Article 18)."""

    ref: str
    kind: Literal["hold", "restriction"]
    reason: str
    anchors: Anchors
    collections: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    until: date | None = None
    before: tuple[Before, ...] = ()


@dataclass(frozen=True, slots=True)
class RefusalRecord:
    """A person's no to one purpose, as far as the publisher's rows carry it: an objection (Article 21) or a consent
    withdrawn (Article 7(3)). Who it is, only keyed hashes tell."""

    name: str
    purpose: str
    ground: Literal["objection", "withdrawal"]
    before: tuple[Before, ...] = ()
    anchors: Anchors = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ArchiveRecord:
    """One row on its way into the sealed archive."""

    purpose: str
    store: str
    collection: str
    key: Key
    ends: date
    row: Mapping[str, object]
    known: tuple[Known, ...] = ()


class Records(Protocol):
    """The engine's memory, and its pen for the ledger. Every method is durable when it returns, unless it is
    called inside ``transaction``: then everything is, together, when that one ends."""

    def transaction(self) -> AbstractContextManager[None]:
        """What happens inside happens together or not at all."""

    def note(self, *events: Event) -> str:
        """Append events to the ledger; returns the signed checkpoint that covers them."""

    def begin(self, pending: Pending, at: datetime, rows: Iterable[tuple[str, str, Key]]) -> None:
        """Before the first write: the person under keyed hashes, their row keys likewise, and what is needed to
        go on after a crash."""

    def unfinished(self, known: Sequence[Known]) -> list[Pending]:
        """Erasures of this person that began and never ended."""

    def finish(self, ref: str, at: datetime, rest: Pending | None, *, failed: bool = False) -> None:
        """The erasure ran to its end; ``rest`` is what is left for another day. ``failed`` keeps it open."""

    def due(self, as_of: date) -> list[Pending]:
        """Rests whose day has come, those that wait for a state, and erasures that never ended."""

    def match_erased(
        self, store: str, collection: str, rows: Iterable[tuple[Key, Sequence[Known]]]
    ) -> list[tuple[Key, str, Literal["same", "key_only", "identifier_only"]]]:
        """Which of these rows belong to somebody who was erased: (key, ref, how sure)."""

    def tag(self, store: str, collection: str, key: Key) -> str:
        """What a row is called where its key must not stand: a keyed hash, always the same."""

    def set_apart(self, known: Sequence[Known], rows: Collection[str], again: Iterable[tuple[Known, str]] = ()) -> None:
        """These rows (by their tags) are not of whoever has one of these identifiers; of the pairs in ``again`` nothing
        of the kind is said any more, since a human has opened these rows."""

    def apart_of(self, known: Known) -> frozenset[str]:
        """The rows (by their tags) of which that was said for this identifier."""

    def certain(
        self, store: str, collection: str, rows: Iterable[tuple[Key, Sequence[Known]]]
    ) -> Iterable[tuple[Key, Sequence[Known]]]:
        """These rows, each without the identifiers for which it was said not to be theirs."""

    def erased(self) -> list[Erased]:
        """Every erasure that is on record."""

    def add_hold(self, record: HoldRecord, at: datetime, known: Sequence[Known]) -> None:
        """A hold by hand, or a restriction."""

    def release_hold(self, ref: str, at: datetime, while_it_remembers: Sequence[Before] | None = None) -> bool:
        """End it; False if there is none of that name, or if it remembers something else than that by now."""

    def holds(self, as_of: date) -> list[HoldRecord]:
        """Those that apply on that day."""

    def ended(self, as_of: date) -> list[HoldRecord]:
        """Restrictions whose last day is past and that have not been lifted: their flags still stand."""

    def remember(self, name: str, before: Sequence[Before], anchors: Anchors) -> None:
        """What stands in the rows that a restriction or a refusal of that name is about to flag, beside what was
        remembered before: of a row the newest word counts. ``anchors``: whose rows they are."""

    def forget(self, name: str, before: Sequence[Before]) -> None:
        """Of these rows and columns nothing is remembered: they were not written."""

    def settle(self, name: str, before: Sequence[Before]) -> bool:
        """These rows and columns are written. False where the restriction or refusal has been ended meanwhile: then
        they must not be."""

    def remembered(self, name: str) -> tuple[Before, ...] | None:
        """All that a restriction or refusal remembers; None where there is none in force."""

    def reached(self, name: str, store: str, collection: str, keys: Iterable[Key]) -> None:
        """These rows have heard of a restriction or refusal: whatever stands there from now on is a newer word."""

    def have_heard(self, name: str, store: str, collection: str, keys: Iterable[Key]) -> list[Key]:
        """Which of these rows have."""

    def add_refusal(self, record: RefusalRecord, at: datetime, known: Sequence[Known]) -> None:
        """A no to one purpose; of one that is on record, only who it is about grows."""

    def refusals(self, known: Sequence[Known]) -> list[RefusalRecord]:
        """Those in force of whoever has one of these identifiers."""

    def release_refusal(self, name: str, at: datetime, while_it_remembers: Sequence[Before] | None = None) -> bool:
        """End it; again changes nothing. False if it is in force and remembers something else than that by now."""

    def known_too(self, known: Sequence[Known], new: Sequence[Known]) -> None:
        """Whoever has one of the identifiers ``known`` is known by those in ``new`` from now on: every hold by hand,
        restriction and refusal about them that has not been released is found by these too. Again changes nothing."""

    def beside(self, name: str, rows: Iterable[tuple[str, str, Key]] = ()) -> list[Before]:
        """What the other restrictions and refusals remember that nobody has lifted, of the same person, of a row that
        this one remembers too, or of one of these rows (store, table, key)."""

    def whose(self, name: str, rows: Iterable[tuple[Key, Sequence[Known]]]) -> list[Key]:
        """Which of these rows carry an identifier of whoever the restriction or refusal of that name is about."""

    def match_marked(
        self, rows: Iterable[tuple[Key, Sequence[Known]]], as_of: date, since: date | None
    ) -> dict[tuple[str, datetime], list[Key]]:
        """Which of these rows belong to somebody with a restriction (under ``*``) or a refusal (under its purpose) in
        force, made on the day ``since`` or later; by what it is and the moment at which it was made, the first of
        several."""

    def standing(
        self, rows: Iterable[tuple[Key, Sequence[Known]]], as_of: date
    ) -> dict[tuple[str, str, datetime], list[Key]]:
        """Which of these rows belong to somebody with a restriction (under ``*``) or a refusal (under its purpose) in
        force; by its name, what it is about and the moment at which it was made."""

    def heard_of(self, purpose: str, store: str, collection: str, keys: Sequence[Key]) -> list[Key]:
        """Which of these rows a restriction (``*``) or refusal of that purpose in force has reached, whosever it is."""

    def archive(self, records: Sequence[ArchiveRecord]) -> int:
        """Seal rows; a row sealed before (same purpose, store, collection and key) is not sealed twice."""

    def archived(self, known: Sequence[Known]) -> list[ArchiveRecord]:
        """Open what lies in the archive about whoever has one of these identifiers. Whoever calls this records
        it in the ledger. (The record's ``key`` is not kept apart from its row: it is empty here.)"""

    def archive_due(self, as_of: date) -> list[tuple[str, str, int]]:
        """(purpose, collection, rows) whose last day is past."""

    def destroy_archive(self, as_of: date) -> int:
        """Destroy the keys and content of what is past its last day."""

    def sweep_start(self, name: str, ref: str, at: datetime) -> tuple[str, dict[str, Any], dict[str, int]]:
        """Begin a sweep of this name, or take up the one that was cut short: (its ref, where it stopped, rows
        changed so far by place)."""

    def sweeps_given_up(self, name: str, at: datetime) -> list[str]:
        """Close sweeps of other names that were cut short and will not be taken up; returns their refs."""

    def sweep_save(self, ref: str, cursor: dict[str, Any], counts: dict[str, int]) -> None:
        """Remember how far it came."""

    def sweep_end(self, ref: str, at: datetime, counts: dict[str, int]) -> None:
        """The sweep is complete."""
