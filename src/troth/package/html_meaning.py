"""A value as the policy says that it is to be read: an amount of money, a code with a meaning, a clock."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal, InvalidOperation

from troth.core.policy.model import Clock, Field
from troth.core.retention.clockvalue import as_date
from troth.package import locale
from troth.package.html_cells import escape, local

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
