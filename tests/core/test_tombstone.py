from __future__ import annotations

import os

import pytest

from troth.core.tombstone import EMAIL_LENGTH, LENGTH, fits, is_tombstone, make, stem


def test_a_tombstone_is_known_again_and_has_its_length() -> None:
    assert is_tombstone(make(os.urandom))
    assert is_tombstone(make(os.urandom, email=True))
    assert is_tombstone(stem(os.urandom) + "-12@erased.invalid")
    assert len(make(os.urandom)) == LENGTH
    assert len(make(os.urandom, email=True)) == EMAIL_LENGTH


def test_no_two_are_alike() -> None:
    assert len({make(os.urandom) for _ in range(1000)}) == 1000


def test_it_is_lower_case_ascii_that_no_mail_server_delivers() -> None:
    made = make(os.urandom, email=True)
    assert made == made.lower()
    assert made.isascii()
    assert " " not in made
    assert made.endswith(".invalid")


@pytest.mark.parametrize(
    "value",
    ["", "erased-", "erased-me@example.org", "erased-0123456789abcdef0123456", "erased-0123456789ABCDEF01234567",
     "erased-0123456789abcdef01234567ana@example.org", "erased-0123456789abcdef01234567\n",
     " erased-0123456789abcdef01234567", "erased-0123456789abcdef01234567@erased.invalid.example", None, 7,
     "erased-٠123456789abcdef01234567"],
)  # fmt: skip
def test_nothing_else_is_taken_for_one(value: object) -> None:
    assert not is_tombstone(value)


def test_it_says_which_columns_can_hold_one() -> None:
    assert fits(None, email=True)
    assert fits(LENGTH)
    assert not fits(LENGTH - 1)
    assert not fits(LENGTH, email=True)
