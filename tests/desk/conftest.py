"""A small house: one shop, its state, its site's database, and a mailbox."""

from __future__ import annotations

import atexit
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

import django
import pytest

# Django knows its settings before anything imports the rows of the desk.
_FOLDER = tempfile.TemporaryDirectory()
atexit.register(_FOLDER.cleanup)
os.environ["DJANGO_SETTINGS_MODULE"] = "troth.web.settings"
with patch.dict(os.environ, TROTH_STATE=_FOLDER.name, TROTH_HOSTS="testserver,https://privacy.verdier.test"):
    django.setup()

from desk.house_of import POLICY, SHOP, Front  # noqa: E402
from jobs.scene import on_sqlite  # noqa: E402
from letterbox import Mailbox, mailbox  # noqa: E402


@pytest.fixture(scope="session")
def _tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the tables of the site."""
    from django.core.management import call_command

    path = tmp_path_factory.mktemp("desk") / "site.db"
    with on_sqlite(path):
        call_command("migrate", verbosity=0, interactive=False)
    return path


@pytest.fixture
def box(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    """Where the mails arrive. It closes when those of the accounts, which leave by themselves, have left."""
    from troth.web.accounts.post import post

    with mailbox() as made:
        monkeypatch.setenv("TROTH_MAIL_URL", made.url)
        yield made
        post.drain()


def _verified(state: Path, let_pass: set[str]) -> None:
    """What a stranger would find in the evidence: nothing."""
    from troth.core.evidence.bundle import write_bundle
    from troth.core.evidence.verify import verify_bundle
    from troth.state.state import open_state

    with open_state(state) as opened:
        report = verify_bundle(write_bundle(opened.ledger), key=opened.checkpoint_key)
    found = [finding.code for check in report.checks if check.number in report.failed for finding in check.findings]
    assert not set(found) - let_pass


@pytest.fixture
def front(tmp_path: Path, _tables: Path, box: Mailbox, request: pytest.FixtureRequest) -> Iterator[Front]:
    """The house, open for business. At the end its evidence is verified; ``@pytest.mark.evidence(CODE)`` lets pass what
    a test has made up or broken off."""
    from django.test import override_settings

    from troth.desk import daily, way
    from troth.jobs import schedule
    from troth.state.state import init_state
    from troth.web.pages.published import kept

    (tmp_path / "troth.yaml").write_text(POLICY, encoding="utf-8")
    with sqlite3.connect(tmp_path / "shop.sqlite") as shop:
        shop.executescript(SHOP)
    shop.close()
    state = tmp_path / "troth-state"
    init_state(state, origin="verdier.test/troth", at=datetime(2026, 11, 1, tzinfo=UTC)).close()
    way.register()
    schedule.forget(daily.KIND)  # its morning mail comes when a test asks for it
    with (
        on_sqlite(state / "site.db", _tables),
        override_settings(STATE=state, POLICY=tmp_path / "troth.yaml"),
    ):
        kept.forget()
        yield Front(tmp_path, box)
    kept.forget()
    _verified(state, {str(code) for mark in request.node.iter_markers("evidence") for code in mark.args})
