"""Payment cards in what people write: such a message is refused, since mail is no place for them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from troth.core.discover.recognise_numbers import is_card

_FEWEST, _MOST = 13, 19
_RUN = re.compile(r"\d+(?:[\s.\-_/·]{1,3}\d+)*")


def holds_card(text: str) -> bool:
    """Whether a text holds a number that a card could have: length and first digits of an issuer, check digit right.

    Digits may stand in groups; digits of other scripts count as what they mean.
    """
    plain = "".join(_digit(letter) for letter in text)
    numbers = {number for run in _RUN.findall(plain) for number in _numbers(run)}
    return any(map(is_card, numbers))


def _numbers(run: str) -> Iterator[str]:
    """Every row of whole groups that is as long as a card's number."""
    groups = re.findall(r"\d+", run)
    for first in range(len(groups)):
        digits = ""
        for group in groups[first:]:
            digits += group
            if len(digits) > _MOST:
                break
            if len(digits) >= _FEWEST:
                yield digits


def _digit(letter: str) -> str:
    value = unicodedata.digit(letter, None)
    return letter if value is None or letter in "0123456789" else str(value)
