"""The personal space says a thing once, in words, and the same moment everywhere alike."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from desk.house_of import Front
from desk.test_correct import PATH
from desk.test_portal import Browser, browser  # noqa: F401  (a fixture)
from desk.test_space import rewritten

AT = datetime(2026, 11, 22, 18, 40, 10, tzinfo=UTC)


def test_until_when_a_package_waits_is_said_alike_on_the_page_and_in_the_mail(front: Front) -> None:
    from troth.desk.ahead import ahead
    from troth.desk.models import Package

    ref = front.ask("access").request.ref
    front.work()
    assert ahead(ref).what == "fetching"
    assert abs(ahead(ref).until - Package.objects.get().until) < timedelta(seconds=1)


def held(browser: Browser) -> str:  # noqa: F811
    browser.come_in()
    return browser.get("/me")[1]


def test_uses_with_nothing_to_show_share_one_line(browser: Browser) -> None:  # noqa: F811
    front = browser.front
    rewritten(front, "        fields: {email: EmailAddress, name: Name}", "        fields: {email: {is: EmailAddress, "
              "for: orders}, name: {is: Name, for: orders}, wants: {is: Preference, for: offers}}")  # fmt: skip
    front.change("ALTER TABLE customers ADD COLUMN wants TEXT")
    page = held(browser)
    assert "nothing in them to show: Offers." in page
    assert re.findall(r'id="for-(\w+)"', page) == ["orders"]
    front.change("UPDATE customers SET wants = 'paper'")
    page = browser.get("/me")[1]
    assert "nothing in them to show" not in page
    assert re.findall(r'id="for-(\w+)"', page) == ["orders", "offers"]


def test_a_picture_is_called_one_and_its_place_is_nothing_to_correct(browser: Browser) -> None:  # noqa: F811
    front = browser.front
    rewritten(front, "name: Name}", "name: Name, face: Picture}")
    front.change("ALTER TABLE customers ADD COLUMN face TEXT")
    front.change("UPDATE customers SET face = 'faces/00/17.jpg'")
    page = held(browser)
    assert "a picture" in page
    assert "17.jpg" not in page + browser.get(PATH)[1]


@pytest.mark.parametrize(
    ("category", "value", "named"),
    [
        ("Picture", "faces/00/17.jpg", True), ("Picture", " a.PNG ", True), ("Picture", "of my cat.jpg", False),
        ("Picture", None, False), ("Picture", "faces/17", False), ("Name", "a.jpg", False),
    ],
)  # fmt: skip
def test_only_the_name_of_a_picture_is_called_one(front: Front, category: str, value: Any, named: bool) -> None:
    from troth.desk.holdings import names_picture
    from troth.web.pages.published import kept

    field = next(iter(kept.get().policy.collections())).fields[0]
    assert names_picture(replace(field, category=category), value) is named


def test_directives_begin_with_the_uses_of_which_something_is_held(browser: Browser) -> None:  # noqa: F811
    rewritten(browser.front, "human_review]", "human_review, directives_after_death]")
    rewritten(browser.front, "        for: [orders, offers]", "        for: orders")
    browser.come_in()
    page = browser.get("/me/directives")[1]
    near, others = page.split("Other uses: nothing that is certainly yours")
    assert re.findall(r'name="part-(\w+)"', near) == ["orders"]
    assert re.findall(r'name="part-(\w+)"', others) == ["offers"]
    (browser.front.folder / "shop.sqlite").rename(browser.front.folder / "elsewhere")
    assert "Other uses" not in browser.get("/me/directives")[1], "what cannot be told is not guessed"
