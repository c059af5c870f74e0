"""What the core asks of a connector. A connector knows one kind of store; the core knows none.

The contract is tested by ``tests/contract`` on every connector alike. In short:

1. ``inspect`` tells what the store is, before anything is planned.
2. ``count``, ``keys``, ``read`` look and change nothing.
3. ``execute`` does a ``Batch`` in one transaction, wholly or not at all, and says which.
4. Nothing is guessed: what cannot be seen is listed as not visible, what cannot be done raises.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, Protocol, runtime_checkable

from troth.core.policy.model import Clock, Scalar, Store, Within
from troth.core.query import Expr, Key

Severity = Literal["refuse", "warn", "note"]

Family = Literal[
    "text", "integer", "number", "boolean", "date", "datetime", "time", "json", "array", "binary", "enum",
    "uuid", "other",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Finding:
    """Something the plan must say about a store or collection.

    ``refuse`` stops the plan when a step touches the collection (and column, if named); ``warn`` and ``note``
    are shown. ``code`` is stable and documented in docs/reference/findings.md.
    """

    code: str
    severity: Severity
    message: str
    collection: str | None = None
    column: str | None = None
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class ColumnFacts:
    """A column as the database really has it. ``length`` in characters, None where nothing limits it."""

    name: str
    family: Family
    declared: str
    nullable: bool
    length: int | None = None
    generated: bool = False
    always_identity: bool = False
    updates_itself: bool = False
    enum: tuple[str, ...] = ()
    collation: str | None = None


@dataclass(frozen=True, slots=True)
class UniqueFacts:
    """A unique constraint or index. ``opaque`` ones (partial, over expressions, exclusion) cannot be reasoned
    about. ``nulls_equal``: two NULLs violate it."""

    name: str
    columns: tuple[str, ...]
    nulls_equal: bool = False
    opaque: bool = False


@dataclass(frozen=True, slots=True)
class CheckFacts:
    """A CHECK (also of a domain). ``columns`` it may read; empty means unknown, so any."""

    name: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ForeignKeyFacts:
    """``table.columns`` refers to ``target.target_columns``. Tables are qualified names as in TableFacts."""

    name: str
    table: str
    columns: tuple[str, ...]
    target: str
    target_columns: tuple[str, ...]
    on_delete: Literal["no action", "restrict", "cascade", "set null", "set default"] = "no action"
    deferrable: bool = False
    nullable: bool = False
    validated: bool = True


@dataclass(frozen=True, slots=True)
class TriggerFacts:
    """A trigger, rule or the like that acts when rows change."""

    name: str
    on: frozenset[str]
    """Any of ``insert``, ``update``, ``delete``."""


@dataclass(frozen=True, slots=True)
class TableFacts:
    """A table as the database really has it. ``table`` is its qualified name, unique in the store."""

    table: str
    kind: Literal["table", "view", "materialised view", "partitioned", "foreign", "virtual"]
    key: tuple[str, ...]
    columns: Mapping[str, ColumnFacts]
    uniques: tuple[UniqueFacts, ...] = ()
    checks: tuple[CheckFacts, ...] = ()
    outgoing: tuple[ForeignKeyFacts, ...] = ()
    incoming: tuple[ForeignKeyFacts, ...] = ()
    triggers: tuple[TriggerFacts, ...] = ()
    indexes: tuple[tuple[str, ...], ...] = ()
    rows: int | None = None
    transactional: bool = True
    history: bool = False
    row_security: bool = False
    rights: frozenset[str] | None = None
    """Any of ``select``, ``update``, ``delete``; None where the engine has no rights or cannot tell."""


@dataclass(frozen=True, slots=True)
class StoreFacts:
    """What ``inspect`` found. ``tables`` by collection name; ``others`` are tables outside the map that refer
    to mapped ones, by ``table:QUALIFIED``. ``digest`` changes when anything the plan relied on changes."""

    engine: Literal["sqlite", "postgresql", "mariadb", "mysql", "memory"]
    version: str
    tables: Mapping[str, TableFacts]
    others: Mapping[str, TableFacts]
    findings: tuple[Finding, ...]
    not_visible: tuple[str, ...]
    remains: tuple[str, ...]
    digest: str


@dataclass(frozen=True, slots=True)
class Want:
    """A question about rows. With ``digest`` the ordered keys are hashed; with ``span`` the earliest and
    latest readable value of the clock are told."""

    collection: str
    where: Expr
    digest: bool = False
    span: Clock | None = None


@dataclass(frozen=True, slots=True)
class Count:
    """The answer: how many rows; SHA-256 over their ordered keys ('' if not asked); the clock's range."""

    rows: int
    digest: str = ""
    earliest: date | None = None
    latest: date | None = None


@dataclass(frozen=True, slots=True)
class Assignment:
    """What to write into one column of the rows of a change.

    ``null``; ``value``; ``tombstone`` (random, recognisable, made by the connector); ``remove`` (take the value
    at ``within`` out of the structured column); ``replace`` (put ``value`` there instead); ``keep`` (write the
    column's own value, so that a column which updates itself does not).
    """

    column: str
    kind: Literal["null", "value", "tombstone", "remove", "replace", "keep"]
    value: Scalar = None
    within: Within | None = None
    email: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """One set-based step: delete the rows that meet ``where``, or write into them.

    After the step no row meets ``where`` any more: that is how it is verified, and why a second run does
    nothing. ``expected`` is what the plan saw; None where the plan is only an upper bound (sweeps). ``locked``: the
    rows are locked before they are compared with the plan, so that nobody writes there in between.
    """

    number: int
    collection: str
    action: Literal["delete", "update"]
    where: Expr
    assignments: tuple[Assignment, ...] = ()
    expected: Count | None = None
    limit: int | None = None
    locked: bool = False


@dataclass(frozen=True, slots=True)
class Batch:
    """What one transaction in one store does, in order.

    ``name`` identifies (request, store) for the advisory lock in that store. ``anchors`` are the person's own
    rows, locked first. ``max_rows``: commit and return ``more=True`` after about that many rows. ``before_commit`` is
    called in the transaction, when everything is written and compared; what it raises rolls the whole back. It may be
    called again, where the transaction is tried again.
    """

    name: str
    changes: tuple[Change, ...]
    anchors: tuple[tuple[str, Expr], ...] = ()
    facts_digest: str = ""
    max_rows: int = 100_000
    before_commit: Callable[[], None] | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Done:
    """What ``execute`` did: rows changed by change number; ``late`` rows that appeared after the commit (by
    change number) need another run; ``more`` says that the batch was cut at ``max_rows``; without ``looked``
    nobody could look for late rows, because the store answered no more after the commit."""

    rows: Mapping[int, int]
    late: Mapping[int, int] = field(default_factory=dict)
    more: bool = False
    looked: bool = True


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a collection's key to walk: ``low <= key < high`` and about how many rows it holds."""

    where: Expr
    resume: Scalar
    rows: int


@dataclass(frozen=True, slots=True)
class Needle:
    """A strong identifier to search for in text. ``kind`` is reported, ``value`` never is."""

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Budget:
    """How much a residue search may cost: seconds in all, and rows for one range."""

    seconds: float = 60.0
    range_rows: int = 50_000
    pause: float = 0.0


@dataclass(frozen=True, slots=True)
class Residue:
    """Where a needle was found (a place, a number of rows, the kind of identifier), never the value."""

    collection: str
    column: str
    kind: str
    rows: int


@dataclass(frozen=True, slots=True)
class SearchReport:
    """What a residue search found, what it searched in bytes of text, and what it did not search and why."""

    found: tuple[Residue, ...]
    searched_rows: int
    not_searched: tuple[tuple[str, str], ...]
    finished: bool


@dataclass(frozen=True, slots=True)
class Grant:
    """Rights for one account: the SQL to run and why each is needed."""

    statement: str
    why: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A row whose person has refused a purpose (``*``: is restricted, for every purpose), on which ground, since
    when."""

    key: Key
    purpose: str
    ground: str
    since: date


class RefusalTables(Protocol):
    """Tables in the store itself that say which rows must not be used for which purpose."""

    def statements(
        self, purposes: Mapping[str, Sequence[str]], account: str = "troth_act", *, consent: Container[str] = ()
    ) -> list[Grant]:
        """What an administrator runs to have them, with a view for each purpose, by collection; ``consent`` are the
        purposes that rest on consent, whose views are named for what they are: rows that have not refused."""

    def tables(self) -> frozenset[str]:
        """The collections that have one."""

    def present(self, collection: str) -> set[tuple[Key, str]]:
        """What is in it: keys and purposes."""

    def change(self, collection: str, add: Iterable[Refused], remove: Iterable[tuple[Key, str]] = ()) -> int:
        """Put in and take out, in one transaction; doing it again changes nothing."""


@runtime_checkable
class KeepsRefusals(Protocol):
    """A connector whose store can hold such tables."""

    def refusals(self) -> RefusalTables:
        """Those of this store."""


@runtime_checkable
class Redescribed(Protocol):
    """A connector that can look at its store by another description of the same tables."""

    def by(self, store: Store) -> Connector:
        """The same store, over the same connections, by this description. Only the first is closed."""


class Connector(Protocol):
    """One store, opened. Errors: StoreUnreachable, StoreRefused, StoreBusy, StoreChanged."""

    @property
    def store(self) -> Store:
        """The policy's description of this store."""

    def inspect(self) -> StoreFacts:
        """Reflection and catalogue probes of every mapped table and of what refers to them."""

    def count(self, wants: Sequence[Want]) -> list[Count]:
        """Answers in the order of the questions, read in one snapshot where the engine has them."""

    def keys(self, collection: str, where: Expr, columns: Sequence[str] = ()) -> Iterator[Key]:
        """The values of ``columns`` (default: the key) of the rows, in key order, streamed."""

    def read(self, collection: str, where: Expr, columns: Sequence[str]) -> Iterator[Mapping[str, object]]:
        """Rows as columns to Python values, in key order, streamed: memory does not grow with their number."""

    def execute(self, batch: Batch) -> Done:
        """Do the batch in one transaction; any error rolls back the whole.

        Raises StoreChanged when schema, keys or counts are not those of the plan.
        """

    def spans(self, collection: str, where: Expr, size: int, after: Scalar = None) -> Iterator[Span]:
        """Walk the key of the collection in stretches of about ``size`` rows, starting behind ``after``."""

    def search(self, needles: Sequence[Needle], budget: Budget, resume: str = "") -> SearchReport:
        """Look for the needles in every text column of the mapped tables, within the budget."""

    def explain(self, wants: Sequence[Want]) -> list[Finding]:
        """Ask the engine how it would find these rows; full scans of large tables become findings."""

    def grants(self, account: Literal["inspect", "act"]) -> list[Grant]:
        """The minimal rights for that account, as statements for this engine."""

    def now(self) -> datetime:
        """The store's own clock (UTC), to notice when it differs from ours."""

    def close(self) -> None:
        """Give back connections and locks."""
