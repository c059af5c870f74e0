"""No line begins with a colon, no telephone number is cut in two."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.publishing.typography import typeset, typeset_html

CASES = [
    ("fr", "votre choix : oui ; non ! vraiment ?", "votre choix\u00a0: oui\u202f; non\u202f! vraiment\u202f?"),
    ("fr", "« se souvenir »; puis", "«\u00a0se souvenir\u00a0»\u202f; puis"),
    ("fr", "de 9 h à 12 h, 24 000 €", "de 9\u00a0h à 12\u00a0h, 24\u00a0000\u00a0€"),
    ("fr", "RGPD, article 6, § 1, f", "RGPD, article\u00a06, §\u00a01, f"),
    ("en", "call 04 65 71 00 50, art. 6", "call 04\u00a065\u00a071\u00a000\u00a050, art.\u00a06"),
    ("en", "a choice : yes", "a choice : yes"),
    ("fr-CA", "oui ; non", "oui\u202f; non"),
    ("fr", "https://x.test/a ?b", "https://x.test/a ?b"),
]


@pytest.mark.parametrize(("language", "typed", "set_"), CASES)
def test_signs_and_figures_stay_with_what_they_belong_to(language: str, typed: str, set_: str) -> None:
    assert typeset(typed, language) == set_


@given(st.text(alphabet="a1 :;!?«»§€%h\u00a0\u202f"), st.sampled_from(["fr", "en"]))
def test_only_spaces_change_and_a_second_time_changes_nothing(text: str, language: str) -> None:
    once = typeset(text, language)
    assert "".join(once.split()) == "".join(text.split())
    assert typeset(once, language) == once


def test_tags_and_entities_are_left_alone() -> None:
    html = '<p class="a : b" data-label="1 2">l&#x27;un : 1 2 &amp; &lt; ;</p>'
    set_ = '<p class="a : b" data-label="1 2">l&#x27;un\u00a0: 1\u00a02 &amp; &lt;\u202f;</p>'
    assert typeset_html(html, "fr") == set_
