"""A death at a chosen moment: before any statement to a store or to Troth's own state, around any commit.

The moments are counted in the process of the run itself, by listening to the drivers; nothing in Troth knows.
"""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from integration.world import Hook, Ran, World

Act = Callable[[], None]


def die() -> None:
    """As a power cut would do it."""
    os.kill(os.getpid(), signal.SIGKILL)


def freeze() -> None:
    """Stop, until somebody sends SIGCONT."""
    os.kill(os.getpid(), signal.SIGSTOP)


class Moments:
    """Counts the moments of a run and acts at one of them; writes their names to a file."""

    def __init__(self, at: int | str, act: Act, list_to: Path | None) -> None:
        self.at, self.act, self.list_to = at, act, list_to
        self.number = 0
        self.done = False

    def pass_by(self, name: str) -> None:
        self.number += 1
        if self.list_to is not None:
            with self.list_to.open("a") as file:
                file.write(f"{name}\n")
        if not self.done and self._meant(name):
            self.done = True
            self.act()

    def _meant(self, name: str) -> bool:
        return self.number == self.at if isinstance(self.at, int) else re.search(self.at, name) is not None


def at_moment(at: int | str, act: Act = die, list_to: Path | None = None) -> Hook:
    """A hook that acts at the n-th moment, or at the first whose name matches."""
    return partial(_watch, at, act, list_to)


def _watch(at: int | str, act: Act, list_to: Path | None) -> None:
    moments = Moments(at, act, list_to)
    _listen_to_stores(moments)
    _listen_to_state(moments)


def _listen_to_stores(moments: Moments) -> None:
    from sqlalchemy import event
    from sqlalchemy.dialects.sqlite.base import SQLiteDialect
    from sqlalchemy.engine import Engine
    from sqlalchemy.engine.default import DefaultDialect

    names: dict[int, str] = {}

    @event.listens_for(Engine, "before_cursor_execute")
    def statement(connection: Any, cursor: Any, sql: str, *_: Any) -> None:
        names[id(connection.connection.dbapi_connection)] = connection.engine.url.database
        moments.pass_by(f"{_store(connection.engine.url.database)}: {' '.join(sql.split())[:60]}")

    for dialect in (DefaultDialect, SQLiteDialect):
        if "do_commit" in vars(dialect):
            _around_commit(dialect, moments, names)
    from sqlalchemy.dialects.mysql.base import MySQLDialect

    if "do_commit" in vars(MySQLDialect):
        _around_commit(MySQLDialect, moments, names)


def _around_commit(dialect: Any, moments: Moments, names: dict[int, str]) -> None:
    really = dialect.do_commit

    def do_commit(self: Any, connection: Any) -> None:
        store = _store(names.get(id(getattr(connection, "dbapi_connection", connection)), ""))
        moments.pass_by(f"{store}: before COMMIT")
        really(self, connection)
        moments.pass_by(f"{store}: after COMMIT")

    dialect.do_commit = do_commit


def _store(database: str | None) -> str:
    shop = os.environ["SHOP_URL"].rstrip("/").partition("?")[0]
    return "shop" if database and shop.endswith(str(database)) else "mailing"


def _listen_to_state(moments: Moments) -> None:
    from troth.state.sqlite import SqliteDatabase

    really = SqliteDatabase.__init__

    def opened(self: Any, *args: Any, **more: Any) -> None:
        really(self, *args, **more)
        self._db.set_trace_callback(lambda sql: moments.pass_by(f"state: {' '.join(sql.split())[:40]}"))

    SqliteDatabase.__init__ = opened  # type: ignore[method-assign]
    replace = os.replace

    def replacing(*args: Any, **more: Any) -> None:
        moments.pass_by("state: before replacing a file")
        replace(*args, **more)

    os.replace = replacing


def moments_of(world: World, *words: str) -> list[str]:
    """The moments of a whole run, which is then undone."""
    saved, listed = world.save(), world.folder / "moments"
    ran = world.troth(*words, hook=at_moment(0, list_to=listed))
    assert ran.code == 0, ran.said
    world.restore(saved)
    names = listed.read_text().splitlines()
    listed.unlink()
    return names


def killed(world: World, at: int | str, *words: str, may_end: bool = False) -> Ran:
    """A run that dies at that moment. ``may_end``: the moment may lie behind its end, since a server answers a
    question more or less from one run to the next; then it has to end well."""
    ran = world.start(*words, hook=at_moment(at)).wait()
    assert ran.signal == signal.SIGKILL or (may_end and ran.code == 0), ran.said
    return ran
