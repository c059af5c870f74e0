"""What a single unquoted or quoted word of YAML means here: the YAML 1.2 core schema, plus dates, minus
everything that other readers would take for something else."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import date

from troth.core.policy.text_source import FORBIDDEN
from troth.core.policy.tree import Value

_NULLS = {"", "~", "null", "Null", "NULL"}
_TRUTHS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_TRUE_ELSEWHERE = {"yes", "on", "y"}
_FALSE_ELSEWHERE = {"no", "off", "n"}

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INTEGER = re.compile(r"[-+]?[0-9]+")
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")

MAX_DIGITS = 18


class AmbiguousScalar(Exception):
    """A word that cannot be read in one way only. ``code`` and ``params`` make the problem."""

    def __init__(self, code: str, **params: str) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


def read_scalar(text: str, *, plain: bool) -> Value:
    """The value of a word. Quoted words are text. Raises AmbiguousScalar."""
    if not plain:
        return _checked(text)
    if text in _NULLS:
        return None
    if text in _TRUTHS:
        return _TRUTHS[text]
    _refuse_other_truths(text, single_letters=True)
    for pattern, read in _READERS:
        if pattern.fullmatch(text):
            return read(text)
    return _checked(text)


def key_text(text: str, *, plain: bool) -> str:
    """The text of a key. A single letter may stand unquoted: a column may well be called ``n`` or ``y``, and
    no reader in use takes it for anything else as a key. Raises AmbiguousScalar."""
    if plain:
        if text in _NULLS or text in _TRUTHS:
            raise AmbiguousScalar("key_not_text_word", word=text or "~")
        _refuse_other_truths(text, single_letters=False)
    return _checked(text)


def _refuse_other_truths(text: str, *, single_letters: bool) -> None:
    lower = text.lower()
    if len(lower) == 1 and not single_letters:
        return
    if lower in _TRUE_ELSEWHERE:
        raise AmbiguousScalar("ambiguous_true", word=text)
    if lower in _FALSE_ELSEWHERE:
        raise AmbiguousScalar("ambiguous_norway" if lower == "no" else "ambiguous_false", word=text)


def _checked(text: str) -> str:
    bad = FORBIDDEN.search(text)
    if bad:
        raise AmbiguousScalar("control_character", character=f"U+{ord(bad[0]):04X}")
    return text


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise AmbiguousScalar("date_impossible", word=text) from None


def _integer(text: str) -> int:
    digits = text.lstrip("+-")
    if len(digits) > 1 and digits.startswith("0"):
        raise AmbiguousScalar("leading_zero", word=text[:40])
    if len(digits) > MAX_DIGITS:
        raise AmbiguousScalar("number_too_long", limit=str(MAX_DIGITS))
    return int(text)


def _based(text: str) -> int:
    raise AmbiguousScalar("number_based", word=text[:40])


def _float(text: str) -> float:
    if len(text) > 40:
        raise AmbiguousScalar("number_too_long", limit=str(MAX_DIGITS))
    value = float(text)
    if not math.isfinite(value):
        raise AmbiguousScalar("number_not_finite", word=text)
    return value


def _not_finite(text: str) -> float:
    raise AmbiguousScalar("number_not_finite", word=text)


_READERS: tuple[tuple[re.Pattern[str], Callable[[str], Value]], ...] = (
    (_DATE, _day),
    (_INTEGER, _integer),
    (_BASED, _based),
    (_FLOAT, _float),
    (_NOT_FINITE, _not_finite),
)
