"""Comments are folded so that people can read them, and hold nothing that nobody sees."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from troth.core.policy.text_source import FORBIDDEN
from troth.core.policy_writing.pen import Pen, quoted


@given(st.lists(st.sampled_from(["mot", "phrase", ";", ":", "?", "«", "»", "motsansfin"]), min_size=1, max_size=80))
def test_a_sign_stays_with_the_word_before_it(words: list[str]) -> None:
    text = "début " + " ".join(words)
    lines = list(Pen(("fr",)).note("", text))
    assert [line for line in lines if line[2:3] in ";:?»"] == []
    assert " ".join(line.removeprefix("# ") for line in lines) == text


@given(st.text(max_size=200))
def test_a_comment_is_a_comment_whatever_it_holds(text: str) -> None:
    for line in Pen(("en",)).note(text, ""):
        assert line.startswith("# ")
        assert not FORBIDDEN.search(line)


def test_words_are_in_the_first_language_and_texts_in_all() -> None:
    pen = Pen(("fr", "en"))
    assert pen.chosen("yes", "oui") == "oui"
    assert pen.text("yes, sir", "oui") == '{fr: oui, en: "yes, sir"}'
    assert Pen(("en",)).text("sure", "oui") == "sure"


def test_what_yaml_would_take_for_something_else_is_quoted() -> None:
    assert [quoted(text) for text in ("NO", "2026-01-01", "${A}", "a b")] == ['"NO"', '"2026-01-01"', '"$${A}"', "a b"]
