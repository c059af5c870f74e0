"""The report as a page: whole in both languages, nothing runs in it, whatever the tables are called."""

from __future__ import annotations

import base64
import hashlib
import itertools
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from reports.scene import TODAY, FakeSource, a_field, draft, guess, shop, source, table
from troth.core.discover.model import Draft, Trouble
from troth.core.survey.build import Inspected, build, finish
from troth.core.survey.measure import measure
from troth.core.survey.model import Survey
from troth.reports.style import CONTENT_SECURITY_POLICY, STYLE
from troth.reports.survey_html import survey_page

VOID = {"meta", "br", "rect", "circle", "line"}
NASTY = '</td></svg><script>alert(1)</script><img src=x onerror=alert(1)>" onclick="x'


class Page(HTMLParser):
    """Tags, ids and texts; complains about wrong nesting."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self._open: list[str] = []
        self.feed(markup)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self._open:
            self.words += data

    def all(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag == name]


def surveyed(a_draft: Draft, of: FakeSource | None = None) -> Survey:
    answers = of or FakeSource()
    return finish(build(a_draft, measure(answers, a_draft), Inspected(unknown="why_draft"), TODAY, 1000)[0])


def page(survey: Survey, *languages: str, against_policy: bool = False) -> Page:
    return Page("".join(survey_page(survey, languages or ("en", "fr"), against_policy=against_policy)))


@pytest.fixture(scope="module")
def the_shop() -> Survey:
    return surveyed(shop(), source())


def test_the_page_is_whole_in_both_languages(the_shop: Survey) -> None:
    found = page(the_shop)
    english = [a["id"] for a in found.all("h2") if str(a.get("id")).startswith("en-")]
    french = [a["id"] for a in found.all("h2") if str(a.get("id")).startswith("fr-")]
    assert [str(i)[3:] for i in english] == [str(i)[3:] for i in french]
    assert len(english) == 10
    assert [a["lang"] for a in found.all("section")] == ["en", "fr"]


def test_one_language_alone_has_no_switch(the_shop: Survey) -> None:
    found = page(the_shop, "fr")
    assert found.all("html")[0]["lang"] == "fr"
    assert not [a for a in found.all("nav") if a.get("class") == "languages"]
    assert "What stands out" not in found.words


def test_the_policy_has_a_chapter_only_when_there_is_one(the_shop: Survey) -> None:
    assert "en-policy" not in {a.get("id") for a in page(the_shop).all("h2")}
    compared = replace(the_shop, gaps=())
    assert "en-policy" in {a.get("id") for a in page(compared, against_policy=True).all("h2")}


def test_nothing_runs_and_nothing_is_fetched(the_shop: Survey) -> None:
    found = page(the_shop)
    assert not found.all("script")
    assert not found.all("img")
    assert not found.all("link")
    [policy] = [a["content"] for a in found.all("meta") if a.get("http-equiv") == "Content-Security-Policy"]
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    assert policy == CONTENT_SECURITY_POLICY
    assert f"'sha256-{digest}'" in str(policy)
    attributes = [name for _, given in found.tags for name in given]
    assert not [name for name in attributes if name.startswith("on") or name in ("style", "src")]
    assert all(str(a["href"]).startswith("#") for a in found.all("a"))
    assert "url(" not in STYLE
    assert "@import" not in STYLE


def test_headings_go_down_one_step_at_a_time(the_shop: Survey) -> None:
    levels = [int(tag[1]) for tag, _ in page(the_shop, "en").tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert all(below - above <= 1 for above, below in itertools.pairwise(levels))


def test_every_link_leads_to_a_place_of_the_page_and_no_place_exists_twice(the_shop: Survey) -> None:
    found = page(the_shop)
    ids = [given["id"] for _, given in found.tags if given.get("id")]
    assert len(ids) == len(set(ids))
    assert {str(a["href"])[1:] for a in found.all("a")} <= set(map(str, ids))


def test_every_table_has_a_caption_headings_and_labels_for_cards(the_shop: Survey) -> None:
    found = page(the_shop, "fr")
    assert len(found.all("table")) == len(found.all("caption")) > 4
    assert all(a.get("scope") == "col" for a in found.all("th"))
    assert all(a.get("data-label") for a in found.all("td"))


def test_the_picture_has_words_and_a_list_that_says_the_same(the_shop: Survey) -> None:
    found = page(the_shop, "en")
    pictures = [a for a in found.all("svg") if a.get("role") == "img"]
    assert [picture["class"] for picture in pictures] == ["wide", "narrow"]
    assert all("6\u00a0tables" in str(picture["aria-label"]) for picture in pictures)
    assert all(a.get("aria-hidden") == "true" for a in found.all("svg") if a.get("role") != "img")
    listed = found.words.partition("The same as a list")[2].partition("Kinds of data")[0]
    assert all(t.name in listed for t in the_shop.personal)


def test_a_weight_is_a_shape_and_a_word(the_shop: Survey) -> None:
    markup = "".join(survey_page(the_shop, ["en"]))
    for name, shape, word in (("act", "▲", "To act on"), ("check", "○", "To look at")):
        assert f'<span class="weight {name}"><span aria-hidden="true">{shape}</span>{word}</span>' in markup


def test_numbers_and_days_are_written_as_the_language_writes_them(the_shop: Survey) -> None:
    english, french = page(the_shop, "en").words, page(the_shop, "fr").words
    assert "90,210" in english
    assert "90\u202f210" in french
    assert "4\u00a0March\u00a02013" in english
    assert "4\u00a0mars\u00a02013" in french
    assert "13\u00a0years 8\u00a0months" in english
    assert "13\u00a0ans et 8\u00a0mois" in french


def test_every_figure_says_how_it_is_known(the_shop: Survey) -> None:
    words = page(the_shop, "en").words
    assert "about 90,210" in words
    assert "12 of 12 looked at" in words
    assert "(counted)" in words


HOSTILE = [
    NASTY,
    "n" * 200,
    "جدول الزبائن",
    "table\u202egnp.exe",
    "tab\x00le\x1b[31m\n",
    "顧客" * 30,
    "{store}|{n}",
    "`drop`",
    "a\u00a0&amp; b < c",
]


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_name_is_shown_and_does_nothing(name: str) -> None:
    person = guess(
        table(name, f"col{name}", rows=3), "person", a_field(f"col{name}", "EmailAddress", identifier="email")
    )
    a_draft = replace(draft(person, troubles=[Trouble("no_right", "told", name, name)]), store=name)
    markup = "".join(survey_page(surveyed(a_draft), ["en", "fr"]))
    found = Page(markup)
    assert not found.all("script")
    assert not found.all("img")
    assert not [n for _, given in found.tags for n in given if n.startswith("on")]
    assert "\x00" not in markup
    assert "\x1b" not in markup
    assert "\u202e" not in markup
    assert name[:10].partition("\x00")[0].partition("\u202e")[0] in found.words


def test_ten_thousand_tables_make_a_page_that_can_be_opened() -> None:
    tables = [
        guess(table(f"t{i:05}", "mail", rows=i), "person", a_field("mail", "EmailAddress")) for i in range(10_000)
    ]
    markup = "".join(survey_page(surveyed(draft(*tables)), ["en", "fr"]))
    assert len(markup) < 400_000
    assert "more" in Page(markup).words


@pytest.mark.parametrize("language", ["en", "fr"])
def test_an_empty_database_has_a_report(language: str) -> None:
    found = page(surveyed(draft()), language)
    assert ("no tables" if language == "en" else "aucune table") in found.words
    assert not found.all("table")


def test_a_database_without_people_says_so() -> None:
    found = page(surveyed(draft(guess(table("products", "price"), "none"))), "en")
    assert "No table seems to hold data about people." in found.words


def test_a_table_of_which_nothing_is_known_is_shown_without_a_number() -> None:
    nothing = guess(table("t", "e", rows=None, exact=False), "person", a_field("e", "EmailAddress"))
    assert "rows not counted" in page(surveyed(draft(nothing)), "en").words
