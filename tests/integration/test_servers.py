"""The throwaway servers themselves: what the other tests lean on."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from databases import ChinookCase, EngineCase
from processes import process_tree
from servers import MariaDBServer, PostgresServer, Server

TESTS = Path(__file__).resolve().parent.parent


@pytest.fixture(params=["postgresql", "mariadb"])
def server(request: pytest.FixtureRequest) -> Server:
    """Each shared server in turn."""
    names = {"postgresql": "postgres_server", "mariadb": "mariadb_server"}
    found: Server = request.getfixturevalue(names[request.param])
    return found


def test_each_test_gets_an_empty_database_that_sqlalchemy_opens(engine_case: EngineCase) -> None:
    engine = sa.create_engine(engine_case.url)
    assert sa.inspect(engine).get_table_names() == []
    engine_case.execute_script("CREATE TABLE note (id INTEGER); INSERT INTO note VALUES (1); ")
    assert sa.inspect(engine).get_table_names() == ["note"]
    assert engine_case.query("SELECT id FROM note") == [(1,)]
    engine.dispose()


def test_a_wrong_password_is_refused(server: Server) -> None:
    engine = sa.create_engine(server.url(server.create_database(), password="not-it"))
    with pytest.raises(sa.exc.OperationalError):
        engine.connect()
    engine.dispose()


def test_of_the_accounts_that_mariadb_comes_with_none_is_left_but_its_own(mariadb_server: MariaDBServer) -> None:
    # Other tests of this process may have made accounts on the same server meanwhile.
    names = {name for (name,) in mariadb_server.admin_execute("SELECT user FROM mysql.global_priv")}
    assert {"mariadb.sys", "troth_admin"} <= names
    assert not names & {"", "root", "mysql", "PUBLIC"}


def test_a_commit_survives_the_death_of_the_server(server: Server) -> None:
    database = server.create_database()
    server.admin_execute("CREATE TABLE note (id INTEGER)", database)
    server.admin_execute("INSERT INTO note VALUES (7)", database)
    server.kill()
    try:
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", server.port), timeout=5)
    finally:
        server.start()
    assert server.admin_execute("SELECT id FROM note", database) == [(7,)]


def test_a_paused_server_says_nothing_until_it_is_resumed(server: Server) -> None:
    server.pause()
    try:
        states = [Path(f"/proc/{pid}/stat").read_text() for pid in process_tree(server.pid)]
        assert {state.rpartition(")")[2].split()[0] for state in states} == {"T"}
    finally:
        server.resume()
    assert server.admin_execute("SELECT 1") == [(1,)]


def test_a_clone_is_a_database_apart(server: Server) -> None:
    template = server.create_database()
    server.admin_execute("CREATE TABLE note (id INTEGER PRIMARY KEY); INSERT INTO note VALUES (1)", template)
    clone = server.clone_database(template)
    server.admin_execute("INSERT INTO note VALUES (2)", clone)
    assert server.admin_execute("SELECT count(*) FROM note", clone) == [(2,)]
    assert server.admin_execute("SELECT count(*) FROM note", template) == [(1,)]


def test_a_database_in_use_can_be_dropped(server: Server) -> None:
    database = server.create_database()
    engine = sa.create_engine(server.url(database))
    with engine.connect():
        server.drop_database(database)
    engine.dispose()
    with pytest.raises(sa.exc.OperationalError):
        sa.create_engine(server.url(database)).connect()


def test_nothing_is_left_when_the_tests_are_killed(server: Server) -> None:
    program = (
        f"from servers import {type(server).__name__} as S; s = S(); print(s.pid, s.directory, flush=True); input()"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", program], cwd=TESTS, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with child:
        assert child.stdout is not None
        pid, directory = child.stdout.readline().split()
        assert process_tree(int(pid))
        assert Path(directory).is_dir()
        os.kill(child.pid, signal.SIGKILL)
    for _ in range(400):
        if not process_tree(int(pid)) and not Path(directory).exists():
            break
        time.sleep(0.05)
    assert process_tree(int(pid)) == []
    assert not Path(directory).exists()


def test_a_server_refuses_to_run_as_root(postgres_server: PostgresServer) -> None:
    owner = Path(f"/proc/{postgres_server.pid}").stat().st_uid
    assert owner != 0


def test_chinook_is_the_same_on_each_engine(chinook: ChinookCase) -> None:
    customer, line, quote = chinook.name("Customer"), chinook.name("InvoiceLine"), '"'
    if chinook.kind == "mariadb":
        quote = "`"
    assert chinook.query(f"SELECT count(*) FROM {quote}{customer}{quote}") == [(59,)]
    assert chinook.query(f"SELECT count(*) FROM {quote}{line}{quote}") == [(2240,)]
    engine = sa.create_engine(chinook.url)
    keys = sa.inspect(engine).get_foreign_keys(line)
    engine.dispose()
    assert {key["referred_table"] for key in keys} == {chinook.name("Invoice"), chinook.name("Track")}


def test_a_spoilt_chinook_is_whole_again_in_the_next_test(chinook: ChinookCase) -> None:
    line = chinook.name("InvoiceLine")
    quote = "`" if chinook.kind == "mariadb" else '"'
    chinook.execute_script(f"DELETE FROM {quote}{line}{quote}")
    assert chinook.query(f"SELECT count(*) FROM {quote}{line}{quote}") == [(0,)]
