"""Every word of a package exists in both languages."""

from __future__ import annotations

import re
import string
from pathlib import Path
from typing import get_args

import pytest

from troth.core.law.territories import EEA
from troth.core.policy.events import BUILT_IN_EVENTS
from troth.core.rights.access import LeftOut, Reason, Role
from troth.core.vocabulary import personal_data_terms
from troth.package import labels
from troth.package.page_texts import TEXTS, text
from troth.package.reasons import REASONS


def test_every_category_is_one_of_the_vocabulary() -> None:
    assert set(labels.CATEGORIES) <= set(personal_data_terms())


def test_every_country_of_the_eea_has_a_name() -> None:
    assert set(labels.COUNTRIES) >= set(EEA)


def test_every_reason_has_its_words() -> None:
    assert set(REASONS) == set(get_args(Reason))


def test_every_role_that_needs_a_name_and_every_built_in_event_has_one() -> None:
    assert set(labels.WORDS) >= {*get_args(Role), *BUILT_IN_EVENTS} - {"field", "identifier", "event"}


@pytest.mark.parametrize(
    "words", [*labels.CATEGORIES.values(), *labels.WORDS.values(), *REASONS.values(), *TEXTS.values()]
)
def test_no_word_is_missing_in_either_language(words: dict[str, str]) -> None:
    assert set(words) == {"en", "fr"}
    assert all(word == word.strip() and word for word in words.values())


@pytest.mark.parametrize("name", TEXTS)
def test_both_languages_of_a_sentence_take_the_same_values(name: str) -> None:
    def places(language: str) -> set[str]:
        return {place for _, place, _, _ in string.Formatter().parse(TEXTS[name][language]) if place}

    assert places("en") == places("fr")


def test_french_signs_do_not_begin_a_line() -> None:
    assert "\u00a0:" in text("used_for", "fr", purposes="x")


def test_every_category_of_the_vocabulary_has_words_in_both_languages() -> None:
    assert set(personal_data_terms()) - set(labels.CATEGORIES) == set()
    assert labels.category("FavouriteColour", "fr", {}) == "couleur préférée"


def test_an_unknown_category_is_taken_apart_into_words() -> None:
    assert labels.category("ShoeSize", "fr", {}) == "Shoe size"


def test_a_category_of_the_policys_own_keeps_its_title() -> None:
    assert labels.category("Shoe", "fr", {"Shoe": {"fr": "pointure", "en": "shoe size"}}) == "pointure"
    assert labels.category("Name", "fr", {"Name": {"en": "called"}}) == "called"


def test_the_reference_explains_every_reason() -> None:
    page = (Path(__file__).parents[2] / "docs" / "reference" / "access-package.md").read_text(encoding="utf-8")
    explained = re.findall(r"^\| `(\w+)` \|.*\| (●?) ?\|$", page, re.MULTILINE)
    asking = {reason for reason in get_args(Reason) if LeftOut("s", "c", reason).asks_for_action}
    assert {reason for reason, _ in explained} >= set(get_args(Reason))
    assert {reason for reason, mark in explained if mark and reason in get_args(Reason)} == asking
