"""Stores over hand-written tables, and ways to act between two statements of a connector."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy

from contract.worlds import a_field
from databases import EngineCase
from troth.connectors.sql.connector import SqlConnector
from troth.core.policy.model import Collection, Identifier, Mode, Store
from troth.core.ports import Assignment, Batch, Change, Want
from troth.core.query import Expr

__all__ = [
    "a_field", "between", "connector", "erase", "heard", "listening", "only", "stop_before", "store", "table", "update",
]  # fmt: skip


@contextmanager
def listening(made: SqlConnector, before: Callable[..., None]) -> Iterator[None]:
    """Call ``before(connection, cursor, statement, …)`` ahead of every statement that the connector sends."""
    sqlalchemy.event.listen(made._engine, "before_cursor_execute", before)
    try:
        yield
    finally:
        sqlalchemy.event.remove(made._engine, "before_cursor_execute", before)


@contextmanager
def heard(made: SqlConnector) -> Iterator[list[str]]:
    """The statements that the connector sends meanwhile."""
    told: list[str] = []
    with listening(made, lambda connection, cursor, statement, *_: told.append(statement)):
        yield told


def only(*kinds: str) -> pytest.MarkDecorator:
    """Run the test on these engines only."""
    return pytest.mark.parametrize("engine_case", kinds, indirect=True)


def table(name: str, *fields: str, email: str | None = None, **more: Any) -> Collection:
    """A collection of the table of that name, with plain fields and perhaps an e-mail column."""
    identifiers = (Identifier("email", email),) if email else ()
    more = {"fields": tuple(a_field(f) for f in fields), "identifiers": identifiers} | more
    return Collection("x", name, more.pop("table", name), **more)


def store(*collections: Collection, **more: Any) -> Store:
    """A store that may be written to; locks are not waited for long."""
    more = {"lock_timeout": 1} | more
    return Store("x", "", "FR", None, Mode.ENFORCE, {c.name: c for c in collections}, **more)


@contextmanager
def connector(case: EngineCase, *collections: Collection, script: str = "", **more: Any) -> Iterator[SqlConnector]:
    """A connector over tables that the script makes first."""
    if script:
        case.execute_script(script)
    made = SqlConnector(store(*collections, **more), case.url)
    try:
        yield made
    finally:
        made.close()


def erase(made: SqlConnector, collection: str, where: Expr, **more: Any) -> Batch:
    """A planned deletion."""
    [expected] = made.count([Want(collection, where, digest=True)])
    return Batch("request", (Change(1, collection, "delete", where, expected=expected),), **more)


def update(made: SqlConnector, collection: str, where: Expr, *assignments: Assignment, **more: Any) -> Batch:
    """A planned update."""
    [expected] = made.count([Want(collection, where, digest=True)])
    return Batch("request", (Change(1, collection, "update", where, assignments, expected=expected),), **more)


@contextmanager
def between(made: SqlConnector, words: str, act: Callable[[], object]) -> Iterator[list[object]]:
    """Call ``act`` once, just before the first statement that contains ``words``; what it returned."""
    told: list[object] = []

    def before(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        if words in statement and not told:
            told.append(None)
            told[0] = act()

    sqlalchemy.event.listen(made._engine, "before_cursor_execute", before)
    try:
        yield told
    finally:
        sqlalchemy.event.remove(made._engine, "before_cursor_execute", before)


def stop_before(made: SqlConnector, words: str, mark: str) -> None:
    """Let this process write ``mark`` and stop itself just before the first statement with these words; for
    others to kill it there."""

    def before(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        if words in statement and not os.path.exists(mark):
            with open(mark, "w") as file:
                json.dump(os.getpid(), file)
            os.kill(os.getpid(), signal.SIGSTOP)

    sqlalchemy.event.listen(made._engine, "before_cursor_execute", before)
