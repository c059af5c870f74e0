"""The pictures of the README. ``TROTH_PICTURES=1 .venv/bin/pytest tests/browser/test_pictures.py`` draws them again into
docs/images; without it they go into a temporary folder, and the pages are held against what the pictures are to show."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page

from browser.account_holders import Place
from browser.looking import Look
from browser.palette import size, with_palette
from browser.site import example, publish, serving
from browser.visiting import Visit
from databases import CHECKOUT
from letterbox import mailbox

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

IMAGES = CHECKOUT / "docs" / "images"
README = CHECKOUT / "README.md"
NAMES = ("site-policy", "site-policy-fr-dark", "site-comparison", "site-contact", "site-erasure")
MOST_BYTES = 120_000
EARLIER = datetime(2025, 3, 3, 9, 0, tzinfo=UTC)
"""When the demo's earlier version was published."""

ANA = "ana@example.org"
"""One of the demo's people, with invoices that have to stay."""
DESK, PHONE = Look(800, "en", dark=False), Look(360, "fr", dark=True)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Maison Verdier's site with its databases and its mail."""
    from troth.bootstrap import publish as record
    from troth.demo.earlier import write_earlier
    from troth.demo.generate import generate
    from troth.state.state import init_state

    folder = example("maison", tmp_path_factory.mktemp("pictures") / "maison")
    generate(folder / "data", "maison", date(2026, 11, 22))
    write_earlier(folder)
    state = folder / "troth-state"
    init_state(state, origin="verdier.test/troth", at=EARLIER).close()
    record(folder / "earlier" / "troth.yaml", state, EARLIER)
    publish(folder, datetime(2026, 11, 22, 9, 30, tzinfo=UTC))
    with mailbox() as box, serving(folder, {"TROTH_MAIL_URL": box.url}) as served:
        yield Place(served, box)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the pictures go."""
    return IMAGES if os.environ.get("TROTH_PICTURES") == "1" else tmp_path


def drawn(page: Page, folder: Path, name: str, height: float, top: float = 0) -> None:
    """The page from ``top`` on, as wide as the window; small enough for a README, and of the same width as there."""
    width = page.evaluate("innerWidth")
    path = folder / f"{name}.png"
    clip = {"x": 0.0, "y": top, "width": float(width), "height": height}
    taken = page.screenshot(full_page=True, clip=clip)  # type: ignore[arg-type]
    path.write_bytes(with_palette(taken))
    assert size(path.read_bytes())[0] == width
    assert path.stat().st_size < MOST_BYTES, f"{name} has {path.stat().st_size} bytes"


def height_of(seen: Locator) -> float:
    """Where something begins on the page."""
    return float(seen.evaluate("e => e.getBoundingClientRect().top + scrollY"))


def above(page: Page, seen: Locator, height: float) -> None:
    """Fail when something that the picture is to show lies below its edge."""
    box = seen.first.bounding_box()
    assert box is not None
    end = box["y"] + box["height"] + page.evaluate("scrollY")
    assert end <= height, f"ends at {end:.0f}, the picture at {height:.0f}"


def test_the_policy_page(visitor: Visit, place: Place, folder: Path) -> None:
    page = visitor(look=DESK, script=False, site=place.served).open("/")
    above(page, page.locator("h1", has_text="Privacy policy"), 940)
    above(page, page.locator(".summary", has_text="In short"), 940)
    drawn(page, folder, "site-policy", 940)


def test_the_policy_page_in_french_on_a_telephone_at_night(visitor: Visit, place: Place, folder: Path) -> None:
    page = visitor(look=PHONE, script=False, site=place.served).open("/")
    above(page, page.locator("h1", has_text="Politique de confidentialité"), 760)
    above(page, page.locator(".summary h2", has_text="En bref"), 760)
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert all(int(part) < 60 for part in re.findall(r"\d+", dark)[:3])
    drawn(page, folder, "site-policy-fr-dark", 760)


def test_the_comparison_of_two_versions(visitor: Visit, place: Place, folder: Path) -> None:
    page = visitor(look=DESK, script=False, site=place.served).open("/history/2025-03-03/2026-11-22")
    above(page, page.locator("h1", has_text="2026"), 760)
    above(page, page.locator("del"), 760)
    above(page, page.locator("ins"), 760)
    assert "twelve" in page.locator("ins").first.inner_text()
    drawn(page, folder, "site-comparison", 760)


def test_the_contact_form_and_what_it_says_of_the_data(visitor: Visit, place: Place, folder: Path) -> None:
    page = visitor(look=DESK, site=place.served).open("/contact")
    message = page.locator("[name=message]")
    message.fill("A book has come apart. Could you look at its spine?")
    page.locator("[name='troth.read']").check()
    page.locator("details summary").click()
    page.locator("h1").click()
    assert page.locator("details", has_text="nothing is kept").is_visible()
    top, foot = height_of(message) - 48, height_of(page.locator("footer.site")) - 20
    above(page, page.get_by_role("button", name="Send"), foot)
    drawn(page, folder, "site-contact", foot - top, top)


def test_the_personal_space_says_before_an_erasure_what_goes_and_what_stays(
    visitor: Visit, place: Place, folder: Path
) -> None:
    one = visitor(look=DESK, script=False, site=place.served)
    page = one.open("/me?lang=en")
    page.fill("#email", ANA)
    page.click("main form button")
    link = re.search(r"http://localhost\S+/me/letter/\S+", place.letter(ANA))
    assert link is not None
    page.goto(link[0])
    page.click("main form button")
    assert ANA in page.locator("main").inner_text()
    page.goto("/me/ask/erasure?lang=en")
    goes, stays = page.locator("h2", has_text="This goes"), page.locator("h2", has_text="This stays")
    assert stays.locator("+ ul li").count() > 2
    assert "31 December" in stays.locator("+ ul").inner_text()
    top, foot = height_of(goes) - 30, height_of(page.locator("footer.site")) - 20
    above(page, page.get_by_role("button", name="Ask for the erasure"), foot)
    drawn(page, folder, "site-erasure", foot - top, top)


@pytest.mark.parametrize("name", NAMES)
def test_the_readme_shows_each_picture_with_words_for_who_cannot_see_it(name: str) -> None:
    picture = IMAGES / f"{name}.png"
    assert picture.is_file(), f"draw it: TROTH_PICTURES=1 pytest {Path(__file__).name}"
    assert picture.stat().st_size < MOST_BYTES
    shown = re.search(rf'<img src="docs/images/{name}\.png"[^>]* alt="([^"]+)"', README.read_text(encoding="utf-8"))
    assert shown is not None, f"README.md does not show {name}.png"
    assert len(shown[1]) > 40
