"""The survey's report as whoever has to decide gets it: a file on their own machine, opened or printed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from browser.looking import LOOKS, Look, enlarge_text, fits, no_violations, shot, tab_order
from browser.visiting import Visit
from troth.cli.main import run


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with reports on the demo's shop, against its policy: in French, in English, in both."""
    from troth.demo.generate import generate

    folder = tmp_path_factory.mktemp("survey")
    generate(folder / "data", "maison", date(2026, 11, 22))
    for language in ("fr", "en", ""):
        options = ["--lang", language] if language else []
        name = f"survey-{language or 'both'}.html"
        address = f"sqlite:///{folder / 'data' / 'shop.sqlite'}"
        with pytest.raises(SystemExit) as ended:
            run(["survey", address, "--as", "shop", "--as-of", "2026-11-22", "-o", str(folder / name), *options])
        assert not ended.value.code
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_the_report_can_be_read_by_everybody_from_a_file_without_any_request(
    visitor: Visit, reports: Path, look: Look
) -> None:
    page = visitor(look=look, script=False).open((reports / f"survey-{look.language}.html").as_uri())
    assert page.get_attribute("html", "lang") == look.language
    shot(page, f"survey-{look}")
    no_violations(page)
    fits(page)


def test_the_map_is_whole_on_a_telephone_and_its_letters_are_large_enough(visitor: Visit, reports: Path) -> None:
    page = visitor(width=360, script=False).open((reports / "survey-fr.html").as_uri())
    assert page.locator(".map svg.wide").is_hidden()
    box = page.locator(".map svg.narrow").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360
    assert page.locator(".map svg.narrow text").first.evaluate("e => e.getBoundingClientRect().height") > 11


@pytest.mark.parametrize("name", ["survey-fr.html", "survey-en.html", "survey-both.html"])
def test_nothing_scrolls_sideways_on_the_smallest_screen_in_letters_twice_as_large(
    visitor: Visit, reports: Path, name: str
) -> None:
    page = visitor(width=320, script=False).open((reports / name).as_uri())
    fits(page)
    enlarge_text(page)
    fits(page)


def test_the_keyboard_reaches_the_contents_the_map_and_the_list(visitor: Visit, reports: Path) -> None:
    stops = tab_order(visitor(script=False).open((reports / "survey-en.html").as_uri()))
    assert stops[0].startswith("a The tables around people")
    assert [stop.partition(" ")[0] for stop in stops if not stop.startswith("a ")][:2] == ["div", "summary"]


@pytest.mark.slow
def test_both_languages_stand_in_one_file_each_marked_as_what_it_is(visitor: Visit, reports: Path) -> None:
    page = visitor(script=False).open((reports / "survey-both.html").as_uri())
    no_violations(page)
    assert {page.locator("[lang=fr] h1, [lang=fr] h2").count() > 5, page.locator("[lang=en] h2").count() > 5} == {True}


def test_the_report_on_paper_shows_the_wide_map_and_no_contents(visitor: Visit, reports: Path) -> None:
    page = visitor(width=794, dark=True, script=False).open((reports / "survey-fr.html").as_uri())
    page.emulate_media(media="print")
    assert page.locator(".map svg.wide").is_visible()
    assert page.locator("nav.contents").is_hidden()
    ink, paper = page.evaluate("(s => [s.color, s.backgroundColor])(getComputedStyle(document.body))")
    assert (ink, paper) == ("rgb(0, 0, 0)", "rgb(255, 255, 255)")
    fits(page)
    shot(page, "survey-print")
