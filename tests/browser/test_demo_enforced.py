"""The demo's company site, whose pages the browser itself holds to each visitor's choice."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Request

from browser.test_demo import browser
from machine import free_port
from troth.demo.company import Company
from troth.demo.lookalikes import NAMES, addresses
from troth.demo.machine import listen
from troth.demo.pages import Answer, Asked, PageServer
from troth.demo.stage import Stage

__all__ = ["browser"]  # that knows the demo's names
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

FORGOTTEN = """<!doctype html><html lang="fr"><title>Oubliée</title><h1>Oubliée</h1>
<img src="https://www.lanterne.test/v/vignette.svg" width="200" height="100" alt="">
<script src="https://stats.verdier.test/count.js"></script>
<iframe src="https://tuiles.plan-ouvert.test/lyon" title="Plan"></iframe>"""
"""A page on which nothing is held back: every tag has been forgotten."""
THEIRS = set(NAMES.values())


@pytest.fixture(scope="module")
def forgotten(stage: Stage) -> str:
    """Its address."""
    (stage.folder / "maison" / "site" / "oubliee.html").write_text(FORGOTTEN, encoding="utf-8")
    return f"{stage.sites['maison'].address}/oubliee"


class Look:
    """Somebody who visits, and whom their browser asks for things."""

    def __init__(self, browser: Browser) -> None:
        self.context = browser.new_context(locale="fr-FR")
        self.page: Page = self.context.new_page()
        self._sent: list[str] = []
        self.context.on("requestfinished", self._finished)

    def _finished(self, request: Request) -> None:
        host = request.url.split("/")[2].partition(":")[0]
        if host in THEIRS:
            self._sent.append(host)

    def asked(self, url: str = "") -> set[str]:
        """The other companies that this page asked, and those asked since."""
        self._sent.clear()
        self.page.goto(url) if url else self.page.reload()
        self.page.wait_for_load_state("networkidle")
        return set(self._sent)

    def frames(self) -> set[str]:
        return {
            frame.url.split("/")[2].partition(":")[0] for frame in self.page.frames if frame.url.startswith("http:")
        } & THEIRS


@pytest.fixture
def look(browser: Browser) -> Iterator[Look]:
    made = Look(browser)
    yield made
    made.context.close()


def test_a_forgotten_tag_loads_only_for_whom_its_service_was_accepted(look: Look, stage: Stage, forgotten: str) -> None:
    assert look.asked(forgotten) == set()
    home = f"{stage.sites['maison'].address}/"
    assert look.asked(home) == set()
    look.page.get_by_role("button", name="Toujours autoriser").nth(1).click()
    # The page was sent before the choice: it comes again by itself, with the policy of now.
    look.page.frame_locator("iframe[src*='plan-ouvert']").get_by_text("Plan Ouvert sait").wait_for()
    assert look.asked(forgotten) == {"tuiles.plan-ouvert.localhost"}
    look.asked(home)
    look.page.get_by_role("button", name="Gérer les services").click()
    look.page.get_by_role("button", name="Plan").click()
    assert look.asked(forgotten) == set()
    look.asked(home)
    look.page.get_by_role("button", name="Tout accepter").first.click()
    look.page.frame_locator("iframe[src*='lanterne']").get_by_text("Lanterne sait").wait_for()
    assert look.asked(forgotten) == {"www.lanterne.localhost", "stats.maison.localhost", "tuiles.plan-ouvert.localhost"}
    kept = {str(one.get("name")).partition(".")[0] for one in look.context.cookies()}
    assert {"_pk_id", "_pk_ses"} <= kept


def test_loading_once_is_for_one_page_also_where_the_browser_enforces(look: Look, stage: Stage) -> None:
    home = f"{stage.sites['maison'].address}/"
    look.asked(home)
    look.page.get_by_role("button", name="Charger une fois").first.click()
    look.page.frame_locator("iframe[src*='lanterne']").get_by_text("Lanterne sait").wait_for()
    assert look.context.cookies() == [] or all(one.get("name") != "troth_choice" for one in look.context.cookies())
    assert look.asked() == set()
    assert look.frames() == set()


# --- the self-test --------------------------------------------------------------------------------


def troth(stage: Stage, *words: str) -> tuple[int, Any]:
    env = {name: value for name, value in os.environ.items() if not name.startswith(("TROTH_", "DJANGO_"))}
    ran = subprocess.run(
        [sys.executable, "-m", "troth.cli.main", "banner", *words, "--format", "json"],
        cwd=stage.folder / "maison", env=env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.stdout, ran.stderr
    return ran.returncode, json.loads(ran.stdout)


@contextmanager
def unguarded(stage: Stage) -> Iterator[str]:
    """The same site as a publisher without a Content-Security-Policy has it."""
    place = stage.troths["maison"]
    pages = {"https://privacy.verdier.test": place.address, **addresses(stage.others.port)}
    company = Company(stage.folder / "maison" / "site", pages, place.host, place.port)

    def site(asked: Asked) -> Answer:
        return replace(company(asked), headers={"Content-Security-Policy": "frame-ancestors 'none'"})

    port = free_port()
    server = PageServer(site, listen(port))
    server.start()
    try:
        yield f"http://www.maison.localhost:{port}"
    finally:
        server.stop()


def test_the_self_test_finds_nothing_on_the_site_and_every_forgotten_tag_without_enforcement(
    stage: Stage, forgotten: str
) -> None:
    code, said = troth(stage, "--self-test", f"{stage.sites['maison'].address}/")
    assert (code, said["problems"], said["findings"]) == (0, 0, [])
    seen = {
        visit["phase"]: {one["host"].partition(":")[0] for one in visit["asked"]} & THEIRS for visit in said["visits"]
    }
    assert (seen["before"], seen["refused"], seen["unscripted"]) == (set(), set(), set())
    assert "www.lanterne.localhost" in seen["accepted"]
    with unguarded(stage) as site:
        code, said = troth(stage, "--self-test", f"{site}/oubliee")
    assert code == 1
    found = {(one["phase"], one["name"], one["service"] or one["kept"]) for one in said["findings"]}
    for phase in ("before", "refused", "unscripted"):
        assert {
            (phase, "loads_img", "video"),
            (phase, "loads_script", "matomo"),
            (phase, "loads_iframe", "map"),
        } <= found
        assert (phase, "kept", "matomo") in found
    assert not [one for one in found if one[0] == "accepted"]
    assert ("before", "no_banner", "") in found
    script = next(one for one in said["findings"] if one["name"] == "loads_script")
    assert script["tag"].startswith("<script src=")
    assert 'type="text/plain" data-troth="matomo"' in script["remedy"]
    everything = json.dumps(said)
    values = [one["kept"] for one in said["findings"] if one["kept"]]
    assert values
    assert "Max-Age" not in everything


def test_what_a_browser_reports_is_told_on_the_command_line(look: Look, stage: Stage, forgotten: str) -> None:
    look.asked(f"{forgotten}?name=ana")
    tables = stage.folder / "maison" / "troth-state" / "site.db"
    while not rows(tables):
        time.sleep(0.1)
    code, said = troth(stage, "reports")
    assert code == 0
    told = next(one for one in said["stopped"] if one["directive"] == "img-src")
    assert told["blocked"] == f"www.lanterne.localhost:{stage.others.port}"
    assert (told["page"], told["service"], told["asked"]) == ("/*", "video", True)
    assert "ana" not in json.dumps(said)


def rows(tables: Path) -> list[Any]:
    with closing(sqlite3.connect(tables)) as connection:
        return connection.execute("SELECT * FROM csp_stopped WHERE directive = 'img-src'").fetchall()
