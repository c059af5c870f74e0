"""The policy as the rest of Troth sees it: immutable, references resolved, nothing left to interpret.

``load`` (in ``loader.py``) builds it from YAML. Everything executed by the engine is here in full type;
sections that later parts execute (services, consent, staff …) are kept as the typed documents of
``document.py`` under ``Policy.document``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

from troth.core.policy.values import Duration, FinancialYear

if TYPE_CHECKING:
    from troth.core.policy.document import PolicyDocument

LocalText = Mapping[str, str]
"""A text by language code, for example ``{"fr": "Nom", "en": "Name"}``."""

Scalar = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Position:
    """Where something stands in the policy's files; lines and columns count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class Basis(StrEnum):
    """Lawful bases of GDPR Article 6(1), a to f."""

    CONSENT = "consent"
    CONTRACT = "contract"
    LEGAL_OBLIGATION = "legal_obligation"
    VITAL_INTEREST = "vital_interest"
    PUBLIC_TASK = "public_task"
    LEGITIMATE_INTEREST = "legitimate_interest"


class Mode(StrEnum):
    """What Troth may do in a store: look and plan, or also change."""

    OBSERVE = "observe"
    ENFORCE = "enforce"


@dataclass(frozen=True, slots=True)
class Archive:
    """An intermediate archive: apart from daily use, read by few, destroyed at its end."""

    period: Duration
    after: str
    because: str
    because_in: LocalText = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Keep:
    """How long a purpose needs its data.

    The purpose is over when the state ``while_state`` (if any) no longer holds *and* ``period`` after the
    event ``after`` (if any) has passed. With ``archive``, a copy then goes into the sealed archive before the
    live rows are erased or anonymised.
    """

    while_state: str | None = None
    period: Duration | None = None
    after: str | None = None
    then: Literal["erase", "anonymise"] = "erase"
    archive: Archive | None = None


@dataclass(frozen=True, slots=True)
class Purpose:
    """Why data is processed (GDPR Articles 5(1)(b), 6, 30)."""

    name: str
    title: LocalText
    basis: Basis
    people: tuple[str, ...]
    categories: tuple[str, ...]
    recipients: tuple[str, ...]
    keep: Keep
    source: LocalText | None = None
    at: Position | None = None


@dataclass(frozen=True, slots=True)
class Recipient:
    """A processor or third party that receives data."""

    name: str
    title: str
    role: str
    country: str
    agreement: date | None = None
    transfer: str | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """A named moment that starts a period.

    ``per`` says whether each row has its own or each person one: the latest found in any collection of any
    store that declares it. ``computed`` names a function of the declared clock.
    """

    name: str
    per: Literal["row", "person"]
    computed: Literal["financial_year_end"] | None = None


ClockKind = Literal["date", "datetime", "epoch_s", "epoch_ms", "text"]


@dataclass(frozen=True, slots=True)
class Clock:
    """A column that tells a time. ``format`` (strptime letters) is for kind ``text`` only.

    A value that is NULL, unreadable, infinite or before ``floor`` is never due.
    """

    column: str
    kind: ClockKind
    format: str | None = None
    floor: date = date(1970, 1, 2)


@dataclass(frozen=True, slots=True)
class Condition:
    """One test of a column against fixed values, as in ``where: {status: [active, trial]}``."""

    column: str
    op: Literal["in", "not_in", "null", "not_null", "lt", "le", "gt", "ge"]
    values: tuple[Scalar, ...] = ()


@dataclass(frozen=True, slots=True)
class Within:
    """A value inside a structured column: the steps to it (keys or list positions; ``*`` for every one)."""

    format: Literal["json", "php"]
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Money:
    """An amount: its currency (ISO 4217), and whether the number counts hundredths of it."""

    currency: str
    hundredths: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """A column, or a value within one, that holds personal data.

    ``name`` is the column, or ``column.path`` for a value within. ``given`` tells whether the person gave it,
    it was observed, or it was inferred (only the first two are portable, Article 20). ``neutral`` is what to
    write where the value must go and the column cannot be empty; ``has_neutral`` tells None from not given.
    """

    name: str
    column: str
    category: str
    purposes: frozenset[str]
    given: Literal["given", "observed", "inferred"] = "given"
    within: Within | None = None
    neutral: Scalar = None
    has_neutral: bool = False
    export: bool = True
    title: LocalText | None = None
    money: Money | None = None
    values: Mapping[str, LocalText] = field(default_factory=dict)
    """What codes in it mean, by the value as text."""
    at: Position | None = None


@dataclass(frozen=True, slots=True)
class Identifier:
    """A column that finds the person. Rows found through an unverified one need a human decision."""

    kind: str
    column: str
    verified: bool = True


@dataclass(frozen=True, slots=True)
class Link:
    """This collection's rows belong to rows of ``parent``.

    ``columns`` pairs ours with the parent's; an empty parent column means the parent's key, in order. With
    ``template`` ("user_{}") the single pair is joined as text: our column equals the template with the
    parent's value put in. ``where`` holds for our rows only (polymorphic links: ``object_type: customer``).
    """

    parent: str
    columns: tuple[tuple[str, str], ...]
    template: str | None = None
    where: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Hold:
    """A legal reason to keep some fields of this collection's rows, and of the rows they belong to.

    Either ``period`` after the event ``after``, or as long as the state ``while_state`` holds. ``per`` person
    means: all rows of a person are kept until the last of them is free. An empty ``fields`` keeps every field.
    """

    name: str
    because: str
    fields: tuple[str, ...]
    parents: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    period: Duration | None = None
    after: str | None = None
    while_state: str | None = None
    per: Literal["row", "person"] = "row"
    source: str | None = None
    at: Position | None = None
    because_in: LocalText = field(default_factory=dict)
    if_state: str | None = None
    """Only for rows in this state, whatever ends it."""


@dataclass(frozen=True, slots=True)
class Flag:
    """A column by which the publisher's software knows what a person has decided: a restriction, a refusal.

    ``value`` stands there then; with ``clock`` the moment since when, and nothing readable before. ``otherwise`` is
    written when it ends; None: what stood there before.
    """

    column: str
    value: Scalar = None
    clock: Clock | None = None
    otherwise: Scalar = None


@dataclass(frozen=True, slots=True)
class Other:
    """A column without personal data of its own: what it is called, and what codes in it mean, by the value as text."""

    title: LocalText | None = None
    values: Mapping[str, LocalText] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Collection:
    """A table, or rows of one, and what the policy says about it."""

    store: str
    name: str
    table: str
    schema: str | None = None
    key: tuple[str, ...] = ()
    where: tuple[Condition, ...] = ()
    purposes: frozenset[str] = frozenset()
    identifiers: tuple[Identifier, ...] = ()
    fields: tuple[Field, ...] = ()
    links: tuple[Link, ...] = ()
    events: Mapping[str, Clock] = field(default_factory=dict)
    states: Mapping[str, tuple[Condition, ...]] = field(default_factory=dict)
    holds: tuple[Hold, ...] = ()
    on_erase: Literal["delete", "clear"] = "delete"
    cascades: tuple[str, ...] = ()
    restricted: Flag | None = None
    refused: Mapping[str, tuple[Flag, ...]] = field(default_factory=dict)
    """What tells, by purpose, that the person refuses it."""
    others: Mapping[str, Other] = field(default_factory=dict)
    """Columns without personal data of their own, in the order in which the policy names them."""
    title: LocalText | None = None
    at: Position | None = None
    undescribed: bool = False
    """The rows of a key/value table whose keys the policy does not name: told about, never touched."""

    @property
    def flags(self) -> tuple[Flag, ...]:
        """Every column by which the publisher's software knows what a person has decided."""
        refused = [flag for flags in self.refused.values() for flag in flags]
        return tuple(dict.fromkeys([*([self.restricted] if self.restricted else []), *refused]))

    def field_named(self, name: str) -> Field | None:
        """The declared field of that name, if any."""
        return next((f for f in self.fields if f.name == name), None)


@dataclass(frozen=True, slots=True)
class Limits:
    """A sweep that would touch more than this in one collection stops and asks.

    The share counts only beyond ``small`` rows: half of a table of ten is no runaway.
    """

    rows: int = 10_000
    share: float = 0.2
    small: int = 100
    transaction_rows: int = 100_000
    rows_per_second: int | None = None


HookVerb = Literal["erase", "rectify", "restrict", "refuse", "sweep", "replay"]


@dataclass(frozen=True, slots=True)
class Hook:
    """A program of the publisher that runs after rows have changed. ``run`` is the program and its arguments,
    ``collections`` those whose changes call for it (none: all), ``timeout`` seconds."""

    name: str
    run: tuple[str, ...]
    after: frozenset[HookVerb]
    collections: tuple[str, ...] = ()
    timeout: int = 60


@dataclass(frozen=True, slots=True)
class Store:
    """A place where personal data lies. ``url`` may name environment variables (``${SHOP_DATABASE_URL}``)."""

    name: str
    url: str
    location: str
    recipient: str | None
    mode: Mode
    collections: Mapping[str, Collection]
    limits: Limits = field(default_factory=Limits)
    accept_untransactional: bool = False
    statement_timeout: int = 30
    lock_timeout: int = 5
    remains: tuple[str, ...] = ()
    at: Position | None = None
    remains_in: tuple[LocalText, ...] = ()
    hooks: tuple[Hook, ...] = ()


@dataclass(frozen=True, slots=True)
class IdentifierKind:
    """A kind of identifier. A strong one is unlike to stand for anyone else and may be searched for."""

    name: str
    strong: bool = True
    title: LocalText | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """A whole policy, loaded and resolved."""

    version: str
    languages: tuple[str, ...]
    authoritative: str
    publisher: str
    country: str
    timezone: str
    financial_year: FinancialYear
    purposes: Mapping[str, Purpose]
    recipients: Mapping[str, Recipient]
    events: Mapping[str, Event]
    identifiers: Mapping[str, IdentifierKind]
    stores: Mapping[str, Store]
    digest: str
    document: PolicyDocument

    def collections(self) -> list[Collection]:
        """All collections of all stores, in the order of the file."""
        return [c for s in self.stores.values() for c in s.collections.values()]
