"""Pitfalls G: the client, the connection or the server dies at the worst moment."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

from databases import EngineCase
from integration.sql.doomed import ANA, CLEAR, COLLECTIONS, HERS, SCRIPT, doomed, the_batch
from integration.sql.making import between, connector, only
from troth.connectors.sql.connector import SqlConnector
from troth.core.errors import StoreBusy, StoreUnreachable
from troth.core.ports import Want
from troth.core.tombstone import is_tombstone


@contextmanager
def stopped(case: EngineCase, directory: Path, words: str) -> Iterator[BaseProcess]:
    """A process that erases Ana and has stopped itself before the first such statement."""
    mark = directory / "stopped"
    # Forked: a fresh Python would spend a second importing what is here already.
    process = get_context("fork").Process(target=doomed, args=(case.kind, case.url, words, str(mark)))
    process.start()
    assert process.pid is not None
    try:
        deadline = time.monotonic() + 60
        while not mark.exists() and process.is_alive() and time.monotonic() < deadline:
            time.sleep(0.01)
        assert mark.exists(), "the process never reached the statement"
        yield process
    finally:
        process.kill()
        process.join()


def state(case: EngineCase) -> str:
    """Whether Ana is there, erased, or something between."""
    [(email, name)] = case.query("SELECT email, name FROM t WHERE id = 1")
    orders = case.query("SELECT id FROM c WHERE t_id = 1")
    assert case.query("SELECT id FROM c WHERE t_id = 2") == [(3,)]
    assert case.query("SELECT name FROM t WHERE id = 2") == [("Ben",)]
    if (email, name, len(orders)) == ("ana@example.org", "Ana", 2):
        return "there"
    return "erased" if is_tombstone(email) and name is None and not orders else f"half: {email} {name} {orders}"


def run_again(case: EngineCase) -> None:
    """The successor: waits for the dead one's lock, then does what is left."""
    with connector(case, *COLLECTIONS, lock_timeout=30) as made:
        made.execute(the_batch(made))
        assert [c.rows for c in made.count([Want("c", HERS), Want("t", CLEAR)])] == [0, 0]


@pytest.mark.parametrize("words", ["DELETE FROM", "UPDATE", "SELECT (SELECT count"])
def test_g_a_client_killed_in_the_middle_leaves_all_or_nothing(
    engine_case: EngineCase, tmp_path: Path, words: str
) -> None:
    if engine_case.kind == "sqlite" and words == "UPDATE":
        words = "UPDATE OR ABORT"
    engine_case.execute_script(SCRIPT)
    with stopped(engine_case, tmp_path, words) as process:
        process.kill()
        process.join()
        run_again(engine_case)
    assert state(engine_case) == "erased"


@pytest.mark.parametrize("words", ["DELETE FROM", "SELECT (SELECT count"])
def test_g_a_client_that_hangs_holds_its_lock_and_nothing_is_done_twice(
    engine_case: EngineCase, tmp_path: Path, words: str
) -> None:
    engine_case.execute_script(SCRIPT)
    with stopped(engine_case, tmp_path, words) as process, connector(engine_case, *COLLECTIONS) as made:
        batch = the_batch(made)
        with pytest.raises(StoreBusy):
            made.execute(batch)
        assert state(engine_case) == "there"
        os.kill(process.pid or 0, signal.SIGCONT)
        process.join(30)
        assert state(engine_case) == "erased"


@only("postgresql", "mariadb")
def test_g_a_commit_that_the_server_never_made_is_told_as_nothing_changed(engine_case: EngineCase) -> None:
    with connector(engine_case, *COLLECTIONS, script=SCRIPT) as made:
        batch = the_batch(made)
        kill = broken_commit(made, before=lambda connection: _kill_session(engine_case, connection))
        with kill, pytest.raises(StoreBusy, match="nothing was changed"):
            made.execute(batch)
        assert state(engine_case) == "there"
        made.execute(batch)
        assert state(engine_case) == "erased"


@only("postgresql", "mariadb")
def test_g_a_commit_whose_answer_was_lost_is_told_as_done(engine_case: EngineCase) -> None:
    with connector(engine_case, *COLLECTIONS, script=SCRIPT) as made:
        batch = the_batch(made)
        with broken_commit(made, after=_lose_connection):
            assert dict(made.execute(batch).rows) == {1: 2, 2: 1}
        assert state(engine_case) == "erased"


@contextmanager
def broken_commit(made: SqlConnector, before: object = None, after: object = None) -> Iterator[None]:
    """Something happens before or after the next COMMIT reaches the server."""
    dialect = made._engine.dialect
    real = dialect.do_commit

    def commit(connection: object) -> None:
        dialect.do_commit = real  # type: ignore[method-assign]
        if before is not None:
            before(connection)  # type: ignore[operator]
        real(connection)  # type: ignore[arg-type]
        if after is not None:
            after(connection)  # type: ignore[operator]

    dialect.do_commit = commit  # type: ignore[assignment,method-assign]
    try:
        yield
    finally:
        dialect.do_commit = real  # type: ignore[method-assign]


def _kill_session(case: EngineCase, connection: object) -> None:
    driver = getattr(connection, "driver_connection", connection)
    if case.kind == "postgresql":
        case.execute_script(f"SELECT pg_terminate_backend({driver.info.backend_pid}, 5000)")
    else:
        case.execute_script(f"KILL {driver.thread_id()}")
        time.sleep(0.1)


def _lose_connection(connection: object) -> None:
    import psycopg
    import pymysql

    driver = getattr(connection, "driver_connection", connection)
    if isinstance(driver, psycopg.Connection):
        driver.close()
        raise psycopg.OperationalError("server closed the connection unexpectedly")
    driver.close()
    raise pymysql.err.OperationalError(2013, "Lost connection to MySQL server during query")


@only("postgresql", "mariadb")
def test_g_a_server_that_dies_is_unreachable_and_afterwards_all_is_as_before(engine_case: EngineCase) -> None:
    server = engine_case.server
    assert server is not None
    with connector(engine_case, *COLLECTIONS, script=SCRIPT) as made:
        batch = the_batch(made)
        try:
            with between(made, "UPDATE", server.kill), pytest.raises(StoreUnreachable):
                made.execute(batch)
            with pytest.raises(StoreUnreachable):
                made.count([Want("t", ANA)])
        finally:
            server.start()
        assert state(engine_case) == "there"
        made.execute(the_batch(made))
        assert state(engine_case) == "erased"


@only("postgresql", "mariadb")
def test_g_a_server_that_stands_still_for_a_while_is_waited_for(engine_case: EngineCase) -> None:
    server = engine_case.server
    assert server is not None
    with connector(engine_case, *COLLECTIONS, script=SCRIPT) as made:
        batch = the_batch(made)
        waker = threading.Timer(0.5, server.resume)

        def freeze() -> None:
            server.pause()
            waker.start()

        try:
            with between(made, "UPDATE", freeze):
                assert dict(made.execute(batch).rows) == {1: 2, 2: 1}
        finally:
            waker.join()
            server.resume()
    assert state(engine_case) == "erased"


@only("postgresql", "mariadb")
def test_d_a_statement_that_takes_too_long_takes_the_whole_back(engine_case: EngineCase) -> None:
    slow = {
        "postgresql": "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS "
        "'BEGIN PERFORM pg_sleep(3); RETURN NEW; END';"
        "CREATE TRIGGER slow BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION slow();",
        "mariadb": "CREATE TRIGGER slow BEFORE UPDATE ON t FOR EACH ROW SET NEW.name = SLEEP(3);",
    }[engine_case.kind]
    with connector(engine_case, *COLLECTIONS, script=SCRIPT + slow, statement_timeout=1) as made:
        batch = the_batch(made)
        with pytest.raises(StoreBusy):
            made.execute(batch)
    assert state(engine_case) == "there"


@only("sqlite")
def test_g_a_hot_journal_is_rolled_back_by_the_next_run(engine_case: EngineCase, tmp_path: Path) -> None:
    """The dead client had already spilt half of its work into the file."""
    many = "WITH RECURSIVE s (i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM s WHERE i < 3009) "
    many += "INSERT INTO c SELECT i, 1, hex(zeroblob(1000)) FROM s;"
    engine_case.execute_script(SCRIPT + "ALTER TABLE c ADD COLUMN pad TEXT;" + many)
    assert engine_case.path is not None
    before = engine_case.path.read_bytes()
    with stopped(engine_case, tmp_path, "UPDATE OR ABORT") as process:
        process.kill()
        process.join()
        assert engine_case.path.read_bytes() != before
        with connector(engine_case, *COLLECTIONS) as made:
            assert made.count([Want("c", HERS)])[0].rows == 3002
        run_again(engine_case)
    assert state(engine_case) == "erased"
