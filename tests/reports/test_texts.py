"""The sentences: both languages, the same values, French spaces, a sentence for every code."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

import troth.reports
from troth.core.survey import blocks, notes, secrets
from troth.core.vocabulary import personal_data_terms
from troth.package import labels
from troth.reports import texts, texts_findings

TABLES = {
    "texts": texts.TEXTS, "notes": texts_findings.NOTES, "blocks": texts_findings.BLOCKS,
    "troubles": texts_findings.TROUBLES, "kinds": texts_findings.KINDS,
}  # fmt: skip
SOURCE = Path(troth.reports.__path__[0]).parent
VALUE = re.compile(r"\{(\w+)")


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_both_languages_take_the_same_values(table: Mapping[str, Mapping[str, str]]) -> None:
    for name, words in table.items():
        assert set(VALUE.findall(words["en"])) == set(VALUE.findall(words["fr"])), name
        assert words["en"], name
        assert words["fr"], name


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_french_signs_have_a_space_that_does_not_break(table: Mapping[str, Mapping[str, str]]) -> None:
    wrong = [name for name, words in table.items() if re.search(r" [:;?!»]|« ", words["fr"])]
    assert wrong == []
    assert [name for name, words in table.items() if "'" in words["fr"] or "'" in words["en"]] == []


def test_every_finding_has_a_sentence_and_advice() -> None:
    codes = {c for c in notes.CODES if c != "past_time"} | {"past_time_usual", "past_time_counted"}
    assert codes | {f"{c}_do" for c in codes} == set(texts_findings.NOTES)


def test_every_hindrance_and_kind_has_words() -> None:
    assert set(blocks.CODES) == set(texts_findings.BLOCKS)
    assert set(secrets.PASSWORDS) | set(secrets.RISKS) <= set(texts_findings.KINDS)


def test_every_trouble_of_a_source_has_words() -> None:
    from troth.connectors.sql.looking import _SAID

    assert set(_SAID) <= set(texts_findings.TROUBLES)


def test_every_specially_protected_category_has_a_french_name() -> None:
    special = {name for name, term in personal_data_terms().items() if term.special}
    assert special - set(labels.CATEGORIES) == set()


def test_no_sentence_is_left_over() -> None:
    paths = [p for p in (SOURCE / "reports").glob("*.py") if p.name != "texts.py"]
    paths += [SOURCE / "core/survey/gaps.py", SOURCE / "cli/surveying.py"]
    source = "".join(p.read_text("utf-8") for p in paths)
    used = set(re.findall(r"[\"'](\w+)[\"']", source)) | {"person", "belongs", "loose", "act", "check", "good"}
    used |= {"counted", "estimated", "sampled", *re.findall(r"limit_\w+", source)}
    assert set(texts.TEXTS) - used == set()
