"""The shop of the desk's tests with its state and its site on a PostgreSQL server, or in files."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest

from desk.house_of import POLICY, SHOP, Front
from jobs.scene import on_postgresql, on_sqlite
from letterbox import Mailbox
from servers import ADMIN, PostgresServer

BEGAN = datetime(2026, 11, 1, tzinfo=UTC)


def url_of(server: PostgresServer, database: str) -> str:
    return f"postgresql://{ADMIN}:{quote(server.password, safe='')}@127.0.0.1:{server.port}/{database}"


def tables_on(server: PostgresServer) -> str:
    """A database with the tables of the site, to be cloned."""
    from django.core.management import call_command

    name = server.create_database("house")
    with on_postgresql(server, name):
        call_command("migrate", verbosity=0, interactive=False)
    return name


@contextmanager
def house(
    folder: Path, box: Mailbox, tables: Path, patch: pytest.MonkeyPatch, server: PostgresServer | None = None,
    template: str = "", policy: str = POLICY, shop: str = SHOP,
) -> Iterator[Front]:  # fmt: skip
    """The house, open for business; on a server, with a database of its own."""
    from django.test import override_settings

    from troth.desk import way
    from troth.jobs import schedule
    from troth.state.state import init_state
    from troth.web.pages.published import kept

    (folder / "troth.yaml").write_text(policy, encoding="utf-8")
    if shop:
        with sqlite3.connect(folder / "shop.sqlite") as database:
            database.executescript(shop)
        database.close()
    state = folder / "troth-state"
    with ExitStack() as stack:
        if server is not None:
            name = server.clone_database(template, "house")
            stack.callback(server.drop_database, name)
            patch.setenv("TROTH_STATE_URL", url_of(server, name))
            stack.enter_context(on_postgresql(server, name))
            init_state(state, origin="verdier.test/troth", at=BEGAN).close()
        else:
            init_state(state, origin="verdier.test/troth", at=BEGAN).close()
            stack.enter_context(on_sqlite(state / "site.db", tables))
        way.register()
        patch.setattr(schedule, "_SCHEDULES", {})  # nothing comes by itself
        stack.enter_context(override_settings(STATE=state, POLICY=folder / "troth.yaml"))
        kept.forget()
        stack.callback(kept.forget)
        yield Front(folder, box)
