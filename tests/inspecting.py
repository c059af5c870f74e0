"""Short words for tests that look at databases: a store of some collections, its facts, the codes found."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, text

from databases import EngineCase, server_case
from servers import Server
from troth.connectors.sql.connect import open_engine
from troth.connectors.sql.errors import cleaned
from troth.connectors.sql.inspect import inspect
from troth.core.policy.model import Clock, Collection, Field, Identifier, Link, Mode, Store
from troth.core.ports import Finding, StoreFacts


def collection(name: str, table: str | None = None, **parts: Any) -> Collection:
    """A collection of the store ``shop``."""
    return Collection("shop", name, table or name, **parts)


def field(column: str, category: str = "Name") -> Field:
    """A mapped column."""
    return Field(column, column, category, frozenset({"orders"}))


def fields(*columns: str) -> tuple[Field, ...]:
    """Mapped columns."""
    return tuple(field(column) for column in columns)


def identified(column: str) -> tuple[Identifier, ...]:
    """An e-mail column that finds the person."""
    return (Identifier("email", column),)


def clock(column: str, kind: Any = "datetime", **parts: Any) -> dict[str, Clock]:
    """One event with this clock."""
    return {"last_contact": Clock(column, kind, **parts)}


def link(parent: str, *pairs: tuple[str, str], **parts: Any) -> tuple[Link, ...]:
    """One link to a parent."""
    return (Link(parent, pairs, **parts),)


def store(*collections: Collection, mode: Mode = Mode.ENFORCE, **settings: Any) -> Store:
    """A store of these collections."""
    settings.setdefault("lock_timeout", 1)
    return Store("shop", "", "FR", None, mode, {c.name: c for c in collections}, **settings)


@contextmanager
def opened(of: Store, url: str, **options: Any) -> Iterator[Engine]:
    """An engine that is given back at the end."""
    engine = open_engine(of, url, **options)
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def connected(of: Store, url: str, **options: Any) -> Iterator[Connection]:
    """A connection whose errors are cleaned as in the product."""
    with opened(of, url, **options) as engine, cleaned(of), engine.connect() as connection:
        yield connection


def look(url: str, *collections: Collection, **settings: Any) -> StoreFacts:
    """The facts of a store of these collections."""
    of = store(*collections, **settings)
    with opened(of, url) as engine:
        return inspect(engine, of)


def codes(facts: StoreFacts) -> set[str]:
    """The codes of all findings."""
    return {finding.code for finding in facts.findings}


def the(facts: StoreFacts, code: str) -> Finding:
    """The one finding with this code."""
    [found] = [finding for finding in facts.findings if finding.code == code]
    return found


@contextmanager
def database_on(server: Server, script: str = "") -> Iterator[EngineCase]:
    """A database of the test's own on a server, gone afterwards."""
    case = server_case(server)
    try:
        if script:
            case.execute_script(script)
        yield case
    finally:
        server.drop_database(case.database)


def attempt(of: Store, url: str, *statements: str, write: bool = False) -> None:
    """Connect and run statements, then commit."""
    with connected(of, url) as plain:
        connection = plain.execution_options(troth_write=write)
        for statement in statements:
            connection.execute(text(statement))
        connection.commit()
