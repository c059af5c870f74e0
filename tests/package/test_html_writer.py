"""The page: nothing runs in it, everything has its language and its heading, narrow screens get cards."""

from __future__ import annotations

import base64
import hashlib
import itertools
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

import pytest

from package.scene import make, session
from troth.package.html_data import SHOWN
from troth.package.html_style import CONTENT_SECURITY_POLICY, STYLE
from troth.package.html_writer import HtmlWriter

VOID = {"meta", "br"}
NASTY = '</td></table><script>alert(1)</script><img src=x onerror=alert(1)>" onclick="x'


@dataclass
class Element:
    tag: str
    attributes: dict[str, str | None]
    language: str
    text: str = ""
    inside: list[str] = field(default_factory=list)


class Page(HTMLParser):
    """Every element with its text and the language that holds for it; complains about wrong nesting."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.elements: list[Element] = []
        self._open: list[Element] = []
        self.feed(markup)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        above = self._open[-1].language if self._open else ""
        element = Element(tag, attributes, attributes.get("lang") or above, inside=[e.tag for e in self._open])
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop().tag == tag

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.text += data

    def all(self, tag: str, language: str | None = None) -> list[Element]:
        return [e for e in self.elements if e.tag == tag and language in (None, e.language)]


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Page:
    orders = [{"id": i, "note": f"note {i}", "total": i} for i in range(SHOWN + 50)]
    return Page(make(tmp_path_factory.mktemp("page") / "out", changed={"orders": orders}).page)


def test_nothing_runs_and_nothing_is_fetched(page: Page) -> None:
    assert not page.all("script") + page.all("img") + page.all("link") + page.all("iframe") + page.all("form")
    assert not any(name.startswith("on") or name == "style" for e in page.elements for name in e.attributes)
    links = [str(e.attributes["href"]) for e in page.all("a")]
    assert {re.split(r"[:/]", link)[0] for link in links if not link.startswith(("#", "shop."))} <= {"https", "mailto"}


def test_the_content_security_policy_lets_only_our_style_through(page: Page) -> None:
    (style,) = page.all("style")
    assert style.text == STYLE
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in CONTENT_SECURITY_POLICY
    assert "default-src 'none'" in CONTENT_SECURITY_POLICY
    assert any(e.attributes.get("content") == CONTENT_SECURITY_POLICY for e in page.all("meta"))
    assert "url(" not in STYLE
    assert "@import" not in STYLE


def test_nasty_values_and_names_stay_text(tmp_path: Path) -> None:
    page = Page(make(tmp_path / "out", changed={"orders": [{"id": i, "note": NASTY} for i in range(5)]}).page)
    assert not page.all("script") + page.all("img")
    assert sum(NASTY in cell.text for cell in page.all("td")) == 10
    assert not any(name.startswith("on") for e in page.elements for name in e.attributes)


def test_the_publishers_name_is_escaped(page: Page) -> None:
    assert "Café & Fils <SARL>" in page.all("title")[0].text


@pytest.mark.parametrize(("language", "title"), [("fr", "Vos données personnelles"), ("en", "Your personal data")])
def test_each_language_has_a_whole_section(page: Page, language: str, title: str) -> None:
    (section,) = page.all("section", language)
    assert section.attributes["id"] == language
    assert [h.text for h in page.all("h1", language)] == [title]
    assert len(page.all("table", language)) == 3
    assert len(page.all("h2", language)) == 7


def test_the_languages_tell_the_same(page: Page) -> None:
    tags = [[e.tag for e in page.elements if e.language == language] for language in ("fr", "en")]
    # The switch between the languages has one link of each; the document itself is in the first.
    assert [t for t in tags[0] if t in ("td", "th", "h2", "h3", "h4", "dt", "li")] == [
        t for t in tags[1] if t in ("td", "th", "h2", "h3", "h4", "dt", "li")
    ]


def test_the_authoritative_language_comes_first(page: Page) -> None:
    assert [e.language for e in page.all("section")] == ["fr", "en"]
    assert page.all("html")[0].attributes["lang"] == "fr"
    assert page.all("section")[0].attributes["class"] == "first"


def test_headings_go_down_one_level_at_a_time(page: Page) -> None:
    levels = [int(e.tag[1]) for e in page.elements if re.fullmatch("h[1-6]", e.tag)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_every_anchor_leads_somewhere_and_no_id_is_used_twice(page: Page) -> None:
    ids = [e.attributes["id"] for e in page.elements if "id" in e.attributes]
    assert len(ids) == len(set(ids))
    wanted = {str(e.attributes["href"])[1:] for e in page.all("a") if str(e.attributes["href"]).startswith("#")}
    wanted |= {str(e.attributes["aria-labelledby"]) for e in page.elements if "aria-labelledby" in e.attributes}
    assert wanted <= set(ids)


def test_tables_keep_their_meaning_as_cards(page: Page) -> None:
    heads = page.all("th")
    assert all(e.attributes.get("scope") == "col" for e in heads)
    assert all(e.attributes.get("data-label") and e.attributes.get("role") == "cell" for e in page.all("td"))
    assert all(e.attributes.get("role") == "row" for e in page.all("tr"))


def test_only_the_first_rows_are_shown_and_that_is_said(page: Page) -> None:
    cells = [e.text for e in page.all("td", "en")]
    assert f"note {SHOWN - 1}" in cells
    assert f"note {SHOWN}" not in cells
    assert any(f"The first {SHOWN} of {SHOWN + 50} are shown here; all are in shop.orders.csv." in e.text
               for e in page.all("p", "en"))  # fmt: skip
    assert any(f"Les {SHOWN} premiers sur {SHOWN + 50} figurent ici" in e.text for e in page.all("p", "fr"))


def test_few_rows_are_cards_and_each_value_has_its_label(page: Page) -> None:
    terms = [e.text for e in page.all("dt", "en")]
    assert "Name name" in terms
    assert "Purchase total" not in terms
    assert "Last visit seen" in terms


def test_observed_and_deduced_values_are_marked(page: Page) -> None:
    tags = {e.text for e in page.elements if e.attributes.get("class") == "tag"}
    assert tags == {"observed", "deduced", "observé", "déduit"}


def test_the_explanations_are_there_in_words(page: Page) -> None:
    english, french = (page.all("section", language)[0].text for language in ("en", "fr"))
    assert "13 months after your last contact, then erased" in english
    assert "standard contractual clauses (Article 46(2)(c)) (module 2)" in english
    assert "the policy names no ground for this transfer" in english
    assert "Commission nationale de l’informatique et des libertés (CNIL)" in english
    assert "withdrawal of your consent at any time" in english
    assert "votre consentement (RGPD, article 6, § 1, a)" in french
    assert "Inde" in french
    assert "ne pas vendre à perte" in french
    assert "concerne aussi quelqu’un d’autre" in french


def contrast(one: str, other: str) -> float:
    """The contrast of two colours by WCAG 2.2."""

    def light(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((light(one), light(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [0, 1])
@pytest.mark.parametrize("ink", ["ink", "soft", "accent", "warn"])
@pytest.mark.parametrize("ground", ["paper", "card"])
def test_text_stands_out_in_both_themes(theme: int, ink: str, ground: str) -> None:
    block = re.findall(r":root\{([^}]*)\}", STYLE)[theme]
    colours = dict(re.findall(r"--(\w+):(#[0-9a-f]{6})", block))
    assert contrast(colours[ink], colours[ground]) >= 4.5


@pytest.mark.parametrize(("language", "first"), [("en", "en"), ("en-GB", "en"), ("fr", "fr"), ("de", "fr"), ("", "fr")])
def test_it_opens_in_the_language_of_the_person(tmp_path: Path, language: str, first: str) -> None:
    policy = session().policy
    writer = HtmlWriter(policy, tmp_path, language)
    writer.close()
    assert f'<html lang="{first}">' in "".join(writer._head())
