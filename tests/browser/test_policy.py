"""The public policy pages as people meet them: on a phone and at a desk, by day and by night, by keyboard, on paper."""

from __future__ import annotations

import pytest

from browser.looking import LOOKS, Look, enlarge_text, fits, no_violations, shot, tab_order
from browser.site import BEFORE, Served
from browser.visiting import Visit

NOW = "2026-11-22"
PAGES = {
    "home": "/",
    "history": "/history",
    "past": f"/history/{BEFORE}",
    "comparison": f"/history/{BEFORE}/{NOW}",
    "missing": "/nowhere",
}
each_page = pytest.mark.parametrize("name", PAGES)


@pytest.mark.slow
@each_page
@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_every_page_can_be_used_by_everybody_without_script(
    visitor: Visit, served: Served, look: Look, name: str
) -> None:
    somebody = visitor(look=look, script=False)
    page = somebody.open(PAGES[name])
    assert page.get_attribute("html", "lang") == look.language
    no_violations(page)
    fits(page)
    assert somebody.cookies() == []
    shot(page, f"policy-{name}-{look}")


@each_page
@pytest.mark.parametrize("language", ["fr", "en"])
def test_nothing_scrolls_sideways_on_the_smallest_screen_in_letters_twice_as_large(
    visitor: Visit, served: Served, name: str, language: str
) -> None:
    page = visitor(width=320, language=language, script=False).open(PAGES[name])
    fits(page)
    enlarge_text(page)
    fits(page)


def test_the_first_stop_of_the_keyboard_leads_past_the_header(visitor: Visit, served: Served) -> None:
    page = visitor(language="fr", script=False).open("/")
    skip = page.locator(".skip")
    assert not skip.evaluate("e => e.getBoundingClientRect().right > 0")
    page.keyboard.press("Tab")
    assert skip.evaluate("e => e === document.activeElement && e.getBoundingClientRect().left >= 0")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_the_keyboard_walks_the_page_in_the_order_in_which_it_is_read(visitor: Visit, served: Served) -> None:
    stops = tab_order(visitor(language="en", script=False).open("/history"))
    assert stops[0].startswith("a Skip")
    assert stops[1] == "a Maison Verdier SARL"
    texts = [stop for stop in stops if "Read this version" in stop or "What changed" in stop]
    assert [text.partition(" ")[2] for text in texts[:3]] == ["Read this version", "What changed", "Read this version"]
    below = stops[stops.index(texts[-1]) + 1 :]
    assert below.index("a Policy") < below.index("a Earlier versions"), "the footer comes last"


def test_where_the_keyboard_stands_can_be_seen(visitor: Visit, served: Served) -> None:
    for dark in (False, True):
        page = visitor(dark=dark, script=False).open("/")
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        style = page.evaluate("(s => [s.outlineStyle, s.outlineWidth])(getComputedStyle(document.activeElement))")
        assert style == ["solid", "3px"]


def test_a_link_of_the_contents_leads_to_its_chapter(visitor: Visit, served: Served) -> None:
    page = visitor(language="en", script=False).open("/")
    page.locator("nav.contents a").last.click()
    anchor = page.url.partition("#")[2]
    assert page.locator(f"[id='{anchor}']").evaluate("e => e.getBoundingClientRect().top < innerHeight")


def test_the_page_on_paper_is_black_on_white_without_what_only_a_screen_needs(visitor: Visit, served: Served) -> None:
    page = visitor(language="fr", dark=True, script=False).open("/")
    page.emulate_media(media="print")
    assert not any(page.locator(part).is_visible() for part in ("header.site nav", "footer.site", "nav.contents"))
    ink, paper = page.evaluate("(s => [s.color, s.backgroundColor])(getComputedStyle(document.body))")
    assert (ink, paper) == ("rgb(0, 0, 0)", "rgb(255, 255, 255)")
    assert page.locator("article h1").is_visible()


@pytest.mark.slow
def test_a_reader_walks_from_the_policy_to_what_changed_and_back(visitor: Visit, served: Served) -> None:
    page = visitor(width=360, language="fr", script=False).open("/")
    page.click("footer.site a >> nth=1")
    assert page.url.endswith("/history?lang=fr")
    page.click("text=Ce qui a changé")
    assert page.locator("del").count() > 0
    assert page.locator("ins").count() > 0
    page.click("footer.site a >> nth=0")
    assert page.inner_text("h1") == "Politique de confidentialité"
