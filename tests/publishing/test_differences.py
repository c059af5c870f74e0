"""What changed between two versions."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from publishing.conftest import TODAY
from publishing.test_html import pages
from troth.core.policy.model import Policy
from troth.publishing.build import policy_page
from troth.publishing.differences import differences, words
from troth.publishing.model import Chapter, Page, Paragraph
from troth.publishing.stored import as_json, digest, from_json

sentences = st.text(alphabet="abc é,.\n", max_size=60)


@given(sentences, sentences)
def test_what_stayed_and_what_came_is_the_later_text(before: str, after: str) -> None:
    parts = list(words(before, after))
    assert "".join(text for kind, text in parts if kind != "gone") == after
    assert "".join(text for kind, text in parts if kind != "new") == before


def test_whole_words_are_marked() -> None:
    assert list(words("kept for 13 months", "kept for 12 months")) == [
        ("same", "kept for "), ("gone", "13"), ("new", "12"), ("same", " months"),
    ]  # fmt: skip


@given(pages)
def test_a_page_differs_in_nothing_from_itself(page: Page) -> None:
    assert differences(page, page) == []


@given(pages)
def test_a_page_comes_back_from_its_json_as_it_was(page: Page) -> None:
    assert from_json(as_json(page)) == page
    assert digest(from_json(as_json(page))) == digest(page)


def test_a_clause_is_found_again_by_its_anchor_wherever_it_moved(policy: Policy) -> None:
    page = policy_page(policy, "fr", TODAY)
    turned = replace(page, chapters=tuple(reversed(page.chapters)))
    assert differences(page, turned) == []


def clauses(*texts: tuple[str, str]) -> Page:
    blocks = tuple(Paragraph((text,), f"clause-{name}") for name, text in texts)
    return Page("en", ("en",), "en", "T", "v", "P", "", "", "", (), (Chapter("c", "C", blocks),))


def test_new_gone_and_changed_clauses_are_told_apart_in_order() -> None:
    found = differences(
        clauses(("A", "one"), ("B", "two"), ("C", "three")), clauses(("A", "one!"), ("C", "three"), ("D", "four"))
    )
    assert [(d.place, d.kind) for d in found] == [
        ("clause-A", "changed"), ("clause-B", "gone"), ("clause-D", "new"),
    ]  # fmt: skip
