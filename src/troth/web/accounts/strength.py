"""Whether a password may be used: the policy's rule, counted as CNIL deliberation 2022-100 counts."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise

from django.contrib.auth.password_validation import CommonPasswordValidator

from troth.core.law.passwords import PASSPHRASE_WORDS, CharacterClass, alphabet_of, entropy
from troth.core.policy.sections.site import PasswordRule

LONGEST = 1000
"""Characters; more only keep the server busy."""
_RUN = re.compile(r"(.)\1{2,}", re.DOTALL)
_CLASSES: tuple[tuple[CharacterClass, str], ...] = (
    ("lower", r"[a-zà-öø-ÿ]"), ("upper", r"[A-ZÀ-ÖØ-Þ]"), ("digit", r"[0-9]"), ("special", r"[^a-zà-öø-ÿA-ZÀ-ÖØ-Þ0-9]"),
)  # fmt: skip


@cache
def _common() -> CommonPasswordValidator:
    return CommonPasswordValidator()


def classes_of(password: str) -> list[CharacterClass]:
    """The kinds of characters in it."""
    return [name for name, signs in _CLASSES if re.search(signs, password)]


def words_of(password: str) -> int:
    """How many different words of three letters or more it has, when it is a phrase."""
    return len({word.lower() for word in re.split(r"[\s\-_.,;]+", password) if len(word) > 2})


def counted(password: str) -> int:
    """Its length without what repeats: a run counts as two signs, a part that comes again as one time."""
    short = _RUN.sub(r"\1\1", password)
    short = re.sub(r"(.{2,}?)\1+", r"\1", short, flags=re.DOTALL)
    steps = [ord(after) - ord(before) for before, after in pairwise(short)]
    even = sum(1 for one, two in pairwise(steps) if one == two and abs(one) == 1)
    return len(short) - even


def bits_of(password: str) -> float:
    """Its bits, as if every sign were chosen by chance among those of its kinds."""
    return entropy(counted(password), alphabet_of(*classes_of(password))) if password else 0.0


def faults(password: str, rule: PasswordRule, personal: tuple[str, ...] = ()) -> list[str]:
    """What is wrong with it, as names of words; empty when it may be used. ``personal``: what others know of the
    person, such as the address."""
    found = []
    if len(password) > LONGEST:
        return ["password_long"]
    if len(password) < rule.min_length:
        found.append("password_short")
    phrase = words_of(password) >= PASSPHRASE_WORDS.value
    if not phrase and len(classes_of(password)) < rule.classes:
        found.append("password_classes")
    if not phrase and round(bits_of(password)) < rule.min_bits and not found:
        found.append("password_weak")
    if rule.common_refused and _is_common(password):
        found.append("password_common")
    if any(
        len(part) > 3 and part.lower() in password.lower() for word in personal for part in re.split(r"[@.+_-]", word)
    ):
        found.append("password_personal")
    return found


def _is_common(password: str) -> bool:
    listed = _common().passwords
    bare = password.lower().strip()
    return bare in listed or re.sub(r"[^a-z]+$|^[^a-z]+", "", bare) in listed
