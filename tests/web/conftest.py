"""The site in this process, on a policy and a state of the test's own."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import django
import pytest
from django.db import connections
from django.test import Client, override_settings

from databases import CHECKOUT
from letterbox import Mailbox, mailbox
from remembered import remembered
from troth.state.state import init_state
from web.contact_form import box, clock, maison, writer

__all__ = ["box", "clock", "maison", "writer"]  # fixtures of the contact form

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="session", autouse=True)
def _django() -> Iterator[None]:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TROTH_STATE"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "troth.web.settings"
        os.environ["TROTH_HOSTS"] = "testserver,https://privacy.verdier.test"
        django.setup()
        # The settings have been read; tests of the command line in this process look for a state of their own.
        del os.environ["TROTH_STATE"], os.environ["TROTH_HOSTS"]
        yield


@pytest.fixture(scope="session")
def site_database(_django: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site's database with all its tables and nothing in them: made once, copied for each test that needs one."""
    from django.core.management import call_command

    path = tmp_path_factory.mktemp("site") / "site.db"
    _connect(path)
    call_command("migrate", verbosity=0, interactive=False)
    with connections["default"].cursor() as cursor:
        cursor.execute("PRAGMA journal_mode=DELETE")  # one file, all of it
    connections.close_all()
    return path


def _connect(path: Path) -> None:
    connections.close_all()
    connections["default"].settings_dict["NAME"] = str(path)


class Site:
    """A publisher's folder, and a browser without scripts."""

    def __init__(self, folder: Path, state: Path | None = None) -> None:
        self.folder = folder
        self.state = state or folder / "troth-state"
        self.client = Client()

    def edit(self, file: str, old: str, new: str) -> None:
        """Change the policy's file."""
        path = self.folder / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    def publish(self, at: datetime = NOW) -> None:
        """``troth publish``, and the site looks again."""
        from troth.bootstrap import publish
        from troth.web.pages.published import kept

        publish(self.folder / "troth.yaml", self.state, at)
        kept.forget()

    def get(self, path: str, **headers: str) -> tuple[int, str, dict[str, str]]:
        """Status, text and headers of an address."""
        answer = self.client.get(path, headers=headers)
        return answer.status_code, answer.content.decode(), dict(answer.headers)


@pytest.fixture(scope="session")
def _standing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where each test's folder stands in its turn: a policy is remembered by its place."""
    return tmp_path_factory.mktemp("standing") / "maison"


@pytest.fixture
def site(tmp_path: Path, _standing: Path) -> Iterator[Site]:
    """Maison Verdier, nothing published yet."""
    from troth.web.pages.published import kept

    shutil.copytree(CHECKOUT / "examples" / "maison", _standing)
    made = Site(_standing, tmp_path / "troth-state")  # a place of its own: the site keeps a state open by its place
    try:
        init_state(made.state, origin="verdier.test/troth", at=NOW).close()
        _connect(made.state / "site.db")  # not there, so whoever needs it without `database` fails
        with override_settings(STATE=made.state, POLICY=_standing / "troth.yaml", CLEARS=False), remembered():
            kept.forget()
            yield made
        connections.close_all()
    finally:
        _standing.rename(tmp_path / "maison")  # to be looked at, if the test failed


@pytest.fixture
def database(site: Site, site_database: Path) -> Path:
    """The database of ``site``, empty, with its tables."""
    return Path(shutil.copyfile(site_database, site.state / "site.db"))


class Person:
    """Somebody with a browser of their own, without scripts: it keeps cookies and says where its forms come from."""

    def __init__(self, address: str = "203.0.113.7", agent: str = "Mozilla/5.0 (X11; Linux) Firefox/140.0") -> None:
        self.client = Client(REMOTE_ADDR=address, headers={"User-Agent": agent, "Accept-Language": "en"})
        self.page = ""

    def get(self, path: str, **headers: str) -> Any:
        """Open a page; it stays in ``page``."""
        return self._seen(self.client.get(path, secure=True, headers=headers))

    def post(self, path: str, headers: dict[str, str] | None = None, **fields: str) -> Any:
        """Send a form of the page last opened, with the secret that it carries."""
        found = re.search(r'name="csrf" value="([^"]+)"', self.page)
        data = {"csrf": found[1]} if found else {}
        own = {"Origin": "https://testserver", "Sec-Fetch-Site": "same-origin"}
        return self._seen(
            self.client.post(path, data | fields, secure=True, headers=own if headers is None else headers)
        )

    def cookies(self) -> dict[str, str]:
        """What the browser keeps."""
        return {name: one.value for name, one in self.client.cookies.items() if one.value}

    def field(self, name: str) -> str:
        """The value of a field of the page."""
        found = re.search(rf'name="{name}" value="([^"]*)"', self.page)
        assert found is not None, f"the page has no field {name}"
        return found[1]

    def _seen(self, answer: Any) -> Any:
        self.page = answer.content.decode() if answer.get("Content-Type", "").startswith("text/html") else ""
        return answer


class Post:
    """The mails of the accounts, as their readers see them."""

    def __init__(self, box: Mailbox) -> None:
        self.box = box

    def last(self, to: str) -> str:
        """The text of the newest mail to somebody."""
        self.wait()
        found = next(mail.text() for mail in reversed(self.box.received) if to in mail.recipients)
        return " ".join(found.replace("\xa0", " ").split())

    def wait(self) -> None:
        """Until all have left."""
        from troth.web.accounts.post import post

        post.wait()

    def link(self, to: str) -> str:
        """The path of the link in it."""
        found = re.search(r"https://testserver(/account/letter/\S+)", self.last(to))
        assert found is not None
        return found[1]

    def code(self, to: str) -> str:
        """The code in it."""
        found = re.search(r"\b[2-9B-Z]{4}-[2-9B-Z]{4}\b", self.last(to))
        assert found is not None
        return found[0]


@pytest.fixture
def letters(site: Site, database: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Post]:
    """The site with accounts and a mail server that keeps what it gets."""
    from troth.web.accounts import limits

    limits.forget_all()
    with mailbox() as box:
        monkeypatch.setenv("TROTH_MAIL_URL", box.url)
        made = Post(box)
        yield made
        made.wait()


GOOD = "Sept mots valent mieux que douze signes ici"
"""A password that every rule of the examples takes."""


@pytest.fixture
def ana(letters: Post) -> Person:
    """Ana, who has an account with the address ana@example.org and is logged in."""
    person = Person()
    assert person.post("/account/signup", email="ana@example.org").status_code == 302
    link = letters.link("ana@example.org")
    person.get(link)
    assert person.post(link, password=GOOD).status_code == 302
    person.get("/account")
    return person


@pytest.fixture
def django_queries(letters: Post) -> Iterator[list[str]]:
    """What is asked of the site's database."""
    asked: list[str] = []

    def heard(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        asked.append(sql)
        return execute(sql, params, many, context)

    with connections["default"].execute_wrapper(heard):
        yield asked
