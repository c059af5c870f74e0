"""The site in this process, on a policy and a state of the test's own."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import django
import pytest
from django.test import Client, override_settings

from databases import CHECKOUT
from troth.state.state import init_state

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="session", autouse=True)
def _django() -> Iterator[None]:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TROTH_STATE"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "troth.web.settings"
        os.environ["TROTH_HOSTS"] = "testserver,https://privacy.verdier.test"
        django.setup()
        yield
        del os.environ["TROTH_STATE"], os.environ["TROTH_HOSTS"]


class Site:
    """A publisher's folder, and a browser without scripts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.client = Client()

    @property
    def state(self) -> Path:
        return self.folder / "troth-state"

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


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """Maison Verdier, nothing published yet."""
    from troth.web.pages.published import kept

    folder = tmp_path / "maison"
    shutil.copytree(CHECKOUT / "examples" / "maison", folder)
    made = Site(folder)
    init_state(made.state, origin="verdier.test/troth", at=NOW).close()
    with override_settings(STATE=made.state, POLICY=folder / "troth.yaml"):
        kept.forget()
        yield made
