"""The banner as people meet it: with a keyboard, a screen reader, large letters, a small screen, their own colours."""

from __future__ import annotations

import os
from typing import Any

import pytest
from playwright.sync_api import Locator

from browser.looking import fits, no_violations, shot, violations
from browser.street import Walk, Walker, consent, service

FILM = '<iframe data-troth="video" data-src="http://www.lanterne.test/f.html" width="560" height="315" title="Film"></iframe>'
SHARE = '<template data-troth="share"><p>buttons</p></template>'
FOCUSED = "(e => e.tagName == 'BODY' ? '' : (e.shadowRoot?.activeElement || e).textContent || e.tagName)(document.activeElement)"
WORDS = {
    "en": ("Choose", "Accept all", "Manage services", "Turn off Map"),
    "fr": ("Choisir", "Tout accepter", "Gérer les services", "Désactiver Plan d’accès"),
}


def _tag(language: str, **more: str) -> str:
    query = "&".join([f"lang={language}", *(f"{name}={value}" for name, value in more.items())])
    return f'<script src="/banner.js?{query}" defer></script>'


LOOKS: list[tuple[str, dict[str, Any], dict[str, str]]] = [
    ("en", {"width": 320}, {}),
    ("fr", {"dark": True}, {"theme": "state"}),
    *([
        ("fr", {"dark": True}, {}),
        ("fr", {"width": 360}, {"theme": "state"}),
        ("en", {"forced_colors": "active"}, {}),
    ] if os.environ.get("TROTH_EXHAUSTIVE") else []),
]  # fmt: skip


@pytest.mark.parametrize(("language", "options", "more"), LOOKS, ids=str)
def test_every_layer_is_accessible_and_fits_in_every_look(
    walk: Walk, language: str, options: dict[str, Any], more: dict[str, str]
) -> None:
    somebody = walk(**options)
    choose, accept, manage, off = WORDS[language]
    page = somebody.open(FILM + SHARE, tag=_tag(language, **more), head="<style>iframe { max-width: 100% }</style>")
    look = "-".join([language, *map(str, options.values()), *more.values()])

    def fine(name: str) -> None:
        if "forced_colors" not in options:  # where the colours are the reader's, axe still computes with ours
            no_violations(page)
        fits(page)
        shot(page, f"banner-{name}-{look}")

    fine("question")
    somebody.press(choose)
    fine("services")
    somebody.press(accept)
    somebody.settle()
    fine("answered")
    somebody.press(manage)
    somebody.press(off)
    fine("manage")


def test_the_placeholder_in_a_frame_is_accessible(walk: Walk) -> None:
    somebody = walk(dark=True)
    page = somebody.open(FILM)
    page.evaluate("document.querySelector('iframe').removeAttribute('data-troth')")
    inside = page.frames[1]
    inside.evaluate("document.title = 'Film'; document.documentElement.lang = 'en'")
    page_s_own = {"landmark-one-main", "page-has-heading-one", "region"}  # the frame is a part of a page
    assert {one["id"] for one in violations(inside)} <= page_s_own  # type: ignore[arg-type]


def _same(buttons: list[Locator]) -> list[Any]:
    style = """e => { const s = getComputedStyle(e), r = e.getBoundingClientRect();
        return [Math.round(r.width), Math.round(r.height), s.color, s.backgroundColor, s.fontSize, s.fontWeight, s.borderColor, s.opacity] }"""
    return [button.evaluate(style) for button in buttons]


@pytest.mark.parametrize("width", [320, 1000])
def test_the_three_answers_are_equal(walk: Walk, width: int) -> None:
    somebody = walk(width=width)
    somebody.open()
    names = ("Accept all", "Refuse all", "Choose")
    looks = _same([somebody.banner().get_by_role("button", name=name, exact=True) for name in names])
    assert looks[0] == looks[1] == looks[2]
    somebody.press("Choose")
    names = ("Accept all", "Refuse all", "Save my choices")
    looks = _same([somebody.layer().get_by_role("button", name=name, exact=True) for name in names])
    assert looks[0] == looks[1] == looks[2]


def test_the_first_layer_says_who_asks_for_what_and_what_a_refusal_means(walk: Walk) -> None:
    somebody = walk()
    somebody.open()
    text = somebody.banner().inner_text()
    for part in (
        "Maison Verdier", "Audience measurement", "Videos and maps from other sites", "Social buttons and networks",
        "Tags", "Causerie", "stay replaced by a box", "change your mind at any time", "Privacy policy",
    ):  # fmt: skip
        assert part in text
    link = somebody.banner().get_by_role("link", name="Privacy policy")
    assert link.get_attribute("href") == "http://www.verdier.test/en/"


def test_the_second_layer_tells_of_each_service_and_everything_is_off(walk: Walk) -> None:
    somebody = walk()
    somebody.open()
    somebody.press("Choose")
    layer = somebody.layer()
    assert layer.locator("input:checked").count() == 0
    text = layer.inner_text()
    for part in (
        "counts visits, on our own server", "Nuages du Rhône SAS", "Lanterne Vidéo SAS", "Étiquettes & Fils SA · Belgium",
        "_pk_id* (13 months)", "causerie_visit (until you close the browser)", "keeps nothing in your browser",
    ):  # fmt: skip
        assert part in text
    whole = layer.get_by_label("Videos and maps from other sites")
    layer.get_by_label("Map", exact=True).check()
    assert whole.evaluate("e => e.indeterminate")
    whole.check()
    assert layer.locator("input[value=video]").is_checked()
    whole.uncheck()
    assert layer.locator("input:checked").count() == 0


def test_focus_is_not_taken_on_arrival_and_is_sensible_afterwards(walk: Walk) -> None:
    somebody = walk()
    page = somebody.open()
    assert page.evaluate(FOCUSED) == ""
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUSED) == "×", "the banner comes first for the keyboard"
    stops = [page.keyboard.press("Tab") or page.evaluate(FOCUSED) for _ in range(5)]
    assert stops == ["Privacy policy", "Accept all", "Refuse all", "Choose", "A link"]
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    assert page.evaluate(FOCUSED) == "Your choices on this site"
    page.keyboard.press("Escape")
    assert page.evaluate(FOCUSED) == "Choose"
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Space")
    assert somebody.choice() == ""
    assert page.evaluate(FOCUSED) == "Manage services"
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUSED) == "A link", "the next stop is the page's first"


def test_services_are_turned_off_by_keyboard(walk: Walk) -> None:
    somebody = walk()
    page = somebody.open()
    somebody.press("Accept all")
    page.keyboard.press("Enter")
    assert page.evaluate(FOCUSED) == "Active services"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert somebody.choice() == "tags video map chat share"
    assert page.evaluate(FOCUSED) == "Active services"
    page.keyboard.press("Escape")
    assert page.evaluate(FOCUSED) == "Manage services"


def test_letters_twice_as_large_on_a_small_screen_fit(walk: Walk) -> None:
    somebody = walk(width=320)
    page = somebody.open(head="<style nonce>:root { --troth-size: 32px }</style>")
    for name in ("Choose", "Refuse all"):
        button = (somebody.layer() if somebody.layer().is_visible() else somebody.banner()).get_by_role(
            "button", name=name, exact=True
        )
        button.scroll_into_view_if_needed()
        box = button.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 320
        wide = button.evaluate("e => e.scrollWidth > e.clientWidth")
        assert not wide
        layer = page.locator("troth-consent section, troth-consent dialog[open]").last
        assert layer.evaluate("e => e.scrollWidth <= e.clientWidth")
        button.click()


def test_the_sites_styles_do_not_reach_the_banner_and_the_banner_shifts_nothing(walk: Walk) -> None:
    hostile = (
        "<style>* { color: red !important; font-size: 3px !important; text-transform: uppercase; direction: rtl }"
        "button { display: none } html { font-size: 62.5% } body > * + * { margin-top: 9em }</style>"
    )
    somebody = walk()
    before = somebody.open(head=hostile, tag="").locator("h1").bounding_box()
    page = somebody.open(head=hostile)
    accept = somebody.banner().get_by_role("button", name="Accept all", exact=True)
    style = accept.evaluate(
        "e => { const s = getComputedStyle(e); return [s.fontSize, s.color, s.textTransform, s.direction] }"
    )
    assert style == ["16px", "rgb(253, 253, 251)", "none", "ltr"]
    assert page.locator("h1").bounding_box() == before
    somebody.press("Accept all")
    assert page.locator("h1").bounding_box() == before


def test_colours_are_variables_of_the_page(walk: Walk) -> None:
    somebody = walk()
    page = somebody.open(FILM, head="<style>:root { --troth-accent: rgb(1, 2, 3) }</style>")
    for button in (
        somebody.banner().get_by_role("button", name="Choose"),
        page.frame_locator("iframe").get_by_role("button", name="Load once"),
    ):
        assert button.evaluate("e => getComputedStyle(e).backgroundColor") == "rgb(1, 2, 3)"


def _at(somebody: Walker) -> dict[str, float] | None:
    return somebody.page.get_by_role("button", name="Manage services").bounding_box()  # type: ignore[return-value]


def test_the_button_is_where_the_policy_puts_it(walk: Walk) -> None:
    somebody = walk()
    policy = somebody.street.policy
    places = {}
    for place in ("bottom_right", "bottom_left", "footer", "none"):
        somebody.street.policy = consent(policy, button=place)
        somebody.context.clear_cookies()
        page = somebody.open('<p style="height: 2000px"></p><button data-troth-open>My cookies</button>')
        somebody.press("Refuse all")
        if place == "none":
            break
        box = _at(somebody)
        assert box is not None
        places[place] = (box["x"] > 500, box["y"] > 760)
    assert places == {"bottom_right": (True, False), "bottom_left": (False, False), "footer": (False, True)}
    assert page.get_by_role("button", name="Manage services").count() == 0
    page.get_by_role("button", name="My cookies").click()
    assert somebody.layer().get_by_role("heading", name="No service is active").is_visible()
    page.keyboard.press("Escape")
    assert page.evaluate(FOCUSED) == "My cookies"


def test_hostile_titles_are_text(walk: Walk) -> None:
    somebody = walk(alone=True)
    evil = "</script><img src=x onerror=alert(1)>${alert(1)}`{}$&\"'\u2028"
    somebody.street.policy = service(
        somebody.street.policy, "map", title={"en": evil}, description={"en": evil}, placeholder={"en": evil}
    )
    page = somebody.open('<div data-troth="map"></div>')
    page.on("dialog", lambda dialog: somebody.complaints.append("it ran"))
    for part in (somebody.banner(), page.locator("troth-box .box")):
        assert "<img src=x onerror=alert(1)>${alert(1)}`{}$&" in part.inner_text()
    somebody.press("Accept all")
    somebody.press("Manage services")
    assert "<img src=x" in str(somebody.layer().get_by_role("button", name="Turn off <").get_attribute("aria-label"))
    assert somebody.page.locator("troth-consent img").count() == 0


def test_nothing_moves(walk: Walk) -> None:
    page = walk(reduced_motion="no-preference").open()
    assert page.evaluate("document.getAnimations({ subtree: true }).length") == 0
    assert page.locator("troth-consent button").first.evaluate("e => getComputedStyle(e).transitionDuration") == "0s"


def test_a_page_that_reads_from_right_to_left_is_left_as_it_is(walk: Walk) -> None:
    somebody = walk(width=360)
    page = somebody.open(head="<script>document.documentElement.dir = 'rtl'</script>")
    assert somebody.banner().evaluate("e => getComputedStyle(e).direction") == "ltr"
    fits(page)
    box = somebody.banner().bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360
