"""Accounts in a real browser: every cookie compared with the policy, attackers, and people of all kinds."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from browser.account_holders import ACCOUNT, DAY, GOOD, LOGIN, SCREEN, TEST, Place, cookies, log_in, looked_at, place
from browser.looking import LOOKS, Look, fits, no_violations, shot, tab_order
from browser.visiting import ARGUMENTS, PROGRAM, Visit


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with place(tmp_path_factory.mktemp("accounts") / "maison") as made:
        yield made


def test_a_stranger_becomes_an_account_holder_and_every_cookie_is_in_the_policy(visitor: Visit, site: Place) -> None:
    ana = visitor(site=site.served)
    page = site.account(ana, "ana@example.org")
    assert "Welcome" in page.inner_text("main")
    assert set(cookies(ana)) == {LOGIN}
    page.goto("/account/logout?lang=en")
    page.click("main button")
    assert set(cookies(ana)) == {TEST}  # of the login page, where one lands
    assert cookies(ana)[TEST]["expires"] == -1
    for remember, days in ((False, 2), (True, 14)):
        log_in(page, "ana@example.org", remember)
        page.wait_for_url(ACCOUNT)
        now, found = time.time(), cookies(ana)
        assert set(found) == {TEST, LOGIN}
        assert abs(found[LOGIN]["expires"] - now - days * DAY) < 5
        for cookie in found.values():
            assert (cookie["path"], cookie["sameSite"], cookie["secure"], cookie["httpOnly"]) == (
                "/",
                "Lax",
                True,
                True,
            )
        page.goto("/account/logout?lang=en")
        page.click("main button")
        assert LOGIN not in cookies(ana)


STRANGERS = [
    "/account/login",
    "/account/signup",
    "/account/password/forgotten",
    "/account/login/letter",
    "/preferences",
]
OWN = [
    "/account", "/account/profile", "/account/profile/address", "/account/profile/close", "/account/sessions",
    "/account/security", "/account/password/change", "/account/security/passkey", "/account/security/totp",
    "/account/logout", "/preferences",
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_every_page_can_be_read_by_everybody(visitor: Visit, site: Place, look: Look) -> None:
    person, email = visitor(look=look, site=site.served), f"{look}@example.org"
    page = person.page
    for path in STRANGERS:
        page.goto(path)
        looked_at(page, f"{path.strip('/').replace('/', '-')}-{look}")
    page.goto("/account/signup")
    page.fill("#email", email)
    page.click("main button")
    looked_at(page, f"code-{look}")
    page.fill("#code", "BBBB-BBBB")
    page.click("main button")
    looked_at(page, f"code-wrong-{look}")
    page.goto(site.link(email))
    page.fill("#password", "abcdefgh12345")
    looked_at(page, f"begin-{look}")
    page.click("main button:not(.quiet)")
    looked_at(page, f"begin-wrong-{look}")
    page.fill("#password", GOOD)
    page.click("main button:not(.quiet)")
    page.wait_for_url(ACCOUNT)
    for path in OWN:
        page.goto(path)
        looked_at(page, f"own-{path.strip('/').replace('/', '-')}-{look}")
    page.goto("/account/login/letter")
    assert page.locator("h1").count() == 1


# --- time


def test_after_a_restart_of_the_browser_only_what_the_policy_keeps_is_there(
    browser: Browser, visitor: Visit, site: Place, tmp_path: Path
) -> None:
    site.account(visitor(site=site.served), "gil@example.org")

    def opened() -> BrowserContext:
        return browser.browser_type.launch_persistent_context(
            tmp_path, executable_path=PROGRAM, args=ARGUMENTS, base_url=site.url
        )  # fmt: skip

    with opened() as first:
        page = first.new_page()
        page.goto("/preferences?lang=en")
        page.check("input[value=dark]")
        page.click("text=Save")
        log_in(page, "gil@example.org", remember=True)
        page.wait_for_url(ACCOUNT)
        before = {str(cookie.get("name")): cookie for cookie in first.cookies()}
        assert set(before) == {TEST, LOGIN, SCREEN}
        assert abs(before[SCREEN]["expires"] - time.time() - 365 * DAY) < DAY + 5
    with opened() as second:
        after = {str(cookie.get("name")): cookie for cookie in second.cookies()}
        assert set(after) == {LOGIN, SCREEN}
        assert all(after[name]["expires"] == before[name]["expires"] for name in after)
        page = second.new_page()
        page.goto("/account?lang=en")
        assert "gil@example.org" in page.inner_text("main")
        assert page.locator("html").get_attribute("data-theme") == "dark"
        page.goto("/account/logout")
        page.click("main button")
    with opened() as third:
        assert {str(cookie.get("name")) for cookie in third.cookies()} == {SCREEN}
        third.new_page().goto("/account")
        assert third.pages[-1].url.endswith("/account/login?next=/account")


# --- attackers


EVIL = "http://127.0.0.1:1/evil"
"""Another site, to a browser: it is played by the test itself."""


def evil(page: Page, body: str) -> None:
    """A page of another site."""
    page.route(
        EVIL, lambda route: route.fulfill(body=f"<!doctype html><title>x</title>{body}", content_type="text/html")
    )
    page.goto(EVIL)


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/account/logout", {}),
        ("/account/profile", {"field_first_name": "Mallory"}),
        ("/account/login", {"email": "hugo@example.org", "password": GOOD}),
        ("/preferences", {"theme": "dark"}),
    ],
)
def test_a_form_of_another_site_does_nothing(visitor: Visit, site: Place, path: str, fields: dict[str, str]) -> None:
    person = visitor(site=site.served)
    page = site.account(person, f"hugo{abs(hash(path)) % 10**6}@example.org")
    before = {name: cookie["value"] for name, cookie in cookies(person).items()}
    inputs = "".join(f'<input name="{name}" value="{value}">' for name, value in fields.items())
    evil(page, f'<form method="post" action="{site.url}{path}">{inputs}<button>x</button></form>')
    page.click("button")
    page.wait_for_selector("h1")
    assert "This came from elsewhere" in page.inner_text("main")
    assert {name: cookie["value"] for name, cookie in cookies(person).items()} == before
    page.goto("/account/profile?lang=en")
    assert page.input_value("#field_first_name") == ""


def test_no_page_can_be_put_into_a_frame(visitor: Visit, site: Place) -> None:
    person = visitor(site=site.served)
    page = site.account(person, "ines@example.org")
    evil(page, f'<iframe src="{site.url}/account/profile/close"></iframe>')
    page.wait_for_function("frames.length === 1")
    framed = page.frames[1]
    framed.wait_for_load_state()
    assert framed.url == "chrome-error://chromewebdata/"
    assert framed.locator("main").count() == 0
    person.complaints.clear()


def test_without_cookies_the_login_says_so(visitor: Visit, site: Place) -> None:
    person = visitor(site=site.served)
    page = person.open("/account/login?lang=en")
    person.context.clear_cookies()
    page.fill("#email", "ana@example.org")
    page.fill("#password", GOOD)
    page.locator("main form button", has_text="Log in").first.click()
    page.wait_for_selector("[role=alert]")
    assert "did not keep our cookie" in page.inner_text("[role=alert]")
    no_violations(page)


# --- people of all kinds


@pytest.mark.parametrize("language", ["fr", "en"])
def test_everything_but_passkeys_works_without_scripts(visitor: Visit, site: Place, language: str) -> None:
    person, email = visitor(site=site.served, script=False, language=language), f"jo-{language}@example.org"
    page = person.open("/account/signup")
    page.fill("#email", email)
    page.click("main button")
    text = site.letter(email)
    code = re.search(r"\b[2-9B-Z]{4}-[2-9B-Z]{4}\b", text)
    assert code is not None
    assert ("Votre code" if language == "fr" else "Your code") in text.replace("\xa0", " ")
    page.fill("#code", code[0])
    page.click("main button")
    assert page.locator(".meter").is_hidden()
    page.fill("#password", GOOD)
    page.click("main button")
    assert "said=welcome" in page.url
    page.goto("/account/profile")
    page.fill("#field_first_name", "Jo")
    page.click("main button")
    assert page.input_value("#field_first_name") == "Jo"
    page.goto("/account/security")
    page.goto("/account/profile/close")
    page.check("#sure")
    page.click("main button")
    assert page.locator(".done").count() == 1
    assert set(cookies(person)) == {TEST}
    assert page.locator("form[data-passkey]").is_hidden()


def test_the_login_can_be_done_by_keyboard(visitor: Visit, site: Place) -> None:
    site.account(visitor(site=site.served), "kim@example.org")
    person = visitor(site=site.served)
    page = person.open("/account/login?lang=en")
    stops = tab_order(page)
    wanted = ["input E-mail address", "input Password", "button Show", "button Log in", "button Log in with a passkey"]
    places = [next(at for at, stop in enumerate(stops) if stop.startswith(want)) for want in wanted]
    assert places == sorted(places)
    page.reload()
    page.focus("#email")
    for keys in ("kim@example.org", GOOD):
        page.keyboard.insert_text(keys)
        page.keyboard.press("Tab")
    page.keyboard.press("Space")  # show
    assert page.locator("#password").get_attribute("type") == "text"
    button = page.locator(".with-button button")
    assert (button.inner_text(), button.get_attribute("aria-pressed")) == ("Hide", None)  # not “Hide, pressed”
    page.keyboard.press("Tab")
    page.keyboard.press("Space")  # stay logged in
    page.keyboard.press("Enter")
    page.wait_for_url(ACCOUNT)
    assert abs(cookies(person)[LOGIN]["expires"] - time.time() - 14 * DAY) < 5


def test_the_meter_tells_what_the_server_will_say(visitor: Visit, site: Place) -> None:
    person = visitor(site=site.served)
    page = person.open("/account/signup?lang=en")
    page.fill("#email", "lou@example.org")
    page.click("main button")
    page.goto(site.link("lou@example.org"))
    said = {}
    for password in (
        "abc",
        "Aa1aaaaaaaaaaaaaaaaa",
        "tK7#vQ2!mZ9$",
        "tK7#vQ2!mZ9$wR",
        GOOD,
        "les deux trois quatre cinq sept huit",
    ):
        page.fill("#password", password)
        said[password] = page.inner_text("output")
    assert [word == "strong enough" for word in said.values()] == [False, False, False, True, True, True]


def test_what_was_chosen_is_seen(visitor: Visit, site: Place) -> None:
    person = visitor(site=site.served)
    page = person.open("/preferences?lang=en")
    plain = page.evaluate("[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).fontSize]")
    page.check("input[name=theme][value=dark]")
    page.check("input[name=size][value=larger]")
    page.check("input[name=density][value=compact]")
    page.select_option("#language", "fr")
    page.click("text=Save")
    for path in ("/preferences", "/", "/account/login"):
        page.goto(path)
        assert page.locator("html").get_attribute("lang") == "fr"
        now = page.evaluate(
            "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).fontSize]"
        )
        assert now[0] != plain[0]
        assert float(now[1][:-2]) > 1.4 * float(plain[1][:-2])
        no_violations(page)
        fits(page)
        shot(page, f"preferences-chosen-{path.strip('/').replace('/', '-') or 'home'}")
    for value in ("light", "dark"):
        look = visitor(site=site.served, dark=value == "light")
        look.open("/preferences?lang=en")
        look.page.check(f"input[name=theme][value={value}]")
        look.page.click("text=Save")
        looked_at(look.page, f"preferences-{value}-against-the-device")
