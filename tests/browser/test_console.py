"""The console in a real browser: an officer comes in for the first time and approves an erasure, on any screen, by
keyboard."""

from __future__ import annotations

import os
import re
import sqlite3
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page

import nursery
from browser.account_holders import GOOD, Place
from browser.looking import LOOKS, Look, fits, no_violations, shot, tab_order
from browser.site import publish, serving
from browser.visiting import Visit, Visitor
from desk.house_of import POLICY, SHOP
from desk.officer import HOUSE
from letterbox import mailbox

TEST_COOKIE = "cookies: {__Host-essai_test: {for: session, exempt: test_of_cookies, purpose: orders}, "


def somebody(look: Look) -> str:
    return f"{look}@example.org"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The small shop with accounts and staff, served by a process that also works."""
    folder = tmp_path_factory.mktemp("console") / "house"
    folder.mkdir()
    policy = POLICY.replace("cookies: {", TEST_COOKIE).replace("clients:\n  fabrique", HOUSE + "clients:\n  fabrique")
    (folder / "troth.yaml").write_text(policy, encoding="utf-8")
    with sqlite3.connect(folder / "shop.sqlite") as shop:
        shop.executescript(SHOP)
        for number, look in enumerate(LOOKS, 100):
            shop.execute("INSERT INTO customers VALUES (?, ?, 'Ana', '2026-10-01')", (number, somebody(look)))
            shop.execute("INSERT INTO invoices VALUES (?, ?, 4200, '2026-05-05')", (number, number))
    shop.close()
    publish(folder, datetime(2026, 11, 22, 9, 30, tzinfo=UTC))
    with mailbox() as box, serving(folder, {"TROTH_MAIL_URL": box.url}) as served:
        yield Place(served, box)


def told(site: Place, *words: str) -> str:
    """A command of Troth's on this site; what it prints."""
    done = nursery.run([*words, "--state", "troth-state"], cwd=site.served.folder, env=os.environ)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def looked_at(page: Page, name: str) -> None:
    """Everybody can read it, and it fits."""
    shot(page, f"console-{name}")
    no_violations(page)
    fits(page)
    narrow = "Math.min(999, ...[...document.querySelectorAll('main dd')].map(dd => dd.getBoundingClientRect().width))"
    assert page.evaluate(narrow) > 80, "a long label leaves its value no room"


def come_in(site: Place, visitor: Visitor, look: Look) -> Page:
    """A new officer: the link, a password, the undertaking, a second factor."""
    from troth.web.accounts.counting import STEP, code_of

    officer = f"officer-{look}@essai.test"
    link = re.search(r"/account/letter/\S+", told(site, "staff", "add", officer, "--role", "privacy", "--link"))
    assert link is not None
    page = visitor.open(link[0])
    page.fill("#password", GOOD)
    page.locator("main form button").last.click()
    page.goto("/console")
    page.fill("#email", officer)
    page.fill("#password", GOOD)
    page.locator("main form button", has_text=re.compile("Log in|connecter")).first.click()
    page.wait_for_url("**/console/undertaking**")
    looked_at(page, f"undertaking-{look}")
    page.check("#sure")
    page.locator("main form button").click()
    page.wait_for_url("**/console/second**")
    looked_at(page, f"no-second-{look}")
    page.locator("main li a").filter(has_text=re.compile("application", re.IGNORECASE)).click()
    secret = re.sub(r"\s", "", page.inner_text("code.key"))
    page.fill("#code", code_of(secret, int(time.time()) // STEP))
    page.locator("main form button").click()
    page.wait_for_selector(".codes")
    page.goto("/console")
    return page


def waiting(site: Place, look: Look, who: str = "") -> str:
    """Somebody asks for erasure by letter; the name of the request."""
    who = who or somebody(look)
    said = told(
        site, "request", "new", "erasure", who, "--all", "--verified", "known", "--answer-to", who, "--format", "json"
    )
    found = re.search(r"req-[a-z]{12}", said)
    assert found is not None
    return found[0]


@pytest.mark.slow
@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_an_officer_comes_in_and_approves_an_erasure(visitor: Visit, site: Place, look: Look) -> None:
    ref = waiting(site, look)
    page = come_in(site, visitor(look=look, site=site.served), look)
    for _ in range(100):
        page.goto("/console")
        if page.locator("#s-mine").count() and page.locator(f"text={ref}").count():
            break
        page.wait_for_timeout(100)
    looked_at(page, f"today-{look}")
    page.goto("/console/requests")
    looked_at(page, f"requests-{look}")
    page.goto(f"/console/requests/{ref}")
    assert somebody(look) in page.inner_text("main")
    looked_at(page, f"request-{look}")
    page.goto(f"/console/requests/{ref}/refuse")
    page.locator("main form input[name=reason]").first.check()
    page.locator("main form button").last.click()
    page.wait_for_selector(".letter")
    looked_at(page, f"refuse-{look}")
    page.goto("/console/requests/new?right=rectification")
    looked_at(page, f"new-{look}")
    page.goto(f"/console/requests/{ref}/approve")
    looked_at(page, f"approve-{look}")
    page.check("#sure")
    page.locator("main form button").click()
    page.wait_for_selector("main [role=status]")
    assert site.letter(somebody(look))
    page.reload()
    looked_at(page, f"done-{look}")
    with sqlite3.connect(site.served.folder / "shop.sqlite") as shop:
        assert shop.execute("SELECT count(*) FROM customers WHERE email = ?", (somebody(look),)).fetchone() == (0,)
    shop.close()
    assert "@" not in re.sub(r"officer\S+", "", site.served.log()), "nobody is named in the log"
    if look.width > 1000:
        _refused_by_keyboard(page, waiting(site, look, "bo@example.org"))


def _refused_by_keyboard(page: Page, ref: str) -> None:
    """Reading what the person will get, and sending it, without a mouse."""
    page.goto(f"/console/requests/{ref}/refuse?lang=en")
    stops = tab_order(page, at_most=40)
    wanted = ["a Skip to the text", "a Today", "a Requests", "input freedom of expression", "button Show what"]
    places = [next(at for at, stop in enumerate(stops) if stop.startswith(want)) for want in wanted]
    assert places == sorted(places)
    page.focus("#r-manifestly_unfounded")
    page.keyboard.press("Space")
    page.locator("main form button").last.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(".letter")
    page.locator("main form button").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/console/requests/{ref}?**")
    assert "Refused" in page.inner_text("main [role=status]")
