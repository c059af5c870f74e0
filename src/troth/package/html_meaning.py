"""A value as the policy says that it is to be read: an amount of money, a code with a meaning, a clock."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal, InvalidOperation

from troth.core.policy.model import Clock, Collection, Field, Flag
from troth.core.retention.clockvalue import as_date
from troth.core.rights.access import Column
from troth.package import locale
from troth.package.html_cells import escape, local, said

_NO_DATE = re.compile(r"0000-00-00(?:[ T]00:00:00(?:\.0+)?)?", re.ASCII)
"""How MySQL and its kin write a date that is none."""


def is_nothing(raw: object) -> bool:
    """Whether a value says nothing to a person: none, an empty text, a date that is none."""
    return raw is None or (isinstance(raw, str) and (not raw.strip() or _NO_DATE.fullmatch(raw) is not None))


def meant(field: Field | None, raw: object, language: str) -> str:
    """Finished markup, by the field's ``values`` or ``money``; empty where the policy says nothing of this value."""
    if field is None or raw is None:
        return ""
    words = field.values.get(str(raw))
    if words:
        return local(words, language)
    if field.money is None or isinstance(raw, bool):
        return ""
    try:
        amount = Decimal(str(raw))
    except InvalidOperation:
        return ""
    return escape(locale.money(amount, field.money.currency, language, hundredths=field.money.hundredths))


def coded(collection: Collection, column: Column, raw: object, language: str) -> str:
    """Finished markup of a code in a column that holds no personal data, by its ``values``; empty where the policy says
    nothing of it."""
    other = None if column.field is not None or raw is None else collection.others.get(column.name)
    words = other.values.get(str(raw)) if other is not None else None
    return local(words, language) if words else ""


def decided(collection: Collection, column: Column, raw: object, language: str) -> str:
    """What a column says by which the publisher's software knows a decision, finished markup: limited or not, this use
    refused or not. Empty for every other column, and for a moment, which shows itself."""
    if column.role == "flag" and collection.restricted is not None:
        flags: tuple[Flag, ...] = (collection.restricted,)
    else:
        found = collection.refused.get(column.detail, ()) if column.role == "refusal" else ()
        flags = tuple(flag for flag in found if flag.column == column.name)
    if not flags or any(flag.clock is not None for flag in flags):
        return ""
    on = any(_spelt(flag.value) == _spelt(raw) for flag in flags)
    if column.role == "flag":
        return said("yes" if on else "no", language)
    return said("refused" if on else "not_refused", language)


def _spelt(value: object) -> str:
    """As databases write it, which know yes and no as numbers too."""
    return str(int(value)) if isinstance(value, bool) else str(value).lower()


def told(clock: Clock, raw: object, language: str) -> str:
    """The day that a clock shows, finished markup; empty where it cannot be told, or the value shows itself."""
    if clock.kind in ("date", "datetime") and not isinstance(raw, str):
        return ""
    day = as_date(clock, raw)
    if day is None:
        return ""
    moment = locale.read_moment(raw, "datetime") if clock.kind == "datetime" else None
    words = locale.minute(moment, language) if isinstance(moment, datetime) else locale.day(day, language)
    return f'<time datetime="{day.isoformat()}">{escape(words)}</time>'
