"""A browser, a site to visit with it, and visitors. How to use them: CONTRIBUTING.md."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from browser.looking import Look
from browser.site import Served, example, publish_two_versions, serving
from browser.staged import stage
from browser.street import somebody, town, walk
from browser.visiting import Visit, Visitor, chromium

__all__ = ["somebody", "stage", "town", "walk"]  # fixtures of the demo and the banner


# Playwright leaves an event loop running in this thread as long as it is there, and Django refuses its database
# while one runs: the browser ends with its module, before the tests of another folder begin.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, one for each module and worker. Missing: a failure on CI, else a skip."""
    with chromium() as started:
        yield started


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Maison Verdier's site with two published versions. It is shared: tests do not publish or edit there."""
    folder = example("maison", tmp_path_factory.mktemp("served") / "maison")
    publish_two_versions(folder)
    with serving(folder) as site:
        yield site


@pytest.fixture
def visitor(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """Make a visitor: ``visitor(width=360, language="fr", dark=False, script=True, site=served)``.

    Paths are those of ``site``, or of ``served`` where the test asks for that. Each visitor has cookies of their own.
    Instead of the first three a ``look=`` may be given. At the end the test fails for requests to anybody else, for
    errors of scripts and for missing parts of pages (``foreign``, ``complaints``).
    """
    made: list[Visitor] = []

    def make(
        width: int = 1280, language: str = "en", dark: bool = False, script: bool = True,
        look: Look | None = None, site: Served | None = None,
    ) -> Visitor:  # fmt: skip
        if site is None and "served" in request.fixturenames:
            site = request.getfixturevalue("served")
        made.append(Visitor(browser, site.url if site else None, look or Look(width, language, dark), script))
        return made[-1]

    yield make
    for one in made:
        one.leave()
