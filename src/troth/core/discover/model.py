"""What is seen of a database nobody has described yet, and what is concluded from it.

Two halves. What a *source* reports: ``Catalogue`` (the schema) and ``Profile`` (what a sample of a column's
values looks like: counts and shapes, never a value). What is concluded: ``Guess``, each with its confidence and
its reasons, and together a ``Draft``, from which a policy file is written.

No value of a column is ever kept here: a profile holds numbers only, so that nothing personal can be printed,
stored or logged by whoever is given one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal, Protocol

from troth.core.ports import Family, ForeignKeyFacts, UniqueFacts

Engine = Literal["sqlite", "postgresql", "mysql"]
ClockKind = Literal["date", "datetime", "epoch_s", "epoch_ms", "text"]
TableKind = Literal["table", "view", "materialised view", "partitioned", "foreign", "virtual"]


# --- what a source reports ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Column:
    """A column as the database declares it. ``length`` in characters; ``comment`` is the schema's own.
    ``readable`` is false where the account may SELECT other columns of the table but not this one."""

    name: str
    family: Family
    declared: str
    nullable: bool = True
    length: int | None = None
    generated: bool = False
    enum: tuple[str, ...] = ()
    comment: str = ""
    readable: bool = True


@dataclass(frozen=True, slots=True)
class Table:
    """A table or view. ``schema`` is None for the connection's own. ``rows`` may be the server's estimate
    (``rows_exact`` tells) and is None when unknown. ``readable`` is false where the account may not SELECT."""

    name: str
    columns: tuple[Column, ...]
    schema: str | None = None
    kind: TableKind = "table"
    key: tuple[str, ...] = ()
    uniques: tuple[UniqueFacts, ...] = ()
    foreign_keys: tuple[ForeignKeyFacts, ...] = ()
    indexes: tuple[tuple[str, ...], ...] = ()
    triggers: int = 0
    rows: int | None = None
    rows_exact: bool = False
    readable: bool = True
    comment: str = ""

    @property
    def qualified(self) -> str:
        """The name under which links and guesses speak of it: ``schema.name``, or the bare name."""
        return f"{self.schema}.{self.name}" if self.schema else self.name

    def column(self, name: str) -> Column | None:
        """The column of that name, if any."""
        return next((c for c in self.columns if c.name == name), None)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that could not be looked at. ``code`` is stable: ``no_right``, ``view_fails``, ``timeout``,
    ``budget``, ``unreadable``, ``too_many_tables``… ``table`` and ``column`` name the place."""

    code: str
    message: str
    table: str = ""
    column: str = ""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The schema of one database, as far as this account sees it."""

    engine: Engine
    tables: tuple[Table, ...]
    troubles: tuple[Trouble, ...] = ()

    def table(self, qualified: str) -> Table | None:
        """The table of that qualified name, if any."""
        return next((t for t in self.tables if t.qualified == qualified), None)


@dataclass(frozen=True, slots=True)
class Profile:
    """What a sample of one column looks like. Numbers only.

    ``sampled`` rows were looked at; ``nulls`` of them held NULL and ``blanks`` an empty text or zero;
    ``distinct`` counts different values among the rest. ``signs`` counts the values recognised as each kind (see
    ``signs.SIGNS``; one value may show several). ``earliest`` and ``latest`` bound what can be read as a moment;
    ``clock`` says how. ``inner`` profiles the values inside JSON or PHP-serialised texts, by path;
    ``keys`` (of the key column of key/value rows) profiles the value column under each key.
    """

    sampled: int
    nulls: int = 0
    blanks: int = 0
    distinct: int = 0
    signs: Mapping[str, int] = field(default_factory=dict)
    mean_length: float = 0.0
    max_length: int = 0
    mean_words: float = 0.0
    clock: Literal["date", "datetime", "epoch_s", "epoch_ms", "text"] | None = None
    clock_format: str | None = None
    earliest: date | None = None
    latest: date | None = None
    inner: Mapping[str, Profile] = field(default_factory=dict)
    inner_format: Literal["json", "php"] | None = None
    highest: int | None = None
    """How far a column of whole numbers reaches, to two figures; None where there are others or none."""
    looked: int | None = None
    """Filled values that were looked at closely, spread over the sample; None: all of them."""

    @property
    def closely(self) -> int:
        """Of how many filled values ``signs`` tells."""
        return self.filled if self.looked is None else self.looked

    @property
    def filled(self) -> int:
        """Rows of the sample that held something."""
        return self.sampled - self.nulls - self.blanks

    def share(self, sign: str) -> float:
        """The part (0 to 1) of the filled values looked at closely that show a sign."""
        return self.signs.get(sign, 0) / self.closely if self.closely else 0.0


@dataclass(frozen=True, slots=True)
class Inclusion:
    """Of ``asked`` different non-empty values of a column, ``found`` stand in another column as well."""

    asked: int
    found: int


@dataclass(frozen=True, slots=True)
class Budget:
    """How much a look may cost: rows of one table, seconds of one statement, seconds in all."""

    rows: int = 1_000
    statement_seconds: float = 5.0
    seconds: float = 120.0


class Source(Protocol):
    """A database that is looked at and never changed. SELECT rights are enough.

    Nothing raises for one table's sake: what could not be seen comes back in ``troubles``. Opening raises
    StoreUnreachable, StoreRefused, UsageError. Values are read, counted and forgotten.
    """

    def catalogue(self) -> Catalogue:
        """The schema, in a number of queries that does not grow with the number of tables."""

    def profiles(self, table: Table) -> tuple[Mapping[str, Profile], Sequence[Trouble]]:
        """A profile of every readable column of the table, from one bounded sample."""

    def keyed_profiles(
        self, table: Table, key: str, value: str, keys: int = 200
    ) -> tuple[Mapping[str, Profile], Sequence[Trouble]]:
        """Of a key/value table: a profile of the value column for each of the most frequent keys."""

    def values_of(self, table: Table, column: str, most: int = 50) -> tuple[Sequence[str], Sequence[Trouble]]:
        """The different values of a column that names *kinds* of things (an object type, a status), at most
        ``most``; empty when there are more, or when one looks personal. Only ever asked of columns that the
        draft must quote in a ``where:``."""

    def inclusion(
        self, table: Table, column: str, parent: Table, parent_column: str, where: tuple[str, str] | None = None
    ) -> tuple[Inclusion, Sequence[Trouble]]:
        """How many of a bounded sample of the column's values stand in the parent's column; ``where`` is
        (column, text) of our rows."""

    def template(
        self, table: Table, column: str, parent: Table, parent_column: str
    ) -> tuple[str | None, Inclusion, Sequence[Trouble]]:
        """The fixed text that most of the column's values begin with, with ``{}`` for the rest of them
        (``people/{}``), and how many of these rests stand in the parent's column; None where there is none."""

    def bounds(
        self, table: Table, column: str, kind: ClockKind | None = None, format: str | None = None
    ) -> tuple[date | None, date | None, Sequence[Trouble]]:
        """The earliest and latest value of a clock column over the whole table, as days, within the budget.
        ``kind`` and ``format`` as the column's profile tells them; by default as its type says."""

    def rows(self, table: Table) -> tuple[int | None, bool, Sequence[Trouble]]:
        """How many rows there are, and whether that is exact."""

    def remaining_seconds(self) -> float:
        """What is left of the budget's time; at nought the answers above are empty, with a trouble."""

    def close(self) -> None:
        """Let go of the connection."""


# --- what is concluded ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something is guessed: a stable code, and what fills its sentence (see ``texts.py``)."""

    code: str
    params: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class FieldGuess:
    """A column (or a value within one, by ``path``) that seems to hold personal data of ``category`` (a W3C DPV
    ``pd`` name). ``confidence`` from 0 to 1. ``identifier`` names the kind it finds people by (``email``,
    ``user_id``…), if it does. ``secret``: never handed over (password hashes, tokens). ``free_text``: may
    speak of anybody."""

    column: str
    category: str
    confidence: float
    reasons: tuple[Reason, ...]
    path: str | None = None
    inner_format: Literal["json", "php"] | None = None
    identifier: str | None = None
    secret: bool = False
    free_text: bool = False
    given: Literal["given", "observed", "inferred"] = "given"


@dataclass(frozen=True, slots=True)
class LinkGuess:
    """The table's rows belong to rows of ``parent`` (a qualified name). ``where`` for polymorphic links."""

    parent: str
    columns: tuple[tuple[str, str], ...]
    confidence: float
    reasons: tuple[Reason, ...]
    where: tuple[str, str] | None = None
    text: str | None = None
    declared: bool = False


@dataclass(frozen=True, slots=True)
class ClockGuess:
    """A column that tells when something happened; ``event`` is the policy's name for it."""

    column: str
    event: str
    kind: Literal["date", "datetime", "epoch_s", "epoch_ms", "text"]
    confidence: float
    reasons: tuple[Reason, ...]
    format: str | None = None
    earliest: date | None = None
    latest: date | None = None


@dataclass(frozen=True, slots=True)
class KeyValueGuess:
    """Rows that hold one value under a key; ``fields`` are the keys that seem personal."""

    key: str
    value: str
    fields: tuple[FieldGuess, ...]


@dataclass(frozen=True, slots=True)
class TableGuess:
    """What is thought of a table. ``role``: it is about people (``person``), hangs on one (``belongs``), holds
    people's data without a link to them (``loose``), or does not concern people (``none``)."""

    table: Table
    role: Literal["person", "belongs", "loose", "none"]
    fields: tuple[FieldGuess, ...] = ()
    links: tuple[LinkGuess, ...] = ()
    clocks: tuple[ClockGuess, ...] = ()
    key_value: KeyValueGuess | None = None
    soft_delete: str | None = None
    purpose: str | None = None
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """All of it, for one store. ``profiles`` by qualified table name and column, where they were kept."""

    store: str
    catalogue: Catalogue
    tables: tuple[TableGuess, ...]
    troubles: tuple[Trouble, ...] = ()
    profiles: Mapping[str, Mapping[str, Profile]] = field(default_factory=dict)

    def guess(self, qualified: str) -> TableGuess | None:
        """What is thought of a table, by its qualified name."""
        return next((t for t in self.tables if t.table.qualified == qualified), None)


class Profiler(Protocol):
    """Takes the values of one column, one by one, and keeps numbers only."""

    def add(self, value: Any) -> None:
        """Look at a value and forget it."""

    def add_all(self, values: Iterable[Any]) -> None:
        """Look at several."""

    def profile(self) -> Profile:
        """What they were like."""
