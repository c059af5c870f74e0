"""How hard a password is to guess, and how hard it must be (CNIL, deliberation 2022-100 of 21 July 2022).

The deliberation counts in bits of entropy of a random choice: length times the binary logarithm of the number
of characters (or of words) chosen from. It states its own examples in round numbers: twelve characters of its
four classes, 79.6 bits, are its 80; ``enough`` rounds in the same way.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal

from troth.core.errors import UsageError
from troth.core.law.facts import Fact, both

CharacterClass = Literal["lower", "upper", "digit", "special"]

CLASSES: Mapping[CharacterClass, int] = {"lower": 26, "upper": 26, "digit": 10, "special": 37}
"""Characters in each class, as the deliberation counts them."""

_SOURCE = "CNIL, délibération 2022-100"

BITS_ALONE = Fact(
    80, _SOURCE, "S", about=both("Password on its own, in bits", "Mot de passe seul, en bits"),
    note=both(
        "for example 12 characters of all four classes, 14 without special ones, or 7 words",
        "par exemple 12 caractères des quatre classes, 14 sans caractères spéciaux, ou 7 mots",
    ),
)  # fmt: skip
BITS_LIMITED = Fact(
    50, _SOURCE, "S",
    about=both("Password where wrong attempts are limited, in bits", "Mot de passe, essais limités, en bits"),
    note=both("slowed down, locked or with a test for humans", "ralentis, bloqués ou avec un test"),
)  # fmt: skip
BITS_DEVICE = Fact(
    13, _SOURCE, "S",
    about=both("Code of something the person holds, in bits", "Code d’un objet détenu par la personne, en bits"),
    note=both("with a lock after 3 wrong attempts", "avec blocage après 3 erreurs"),
)  # fmt: skip
DEVICE_ATTEMPTS = Fact(
    3, _SOURCE, "S", about=both("Wrong attempts before a device locks", "Erreurs avant le blocage d’un objet")
)
PASSPHRASE_WORDS = Fact(7, _SOURCE, "S", about=both("Words of a passphrase", "Mots d’une phrase de passe"))
FORCED_CHANGE = Fact(
    False, _SOURCE, "S",
    about=both("Regular change of ordinary passwords asked for", "Changement régulier des mots de passe exigé"),
    note=both("may be kept for administrators (T)", "peut rester exigé des administrateurs (T)"),
)  # fmt: skip
SALT_BITS = Fact(
    128, _SOURCE, "T", about=both("Least length of the salt, in bits", "Longueur minimale du sel, en bits")
)
HASHES = Fact(
    ("argon2", "scrypt"), _SOURCE, "T",
    about=both("Functions named for storing", "Fonctions nommées pour la conservation"),
)  # fmt: skip


def entropy(length: int, alphabet: int) -> float:
    """Bits of a random choice of ``length`` signs out of ``alphabet``. UsageError below one of either."""
    if length < 1 or alphabet < 1:
        raise UsageError(f"{length} signs out of {alphabet}: both must be at least 1")
    return length * math.log2(alphabet)


def alphabet_of(*classes: CharacterClass) -> int:
    """How many characters the classes hold together; each counts once. UsageError for an unknown or no class."""
    unknown = sorted(set(classes) - set(CLASSES))
    if unknown or not classes:
        raise UsageError(f"unknown character class {', '.join(unknown) or '(none)'}: use {', '.join(CLASSES)}")
    return sum(CLASSES[c] for c in set(classes))


def required_bits(limited_attempts: bool) -> Fact[int]:
    """The least entropy of a password, depending on whether wrong attempts are slowed down and then refused."""
    return BITS_LIMITED if limited_attempts else BITS_ALONE


def enough(bits: float, limited_attempts: bool) -> bool:
    """Whether the entropy is enough, rounded to whole bits as the deliberation rounds its examples."""
    return math.floor(bits + 0.5) >= required_bits(limited_attempts).value
