"""Chromium, driven by Playwright: one visit, and what it saw."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import shutil
import socket
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from troth.audit.seen import Asked, Kept, Phase, Visit
from troth.core.errors import UsageError

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page, Request, Response, Route

PROGRAMS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
_ARGUMENTS = (
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
)  # fmt: skip
_SECONDS = 30.0
_LONGEST = 8000
"""Milliseconds to wait for a page to come to rest."""
_LISTEN = """
(() => { const seen = []; Object.defineProperty(window, "__troth_stopped", { value: seen });
document.addEventListener("securitypolicyviolation", e =>
    e.disposition === "enforce" && seen.push([e.effectiveDirective, e.blockedURI])); })()
"""
_LOOK = """() => {
    const found = {};
    for (const e of document.querySelectorAll("[src],[href],[data],[srcset]")) {
        const open = e.outerHTML.slice(0, e.outerHTML.length - e.innerHTML.length).replace(/<\\/[^>]*>$/, "");
        for (const name of ["src", "href", "data", "currentSrc"])
            if (typeof e[name] === "string" && e[name]) found[e[name].split("#")[0]] ??= open.slice(0, 200);
    }
    const keys = name => { try { return Object.keys(window[name]); } catch { return []; } };
    const banner = [...document.scripts].find(s => /\\/banner(\\/[0-9a-f]{16})?\\.js(\\?|$)/.test(s.src));
    const asks = window.troth && window.troth.consent;
    return { tags: found, local: keys("localStorage"), session: keys("sessionStorage"),
        stopped: window.__troth_stopped || [], banner: banner ? banner.src : "", asks: !!asks };
}"""
_OF = "names => names.filter(name => window.troth.consent.of(name))"


@contextlib.contextmanager
def browser() -> Iterator[Browser]:
    """A browser without a past. Raises UsageError with what to install where there is none."""
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError:
        raise UsageError(
            "looking with a browser needs Playwright", remedy="pip install 'troth[audit]', and Debian's chromium"
        ) from None
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        raise UsageError("there is no Chromium on this machine", remedy="apt-get install chromium")
    arguments = [*_ARGUMENTS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as playwright:
        try:
            started = playwright.chromium.launch(executable_path=program, args=arguments)
        except Error:
            raise UsageError(
                f"{program} does not start", remedy="run it by hand with --headless and look at what it says"
            ) from None
        try:
            yield started
        finally:
            started.close()


def checked(url: str) -> str:
    """An address that may be opened. Raises UsageError for any other."""
    try:
        split = urlsplit(url)
        _ = split.port
    except ValueError:
        split = urlsplit("")
    if split.scheme not in ("http", "https") or not split.hostname or split.username is not None:
        raise UsageError("that is not the address of a page", remedy="write it as https://www.example.org/")
    return url


def place(url: str) -> str:
    """The host of an address, with its port if that is not the scheme's own."""
    split = urlsplit(url)
    host = (split.hostname or "").removesuffix(".")
    host = f"[{host}]" if ":" in host else host
    usual = {"http": 80, "https": 443, "ws": 80, "wss": 443}.get(split.scheme)
    return host if split.port in (None, usual) else f"{host}:{split.port}"


@lru_cache(maxsize=512)
def is_private(host: str) -> bool:
    """Whether a host is on this machine or in a private network; one without an address is not."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        found = {info[4][0] for info in socket.getaddrinfo(host, None)}
    except (OSError, UnicodeError):
        return False
    return any(not ipaddress.ip_address(str(one).partition("%")[0]).is_global for one in found)


class Looker:
    """Visits to one address, each with a browser that knows nothing of the others."""

    def __init__(self, started: Browser, url: str) -> None:
        self._browser, self._url = started, checked(url)
        self._private = is_private(urlsplit(url).hostname or "")

    def visit(self, phase: Phase, names: tuple[str, ...], cookie: tuple[str, str] | None = None) -> Visit:
        """Open the page, with a choice (``cookie``) or without. Raises UsageError when it does not answer."""
        context = self._browser.new_context(service_workers="block")
        try:
            if cookie is not None:
                context.add_cookies([{"name": cookie[0], "value": cookie[1], "url": self._url}])
            return _One(context, phase, self._url, self._private).look(names)
        finally:
            context.close()


class _One:
    """One visit under way."""

    def __init__(self, context: BrowserContext, phase: Phase, url: str, private: bool) -> None:
        self._context, self._phase, self._url, self._private = context, phase, url, private
        self._asked: list[Request] = []
        self._stopped: set[Request] = set()
        self._held: list[tuple[str, str]] = []
        self._wanted: set[Kept] = set()
        context.add_init_script(_LISTEN)
        context.on("request", self._sent)
        context.on("requestfailed", self._failed)
        context.on("response", self._answered)
        context.route("**/*", self._route)

    def look(self, names: tuple[str, ...]) -> Visit:
        page = self._context.new_page()
        response = _opened(page, self._url)
        _settle(page)
        found: dict[str, Any] = page.evaluate(_LOOK)
        accepted = tuple(page.evaluate(_OF, list(names))) if found["asks"] else None
        headers = [(one["name"].lower(), one["value"]) for one in response.headers_array()]
        stopped = {(d, place(u) if "://" in u else u) for d, u in found["stopped"]}
        return Visit(
            self._phase, response.status, self._requests(found["tags"]), tuple(sorted(stopped)),
            self._all_kept(page, found), _policies(headers), _value(headers, "cache-control"),
            _value(headers, "vary"), _origin(found["banner"]), accepted,
        )  # fmt: skip

    def _route(self, route: Route) -> None:
        url = route.request.url
        if self._phase == "unscripted" and _is_banner(url):
            self._stopped.add(route.request)
            route.abort()
        elif not self._private and is_private(urlsplit(url).hostname or ""):
            self._held.append((url, route.request.resource_type))
            route.abort()
        else:
            route.continue_()

    def _sent(self, request: Request) -> None:
        self._asked.append(request)

    def _failed(self, request: Request) -> None:
        if request.failure == "csp":
            self._stopped.add(request)

    def _answered(self, response: Response) -> None:
        with contextlib.suppress(Exception):  # of a page that has gone meanwhile
            for header in response.headers_array():
                if header["name"].lower() == "set-cookie":
                    name = header["value"].partition("=")[0].strip()
                    self._wanted.add(Kept(name, place(response.url), "cookie"))

    def _requests(self, tags: dict[str, str]) -> tuple[Asked, ...]:
        held = {url for url, _ in self._held}
        made: dict[Asked, None] = {}
        for one in self._asked:
            if one not in self._stopped and urlsplit(one.url).scheme in ("http", "https", "ws", "wss"):
                first = one
                while first.redirected_from is not None:
                    first = first.redirected_from
                tag = tags.get(first.url.split("#")[0], "")
                made[Asked(place(one.url), one.resource_type, tag, one.url in held)] = None
        return tuple(made)

    def _all_kept(self, page: Page, found: dict[str, Any]) -> tuple[Kept, ...]:
        jar = {Kept(str(one["name"]), str(one["domain"]).lstrip("."), "cookie") for one in self._context.cookies()}
        names = {(kept.name, kept.storage) for kept in jar}
        wanted = {kept for kept in self._wanted if (kept.name, kept.storage) not in names}
        here = place(page.url)
        stored = {Kept(name, here, f"{kind}_storage") for kind in ("local", "session") for name in found[kind]}
        return tuple(sorted(jar | wanted | stored, key=lambda kept: (kept.storage, kept.name, kept.host)))


def _opened(page: Page, url: str) -> Response:
    from playwright.sync_api import Error

    try:
        response = page.goto(url, timeout=_SECONDS * 1000)
    except Error:
        response = None
    if response is None:
        raise UsageError(f"{place(url)} does not answer with a page", remedy="open the address in a browser yourself")
    if response.status >= 400:
        raise UsageError(f"{place(url)} answers with {response.status}, not with a page")
    return response


def _settle(page: Page) -> None:
    """Wait until nothing is asked for any more; a page that never rests is looked at as it is."""
    from playwright.sync_api import Error

    with contextlib.suppress(Error):
        page.wait_for_load_state("networkidle", timeout=_LONGEST)


def _policies(headers: list[tuple[str, str]]) -> tuple[str, ...]:
    lists = (value for name, value in headers if name == "content-security-policy")
    return tuple(part.strip() for one in lists for part in one.split(",") if part.strip())


def _value(headers: list[tuple[str, str]], wanted: str) -> str:
    return ", ".join(value for name, value in headers if name == wanted)


def _is_banner(url: str) -> bool:
    path = urlsplit(url).path
    return path.endswith("/banner.js") or "/banner/" in path


def _origin(url: str) -> str:
    split = urlsplit(url)
    return f"{split.scheme}://{split.netloc}" if url else ""
