"""What the sections are made of: words, texts, periods, places, and the short ways of writing them.

A short form is written out before validation, so that the rest of Troth meets one form only; its JSON Schema
offers both.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, TypeAlias, TypeVar

from annotated_types import MinLen
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    Strict,
    StringConstraints,
    ValidationInfo,
    WithJsonSchema,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema
from typing_extensions import TypeAliasType

from troth.core.policy.countries import COUNTRIES
from troth.core.policy.values import parse_duration

T = TypeVar("T")
JsonSchema: TypeAlias = dict[str, Any]


class Section(BaseModel):
    """A mapping with fixed keys."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True, validate_default=False
    )


def empty() -> Any:
    """A mapping that may be left out."""
    return Field(default_factory=dict)


@dataclass(frozen=True)
class Widen:
    """Marks a type that also has a short form: ``widen`` writes it out, ``short`` makes its JSON Schema from
    the long form's."""

    widen: Callable[[Any, ValidationInfo], Any]
    short: Callable[[JsonSchema], list[JsonSchema]]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_info_before_validator_function(self.widen, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        long = handler(schema)
        return {"anyOf": [*self.short(handler.resolve_ref_schema(long)), long]}


def short_for(key: str) -> Widen:
    """A bare word stands for the mapping that has it under ``key``."""

    def widen(value: Any, info: ValidationInfo) -> Any:
        if isinstance(value, date):
            value = value.isoformat()
        return {key: value} if isinstance(value, str) else value

    def short(long: JsonSchema) -> list[JsonSchema]:
        word = long["properties"][key]
        options = [o for o in word.get("anyOf", [word]) if o != {"type": "null"}]
        return [{k: v for k, v in o.items() if k not in ("description", "default")} for o in options]

    return Widen(widen, short)


def _as_list(value: Any, info: ValidationInfo) -> Any:
    return value if isinstance(value, list) else [value]


def _item(long: JsonSchema) -> list[JsonSchema]:
    return [long["items"]]


Some = Annotated[tuple[T, ...], Strict(False), Widen(_as_list, _item)]
"""A list, perhaps empty; a single value stands for a list of one."""

OneOrMore = Annotated[tuple[T, ...], Strict(False), MinLen(1), Widen(_as_list, _item)]
"""A list with something in it; a single value stands for a list of one."""

Many = Annotated[tuple[T, ...], Strict(False)]
"""A list."""


def _date_as_text(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


Text = Annotated[str, StringConstraints(min_length=1), BeforeValidator(_date_as_text)]
"""A text that is the same in every language. A date is taken as it is written."""

NAME_PATTERN = "^[A-Za-z][A-Za-z0-9_-]*$"
Name = Annotated[str, StringConstraints(pattern=NAME_PATTERN, max_length=100)]
"""A name given in this file: letters, digits, hyphens and underscores."""

COLLECTION_PATTERN = r"^[^\s\[\]/=,]([^\[\]/=,\n\t]*[^\s\[\]/=,])?$"
CollectionName = Annotated[str, StringConstraints(pattern=COLLECTION_PATTERN, max_length=200)]
"""The name of a collection; often the table's."""

LANGUAGE_PATTERN = "^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$"
Language = Annotated[str, StringConstraints(pattern=LANGUAGE_PATTERN)]
"""A language code such as ``fr`` (BCP 47)."""

Email = Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
"""A currency by its three ISO 4217 letters."""
WebAddress = Annotated[str, StringConstraints(pattern=r"^(https?://\S+|/\S*|\$\{[A-Za-z_][A-Za-z0-9_]*\}.*)$")]
"""A web address, or a path on the publisher's site beginning with a slash."""


def _texts(value: Any, info: ValidationInfo) -> Any:
    """A bare text stands for the same text in every language of the policy."""
    if isinstance(value, date):
        value = value.isoformat()
    if isinstance(value, str):
        return dict.fromkeys((info.context or {}).get("languages") or ["en"], value)
    return value


class Texts(dict[str, str]):
    """A text by language; a class of its own, so that all texts of a document can be found."""


LocalText = TypeAliasType(
    "LocalText",
    Annotated[
        dict[Language, Text],
        MinLen(1),
        AfterValidator(Texts),
        Widen(_texts, lambda _: [{"type": "string", "minLength": 1}]),
    ],
)
"""A text by language; a bare text is the same in all languages of the policy."""


def check_period(value: Any) -> Any:
    """The value if it is a period in words. Raises PydanticCustomError."""
    if not isinstance(value, str):
        raise PydanticCustomError("bad_period", "not a period", {"value": _shown(value)})
    try:
        parse_duration(value)
    except ValueError:
        raise PydanticCustomError("bad_period", "not a period", {"value": _shown(value)}) from None
    return value


def _shown(value: Any) -> str:
    return str(value)[:60] if isinstance(value, str | int | float) else ""


def _either_case(words: str) -> str:
    return re.sub("[a-zé]", lambda m: f"[{m[0]}{m[0].upper()}]", words)


_UNIT = (
    "years|year|ans|an|months|month|mois|weeks|week|semaines|semaine|days|day|jours|jour|"
    "hours|hour|heures|heure|minutes|minute"
)
PERIOD_PATTERN = rf"^\s*([0-9]{{1,5}}\s*({_either_case(_UNIT)})\s*,?\s*)+$"
Period = TypeAliasType(
    "Period",
    Annotated[
        str,
        BeforeValidator(check_period),
        WithJsonSchema({"type": "string", "pattern": PERIOD_PATTERN, "examples": ["3 years", "13 months"]}),
    ],
)
"""A calendar period such as ``3 years``, ``13 months``, ``2 weeks 3 days`` (French words too)."""


def _life(value: Any) -> Any:
    return value if value in ENDLESS else check_period(value)


def _on_decision(value: Any) -> Any:
    return value if value == "on_decision" else check_period(value)


def _word_schema(*words: str) -> WithJsonSchema:
    known = [{"const": word} for word in words]
    return WithJsonSchema({"anyOf": [*known, {"type": "string", "pattern": PERIOD_PATTERN}]})


ENDLESS = ("session", "until_cleared", "unknown")
"""Lifetimes that no period tells."""

Lifetime = Annotated[str, BeforeValidator(_life), _word_schema(*ENDLESS)]
"""``session`` (until the browser closes), ``until_cleared`` (until somebody takes it away), ``unknown``, or a
period."""

Destruction = Annotated[str, BeforeValidator(_on_decision), _word_schema("on_decision")]
"""``on_decision`` or a period after it."""


def _day(value: Any) -> Any:
    if isinstance(value, str):
        try:
            return date.fromisoformat(value) if re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", value) else value
        except ValueError:
            return value
    return value


Day = Annotated[
    date,
    BeforeValidator(_day),
    WithJsonSchema({"type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}),
]
"""A date written 2026-11-22."""


def _country(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if value not in COUNTRIES:
        raise PydanticCustomError("unknown_country", "not a country", {"value": value[:60]})
    return value


Country = TypeAliasType(
    "Country", Annotated[str, BeforeValidator(_country), WithJsonSchema({"type": "string", "enum": list(COUNTRIES)})]
)
"""A country by its two ISO 3166-1 letters."""


def _area(value: Any) -> Any:
    return value if value in ("EEA", "EU") else _country(value)


Area = TypeAliasType(
    "Area",
    Annotated[str, BeforeValidator(_area), WithJsonSchema({"type": "string", "enum": ["EEA", "EU", *COUNTRIES]})],
)
"""``EEA``, ``EU``, or a country."""


COLOUR_PATTERN = "^#([0-9A-Fa-f]{3}|[0-9A-Fa-f]{6})$"


def _colour(value: Any) -> Any:
    # Without quotes the "#" begins a comment, and there is no value at all.
    if value is None:
        raise PydanticCustomError("colour_missing", "no colour", {})
    if isinstance(value, str) and not re.fullmatch(COLOUR_PATTERN[1:-1], value):
        raise PydanticCustomError("bad_colour", "not a colour", {"value": _shown(value)})
    return value


Colour = Annotated[str | None, BeforeValidator(_colour), WithJsonSchema({"type": "string", "pattern": COLOUR_PATTERN})]
"""A colour by its red, green and blue in hexadecimal digits, in quotes: ``"#0b5a6b"``."""


def _month_day(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    match = re.fullmatch("([0-9]{2})-([0-9]{2})", value)
    try:
        date(2024, int(match[1]), int(match[2])) if match else None
    except ValueError:
        match = None
    if match is None:
        raise PydanticCustomError("bad_month_day", "not a day of the year", {"value": value[:60]})
    return value


_MONTH_DAY = (
    "^((01|03|05|07|08|10|12)-(0[1-9]|[12][0-9]|3[01])|(04|06|09|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|[12][0-9]))$"
)
MonthDay = Annotated[str, BeforeValidator(_month_day), WithJsonSchema({"type": "string", "pattern": _MONTH_DAY})]
"""A day of every year, month first: ``12-31``."""


def _whole(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


Whole = Annotated[int, BeforeValidator(_whole)]
"""A whole number."""

Age = Annotated[int, Field(ge=0, le=18), BeforeValidator(_whole)]
"""An age in years, up to 18."""

Positive = Annotated[int, Field(ge=1), BeforeValidator(_whole)]
"""A whole number, 1 or more."""


def _share(value: Any, info: ValidationInfo) -> Any:
    if isinstance(value, str) and re.fullmatch(SHARE_PATTERN[1:-1], value):
        return float(value.rstrip(" %")) / 100
    return value


SHARE_PATTERN = r"^(100|[0-9]{1,2}(\.[0-9]+)?) ?%$"
Share = Annotated[
    float,
    Field(ge=0, le=1),
    Widen(_share, lambda _: [{"type": "string", "pattern": SHARE_PATTERN}]),
]
"""A part of a whole: ``20%`` or ``0.2``."""


def _scalar(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if value is None or isinstance(value, str | int | float | bool):
        return value
    raise PydanticCustomError("not_scalar", "not a single value", {})


Scalar = Annotated[Any, BeforeValidator(_scalar), WithJsonSchema({"type": ["string", "number", "boolean", "null"]})]
"""A single value as it stands in a column."""
