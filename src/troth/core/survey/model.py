"""What the report on a database says, as data: names of tables and columns, numbers, days. Nobody's value.

Every number is a ``Figure`` and carries how it is known. Sentences are made elsewhere, from the codes here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from troth.core.policy.values import Duration

Basis = Literal["counted", "estimated", "sampled"]
Weight = Literal["act", "check", "good"]
"""What a finding asks of the reader: do something, look at it, or nothing."""

Role = Literal["person", "belongs", "loose", "none"]


@dataclass(frozen=True, slots=True)
class Figure:
    """A number and how it is known: counted over everything, estimated by the server, or seen in a sample of
    ``of`` values. ``value`` is None where nobody knows."""

    value: int | None
    basis: Basis = "counted"
    of: int | None = None


Param = str | int | Figure | date | Duration | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Note:
    """One finding of the headline: a stable code, what it asks for, and what fills its sentence."""

    code: str
    weight: Weight
    params: Mapping[str, Param] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """A column (``path`` within it for structured texts and key/value rows) of a table."""

    table: str
    column: str
    path: str | None = None


@dataclass(frozen=True, slots=True)
class FieldLine:
    """A column that seems to hold personal data. ``confidence`` from 0 to 1."""

    place: Place
    category: str
    special: bool
    confidence: float
    identifier: str | None = None
    secret: bool = False
    free_text: bool = False


@dataclass(frozen=True, slots=True)
class TableLine:
    """A table and what it has to do with people. ``parents`` are the tables its rows belong to."""

    name: str
    role: Role
    kind: str
    rows: Figure
    columns: int
    fields: tuple[FieldLine, ...] = ()
    parents: tuple[str, ...] = ()
    purpose: str | None = None


@dataclass(frozen=True, slots=True)
class CategoryLine:
    """A category of personal data (W3C DPV name) and where it lies."""

    category: str
    special: bool
    places: tuple[Place, ...]
    tables: int
    identifiers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Usual:
    """How long such data may be or is usually kept. ``source`` by language names the law, deliberation or
    clause; ``mark`` says how sure that source is; ``of_policy``: the period is the reader's own promise;
    ``elsewhere``: it counts from an event that this table alone does not tell, so that nothing is over by it."""

    period: Duration
    label: Mapping[str, str]
    source: Mapping[str, str] = field(default_factory=dict)
    mark: str = ""
    of_policy: bool = False
    elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class AgeLine:
    """How old a table's data is, by one clock. ``beyond`` counts the rows that are older than ``usual``."""

    table: str
    column: str
    event: str
    oldest: date
    newest: date | None
    basis: Basis
    months: int
    usual: Usual | None = None
    over: bool = False
    beyond: Figure | None = None


@dataclass(frozen=True, slots=True)
class SecretLine:
    """Values of one kind in a column: passwords by how they are kept, card numbers, tokens…"""

    place: Place
    kind: str
    weight: Weight
    values: Figure


@dataclass(frozen=True, slots=True)
class OrphanLine:
    """Of a sample of ``asked`` different values of a link, ``missing`` lead to no row of the parent."""

    place: Place
    parent: str
    missing: int
    asked: int
    declared: bool


@dataclass(frozen=True, slots=True)
class SharedLine:
    """Values of an identifier that stand in several rows, seen in a sample of ``of`` values."""

    place: Place
    identifier: str
    repeated: Figure


@dataclass(frozen=True, slots=True)
class BlockLine:
    """Something that stops, slows or undoes an erasure. ``code`` is a finding's; ``columns`` may be empty."""

    code: str
    weight: Weight
    table: str
    columns: tuple[str, ...] = ()
    other: str = ""


@dataclass(frozen=True, slots=True)
class GapLine:
    """A difference between the policy and the database. ``code``: ``table_unmapped``, ``column_unmapped``,
    ``table_gone``, ``column_gone``."""

    code: str
    table: str
    columns: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unseen:
    """What could not be looked at: the code of the trouble and its place; ``message`` for codes without words."""

    code: str
    table: str = ""
    column: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class Survey:
    """The whole report. Lists are complete and in the order in which they are to be read."""

    store: str
    engine: str
    as_of: date
    sample: int
    tables_in_all: int
    tables: tuple[TableLine, ...]
    people: Figure
    people_tables: tuple[str, ...]
    oldest: date | None
    notes: tuple[Note, ...] = ()
    categories: tuple[CategoryLine, ...] = ()
    ages: tuple[AgeLine, ...] = ()
    secrets: tuple[SecretLine, ...] = ()
    orphans: tuple[OrphanLine, ...] = ()
    links_asked: int = 0
    shared: tuple[SharedLine, ...] = ()
    blocks: tuple[BlockLine, ...] | None = None
    blocks_unknown: str = ""
    gaps: tuple[GapLine, ...] | None = None
    unseen: tuple[Unseen, ...] = ()

    @property
    def personal(self) -> tuple[TableLine, ...]:
        """The tables that hold data about people."""
        return tuple(t for t in self.tables if t.role != "none")

    @property
    def columns(self) -> int:
        """How many columns (not values within them) seem to hold personal data."""
        return sum(len({f.place.column for f in t.fields}) for t in self.tables)
