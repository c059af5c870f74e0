"""Passwords are weighed in bits, as the CNIL's deliberation 2022-100 does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.core.errors import UsageError
from troth.core.law import passwords
from troth.core.law.passwords import CLASSES, CharacterClass, alphabet_of, enough, entropy, required_bits

ALL: tuple[CharacterClass, ...] = ("lower", "upper", "digit", "special")


@pytest.mark.parametrize(
    ("length", "alphabet", "bits"), [(12, 94, 78.7), (12, 99, 79.6), (14, 62, 83.4), (8, 73, 49.5), (4, 10, 13.3)]
)
def test_the_worked_examples(length: int, alphabet: int, bits: float) -> None:
    assert round(entropy(length, alphabet), 1) == bits


def test_the_alphabets_are_those_of_the_deliberation() -> None:
    assert alphabet_of(*ALL) == 99
    assert alphabet_of("lower", "upper", "digit") == 62
    assert alphabet_of("lower", "digit", "special") == 73
    assert alphabet_of("digit", "digit") == 10


def test_the_examples_of_the_deliberation_are_enough_by_its_own_count() -> None:
    assert enough(entropy(12, alphabet_of(*ALL)), limited_attempts=False)
    assert enough(entropy(14, 62), limited_attempts=False)
    assert enough(entropy(8, 73), limited_attempts=True)
    assert entropy(4, 10) > passwords.BITS_DEVICE.value


def test_one_character_less_is_not_enough() -> None:
    assert not enough(entropy(11, 99), limited_attempts=False)
    assert not enough(entropy(13, 62), limited_attempts=False)
    assert not enough(entropy(7, 73), limited_attempts=True)
    assert not enough(79.4, limited_attempts=False)


def test_more_is_asked_where_attempts_are_not_limited() -> None:
    assert (required_bits(False).value, required_bits(True).value) == (80, 50)


def test_seven_words_of_a_usual_list_are_enough() -> None:
    words = passwords.PASSPHRASE_WORDS.value
    assert words == 7
    assert enough(entropy(words, 7776), limited_attempts=False)
    assert not enough(entropy(words - 1, 7776), limited_attempts=False)


@given(st.integers(1, 200), st.sets(st.sampled_from(ALL), min_size=1))
def test_more_signs_or_more_classes_are_never_weaker(length: int, classes: set[CharacterClass]) -> None:
    size = alphabet_of(*classes)
    assert size == sum(CLASSES[c] for c in classes)
    assert entropy(length + 1, size) > entropy(length, size)
    assert entropy(length, alphabet_of(*ALL)) >= entropy(length, size)


@pytest.mark.parametrize(("length", "alphabet"), [(0, 10), (-1, 10), (8, 0)])
def test_nothing_has_no_entropy(length: int, alphabet: int) -> None:
    with pytest.raises(UsageError, match="must be at least 1"):
        entropy(length, alphabet)


def test_an_unknown_class_is_named() -> None:
    with pytest.raises(UsageError, match="emoji"):
        alphabet_of("lower", "emoji")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="none"):
        alphabet_of()
