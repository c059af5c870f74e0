"""A visitor: a browser without a past, that may ask this machine only and remembers what it was told."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response, sync_playwright

from browser.looking import Look

ON_CI = os.environ.get("CI", "").lower() not in {"", "0", "false", "no"}
PROGRAM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
    # A second lock beside the list of requests: no other name has an address.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
]  # fmt: skip
OURS = {"localhost", "127.0.0.1", ""}
"""Hosts that may be asked; the empty one is that of ``file:`` and ``data:``."""
LANGUAGES = {"fr": "fr-FR", "en": "en-GB"}


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, until the block ends."""
    if not Path(PROGRAM).exists():
        reason = f"no browser: {PROGRAM} is missing; run `make install` as root, or install Debian's chromium"
        if ON_CI:
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=PROGRAM, args=ARGUMENTS)
        yield started
        started.close()


class Visitor:
    """Somebody with a browser of their own. ``page`` is where they are."""

    def __init__(self, browser: Browser, base: str | None, look: Look, script: bool) -> None:
        self.look = look
        self.foreign: list[str] = []
        """Requests to anybody but this machine; the test fails at its end when there are any."""
        self.complaints: list[str] = []
        """Errors of scripts and of the console, and parts of a page that were not there; as above."""
        self.context: BrowserContext = browser.new_context(
            base_url=base,  # so that page.goto() takes a path too
            viewport={"width": look.width, "height": 780 if look.width < 600 else 900},
            locale=LANGUAGES[look.language],
            color_scheme="dark" if look.dark else "light",
            java_script_enabled=script,
            reduced_motion="reduce",
            timezone_id="Europe/Paris",
        )
        self.context.set_default_timeout(20_000)
        self.context.on("request", self._asked)
        self.context.on("response", self._answered)
        self.context.on("console", self._said)
        self.context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        self.page: Page = self.context.new_page()
        self.page.on("websocket", lambda socket: self._to(socket.url))

    def open(self, path: str) -> Page:
        """Go to a path of the site, or to a whole address; the page."""
        self.page.goto(path)
        return self.page

    def cookies(self) -> list[str]:
        """The names of the cookies that the browser now holds."""
        return [str(cookie.get("name")) for cookie in self.context.cookies()]

    def leave(self) -> None:
        """Close everything, and fail for what was noticed on the way."""
        self.context.close()
        assert not self.foreign, f"asked of others: {self.foreign}"
        assert not self.complaints, f"the browser complains: {self.complaints}"

    def _to(self, url: str) -> None:
        if (urlsplit(url).hostname or "") not in OURS:
            self.foreign.append(url)

    def _asked(self, request: Request) -> None:
        self._to(request.url)

    def _answered(self, response: Response) -> None:
        if response.status >= 400 and not response.request.is_navigation_request():
            self.complaints.append(f"{response.status} for {response.url}")

    def _said(self, message: ConsoleMessage) -> None:
        # A failed request is told by _answered, and a page may well be a 404.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.complaints.append(message.text)


Visit = Callable[..., Visitor]
"""What the fixture ``visitor`` gives: call it to make one."""
