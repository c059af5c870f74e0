"""Every sentence that a verification may need exists in both languages, and speaks of the same things."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest

from troth.core.evidence import verify, words
from troth.core.evidence.report import Finding, State

SOURCES = Path(verify.__file__).parent


def used_codes():
    text = "".join((SOURCES / name).read_text() for name in ("verify.py", "reading.py", "outcomes.py"))
    found = set(re.findall(r'(?:fail|BadLine|Finding)\(\s*"(\w+)"', text))
    return found | {"clock", "truth", "complete", "whole", "part"}


def test_every_code_has_its_sentence_and_every_sentence_its_code():
    assert used_codes() == set(words._SENTENCES)


@pytest.mark.parametrize("code", sorted(words._SENTENCES))
def test_both_languages_speak_of_the_same_things(code):
    english, french = ({name for _, name, _, _ in Formatter().parse(text) if name} for text in words._SENTENCES[code])
    assert english == french


def test_it_speaks_both_languages():
    finding = Finding("tree_differs", {"size": 7})
    assert "first 7 events" in words.sentence(finding)
    assert "7 premiers" in words.sentence(finding, "fr")
    assert words.check_name(7, "fr") == "clés"
    assert words.state_word(State.FAILED, "fr") == "ÉCHEC"


def test_french_apostrophes_are_typographic():
    assert not [code for code, (_, french) in words._SENTENCES.items() if "'" in french]


def test_each_check_is_numbered_in_the_list_at_its_code_and_in_words():
    text = Path(verify.__file__).read_text()
    for number in verify.CHECKS:
        assert re.search(rf"^ ?{number}\. ", text, re.MULTILINE), number
        assert re.search(rf"^    # {number}\b", text, re.MULTILINE), number
        assert words.check_name(number)
