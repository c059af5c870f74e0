"""Somebody who fills in the contact form, with a browser that runs scripts or one that does not."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client, override_settings

from databases import CHECKOUT
from letterbox import Mailbox, mailbox

FORM = "application/x-www-form-urlencoded"
OURS = "http://testserver"
GIVEN = {"email": "ana@example.org", "message": "Bonjour, un devis ?"}


class Clock:
    """What the form takes for the time; ``pass_by`` moves it on."""

    def __init__(self, now: float = 1_795_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += seconds


@dataclass
class Answer:
    """A page that came back."""

    status: int
    text: str
    headers: dict[str, str] = field(default_factory=dict)
    cookies: Any = None

    def hidden(self, name: str) -> str:
        found = re.search(rf'name="{re.escape(name)}" value="([^"]*)"', self.text)
        assert found, f"no {name} in the form"
        return unescape(found[1])

    @property
    def nonce(self) -> str:
        return re.findall(r'data-nonce="(\w+)"', self.text)[0]

    @property
    def bits(self) -> int:
        return int(re.findall(r'data-bits="(\d+)"', self.text)[0])

    @property
    def question(self) -> str:
        return unescape(re.findall(r'<label for="field-answer">(.*?)</label>', self.text)[0])

    @property
    def trouble(self) -> str:
        """What the box above the form says; empty when there is none."""
        found = re.search(r'<div class="trouble.*?<p>(.*?)</p>', self.text, re.DOTALL)
        return unescape(found[1]) if found else ""

    @property
    def wrong(self) -> dict[str, str]:
        """What stands beside the fields."""
        return {name: unescape(said) for name, said in re.findall(r'id="error-([\w-]+)">(.*?)</p>', self.text)}

    @property
    def heading(self) -> str:
        return unescape(re.findall(r"<h1>(.*?)</h1>", self.text)[0])


def work(nonce: str, bits: int) -> str:
    """The number that a browser would find."""
    number = 0
    while int.from_bytes(hashlib.sha256(f"{nonce}:{number}".encode()).digest(), "big") >> (256 - bits):
        number += 1
    return str(number)


@dataclass
class Writer:
    """Writes by Django's client. ``path`` may be that of the frame."""

    client: Any
    clock: Clock
    path: str = "/contact"
    language: str = "en"
    headers: dict[str, str] = field(default_factory=lambda: {"Origin": OURS, "Sec-Fetch-Site": "same-origin"})
    network: str = "203.0.113.9"
    about: str = ""

    @property
    def address(self) -> str:
        return f"{self.path}?lang={self.language}" + (f"&about={self.about}" if self.about else "")

    def open(self) -> Answer:
        return self._told(self.client.get(self.address, REMOTE_ADDR=self.network))

    def fill(self, page: Answer, *, scripts: bool = True, **given: str) -> dict[str, str]:
        """What a browser would send for a page."""
        fields = {**GIVEN, **given, "troth.token": page.hidden("troth.token"), "troth.empty": "", "troth.proof": ""}
        if 'name="troth.read"' in page.text:
            fields["troth.read"] = page.hidden("troth.read")
        if scripts:
            fields["troth.proof"] = work(page.nonce, page.bits)
        return fields

    def post(self, fields: dict[str, str] | list[tuple[str, str]] | bytes, **more: Any) -> Answer:
        body = fields if isinstance(fields, bytes) else urlencode(fields)
        content_type = more.pop("content_type", FORM)
        answer = self.client.post(
            self.address, body, content_type=content_type, headers=self.headers, REMOTE_ADDR=self.network, **more
        )
        return self._told(answer)

    def send(self, **given: str) -> Answer:
        """Open the form, take a while, send it."""
        page = self.open()
        self.clock.pass_by(20)
        return self.post(self.fill(page, **given))

    @staticmethod
    def _told(answer: Any) -> Answer:
        return Answer(answer.status_code, answer.content.decode(), dict(answer.headers), answer.cookies)


@pytest.fixture
def box(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    """The mail server of the site."""
    with mailbox() as made:
        monkeypatch.setenv("TROTH_MAIL_URL", f"{made.url}?timeout=30")
        yield made


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A clock of the form's own; nobody has written yet, and little work is asked for."""
    from troth.web.contact import guard, views
    from troth.web.contact.rates import Rates
    from troth.web.contact.tickets import Spent

    made = Clock()
    monkeypatch.setattr(views, "_now", made)
    monkeypatch.setattr(guard.guard, "spent", Spent())
    monkeypatch.setattr(guard.guard, "rates", Rates())
    monkeypatch.setenv("TROTH_CONTACT_WORK", "8")
    return made


@pytest.fixture(scope="module")
def maison(_django: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Maison Verdier's published site, for all tests of a module that change nothing about it."""
    from troth.bootstrap import publish
    from troth.state.state import init_state
    from troth.web.pages.published import kept

    folder = tmp_path_factory.mktemp("contact") / "maison"
    shutil.copytree(CHECKOUT / "examples" / "maison", folder)
    at = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
    init_state(folder / "state", origin="verdier.test/troth", at=at).close()
    publish(folder / "troth.yaml", folder / "state", at)
    kept.forget()
    yield folder
    kept.forget()


@pytest.fixture
def writer(maison: Path, clock: Clock) -> Iterator[Writer]:
    """Somebody who writes to Maison Verdier."""
    from troth.web.pages.published import kept

    with override_settings(STATE=maison / "state", POLICY=maison / "troth.yaml"):
        if kept._known is not None and kept._policy is not None and not _of(kept._policy, maison):
            kept.forget()
        yield Writer(Client(), clock)


def _of(policy: Any, folder: Path) -> bool:
    """Whether a policy was read from this folder."""
    return str(folder) in str(policy.stores["shop"].at)
