"""Values of a database as JSON, and back."""

from __future__ import annotations

import base64
import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Any, cast

from troth.core.evidence.canonical import JSON, LARGEST
from troth.core.policy.model import Scalar


def portable(value: object) -> JSON:
    """A database value as JSON without loss; what JSON has no word for is a pair of a type and a text."""
    if isinstance(value, int) and abs(value) > LARGEST:
        return {"integer": str(value)}
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, uuid.UUID):
        return {"uuid": str(value)}
    if isinstance(value, bytes | bytearray | memoryview):
        return {"bytes": base64.b64encode(bytes(value)).decode()}
    if isinstance(value, datetime | date):
        return {"time": value.isoformat()}
    if isinstance(value, float | Decimal):
        return {"number": str(value)}
    if isinstance(value, dict):
        return {"map": [[portable(k), portable(v)] for k, v in value.items()]}
    if isinstance(value, list | tuple):
        return [portable(v) for v in value]
    return {"text": str(value)}


def restored(value: Any) -> Any:
    """What ``portable`` wrote."""
    if isinstance(value, list):
        return [restored(part) for part in value]
    if not isinstance(value, dict):
        return value
    if "map" in value:
        return {restored(k): restored(v) for k, v in value["map"]}
    [(kind, text)] = value.items()
    if kind == "uuid":
        return uuid.UUID(text)
    if kind == "bytes":
        return base64.b64decode(text)
    if kind == "integer":
        return int(text)
    if kind == "number":
        return Decimal(text)
    if kind == "time":
        return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)
    return text


def scalar(value: Any) -> Scalar:
    """A value that was read from a column, as it can be written back."""
    found = restored(value)
    return str(found) if isinstance(found, Decimal) else cast(Scalar, found)


def lists(value: Any) -> Any:
    """The same with lists for tuples, as JSON has them."""
    if isinstance(value, dict):
        return {k: lists(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [lists(v) for v in value]
    return value
