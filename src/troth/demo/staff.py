"""The staff of both publishers: an officer, a manager, an archivist and an auditor each, let in as a publisher would do
it, with a password and a second factor. Their undertaking they leave to whoever visits: it is the first thing that the
console asks for."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from troth.demo.account import new_password
from troth.demo.browser import Browser
from troth.demo.generate import Example
from troth.demo.stage import PUBLISHERS, Publisher, Stage
from troth.demo.tour import Tour

STAFF: Mapping[Example, tuple[tuple[str, str, str], ...]] = {
    "maison": (
        ("privacy", "privacy officer", "donnees@verdier.test"), ("shop", "manager", "boutique@verdier.test"),
        ("accounts", "archivist", "comptes@verdier.test"), ("auditor", "auditor", "audit@verdier.test"),
    ),
    "atelier": (
        ("privacy", "privacy officer", "donnees@passerelle.test"), ("managers", "manager", "service@passerelle.test"),
        ("accounts", "archivist", "comptes@passerelle.test"), ("auditor", "auditor", "audit@passerelle.test"),
    ),
}  # fmt: skip
"""Role of the policy, what it is, and address at work."""
_PATIENCE = 20.0
"""Seconds that a mail may take."""


class NotHired(Exception):
    """Why somebody could not be let in."""


@dataclass(frozen=True)
class Hired:
    """Somebody who may enter a console. ``secret`` is for an application that shows codes."""

    publisher: str
    what: str
    address: str
    password: str
    secret: str


def hire(stage: Stage, homes: Mapping[Example, Path], tour: Tour) -> list[Hired]:
    """Let them in; what does not work is remembered as a failure."""
    with ThreadPoolExecutor(len(PUBLISHERS)) as both:
        found = list(both.map(lambda one: _hired(stage, homes[one.example], one), PUBLISHERS))
    for one, (_, why) in zip(PUBLISHERS, found, strict=True):
        done = "an officer, a manager, an archivist and an auditor may enter its console"
        tour.say(f"   {'▲' if why else '●'} {one.name}: {why or done}")
        if why:
            tour.failures.append(f"Staff of {one.name}: {why}")
    return [person for people, _ in found for person in people]


def told(people: Sequence[Hired]) -> str:
    """Who they are, for the end of the summary; empty when there is nobody."""
    if not people:
        return ""
    lines = "".join(
        f"   {one.publisher:<20} {one.what:<16} {one.address:<26} {one.password}   {one.secret}\n" for one in people
    )
    return f"""
   The console of each is at /console. Role, address, password, and the key for an application that shows codes:

{lines}"""


def _hired(stage: Stage, home: Path, one: Publisher) -> tuple[list[Hired], str]:
    people: list[Hired] = []
    try:
        links = _let_in(stage, home, one)
        for (_, what, address), link in zip(STAFF[one.example], links, strict=True):
            people.append(_come_in(Browser(stage.troths[one.example]), one.name, what, address, link))
            _drop_notice(stage, address)
    except NotHired as why:
        return people, str(why)
    return people, ""


def _let_in(stage: Stage, home: Path, one: Publisher) -> list[str]:
    """Make them members of staff; the paths under which they choose their passwords."""
    home = home.resolve()
    place = {"TROTH_POLICY": str(home / "troth.yaml"), "TROTH_STATE": str(home / "troth-state")}
    done = stage.run([one.example], home, "troth.demo.hiring", **place)
    links = re.findall(r"(/account/letter/\S+)", done.stdout)
    if done.returncode or len(links) != len(STAFF[one.example]):
        raise NotHired(f"letting them in ended with {done.returncode}")
    return links


def _drop_notice(stage: Stage, address: str) -> None:
    """Take the notice of the new second factor out of the mailbox, which is to be empty for whoever visits."""
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        for message in stage.mailbox.all():
            if address in message.recipients:
                stage.mailbox.drop(message.number)
                return
        time.sleep(0.05)
    raise NotHired(f"no notice of the second factor came within {_PATIENCE:.0f} seconds")


def _come_in(browser: Browser, publisher: str, what: str, address: str, link: str) -> Hired:
    """Choose a password, log in, set up the second factor."""
    from troth.web.accounts.counting import STEP, code_of

    password = new_password()
    if browser.get(link) != 200 or browser.post(link, {"password": password}) != 302:
        raise NotHired(f"choosing a password was answered with {browser.status}")
    browser.get("/account/login")
    if browser.post("/account/login", {"email": address, "password": password}) != 302:
        raise NotHired(f"the login was answered with {browser.status}")
    browser.get("/account/security/totp")
    key = re.search(r'<code class="key">([^<]+)</code>', browser.page)
    if key is None:
        raise NotHired(f"the page of the second factor answered with {browser.status}")
    secret = "".join(key[1].split())
    if browser.post("/account/security/totp", {"code": code_of(secret, int(time.time()) // STEP)}) != 200:
        raise NotHired(f"the second factor was answered with {browser.status}")
    if browser.get("/console") != 302 or not browser.location.startswith("/console/undertaking"):
        raise NotHired(f"the console answered with {browser.status}")
    return Hired(publisher, what, address, password, secret)
