"""Some hosts in one process: a publisher's site with the banner, the services that it embeds, and what they were asked.

Every name below ``.test`` leads here. Pages are written by the tests, the script is compiled from a policy, and each
request is remembered by its host, so that "nothing was loaded" is something that the other side says.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    FrameLocator,
    Locator,
    Page,
    Request,
    ViewportSize,
    sync_playwright,
)

from browser.site import example
from browser.visiting import ARGUMENTS, LANGUAGES, PROGRAM
from troth.bootstrap import load_policy
from troth.core.policy.model import Policy
from troth.publishing.look import Look
from troth.web.banner.compiling import script

SITE = "http://www.verdier.test"
SHOP = "http://boutique.verdier.test"
"""Another site of the publisher's, with the same pages."""
MORE = """
  tags:
    purpose: audience
    kind: tags
    title: {fr: Étiquettes, en: Tags}
    company: Étiquettes & Fils SA
    country: BE
    host: ["*.etiquettes.test"]
    cookies: {_ga*: 13 months, _seen: {for: 1 year, http_only: true}}
    consent_mode: [analytics_storage]
  chat:
    purpose: external_content
    kind: chat
    title: {fr: Causerie, en: Causerie}
    host: [www.causerie.test]
    cookies:
      causerie*: {for: until_cleared, storage: local_storage}
      causerie_visit: {for: session, storage: session_storage}
      causerie-db: {for: until_cleared, storage: indexed_db}
      _pk_id*: 13 months
  letters:
    purpose: interface
    kind: fonts
    exempt: ui_personalisation
    host: [polices.test]
"""
"""Two more services that are asked for, and one that needs no consent."""
TAG = '<script src="/banner.js" defer></script>'
KINDS = {"js": "text/javascript", "css": "text/css", "svg": "image/svg+xml"}
BODIES = {"svg": '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="60"><rect width="90" height="60"/></svg>'}


@dataclass(frozen=True)
class Asked:
    """A request as the other side saw it."""

    host: str
    path: str
    method: str
    body: str = ""


@dataclass
class Street:
    """What the hosts answer, and what they were asked."""

    policy: Policy
    port: int = 0
    pages: dict[str, str] = field(default_factory=dict)
    """HTML by path of the publisher's site."""
    files: dict[str, str] = field(default_factory=dict)
    """Scripts and styles by ``host/path``; others are empty."""
    headers: dict[str, str] = field(default_factory=dict)
    """Headers of the publisher's pages."""
    asked: list[Asked] = field(default_factory=list)
    down: bool = False
    """The host that serves the banner does not answer."""
    gate: threading.Event = field(default_factory=threading.Event)
    """The banner's script waits until this is set; it is, unless a test has cleared it."""
    _made: list[tuple[Policy, tuple[str, str, str], bytes]] = field(default_factory=list)

    def of_others(self) -> list[str]:
        """Whatever was asked of anybody but the publisher's site, as ``host/path``."""
        return [f"{one.host}{one.path}" for one in self.asked if one.host != urlsplit(SITE).hostname]

    def answer(self, host: str, path: str) -> tuple[int, str, bytes]:
        """Status, kind and body."""
        split = urlsplit(path)
        if split.path == "/banner.js":
            return (503, "text/plain", b"") if self.down else (200, KINDS["js"], self._script(split.query))
        if f"http://{host}" in (SITE, SHOP) and split.path in self.pages:
            return 200, "text/html; charset=utf-8", self.pages[split.path].encode()
        ending = split.path.rpartition(".")[2]
        text = self.files.get(host + split.path, BODIES.get(ending, ""))
        return 200, KINDS.get(ending, "text/html"), text.encode()

    def _script(self, query: str) -> bytes:
        asked = {name: values[0] for name, values in parse_qs(query).items()}
        look = (asked.get("lang", "en"), asked.get("theme", "plain"), asked.get("scheme", "auto"))
        for policy, of, made in self._made:
            if policy is self.policy and of == look:
                return made
        made = script(self.policy, Look(), *look).encode()
        self._made.append((self.policy, look, made))
        return made


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    street: Street

    def do_GET(self) -> None:
        self._heard("")
        status, kind, body = self.street.answer(self._host(), self.path)
        if self.path.startswith("/banner.js"):
            self.street.gate.wait(20)
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Access-Control-Allow-Origin", "*")
        self.send_header("Cache-Control", "no-cache")
        if kind.startswith("text/html") and f"http://{self._host()}" == SITE:
            for name, value in self.street.headers.items():
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self._heard(self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode())
        self.send_response(204)
        self.end_headers()

    def _host(self) -> str:
        return self.headers.get("Host", "").partition(":")[0]

    def _heard(self, body: str) -> None:
        self.street.asked.append(Asked(self._host(), self.path, self.command, body))

    def log_message(self, format: str, *values: Any) -> None:
        """Nothing is printed."""


@contextmanager
def serving(policy: Policy) -> Iterator[Street]:
    """The hosts, answering until the block ends."""
    made = Street(policy)
    made.gate.set()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"street": made}))
    server.daemon_threads = True
    made.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def walking(port: int) -> Iterator[Browser]:
    """A browser for which every ``.test`` is the street, and the publisher's hosts safe; no other name has an address."""
    rules = f"--host-resolver-rules=MAP *.test 127.0.0.1:{port}, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
    kept = [one for one in ARGUMENTS if not one.startswith("--host-resolver-rules")]
    safe = f"--unsafely-treat-insecure-origin-as-secure={SITE},{SHOP}"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=PROGRAM, args=[*kept, rules, safe], ignore_default_args=["--disable-back-forward-cache"]
        )
        yield browser
        browser.close()


class Walker:
    """Somebody on the publisher's site, with a browser of their own."""

    def __init__(self, browser: Browser, street: Street, **options: Any) -> None:
        language = LANGUAGES[options.pop("language", "en")]
        dark = options.pop("dark", False)
        size = ViewportSize(width=options.pop("width", 1000), height=760)
        self.street = street
        self.complaints: list[str] = []
        self.context: BrowserContext = browser.new_context(
            base_url=SITE, viewport=size, locale=language, color_scheme="dark" if dark else "light",
            **{"reduced_motion": "reduce", **options},
        )  # fmt: skip
        self.context.set_default_timeout(10_000)
        self.context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        self.context.on("console", self._said)
        self._under_way: set[Request] = set()
        self.context.on("request", self._begun)
        self.context.on("requestfinished", self._ended)
        self.context.on("requestfailed", self._ended)
        self.page: Page = self.context.new_page()

    def open(self, body: str = "", tag: str = TAG, path: str = "/", head: str = "") -> Page:
        """Write a page and go there. The banner's script has run when it comes back."""
        self.write(body, tag, path, head)
        self.page.goto(path)
        return self.page

    def write(self, body: str = "", tag: str = TAG, path: str = "/", head: str = "") -> None:
        """A page of the publisher's, with the banner's tag in its head."""
        self.street.pages[path] = (
            '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Maison</title>'
            f'<meta name="viewport" content="width=device-width">{head}{tag}</head><body>'
            f'<main><h1>Maison</h1><a href="/other">A link</a>{body}</main></body></html>'
        )

    def banner(self) -> Locator:
        """The first layer."""
        return self.page.locator("troth-consent section")

    def layer(self) -> Locator:
        """The dialogue: all services, or those that are active."""
        return self.page.locator("troth-consent dialog")

    def press(self, name: str, place: Locator | FrameLocator | None = None) -> None:
        """Press a button of the banner; in the dialogue while it is open."""
        inside = place or (self.layer() if self.layer().is_visible() else self.page.locator("troth-consent"))
        inside.get_by_role("button", name=name, exact=True).click()

    def choice(self) -> str | None:
        """What the cookie says: the services accepted, with blanks between them; None for no choice."""
        found = [one for one in self.context.cookies() if one.get("name") == "troth_choice"]
        return " ".join(str(found[0].get("value")).split(".")[3:]) if found else None

    def asked(self) -> list[str]:
        """What others than the site were asked, once everything that was begun has ended."""
        self.settle()
        return self.street.of_others()

    def settle(self) -> None:
        """Wait until nothing is under way: timers of the script have run, requests have been answered."""
        for _ in range(100):
            self.page.evaluate("() => new Promise(done => setTimeout(done, 40))")
            if not self._under_way:
                return
        raise AssertionError(f"still loading: {[one.url for one in self._under_way]}")

    def forget(self) -> None:
        """Be somebody else: a browser without a past, on no page."""
        for page in self.context.pages[1:]:
            page.close()
        self.page.evaluate("if (location.protocol == 'http:') sessionStorage.clear()")
        self.page.goto("about:blank")
        session = self.context.new_cdp_session(self.page)
        for origin in (SITE, SHOP):
            session.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "all"})
        session.detach()
        self.context.clear_cookies()
        self.complaints.clear()
        self._under_way.clear()

    def _begun(self, request: Request) -> None:
        self._under_way.add(request)

    def _ended(self, request: Request) -> None:
        self._under_way.discard(request)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.complaints.append(message.text)


Walk = Callable[..., Walker]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Street, Browser]]:
    """Maison Verdier with six services that are asked for, on a street of its own, and a browser."""
    folder = example("maison", tmp_path_factory.mktemp("street") / "maison")
    site = folder / "site.yaml"
    text = site.read_text(encoding="utf-8")
    site.write_text(text.replace("\nconsent:\n", f"{MORE}\nconsent:\n", 1), encoding="utf-8")
    with serving(load_policy(folder / "troth.yaml")) as street, walking(street.port) as browser:
        yield street, browser


@pytest.fixture(scope="module")
def somebody(town: tuple[Street, Browser]) -> Iterator[Walker]:
    """One who is used again and again, since a browser without a past is dear."""
    street, browser = town
    one = Walker(browser, street)
    yield one
    one.context.close()


@pytest.fixture
def walk(town: tuple[Street, Browser], somebody: Walker) -> Iterator[Walk]:
    """Make a walker: ``walk(width=360, language="fr", dark=True)``; without options it may be asked for once. ``alone=True``
    makes one who is not used again, for a test that changes the browser itself. Errors of scripts fail the test at its
    end."""
    street, browser = town
    policy, made = street.policy, list[Walker]()

    def make(alone: bool = False, **options: Any) -> Walker:
        plain = not alone and not options and somebody not in made
        made.append(somebody if plain else Walker(browser, street, **options))
        return made[-1]

    street.asked.clear()
    yield make
    complaints = [complaint for one in made for complaint in one.complaints]
    for one in made:
        if one is somebody:
            one.forget()
        else:
            one.context.close()
    street.policy, street.down = policy, False
    street.gate.set()
    for kept in (street.pages, street.files, street.headers):
        kept.clear()
    assert not complaints, complaints


def consent(policy: Policy, **values: Any) -> Policy:
    """The policy with another section ``consent``."""
    section = policy.document.consent
    assert section is not None
    return replace(policy, document=policy.document.model_copy(update={"consent": section.model_copy(update=values)}))


def service(policy: Policy, name: str, **values: Any) -> Policy:
    """The policy with another service of that name."""
    services = {**policy.document.services}
    services[name] = services[name].model_copy(update=values)
    return replace(policy, document=policy.document.model_copy(update={"services": services}))
