"""What a test asks of a page: is it accessible, in what order does the keyboard walk, does it fit, how does it look."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from axe_playwright_python.base import AXE_SCRIPT  # type: ignore[import-untyped]
from playwright.sync_api import Page

from effort import usually

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
"""Axe's names for WCAG 2.2 at level AA, and what its authors recommend beside."""


class Look(NamedTuple):
    """How somebody looks at the site."""

    width: int
    language: str
    dark: bool

    def __str__(self) -> str:
        return f"{self.width}-{self.language}-{'dark' if self.dark else 'light'}"


_ALL = [Look(width, language, dark) for width in (360, 1280) for language in ("fr", "en") for dark in (False, True)]
LOOKS = usually([Look(360, "fr", True), Look(1280, "en", False)], _ALL)
"""Phone and desk, French and English, light and dark: ``@pytest.mark.parametrize("look", LOOKS, ids=str)``. Two looks
that differ in everything; ``TROTH_EXHAUSTIVE=1`` tries all eight."""


@contextmanager
def _scripts(page: Page) -> Iterator[None]:
    """Let our own questions run where the visitor has scripts turned off; what the page holds is not run later."""
    if not page.evaluate("matchMedia('(scripting: none)').matches"):
        yield
        return
    session = page.context.new_cdp_session(page)
    # The session only passes on what changes its own setting; it stays open, since its end turns scripts on.
    session.send("Emulation.setScriptExecutionDisabled", {"value": True})
    session.send("Emulation.setScriptExecutionDisabled", {"value": False})
    yield
    session.send("Emulation.setScriptExecutionDisabled", {"value": True})


def violations(page: Page) -> list[dict[str, Any]]:
    """What axe-core finds against WCAG 2.2 AA on the page as it stands."""
    with _scripts(page):
        page.evaluate(AXE_SCRIPT)
        options = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}
        found: dict[str, Any] = page.evaluate("options => axe.run(document, options)", options)
    assert found["passes"], "axe has not looked at anything"
    return list(found["violations"])


def no_violations(page: Page) -> None:
    """Fail with a readable list when axe finds anything."""
    found = violations(page)
    assert not found, f"{page.url}\n" + "\n".join(_told(one) for one in found)


def _told(violation: dict[str, Any]) -> str:
    lines = [f"{violation['id']} ({violation['impact']}): {violation['help']}"]
    for node in violation["nodes"]:
        reasons = [check["message"] for kind in ("any", "all", "none") for check in node[kind]]
        lines += [f"   at {node['target'][0]}: {node['html'][:160]}", *(f"      {reason}" for reason in reasons)]
    return "\n".join(lines)


_FOCUSED = """() => {
    const e = document.activeElement;
    if (!e || e === document.body) return "";
    const name = e.getAttribute("aria-label") || (e.labels && e.labels[0] ? e.labels[0].innerText : e.innerText)
        || e.getAttribute("name") || "";
    return `${e.tagName.toLowerCase()} ${name.trim().replace(/\\s+/g, " ")}`.trim();
}"""


def tab_order(page: Page, at_most: int = 60) -> list[str]:
    """Press Tab through the page: each stop as its tag and its name (``a Skip to the content``), in order."""
    stops: list[str] = []
    for _ in range(at_most):
        page.keyboard.press("Tab")
        stop = str(page.evaluate(_FOCUSED))
        if not stop:
            break
        stops.append(stop)
    return stops


_WIDER = """() => {
    const room = document.documentElement.clientWidth;
    const hidden = e => e && e !== document.body
        && (getComputedStyle(e).overflowX !== "visible" || hidden(e.parentElement));
    const end = e => Math.max(e.getBoundingClientRect().right, e.getBoundingClientRect().left + e.scrollWidth);
    const wide = [...document.querySelectorAll("body *")].filter(e => end(e) > room + 0.5 && !hidden(e));
    return wide.filter(e => !wide.some(other => other !== e && e.contains(other)))
        .map(e => `${e.tagName.toLowerCase()}.${e.className} ends at ${Math.round(end(e))}: `
            + (e.textContent || "").trim().slice(0, 60));
}"""


def fits(page: Page) -> None:
    """Fail with the elements that stick out when the page scrolls sideways (WCAG 1.4.10)."""
    room, whole = page.evaluate("(e => [e.clientWidth, e.scrollWidth])(document.documentElement)")
    told = "\n".join(page.evaluate(_WIDER)) if whole > room else ""
    assert whole <= room, f"{page.url} is {whole} px wide on {room} px\n{told}"


def enlarge_text(page: Page, percent: int = 200) -> None:
    """The reader's own larger letters (WCAG 1.4.4)."""
    page.evaluate("percent => { document.documentElement.style.fontSize = percent + '%' }", percent)


def shot(page: Page, name: str) -> Path | None:
    """The whole page as a picture for people to look at, in ``$TROTH_SHOTS``; where it lies. None without that: to
    draw a page costs as much as to test it."""
    wanted = os.environ.get("TROTH_SHOTS")
    if not wanted:
        return None
    folder = Path(wanted)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.png"
    page.screenshot(path=path, full_page=True)
    return path
