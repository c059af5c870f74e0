"""Accounts in a real browser: every cookie compared with the policy, passkeys, attackers, and people of all kinds."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime

from typing import Any

import pytest
from playwright.sync_api import Page

from browser.looking import LOOKS, Look, fits, no_violations, shot, tab_order
from letterbox import Mailbox, mailbox
from browser.site import Served, example, publish, serving
from browser.visiting import Visit, Visitor
from troth.web.accounts.counting import code_of

TEST, LOGIN, SCREEN = "__Host-verdier_test", "__Host-verdier_session", "__Host-verdier_display"
DAY = 86400
GOOD = "Sept mots valent mieux que douze signes ici"


class Place:
    """The site and its mail."""

    def __init__(self, served: Served, box: Mailbox) -> None:
        self.served, self.box = served, box
        self.url = served.url

    def letter(self, to: str) -> str:
        """The newest mail to somebody, when it has come."""
        for _ in range(200):
            for mail in reversed(self.box.received):
                if to in mail.recipients:
                    self.box.received.remove(mail)
                    return " ".join(mail.text().split())
            time.sleep(0.05)
        raise AssertionError(f"no mail has come; {self.served.log()[-2000:]}")

    def link(self, to: str) -> str:
        found = re.search(r"http://localhost\S+/account/letter/\S+", self.letter(to))
        assert found is not None
        return found[0]

    def account(self, visitor: Visitor, email: str) -> Page:
        """Sign up; the visitor is logged in then."""
        page = visitor.open("/account/signup?lang=en")
        page.fill("#email", email)
        page.click("main button")
        page.goto(self.link(email))
        page.fill("#password", GOOD)
        page.click("text=Open my account")
        page.wait_for_url("**/account?*")
        return page


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = example("maison", tmp_path_factory.mktemp("accounts") / "maison")
    publish(folder, datetime(2026, 11, 22, 9, 30, tzinfo=UTC))
    with mailbox() as box, serving(folder, {"TROTH_MAIL_URL": box.url}) as served:
        yield Place(served, box)


def cookies(visitor: Visitor) -> dict[str, Any]:
    return {str(cookie.get("name")): cookie for cookie in visitor.context.cookies()}


def log_in(page: Page, email: str, remember: bool = False, path: str = "/account/login?lang=en") -> None:
    page.goto(path)
    page.fill("#email", email)
    page.fill("#password", GOOD)
    if remember:
        page.check("#remember")
    page.locator("main form button", has_text="Log in").first.click()


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
        page.wait_for_url("**/account")
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


def looked_at(page: Page, name: str) -> None:
    """Everybody can read it, and it fits."""
    shot(page, f"account-{name}")
    no_violations(page)
    fits(page)


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
    page.wait_for_url("**/account?*")
    for path in OWN:
        page.goto(path)
        looked_at(page, f"own-{path.strip('/').replace('/', '-')}-{look}")
    page.goto("/account/login/letter")
    assert page.locator("h1").count() == 1


# --- passkeys and codes


def key_in(visitor: Visitor, page: Page, verified: bool = True) -> Any:
    """A device that keeps passkeys and knows its owner's finger."""
    device = visitor.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": verified, "automaticPresenceSimulation": True,
    }  # fmt: skip
    made = device.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return device, made["authenticatorId"]


def test_a_passkey_is_made_and_logs_in(visitor: Visit, site: Place) -> None:
    person = visitor(site=site.served)
    page = site.account(person, "cleo@example.org")
    device, key = key_in(person, page)
    page.goto("/account/security?lang=en")
    page.click("text=Make a passkey on this device")
    page.fill("#name", "My laptop")
    page.click("main form.form button")
    page.wait_for_url("**/account/security?*")
    assert "My laptop (not used yet)" in page.inner_text("main")
    assert len(device.send("WebAuthn.getCredentials", {"authenticatorId": key})["credentials"]) == 1
    page.goto("/account/logout?lang=en")
    page.click("main button")
    assert set(cookies(person)) == {TEST}
    page.check("#remember")
    page.click("text=Log in with a passkey")
    page.wait_for_url("**/account")
    assert "cleo@example.org" in page.inner_text("main")
    assert set(cookies(person)) == {TEST, LOGIN}
    assert abs(cookies(person)[LOGIN]["expires"] - time.time() - 14 * DAY) < 5
    page.goto("/account/security?lang=en")
    assert "last used" in page.inner_text("main")
    no_violations(page)
    shot(page, "account-passkey")
    page.click("main li button")
    assert "You have none yet" in page.inner_text("main")
    page.goto("/account/logout?lang=en")
    page.click("main button")
    page.click("text=Log in with a passkey")
    page.wait_for_selector("text=This passkey does not fit here")


def test_a_device_that_has_not_recognised_its_owner_opens_nothing(visitor: Visit, site: Place) -> None:
    person = visitor(site=site.served)
    page = site.account(person, "dora@example.org")
    device, key = key_in(person, page)
    page.goto("/account/security/passkey?lang=en")
    page.click("main form.form button")
    page.wait_for_url("**/account/security?*")
    page.goto("/account/logout?lang=en")
    page.click("main button")
    device.send("WebAuthn.setUserVerified", {"authenticatorId": key, "isUserVerified": False})
    page.click("text=Log in with a passkey")
    page.wait_for_selector("[role=status]:has-text('does not fit')")
    assert LOGIN not in cookies(person)


def test_an_answer_of_a_passkey_is_good_once(visitor: Visit, site: Place) -> None:
    person = visitor(site=site.served)
    page = site.account(person, "elsa@example.org")
    key_in(person, page)
    page.goto("/account/security/passkey?lang=en")
    page.click("main form.form button")
    page.wait_for_url("**/account/security?*")
    page.goto("/account/logout?lang=en")
    page.click("main button")
    sent: list[str] = []
    page.on(
        "request", lambda asked: sent.append(asked.post_data or "") if asked.url.endswith("/login/passkey") else None
    )
    page.click("text=Log in with a passkey")
    page.wait_for_url("**/account")
    thief = visitor(site=site.served)
    thief.open("/account/login")
    headers = {"Origin": site.url, "Content-Type": "application/x-www-form-urlencoded"}
    answer = thief.context.request.post(f"{site.url}/account/login/passkey", data=sent[-1], headers=headers)
    assert answer.status == 400
    assert LOGIN not in cookies(thief)


def test_the_code_of_an_application_is_asked_for_at_login(visitor: Visit, site: Place) -> None:
    person = visitor(site=site.served)
    page = site.account(person, "fay@example.org")
    page.goto("/account/security/totp?lang=en")
    secret = page.inner_text(".key").replace(" ", "")
    assert page.locator(".qr svg path").count() == 1
    page.fill("#code", code_of(secret, int(time.time()) // 30 - 1))
    page.click("main form.form button")
    codes = page.locator(".codes code").all_inner_texts()
    assert len(codes) == 10
    looked_at(page, "codes")
    page.goto("/account/logout?lang=en")
    page.click("main button")
    for code in (code_of(secret, int(time.time()) // 30), codes[0]):
        log_in(page, "fay@example.org")
        page.wait_for_selector("#code")
        assert LOGIN not in cookies(person)
        looked_at(page, "second")
        page.fill("#code", code)
        page.locator("main form button").first.click()
        page.wait_for_url("**/account")
        page.goto("/account/logout?lang=en")
        page.click("main button")
