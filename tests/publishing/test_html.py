"""The HTML of the page: nothing of the file can become mark-up or run."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publishing.conftest import TODAY
from troth.core.policy.model import Policy
from troth.publishing.build import policy_page
from troth.publishing.changes import changes
from troth.publishing.differences import differences
from troth.publishing.html import cell, fragment
from troth.publishing.model import Chapter, Link, Page, Paragraph, Points, Table, Terms

VOID = {"br", "hr", "img", "meta", "link"}


class Balanced(HTMLParser):
    """Fails on tags that do not close; collects tags, ids and text."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def parsed(html: str) -> Balanced:
    parser = Balanced()
    parser.feed(html)
    parser.close()
    assert parser.open == []
    return parser


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_fragment_is_sound_and_needs_no_style_or_script_of_others(policy: Policy, language: str) -> None:
    found = parsed(fragment(policy_page(policy, language, TODAY)))
    tags = {tag for tag, _ in found.tags}
    assert not tags & {"script", "style", "link", "img", "iframe"}
    ids = [attributes["id"] for _, attributes in found.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    targets = [a["href"] for tag, a in found.tags if tag == "a"]
    assert all(t and (not t.startswith("#") or t[1:] in ids) for t in targets)
    assert not any("style" in a or any(n.startswith("on") for n in a) for _, a in found.tags)


nasty = st.text(max_size=40) | st.sampled_from(["<script>alert(1)</script>", '"><b onclick=x>', "&amp;", "]]>", "'"])
cells = st.lists(nasty | st.builds(Link, nasty, nasty), max_size=3).map(tuple)
blocks = st.one_of(
    st.builds(Paragraph, cells, st.just(""), nasty, st.sampled_from(["text", "promise", "history"]), nasty),
    st.builds(Terms, st.lists(st.tuples(nasty, cells), max_size=2).map(tuple)),
    st.builds(Points, st.lists(cells, max_size=2).map(tuple)),
    st.builds(lambda caption, a, b, c, d: Table(caption, (a, b), ((c, d),)), nasty, nasty, nasty, cells, cells),
)
pages = st.builds(
    lambda title, intro, summary, title2, found: Page(
        "en", ("en", "fr"), "fr", title, "2026-11-22", "P", "notice", intro, "", tuple(summary),
        (Chapter("c", title2, tuple(found)),),
    ),
    nasty, nasty, st.lists(cells, max_size=2), nasty, st.lists(blocks, max_size=3),
)  # fmt: skip


@given(pages, pages)
def test_no_text_becomes_mark_up(before: Page, after: Page) -> None:
    for html in (fragment(after), changes(differences(before, after), "en")):
        found = parsed(html)
        assert "script" not in {tag for tag, _ in found.tags}
        assert not any(name.startswith("on") for _, attributes in found.tags for name in attributes)


@pytest.mark.parametrize("href", ["javascript:alert(1)", "data:text/html,x", " javascript:x", "vbscript:x"])
def test_an_address_that_could_run_is_shown_as_text(href: str) -> None:
    assert cell((Link("here", href),)) == "here"


def test_what_a_version_changes_stands_at_its_head(policy: Policy) -> None:
    page = policy_page(policy, "en", TODAY)
    assert page.changes
    text = "".join(parsed(fragment(page)).text)
    assert f"What this version changes: {page.changes}" in text
    assert text.index(page.changes) < text.index("In short")


def test_paths_lead_back_to_the_site_from_other_pages() -> None:
    assert (
        cell((Link("me", "/me"),), "https://privacy.example.org") == '<a href="https://privacy.example.org/me">me</a>'
    )
    assert cell((Link("me", "#me"),), "https://privacy.example.org") == '<a href="#me">me</a>'
