"""Values on their way to a driver and back: made fit for the column, or known never to match it.

Engines compare unlike types by rules of their own (on MariaDB ``'abc' = 0`` is true; on PostgreSQL it is an
error). Here a value either has the column's kind exactly, or it can stand in no row of it.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from sqlalchemy import BindParameter, bindparam
from sqlalchemy.types import NULLTYPE

from troth.core.policy.model import Scalar
from troth.core.ports import ColumnFacts

_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,19}", re.ASCII)
_BITS = re.compile(r"bit\b", re.IGNORECASE)
_SMALLEST, _LARGEST = -(2**63), 2**63 - 1
_LARGEST_UNSIGNED = 2**64 - 1


class Never:
    """The answer for a value that no row of the column can hold."""


NEVER: Final = Never()


class Unliftable(Exception):
    """The statement cannot be made without knowing the value that a slot stands for."""


@dataclass(frozen=True, slots=True)
class Slot:
    """Stands for a whole number in a statement that is run again with others (see ``prepared``)."""

    number: int

    def __str__(self) -> str:
        raise Unliftable


def bind(value: object) -> BindParameter[Any]:
    """A bound value without a type of its own: the engine takes it for what the column is."""
    return bindparam(None, value, type_=NULLTYPE, unique=True)


def bind_all(values: Sequence[object]) -> BindParameter[Any]:
    """Several bound values for ``IN``; the statement's text is the same for any number of them."""
    return bindparam(None, list(values), type_=NULLTYPE, unique=True, expanding=True)


def fit(engine: str, column: ColumnFacts, value: Scalar | Slot) -> object:
    """What to bind so that it is compared with, or written to, the column as its own kind. ``NEVER`` when no
    row can hold the value; a NULL is given back as None and equals nothing."""
    if value is None:
        return None
    if isinstance(value, Slot):
        if column.family != "integer":
            raise Unliftable
        return value
    if engine == "sqlite" and column.family in ("other", "json", "array"):
        return value
    if column.family == "other" and engine in ("mariadb", "mysql") and _BITS.match(column.declared):
        # A column of bits is a number there; a text would be taken for its bytes.
        return _integer(engine, value)
    match column.family:
        case "integer":
            return _integer(engine, value)
        case "number":
            return _number(engine, value)
        case "boolean":
            return _boolean(engine, value)
        case "binary":
            return _binary(value)
        case "uuid":
            return _uuid(engine, value)
        case "date" | "datetime" | "time":
            return _moment(engine, column, value)
        case _:
            return _text(engine, column, value)


def _text(engine: str, column: ColumnFacts, value: Scalar) -> object:
    if isinstance(value, bool):
        value = int(value)
    text = str(value)
    if engine != "sqlite" and column.length is not None and len(text) > column.length:
        return NEVER
    if engine == "postgresql" and "\x00" in text:
        return NEVER
    return text if _encodes(text) else NEVER


def _encodes(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _integer(engine: str, value: Scalar) -> object:
    if isinstance(value, bool):
        value = int(value)
    text = str(int(value) if isinstance(value, float) and value.is_integer() else value)
    if not _INTEGER.fullmatch(text):
        # SQLite keeps words in an integer column, but makes numbers of whatever looks like one.
        return text if engine == "sqlite" and not _looks_like_a_number(text) else NEVER
    value = int(text)
    largest = _LARGEST_UNSIGNED if engine in ("mariadb", "mysql") else _LARGEST
    return value if _SMALLEST <= value <= largest else NEVER


def _looks_like_a_number(text: str) -> bool:
    if not _encodes(text):
        return True
    try:
        float(text)
    except ValueError:
        return False
    return True


def _number(engine: str, value: Scalar) -> object:
    if not isinstance(value, str):
        return int(value) if isinstance(value, bool) else value
    try:
        number = Decimal(value)
    except InvalidOperation:
        return value if engine == "sqlite" and _encodes(value) else NEVER
    return number if engine != "sqlite" else float(number)


def _boolean(engine: str, value: Scalar) -> object:
    if isinstance(value, str):
        value = {"true": True, "false": False, "1": True, "0": False}.get(value.lower(), value)
    if isinstance(value, str) or value not in (0, 1):
        return value if engine != "postgresql" and not isinstance(value, str) else NEVER
    return bool(value) if engine == "postgresql" else int(value or 0)


def _binary(value: Scalar) -> object:
    try:
        return bytes.fromhex(str(value))
    except ValueError:
        return NEVER


def _uuid(engine: str, value: Scalar) -> object:
    if engine == "sqlite":
        return str(value)
    try:
        return str(uuid.UUID(str(value)))
    except ValueError:
        return NEVER


def _moment(engine: str, column: ColumnFacts, value: Scalar) -> object:
    if engine == "sqlite":
        return value if not isinstance(value, str) or _encodes(value) else NEVER
    text = str(value)
    reader = time.fromisoformat if column.family == "time" else datetime.fromisoformat
    try:
        reader(text)
    except ValueError:
        special = engine == "postgresql" and text in ("infinity", "-infinity")
        return text if special or re.match(r"[0-9]{4}-[0-9]{2}-00|0000-00-00", text) else NEVER
    return text


def scalar(value: object) -> Scalar:
    """A value read from a key column as a plain one that ``fit`` takes back: bytes as hexadecimal digits,
    moments in ISO 8601, decimals as their digits."""
    if type(value) is int or value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).hex()
    if isinstance(value, datetime | date | time):
        return value.isoformat(sep=" ") if isinstance(value, datetime) else value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() and value.as_tuple().exponent == 0 else str(value)
    if isinstance(value, timedelta | uuid.UUID):
        return str(value)
    return str(value)
