"""A small shop with staff, for the tests of the console's rooms."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.test import override_settings

from desk.house_of import POLICY, SHOP
from troth.state.state import init_state
from web.conftest import NOW, Site, _connect
from web.staff import Colleague

STAFF = """
accounts: {purpose: orders, managers: [clerk], managers_may: [see]}
staff:
  undertaking: {version: "1", text: {fr: "Je me tais.", en: "I keep silent."}}
  roles:
    officer:
      title: {fr: Responsable, en: Officer}
      may: [see_people, change_people, erase_people, answer_requests, publish, manage_staff, audit]
    clerk: {title: {fr: Boutique, en: Clerk}, may: [see_people, change_people]}
    seller: {title: {fr: Vente, en: Seller}, may: [see_people, change_people]}
    auditor: {title: {fr: Auditeur, en: Auditor}, may: [audit]}
"""


HOUSE = POLICY.replace(
    "cookies: {", "cookies: {__Host-test: {for: session, exempt: test_of_cookies, purpose: orders}, ", 1
) + STAFF  # fmt: skip
"""The shop of the desk's tests, with accounts and staff."""


def furnish(folder: Path) -> Site:
    """The folder of the shop: policy, database, state."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "troth.yaml").write_text(HOUSE, encoding="utf-8")
    with sqlite3.connect(folder / "shop.sqlite") as shop:
        shop.executescript(SHOP)
    shop.close()
    made = Site(folder)
    init_state(made.state, origin="verdier.test/troth", at=NOW).close()
    return made


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """The shop takes the place of Maison Verdier."""
    from troth.web.pages.published import kept

    made = furnish(tmp_path / "shop")
    _connect(made.state / "site.db")
    with override_settings(STATE=made.state, POLICY=made.folder / "troth.yaml", CLEARS=False):
        kept.forget()
        yield made
    connections.close_all()


ANA = "ana@example.org"


def look_up(who: Colleague, name: str = ANA, **fields: str) -> Any:
    """Fill in the search, and open what it leads to."""
    assert who.get("/console/people").status_code == 200
    answer = who.post("/console/people", **{"who": name, "ground": "asked_by_person", **fields})
    if answer.status_code == 302:
        assert answer["Location"] == "/console/person", "nobody is named in an address"
        return who.get("/console/person")
    return answer


def shop(site: Site, query: str) -> list[Any]:
    connection = sqlite3.connect(site.folder / "shop.sqlite")
    try:
        with connection:
            return connection.execute(query).fetchall()
    finally:
        connection.close()


def work() -> None:
    """A worker does what can be done now."""
    from troth.jobs import schedule
    from troth.jobs.worker import Worker

    schedule.forget("request.daily")
    Worker().run(until_idle=True)
