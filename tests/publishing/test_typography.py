"""No line begins with a colon, no telephone number is cut in two."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publishing.conftest import TODAY
from troth.core.policy.model import Policy
from troth.publishing.build import policy_page
from troth.publishing.html import fragment
from troth.publishing.typography import set_page, typeset, typeset_html

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


def sentences() -> list[tuple[str, str, str]]:
    lines = files("troth.publishing").joinpath("data", "words.txt").read_text(encoding="utf-8").splitlines()
    return [(n, en, fr) for n, en, fr in (line.split(" | ") for line in lines if line and not line.startswith("#"))]


def test_every_french_sentence_follows_the_french_rules() -> None:
    for name, _, french in sentences():
        said = typeset(french, "fr")
        assert not re.search(r"\w[;!?»](?:\s|$)|\w:\s", said), name
        assert not re.search(r"(?<!\u202f)[;!?](?:\s|$)", said), name
        assert not re.search(r"(?<!\u00a0)(?::\s|»)|«(?!\u00a0)", said), name
        assert "'" not in said.replace("'troth[pdf]'", ""), name
        assert '"' not in said, name
        assert "..." not in said, name


def test_every_english_sentence_follows_the_english_rules() -> None:
    for name, english, _ in sentences():
        said = typeset(english, "en")
        assert not re.search(r"\s[;:!?,.](?:\s|$)", said), name
        assert not re.search(r"[«»]", said), name
        assert "'" not in said.replace("'troth[pdf]'", ""), name
        assert '"' not in said, name


def test_both_languages_fill_the_same_places() -> None:
    for name, english, french in sentences():
        assert set(re.findall(r"{\w+}", english)) == set(re.findall(r"{\w+}", french)), name


def test_a_date_and_a_period_are_not_cut_in_two() -> None:
    assert typeset("le 22 novembre 2026, sous 30 jours", "fr") == "le 22\u00a0novembre 2026, sous 30\u00a0jours"
    assert typeset("on 22 November 2026, within 1 month", "en") == "on 22\u00a0November 2026, within 1\u00a0month"
    assert typeset("le 1er mai, à 9 heures", "fr") == "le 1er\u00a0mai, à 9\u00a0heures"


def test_a_page_is_set_as_a_whole(policy: Policy) -> None:
    page = set_page(policy_page(policy, "fr", TODAY))
    html = fragment(page)
    assert html == fragment(policy_page(policy, "fr", TODAY))
    text = re.sub(r"<[^>]*>", "", html)
    assert not re.search(r" [;!?»]|« ", text)
