"""A fault before each statement of an erasure, one after the other: all or nothing, told as it is, and no line rests in
a transaction. Each fault is an interruption, an error of our own, or a connection that is gone."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from databases import EngineCase
from integration.sql.doomed import COLLECTIONS, SCRIPT, the_batch
from integration.sql.making import connector, listening
from troth.connectors.sql.connector import SqlConnector
from troth.connectors.sql.line import Line
from troth.core.errors import StoreError, StoreRefused, StoreUnsettled
from troth.core.ports import Done

AGAIN = "DELETE FROM c; DELETE FROM t; " + SCRIPT[SCRIPT.index("INSERT") :]


def lose(line: Line) -> None:
    """Cut the line as a network does."""
    if line.kind == "sqlite":
        raise line._errors("disk I/O error")
    handle = line.raw.fileno() if line.kind == "postgresql" else line.raw._sock.fileno()
    with contextlib.closing(socket.socket(fileno=os.dup(handle))) as cut:
        cut.shutdown(socket.SHUT_RDWR)


def fail(how: str, line: Line) -> None:
    if how == "interrupted":
        raise KeyboardInterrupt
    if how == "refused":
        raise StoreRefused("no")
    lose(line)


@contextmanager
def a_fault(made: SqlConnector, how: str, number: int) -> Iterator[list[str]]:
    """The fault before the statement of that number; the statements that were begun."""
    told: list[str] = []

    def before(line: Any, cursor: Any, statement: str, *_: Any) -> None:
        told.append(statement)
        if len(told) == number + 1:
            fail(how, line)

    with listening(made, before):
        yield told


def in_transaction(line: Line) -> bool:
    if line.kind == "sqlite":
        return bool(line.raw.in_transaction)
    if line.kind == "postgresql":
        return bool(line.raw.info.transaction_status != 0)
    return bool(line.exec_driver_sql("SELECT @@in_transaction").scalar_one())


def left(case: EngineCase) -> str:
    people = case.query("SELECT id FROM t WHERE name IS NULL AND email <> 'ana@example.org'")
    rows = case.query("SELECT id FROM c ORDER BY id")
    if (people, rows) == ([(1,)], [(3,)]):
        return "all"
    return "nothing" if (people, rows) == ([], [(1,), (2,), (3,)]) else f"half: {people} {rows}"


def run(made: SqlConnector, how: str, number: int) -> tuple[Done | BaseException, int]:
    batch = the_batch(made)
    with a_fault(made, how, number) as told:
        try:
            return made.execute(batch), len(told)
        except (StoreError, KeyboardInterrupt) as error:
            return error, len(told)


def check(made: SqlConnector, case: EngineCase, ended: Done | BaseException) -> None:
    state = left(case)
    assert state in ("all", "nothing")
    if isinstance(ended, Done):
        assert state == "all"
        assert ended.rows == {1: 2, 2: 1}
    elif isinstance(ended, StoreError) and not isinstance(ended, StoreUnsettled):
        assert state == "nothing", ended
    assert not any(in_transaction(line) for line in made._lines._idle)
    if state == "nothing":
        assert made.execute(the_batch(made)).rows == {1: 2, 2: 1}
        assert left(case) == "all"


@pytest.mark.parametrize("how", ["interrupted", "refused", "lost"])
def test_a_fault_before_any_statement_leaves_all_or_nothing_and_is_told(engine_case: EngineCase, how: str) -> None:
    with connector(engine_case, *COLLECTIONS, script=SCRIPT) as made:
        number = 0
        while True:
            engine_case.execute_script(AGAIN)
            ended, begun = run(made, how, number)
            check(made, engine_case, ended)
            if begun <= number:
                break
            number += 1
    assert number > 6
    assert isinstance(ended, Done)
