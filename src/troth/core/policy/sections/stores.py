"""Where personal data lies: stores, their collections, and what the engine must know about each."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, model_validator
from pydantic_core import PydanticCustomError

from troth.core.policy.sections.base import (
    COLLECTION_PATTERN,
    CollectionName,
    Country,
    Currency,
    Day,
    JsonSchema,
    LocalText,
    Many,
    Name,
    OneOrMore,
    Period,
    Positive,
    Scalar,
    Section,
    Share,
    Some,
    Text,
    Widen,
    empty,
    short_for,
)

Column = Text
"""A column, as the database writes it."""

_SCALAR: JsonSchema = {"type": ["string", "number", "boolean", "null"]}
_NAMES: list[JsonSchema] = [
    {"type": "string", "minLength": 1},
    {"type": "array", "items": {"type": "string", "minLength": 1}},
]


class ColumnTest(Section):
    """What a column of the row must be."""

    in_: Some[Scalar] = Field(default=(), alias="in")
    """One of these values; ``null`` alone means that the column is empty."""
    not_: Some[Scalar] = Field(default=(), alias="not")
    """None of these values; ``null`` alone means that the column is not empty."""
    gt: Scalar = None
    """More than this."""
    ge: Scalar = None
    """This or more."""
    lt: Scalar = None
    """Less than this."""
    le: Scalar = None
    """This or less."""

    @model_validator(mode="after")
    def _says_something(self) -> ColumnTest:
        given = {name: getattr(self, name) for name in self.model_fields_set}
        if not given or () in given.values():
            raise PydanticCustomError("test_empty", "nothing is tested", {})
        if any(None in values and len(values) > 1 for values in (self.in_, self.not_)):
            raise PydanticCustomError("test_null_in_list", "null among other values", {})
        if None in given.values():
            raise PydanticCustomError("test_null_compared", "null is not more or less", {})
        return self


def _write_out_test(value: Any, info: ValidationInfo) -> Any:
    return value if isinstance(value, dict) else {"in": value}


Where = dict[
    Column, Annotated[ColumnTest, Widen(_write_out_test, lambda _: [_SCALAR, {"type": "array", "items": _SCALAR}])]
]
"""Fixed tests of columns, all of which must hold."""

Origin = Literal["given", "observed", "inferred"]


class Money(Section):
    """The value is an amount of money."""

    currency: Currency
    """Its currency, by ISO 4217 (``EUR``)."""
    unit: Literal["whole", "hundredths"] = "whole"
    """What the number counts: whole units, or hundredths of them (cents)."""


Meanings = dict[Text, LocalText]
"""What stored values mean, in words people read."""


class InnerField(Section):
    """A value inside a structured column."""

    is_: Name = Field(alias="is")
    """The category of the data, by its W3C DPV name."""
    for_: Some[Name] = Field(default=(), alias="for")
    """The purposes that need it; default: those of the collection."""
    given: Origin = "given"
    """Whether the person gave it, it was observed, or inferred (only the first two are portable)."""
    neutral: Scalar = None
    """What is written where the value must go and cannot be empty."""
    export: bool = True
    """It is handed over on access; false for secrets such as password hashes."""
    title: LocalText | None = None
    """What the policy calls it."""
    money: Annotated[Money, short_for("currency")] | None = None
    """It is an amount of money, and shown as one."""
    values: Meanings = empty()
    """What codes in it mean, in words people read (``mme: {fr: Madame, en: Ms}``)."""


ShortInnerField = Annotated[InnerField, short_for("is")]


class FieldEntry(Section):
    """A column that holds personal data, or holds it inside a structure."""

    is_: Name | None = Field(default=None, alias="is")
    """The category of the data, by its W3C DPV name."""
    for_: Some[Name] = Field(default=(), alias="for")
    """The purposes that need it; default: those of the collection."""
    given: Origin = "given"
    """Whether the person gave it, it was observed, or inferred (only the first two are portable)."""
    neutral: Scalar = None
    """What is written where the value must go and the column cannot be empty."""
    export: bool = True
    """It is handed over on access; false for secrets such as password hashes."""
    title: LocalText | None = None
    """What the policy calls it."""
    money: Annotated[Money, short_for("currency")] | None = None
    """It is an amount of money, and shown as one."""
    values: Meanings = empty()
    """What codes in it mean, in words people read (``mme: {fr: Madame, en: Ms}``)."""
    json_: dict[Text, ShortInnerField] | None = Field(default=None, alias="json")
    """The column holds JSON; here are the values within, by path (``address.city``, ``tags.*``)."""
    php: dict[Text, ShortInnerField] | None = None
    """The column holds a PHP-serialised value; here are the values within, by path."""

    @model_validator(mode="after")
    def _one_kind(self) -> FieldEntry:
        if sum(x is not None for x in (self.is_, self.json_, self.php)) != 1:
            raise PydanticCustomError("field_kind", "is, json or php", {})
        inner = {"for_", "given", "neutral", "export", "title", "money", "values"} & self.model_fields_set
        if self.is_ is None and inner:
            raise PydanticCustomError("field_inner", "belongs to the inner fields", {})
        if (self.json_ is not None and not self.json_) or (self.php is not None and not self.php):
            raise PydanticCustomError("field_kind", "is, json or php", {})
        return self


Fields = dict[Column, Annotated[FieldEntry, short_for("is")]]


class OtherColumn(Section):
    """A column without personal data of its own, as people read it."""

    title: LocalText | None = None
    """What it is called."""
    values: Meanings = empty()
    """What codes in it mean, in words people read (``paid: {fr: payée, en: paid}``)."""


def _write_out_others(value: Any, info: ValidationInfo) -> Any:
    if isinstance(value, str):
        return {value: {}}
    if isinstance(value, list) and all(isinstance(v, str) for v in value):
        return {name: {} for name in value}
    return {name: said or {} for name, said in value.items()} if isinstance(value, dict) else value


OtherColumns = Annotated[dict[Column, OtherColumn], Widen(_write_out_others, lambda _: _NAMES)]
"""By name; a list of names stands for columns of which nothing more is said."""


class KeyValueRows(Section):
    """Rows that each hold one value under a key, like ``meta_key`` and ``meta_value``."""

    key: Column
    """The column with the key."""
    value: Column
    """The column with the value."""
    fields: Annotated[Fields, Field(min_length=1)]
    """The keys that hold personal data."""


class SubjectColumn(Section):
    """A column that finds the person."""

    column: Column
    """The column."""
    verified: bool = True
    """The publisher has checked that it belongs to the person. Rows found through an unverified one are
    shown to staff and never opened by themselves."""


class Clock(Section):
    """A column that tells when an event happened."""

    of: Column
    """The column."""
    is_: Literal["date", "datetime", "epoch_s", "epoch_ms", "text"] = Field(default="datetime", alias="is")
    """How it tells the time; ``epoch_s`` and ``epoch_ms`` count from 1970 in seconds and milliseconds."""
    format: Text | None = None
    """For ``is: text``: how it is written, in the letters of strptime (``%d/%m/%Y``)."""
    floor: Day | None = None
    """Values before this day are taken for mistakes and are never due; default: 2 January 1970."""

    @model_validator(mode="after")
    def _format_for_text(self) -> Clock:
        if (self.is_ == "text") != (self.format is not None):
            raise PydanticCustomError("clock_format", "format goes with text", {})
        if self.format is not None and not _names_a_day(self.format):
            raise PydanticCustomError("clock_format_day", "no day", {})
        return self


def _names_a_day(text: str) -> bool:
    letters = {text[i + 1 : i + 2] for i, c in enumerate(text) if c == "%"}
    return bool(letters & {"Y", "y"} and (("d" in letters and letters & {"m", "b", "B"}) or "j" in letters))


def _write_out_by(value: Any, info: ValidationInfo) -> Any:
    if isinstance(value, str):
        return {value: ""}
    if isinstance(value, list) and all(isinstance(v, str) for v in value):
        return dict.fromkeys(value, "")
    return value


_BY_SHORT: list[JsonSchema] = [
    {"type": "string", "minLength": 1},
    {"type": "array", "items": {"type": "string", "minLength": 1}, "minItems": 1},
]
By = Annotated[dict[Column, str], Field(min_length=1), Widen(_write_out_by, lambda _: _BY_SHORT)]
"""Our columns and the parent's; a column alone stands for the parent's key."""


class Link(Section):
    """How this collection's rows belong to rows of another one of the same store."""

    to: CollectionName
    """The collection they belong to."""
    by: By
    """Our column and the parent's; a column alone stands for the parent's key."""
    where: Where = empty()
    """Only for our rows that are so, as in polymorphic links (``object_type: customer``)."""
    text: Text | None = None
    """Our column is this text with the parent's value put in place of ``{}``."""

    @model_validator(mode="after")
    def _one_hole(self) -> Link:
        if self.text is not None and (self.text.count("{}") != 1 or len(self.by) != 1):
            raise PydanticCustomError("link_text", "one place", {})
        return self


def _write_out_links(value: Any, info: ValidationInfo) -> Any:
    if isinstance(value, dict):
        return [{"to": to, "by": by} for to, by in value.items()]
    return value


def _links_short(long: JsonSchema) -> list[JsonSchema]:
    by: JsonSchema = {
        "anyOf": [
            *_BY_SHORT,
            {
                "type": "object", "minProperties": 1, "additionalProperties": {"type": "string"},
                "propertyNames": {"minLength": 1},
            },
        ]
    }  # fmt: skip
    return [{"type": "object", "additionalProperties": by, "propertyNames": {"pattern": COLLECTION_PATTERN}}]


Links = Annotated[Many[Link], Widen(_write_out_links, _links_short)]


class Hold(Section):
    """A legal reason to keep certain fields until a date, or while a state lasts."""

    fields: OneOrMore[Column]
    """The fields and other columns that must stay, or ``all``."""
    parents: dict[CollectionName, OneOrMore[Column]] = empty()
    """What must stay on the rows these belong to: the document needs it."""
    period: Period | None = Field(default=None, alias="for")
    """How long after the event."""
    after: Name | None = None
    """The event from which that is counted."""
    while_: Name | None = Field(default=None, alias="while")
    """The state during which it must stay, such as unpaid."""
    if_: Name | None = Field(default=None, alias="if")
    """Only rows in this state, such as an order of 120 euros or more."""
    per: Literal["row", "person"] = "row"
    """``person``: all rows of a person stay until the last of them is free."""
    because: LocalText
    """The reason, in words people understand."""
    source: Text | None = None
    """The rule of law, such as C. com. L123-22."""

    @model_validator(mode="after")
    def _one_end(self) -> Hold:
        if (self.period is None) != (self.after is None):
            raise PydanticCustomError("keep_half", "period and event belong together", {})
        if (self.period is None) == (self.while_ is None):
            raise PydanticCustomError("hold_end", "for and after, or while", {})
        return self


class Restricted(Section):
    """The column by which the publisher's software knows that a person's data is restricted."""

    flag: Column
    """The column."""
    value: Scalar = True
    """What is written into it."""
    otherwise: Scalar = None
    """What is written when the restriction ends; default: what stood there before."""


class Refused(Section):
    """A column by which the publisher's software knows that a person does not want a purpose: after an objection
    (GDPR Article 21) or when consent was withdrawn (Article 7(3))."""

    flag: Column
    """The column (``optin``, ``unsubscribed_at``)."""
    value: Scalar = None
    """What stands in it of whoever refuses (``0`` of an ``optin``); either this or ``is``."""
    is_: Literal["date", "datetime", "epoch_s", "epoch_ms", "text"] | None = Field(default=None, alias="is")
    """The column tells since when somebody refuses, and is empty otherwise: how it tells the time. Days and
    times without a zone are written by the clocks of ``publisher.timezone``."""
    format: Text | None = None
    """For ``is: text``: how it is written, in the letters of strptime (``%d/%m/%Y``)."""

    @model_validator(mode="after")
    def _value_or_time(self) -> Refused:
        if ("value" in self.model_fields_set) == (self.is_ is not None):
            raise PydanticCustomError("refused_value", "value or is", {})
        if (self.is_ == "text") != (self.format is not None):
            raise PydanticCustomError("clock_format", "format goes with text", {})
        if self.format is not None and not _names_a_day(self.format):
            raise PydanticCustomError("clock_format_day", "no day", {})
        return self


class Collection(Section):
    """A table, or rows of one, and what the policy says about it."""

    title: LocalText | None = None
    """What the policy calls it."""
    table: Column | None = None
    """The table or view; default: the collection's name."""
    schema_: Column | None = Field(default=None, alias="schema")
    """The schema (or database) it lies in; default: the connection's own."""
    key: Some[Column] = ()
    """The columns that tell rows apart; default: what the database says."""
    where: Where = empty()
    """Only rows that are so belong to the collection."""
    for_: Some[Name] = Field(default=(), alias="for")
    """The purposes of its rows, and of its fields where they name none."""
    subject: dict[Name, Annotated[SubjectColumn, short_for("column")]] = empty()
    """The columns that find the person, by kind of identifier (``email: Email``)."""
    fields: Fields = empty()
    """The columns that hold personal data (``Email: EmailAddress``)."""
    other_columns: OtherColumns = empty()
    """Columns without personal data of their own that holds may name, such as a total; or what each is called, and what
    its codes mean."""
    belongs_to: Links = ()
    """The collections whose rows these rows belong to (``customer: CustomerId``)."""
    rows: KeyValueRows | None = None
    """The rows are keys and values; then there are no ``fields``."""
    events: dict[Name, Annotated[Clock, short_for("of")]] = empty()
    """The columns that tell when events happened (``last_contact: last_seen_at``)."""
    states: dict[Name, Annotated[Where, Field(min_length=1)]] = empty()
    """When a state holds for a row (``unpaid: {paid_at: null}``)."""
    holds: dict[Name, Hold] = empty()
    """What must be kept although the person asks for erasure."""
    on_erase: Literal["delete", "clear"] = "delete"
    """Whether a row is deleted with its person, or only its personal fields are cleared."""
    cascades: Some[Text] = ()
    """Tables outside this file whose rows the database may delete with these."""
    restricted: Annotated[Restricted, short_for("flag")] | None = None
    """How the publisher's software learns of a restriction."""
    refused: dict[Name, OneOrMore[Refused]] = empty()
    """How the publisher's software learns that a person refuses a purpose, by purpose: columns that an objection or a
    withdrawn consent sets (``newsletter: {flag: optin, value: 0}``)."""
    unidentified: bool = False
    """Nobody can be identified from these rows (GDPR Article 11), such as logs: only the sweep acts on them."""

    @model_validator(mode="after")
    def _fields_or_rows(self) -> Collection:
        if self.rows is not None and self.fields:
            raise PydanticCustomError("rows_and_fields", "rows or fields", {})
        if self.unidentified and self.subject:
            raise PydanticCustomError("unidentified_subject", "unidentified or subject", {})
        return self


class Limits(Section):
    """What a sweep may do before it stops and asks."""

    rows: Positive = 10_000
    """Rows of one collection."""
    share: Share = 0.2
    """The part of a collection's rows."""
    small: Positive = 100
    """The share counts only beyond so many rows: half of a table of ten is no runaway."""
    transaction_rows: Positive = 100_000
    """Rows of one transaction; beyond, the work is done in batches."""
    rows_per_second: Positive | None = None
    """The most rows to change in a second; default: no limit."""


class Timeouts(Section):
    """How long to wait, in whole seconds."""

    statement: Positive = 30
    """For a statement to end."""
    lock: Positive = 5
    """For a lock that another holds."""


class Hook(Section):
    """A program of the publisher's that runs after rows have changed: a cache to empty, an index to renew."""

    run: OneOrMore[Text]
    """The program and its arguments, as a list; no shell reads them. A path counts from this file's folder."""
    after: OneOrMore[Literal["erase", "rectify", "restrict", "refuse", "sweep", "replay"]] = (
        "erase", "rectify", "restrict", "refuse", "sweep", "replay",
    )  # fmt: skip
    """What calls for it."""
    collections: Some[CollectionName] = ()
    """The collections whose changes call for it; default: all of the store."""
    timeout: Positive = 60
    """Seconds after which it is stopped and counts as failed."""


class Store(Section):
    """A place where personal data lies."""

    url: Text
    """How to reach it: sqlite:///…, postgresql://…, mysql://…, mariadb://…; the password comes from the
    environment (``${SHOP_DATABASE_URL}``). A relative SQLite path counts from this file's folder."""
    location: Country
    """The country where it lies."""
    title: LocalText | None = None
    """What the policy calls it."""
    recipient: Name | None = None
    """Who hosts it, if not the publisher."""
    mode: Literal["observe", "enforce"] = "observe"
    """``observe``: read, plan and report. ``enforce``: also change."""
    limits: Limits = Limits()
    """What a sweep may do before it stops and asks."""
    timeouts: Timeouts = Timeouts()
    """How long to wait."""
    accept_untransactional: bool = False
    """Accept tables that cannot undo half a change (MyISAM)."""
    remains: Some[LocalText] = ()
    """Where values remain after an erasure and until when; said in every outcome."""
    hooks: dict[Name, Annotated[Hook, short_for("run")]] = empty()
    """Programs that run after rows have changed, one after the other."""
    collections: dict[CollectionName, Collection]
    """Its tables."""
