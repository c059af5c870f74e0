"""The console's rooms in a real browser: everybody can read them, on any screen, and the picture needs no exception."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page

from browser.looking import LOOKS, Look, fits, no_violations, shot
from browser.site import Served, publish, serving
from browser.staffed import open_console
from browser.visiting import Visit, Visitor
from desk.house_of import SHOP
from web.console_house import HOUSE

SHOWN = LOOKS if os.environ.get("TROTH_EXHAUSTIVE") else [Look(360, "fr", True), Look(1280, "en", False)]
PEOPLE = 300


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, str, str]]:
    """The small shop with many customers, two versions, an officer who is logged in, and a hold."""
    folder = tmp_path_factory.mktemp("console") / "house"
    folder.mkdir()
    text = HOUSE.replace(
        "    direct_marketing: true\n    keep: {for: 3 years", "    direct_marketing: true\n    keep: {for: 2 years"
    )
    (folder / "troth.yaml").write_text(text, encoding="utf-8")
    _fill(folder / "shop.sqlite")
    publish(folder, datetime(2026, 3, 2, 9, 0, tzinfo=UTC))
    (folder / "troth.yaml").write_text(text.replace("version: 2026-11-22", "version: 2026-11-30"), "utf-8")
    publish(folder, datetime(2026, 11, 22, 9, 30, tzinfo=UTC))
    with serving(folder, {"NO_SUCH_SERVER": "127.0.0.1:1"}) as served:
        officer = open_console(folder, "olga@example.org", "officer")
        _stop(folder / "troth-state" / "site.db")
        yield served, *officer


def _fill(path: Path) -> None:
    today = datetime.now(UTC).date()
    with sqlite3.connect(path) as shop:
        shop.executescript(SHOP)
        shop.executemany(
            "INSERT INTO customers (id, email, name, last_seen) VALUES (?, ?, 'Un Autre', ?)",
            [(n, f"p{n}@example.org", _seen(today, n)) for n in range(100, 100 + PEOPLE)],
        )
        shop.executemany(
            "INSERT INTO invoices VALUES (?, ?, 4200, ?)",
            [(n, n, _seen(today, n)) for n in range(100, 100 + PEOPLE, 7)],
        )
    shop.close()


def _stop(path: Path) -> None:
    """What browsers have stopped."""
    today = datetime.now(UTC).date().isoformat()
    hosts = ("www.lanterne.test", "a-very-long-name-of-a-host.advertising.example.org:8443", "inline", "*")
    with sqlite3.connect(path) as site:
        site.executemany(
            "INSERT INTO csp_stopped (day, directive, blocked, page, count) VALUES (?, 'script-src-elem', ?, '/en/*', 1234)",
            [(today, host) for host in hosts],
        )
    site.close()


def _seen(today: date, n: int) -> str:
    """Spread unevenly over three years."""
    return (today - timedelta(days=(n * n * 37) % 1080)).isoformat()


def come_in(visitor: Visitor, house: tuple[Served, str, str]) -> Page:
    _, name, value = house
    visitor.context.add_cookies([
        {"name": name, "value": value, "domain": "localhost", "path": "/", "secure": True, "httpOnly": True}
    ])  # fmt: skip
    return visitor.open("/console/people")


def looked_at(page: Page, name: str, look: Look) -> None:
    no_violations(page)
    fits(page)
    shot(page, f"console-{name}-{look}")


@pytest.mark.slow
@pytest.mark.parametrize("look", SHOWN, ids=str)
def test_every_room_can_be_read_by_everybody(visitor: Visit, house: tuple[Served, str, str], look: Look) -> None:
    page = come_in(visitor(look=look, site=house[0]), house)
    looked_at(page, "people", look)
    page.fill("#who", "ana@example.org")
    page.check("#g-service")
    page.click("main form button")
    page.wait_for_url("**/console/person")
    looked_at(page, "person", look)
    page.goto("/console/person/hold")
    page.fill("#reason", "claim no. 7")
    looked_at(page, "hold-add", look)
    page.click("main form button")
    page.wait_for_url("**said=held")
    page.goto("/console/holds")
    looked_at(page, "holds", look)
    page.click("main td a")
    looked_at(page, "release", look)
    page.goto("/console/person/correct")
    page.select_option("#field", "shop.customers.name")
    page.fill("#value", "Ana Juste")
    page.click("main form button")
    page.wait_for_selector("#plan")
    looked_at(page, "correct", look)
    for room in ("sweeps", "stores", "stopped", "versions", "ledger", "ledger/3", "staff"):
        page.goto(f"/console/{room}")
        if room == "sweeps":
            at_rest = page.locator("#chart .u-legend").inner_text()
            assert "–" not in at_rest, f"the legend says something before anybody points at a month: {at_rest}"
            assert page.locator("#chart canvas").count() == 1
            assert page.locator("#chart .u-series").count() >= 2
        looked_at(page, room.replace("/", "-"), look)


def test_the_navigation_is_one_row_and_its_groups_open_by_the_keyboard_without_scripts(
    visitor: Visit, house: tuple[Served, str, str]
) -> None:
    page = come_in(visitor(width=1280, language="fr", script=False, site=house[0]), house)
    rooms = page.locator("nav.rooms")
    box = rooms.bounding_box()
    assert box is not None
    assert box["height"] < 60, "one row"
    group = rooms.locator("summary").first
    link = rooms.locator("details a").first
    assert not link.is_visible()
    group.focus()
    page.keyboard.press("Enter")
    assert link.is_visible()
    no_violations(page)
    page.keyboard.press("Tab")
    assert link.evaluate("one => one === document.activeElement")
    rooms.locator("summary").nth(1).press("Enter")
    assert not link.is_visible(), "one group is open at a time"
    rooms.locator("summary").last.press("Enter")
    fits(page)


def test_the_picture_is_a_help_and_the_table_the_truth(visitor: Visit, house: tuple[Served, str, str]) -> None:
    """Without scripts nothing is missing but the picture."""
    page = come_in(visitor(script=False, site=house[0]), house)
    page.goto("/console/sweeps?lang=en")
    assert page.locator("#chart canvas").count() == 0
    assert page.locator("#months tbody tr").count() == 24
    total = sum(
        int(cell.replace(",", "")) for cell in page.locator("#months tbody tr td:nth-child(2)").all_inner_texts()
    )
    assert total > 100
