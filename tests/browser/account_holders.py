"""People with accounts on the site of Maison Verdier, their mails, their cookies and their devices."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from browser.looking import fits, no_violations, shot
from browser.site import Served, example, publish, serving
from browser.visiting import Visitor
from letterbox import Mailbox, mailbox

TEST, LOGIN, SCREEN = "__Host-verdier_test", "__Host-verdier_session", "__Host-verdier_display"
DAY = 86400
ACCOUNT = re.compile(r"/account(\?.*)?$")
"""The first page of an account, where a login leads."""
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
        page.wait_for_url(ACCOUNT)
        return page


@contextmanager
def place(folder: Path, environment: dict[str, str] | None = None) -> Iterator[Place]:
    """The site in a new folder, with a mail server."""
    publish(example("maison", folder), datetime(2026, 11, 22, 9, 30, tzinfo=UTC))
    with mailbox() as box, serving(folder, {"TROTH_MAIL_URL": box.url, **(environment or {})}) as served:
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


def looked_at(page: Page, name: str) -> None:
    """Everybody can read it, and it fits."""
    shot(page, f"account-{name}")
    no_violations(page)
    fits(page)


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
