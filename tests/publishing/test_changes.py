"""The comparison as somebody reads it who is not a lawyer."""

from __future__ import annotations

import re
from dataclasses import replace

from databases import CHECKOUT
from publishing.conftest import TODAY
from troth.bootstrap import load_policy
from troth.publishing.build import policy_page
from troth.publishing.changes import changes, summary
from troth.publishing.differences import Difference, Line, differences, words
from troth.publishing.model import Cell, Chapter, Page, Paragraph, Points, Table, Terms


def page_of(*chapters: Chapter) -> Page:
    return Page("en", ("en",), "en", "T", "v", "P", "", "", "", (), chapters)


def table(*rows: tuple[str, ...], head: tuple[str, ...] = ("Name", "Life")) -> Chapter:
    cells: tuple[tuple[Cell, ...], ...] = tuple(tuple((text,) for text in row) for row in rows)
    return Chapter("t", "Table", (Table("c", head, cells, tuple(f"row-{row[0]}" for row in rows)),))


def test_a_changed_cell_is_shown_in_its_row_and_nothing_else_of_it() -> None:
    before, after = table(("a", "13 months"), ("b", "1 day")), table(("a", "12 months"), ("b", "1 day"))
    found = differences(page_of(before), page_of(after))
    assert found == [Difference(
        "row-a", "Table", "changed",
        (Line("Life", (("gone", "13"), ("new", "12"), ("same", "\u00a0months"))),), "a", row=True,
    )]  # fmt: skip
    html = changes(found, "en")
    assert "1 day" not in html
    assert "<del>13</del><ins>12</ins>" in html


def test_a_new_column_changes_nothing_in_the_others() -> None:
    found = differences(page_of(table(("a", "x"))), page_of(table(("a", "why", "x"), head=("Name", "Why", "Life"))))
    assert [line.label for one in found for line in one.lines] == ["Why"]


def test_a_row_that_is_new_is_shown_with_the_heads_of_its_columns() -> None:
    html = changes(differences(page_of(table(("a", "x"))), page_of(table(("a", "x"), ("b", "y")))), "en")
    assert re.search(r"<h3>b <span[^>]*>new</span></h3><p class=\"label\">Life</p>", html)


def clause(name: str, text: str) -> Paragraph:
    return Paragraph((text,), f"clause-{name}")


def test_a_clause_that_moved_is_told_as_moved_and_from_where() -> None:
    one = Chapter("one", "One", (clause("A", "said here"), clause("B", "stays")))
    two = Chapter("two", "Two", (clause("C", "other"),))
    moved = (replace(one, blocks=one.blocks[1:]), replace(two, blocks=(*two.blocks, one.blocks[0])))
    (found,) = differences(page_of(one, two), page_of(*moved))
    assert (found.kind, found.before, found.chapter) == ("moved", "One", "Two")
    assert "moved here from “One”" in changes([found], "en")
    assert "said here" in changes([found], "en")


def test_where_the_chapter_itself_is_gone_nothing_is_called_moved() -> None:
    old, new = Chapter("one", "One", (clause("A", "same"),)), Chapter("two", "Two", (clause("A", "same"),))
    assert differences(page_of(old), page_of(new)) == []


def test_a_heading_is_told_of_when_it_changed_and_not_when_all_of_its_chapter_is_new() -> None:
    old = Chapter("one", "One", (clause("A", "x"),))
    more = Chapter("two", "Two", (clause("B", "y"),))
    assert [d.place for d in differences(page_of(old), page_of(old, more))] == ["clause-B"]
    assert [d.place for d in differences(page_of(old), page_of(replace(old, title="First")))] == ["one"]


def test_spaces_that_only_look_better_are_no_change() -> None:
    old = Page("fr", ("fr",), "fr", "T", "v", "P", "", "", "", (), (Chapter("c", "C", (clause("A", "oui ; non !"),)),))
    new = replace(old, chapters=(Chapter("c", "C", (clause("A", "oui\u202f; non\u00a0!"),)),))
    assert differences(old, new) == []


def test_another_text_is_shown_whole_before_and_whole_after() -> None:
    parts = list(words("You may change your mind at any time by writing to us.", "Nothing of this kind is kept."))
    assert [kind for kind, _ in parts] == ["gone", "new"]
    old = page_of(Chapter("c", "C", (clause("A", "You may change your mind at any time by writing."),)))
    new = page_of(Chapter("c", "C", (clause("A", "Nothing of this kind is kept for any reason."),)))
    html = changes(differences(old, new), "en")
    assert html.index("Before") < html.index("<del>") < html.index("Now") < html.index("<ins>")


def test_a_word_that_only_looks_alike_between_two_changes_is_no_island() -> None:
    parts = list(
        words("we keep it for a year in France and tell you", "we keep it for two months of Spain and tell you")
    )
    assert [kind for kind, _ in parts] == ["same", "gone", "new", "same"]


def test_lists_and_particulars_are_compared_too() -> None:
    old = page_of(Chapter("c", "C", (Terms((("Phone", ("1",)), ("Fax", ("2",)))), Points((("x",),)))))
    new = page_of(Chapter("c", "C", (Terms((("Phone", ("3",)),)), Points((("x",), ("y",))))))
    assert [(d.kind, d.place) for d in differences(old, new)] == [
        ("changed", "c:Phone"), ("gone", "c:Fax"), ("new", "c-1-1"),
    ]  # fmt: skip


def test_the_summary_counts_what_a_reader_would_count() -> None:
    found = [
        Difference("a", "C", "changed"), Difference("b", "C", "changed"), Difference("c", "C", "new"),
        Difference("d", "C", "gone", row=True), Difference("e", "C", "moved"),
    ]  # fmt: skip
    assert summary(found, "en") == "In the text: 2 changed, 1 new, 1 moved. In the tables and notices: 1 taken out."
    french = summary(found, "fr").replace("\u00a0", " ")
    assert french == "Dans le texte : 2 modifiés, 1 nouveau, 1 déplacé. Dans les tableaux et mentions : 1 retiré."


def test_the_policy_of_2018_and_todays_can_be_read_side_by_side() -> None:
    pages = [
        policy_page(load_policy(CHECKOUT / "examples/maison" / name), "fr", TODAY)
        for name in ("policy-2018.yaml", "troth.yaml")
    ]
    html = changes(differences(*pages), "fr")
    assert html.startswith('<p class="lead">Dans le texte\u00a0: 43 modifiés, 15 nouveaux.')
    heads = re.findall(r"<h2>(.*?)</h2>", html)
    assert len(heads) == len(set(heads))
    assert heads[0] == "Titre et introduction"
    assert "Ce que nous disions autrefois" in heads
