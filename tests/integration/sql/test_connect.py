"""Opening a store: only with settings that fail loudly, and never by making something up."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import URL, text

from databases import EngineCase, sqlite_case
from inspecting import attempt, connected, database_on, opened, store
from servers import ADMIN, MariaDBServer, PostgresServer
from troth.connectors.sql import connect
from troth.connectors.sql.connect import open_engine
from troth.core.errors import StoreBusy, StoreRefused, StoreUnreachable, UsageError
from troth.core.policy.model import Mode

OBSERVE = store(mode=Mode.OBSERVE)
ENFORCE = store()


# --- urls ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "driver"),
    [
        ("sqlite:///shop.db", "sqlite+pysqlite"),
        ("postgresql://u:secret@db.test/shop", "postgresql+psycopg"),
        ("postgres://u:secret@db.test/shop", "postgresql+psycopg"),
        ("postgresql+psycopg://u@db.test/shop", "postgresql+psycopg"),
        ("mysql://u:secret@db.test/shop", "mysql+pymysql"),
        ("mariadb://u:secret@db.test:3307/shop", "mysql+pymysql"),
    ],
)
def test_it_maps_each_scheme_to_our_driver(written: str, driver: str) -> None:
    assert open_engine(ENFORCE, written).url.drivername == driver


@pytest.mark.parametrize(
    "written",
    [
        "oracle://u:hunter2@db.test/shop",
        "postgresql+psycopg2://u:hunter2@db.test/shop",
        "mysql+mysqldb://u:hunter2@db.test/shop",
        "hunter2",
        "",
        "sqlite://",
        "postgresql://u:hunter2@db.test",
        "mysql://u:hunter2@db.test:port/shop",
    ],
)
def test_it_refuses_a_url_it_does_not_know_and_says_which_it_does_without_repeating_it(written: str) -> None:
    with pytest.raises(UsageError) as refused:
        open_engine(ENFORCE, written)
    assert "sqlite:///path" in refused.value.remedy
    assert "hunter2" not in refused.value.message + refused.value.remedy


@pytest.mark.parametrize(
    "written",
    [
        "sqlite:///shop.db?immutable=1",
        "sqlite:///shop.db?mode=rwc",
        "postgresql://db.test/shop?options=-c%20row_security%3Don",
        "mysql://db.test/shop?client_flag=0",
        "mysql://db.test/shop?init_command=SET%20sql_mode%3D''",
        "mysql://db.test/shop?local_infile=1",
    ],
)
def test_it_refuses_url_options_that_could_undo_its_settings(written: str) -> None:
    with pytest.raises(UsageError, match="has the option"):
        open_engine(ENFORCE, written)


def test_it_allows_encryption_options() -> None:
    for written in (
        "postgresql://db.test/shop?sslmode=verify-full&sslrootcert=/etc/ca.pem",
        "mysql://db.test/shop?ssl_ca=/etc/ca.pem",
    ):
        assert open_engine(ENFORCE, written).url.query


# --- every engine --------------------------------------------------------------------------------------


def test_an_observed_store_refuses_writes_in_the_database_itself(engine_case: EngineCase) -> None:
    engine_case.execute_script("CREATE TABLE t (a int)")
    with pytest.raises(StoreRefused, match="read-only") as refused:
        attempt(OBSERVE, engine_case.url, "INSERT INTO t VALUES (1)")
    assert "mode: enforce" in refused.value.remedy
    assert engine_case.query("SELECT count(*) FROM t") == [(0,)]


def test_an_observed_store_refuses_to_begin_writing(engine_case: EngineCase) -> None:
    with pytest.raises(StoreRefused, match="opened for reading only"):
        attempt(OBSERVE, engine_case.url, "SELECT 1", write=True)


def test_an_enforced_store_writes(engine_case: EngineCase) -> None:
    engine_case.execute_script("CREATE TABLE t (a int)")
    attempt(ENFORCE, engine_case.url, "INSERT INTO t VALUES (1)", write=True)
    assert engine_case.query("SELECT count(*) FROM t") == [(1,)]


def test_a_lock_held_by_somebody_else_ends_as_busy(engine_case: EngineCase) -> None:
    engine_case.execute_script("CREATE TABLE t (a int); INSERT INTO t VALUES (1)")
    with connected(ENFORCE, engine_case.url) as first:
        first.execution_options(troth_write=True).execute(text("UPDATE t SET a = 2"))
        with pytest.raises(StoreBusy, match="locked"):
            attempt(ENFORCE, engine_case.url, "UPDATE t SET a = 3", write=True)
        first.rollback()


def test_settings_come_back_with_every_pooled_connection(engine_case: EngineCase) -> None:
    question = {
        "sqlite": "PRAGMA foreign_keys",
        "postgresql": "SHOW row_security",
        "mariadb": "SELECT @@SESSION.sql_mode",
    }[engine_case.kind]
    with opened(ENFORCE, engine_case.url) as engine:
        with engine.connect() as one, engine.connect() as two:
            answers = {str(c.exec_driver_sql(question).scalar()) for c in (one, two)}
        with engine.connect() as again:
            answers.add(str(again.exec_driver_sql(question).scalar()))
    [answer] = answers
    wanted = {"sqlite": "1", "postgresql": "off", "mariadb": connect.SQL_MODE}[engine_case.kind]
    assert set(answer.split(",")) == set(wanted.split(","))


# --- SQLite --------------------------------------------------------------------------------------------


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """An SQLite file with one table and one row."""
    path = tmp_path / "shop ü?%.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (1);")
    return path


def test_it_never_creates_a_missing_file(tmp_path: Path) -> None:
    path = tmp_path / "nosuch.db"
    with pytest.raises(StoreUnreachable, match="no file"):
        attempt(ENFORCE, f"sqlite:///{path}")
    assert not path.exists()


def test_it_reports_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    path.write_text("ana@example.org wrote this\n" * 100)
    with pytest.raises(StoreUnreachable, match="not an SQLite database") as refused:
        attempt(ENFORCE, f"sqlite:///{path}")
    assert "ana@" not in str(refused.value)


def test_it_opens_names_that_look_like_uri_syntax(file: Path) -> None:
    with connected(ENFORCE, URL.create("sqlite", database=str(file)).render_as_string()) as connection:
        assert connection.execute(text("SELECT a FROM t")).scalar() == 1


def test_foreign_keys_are_on_and_erased_bytes_overwritten(tmp_path: Path) -> None:
    case = sqlite_case(tmp_path)
    with connected(ENFORCE, case.url) as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        assert connection.exec_driver_sql("PRAGMA secure_delete").scalar() == 1


@pytest.mark.parametrize("mode", ["delete", "wal", "truncate"])
def test_it_leaves_the_journal_mode_alone(tmp_path: Path, mode: str) -> None:
    case = sqlite_case(tmp_path)
    with closing(sqlite3.connect(case.database)) as connection:
        connection.execute(f"PRAGMA journal_mode = {mode}")
        connection.execute("CREATE TABLE t (a)")
    for of in (OBSERVE, ENFORCE):
        with connected(of, case.url) as connection_:
            connection_.execute(text("SELECT * FROM t")).all()
    with closing(sqlite3.connect(case.database)) as connection:
        found = connection.execute("PRAGMA journal_mode").fetchone()[0]
    assert found == (mode if mode == "wal" else "delete")


def test_a_read_opens_a_transaction_that_sees_one_state(tmp_path: Path) -> None:
    """The driver's own mode would let the count change between two SELECTs of one transaction."""
    case = sqlite_case(tmp_path)
    with closing(sqlite3.connect(case.database)) as other:
        other.executescript("PRAGMA journal_mode = wal; CREATE TABLE t (a); INSERT INTO t VALUES (1)")
        with connected(ENFORCE, case.url) as connection:
            before = connection.execute(text("SELECT count(*) FROM t")).scalar()
            other.execute("INSERT INTO t VALUES (2)")
            other.commit()
            assert connection.execute(text("SELECT count(*) FROM t")).scalar() == before


def test_a_writing_transaction_takes_the_lock_before_it_reads(tmp_path: Path) -> None:
    """A deferred one fails at its first write when somebody else committed after its first read."""
    case = sqlite_case(tmp_path)
    case.execute_script("PRAGMA journal_mode = wal; CREATE TABLE t (a)")
    with connected(ENFORCE, case.url) as connection:
        writing = connection.execution_options(troth_write=True)
        writing.execute(text("SELECT count(*) FROM t")).scalar()
        with closing(sqlite3.connect(case.database, timeout=0)) as other, pytest.raises(sqlite3.OperationalError):
            other.execute("INSERT INTO t VALUES (9)")
        writing.execute(text("INSERT INTO t VALUES (1)"))
        writing.commit()
    assert case.query("SELECT a FROM t") == [(1,)]


def _crash_in_the_middle(path: Path) -> None:
    """Leave a hot journal, as a writer that died does: its journal is there, its lock is gone."""
    with closing(sqlite3.connect(path)) as writer:
        writer.executescript("PRAGMA cache_size = 5; CREATE TABLE big (a, b)")
        writer.executemany("INSERT INTO big VALUES (?, ?)", [(i, "x" * 500) for i in range(400)])
        writer.commit()
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("UPDATE big SET b = 'uncommitted'")
        crashed = (path.read_bytes(), Path(f"{path}-journal").read_bytes())
    path.write_bytes(crashed[0])
    Path(f"{path}-journal").write_bytes(crashed[1])


def test_observing_reports_a_hot_journal_instead_of_reading_a_half_written_state(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    _crash_in_the_middle(path)
    with pytest.raises(StoreRefused, match="middle of a write") as refused:
        attempt(OBSERVE, f"sqlite:///{path}")
    assert "-journal" in refused.value.remedy
    with connected(ENFORCE, f"sqlite:///{path}") as connection:
        assert connection.execute(text("SELECT count(*) FROM big WHERE b = 'uncommitted'")).scalar() == 0


def test_it_reports_a_library_that_is_too_old(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connect, "SQLITE_LEAST", (99, 0, 0))
    with pytest.raises(StoreRefused, match="SQLite 3"):
        open_engine(ENFORCE, f"sqlite:///{file}")


# --- PostgreSQL ----------------------------------------------------------------------------------------


def test_postgresql_has_our_settings(postgres_server: PostgresServer) -> None:
    script = "ALTER ROLE troth_admin SET statement_timeout = 0"
    with database_on(postgres_server, script) as case, connected(store(statement_timeout=7), case.url) as connection:

        def shown(name: str) -> str:
            return str(connection.exec_driver_sql(f"SHOW {name}").scalar())

        assert shown("row_security") == "off"
        assert shown("statement_timeout") == "7s"
        assert shown("lock_timeout") == "1s"
        assert shown("idle_in_transaction_session_timeout") == "1min"
        assert shown("transaction_isolation") == "read committed"
        assert shown("TimeZone") == "UTC"
        assert shown("application_name") == "troth"
        assert shown("client_connection_check_interval") == "2s"
        connection.rollback()
        assert shown("row_security") == "off", "a rollback must not undo the settings"


def test_postgresql_isolation_is_ours_whatever_the_server_prefers(postgres_server: PostgresServer) -> None:
    with database_on(postgres_server) as case:
        case.execute_script(f'ALTER DATABASE "{case.database}" SET default_transaction_isolation = serializable')
        with connected(ENFORCE, case.url) as connection:
            assert connection.exec_driver_sql("SHOW transaction_isolation").scalar() == "read committed"


def test_postgresql_ends_a_statement_that_takes_too_long(postgres_server: PostgresServer) -> None:
    with database_on(postgres_server) as case, pytest.raises(StoreBusy, match="took too long") as busy:
        attempt(store(statement_timeout=1), case.url, "SELECT pg_sleep(20)")
    assert busy.value.code == "57014"


def test_postgresql_that_is_too_old_is_refused(
    postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connect, "POSTGRESQL_LEAST", 990000)
    with database_on(postgres_server) as case, pytest.raises(StoreRefused, match="PostgreSQL 15") as refused:
        attempt(ENFORCE, case.url)
    assert "upgrade" in refused.value.remedy


# --- MariaDB -------------------------------------------------------------------------------------------


def test_mariadb_has_our_settings(mariadb_server: MariaDBServer) -> None:
    with database_on(mariadb_server) as case, connected(store(statement_timeout=7), case.url) as connection:
        row = connection.exec_driver_sql(
            "SELECT @@sql_mode, @@tx_isolation, @@innodb_lock_wait_timeout, @@lock_wait_timeout, "
            "@@max_statement_time, @@time_zone, @@character_set_client, @@tx_read_only"
        ).one()
    assert set(row[0].split(",")) == set(connect.SQL_MODE.split(","))
    assert tuple(row[1:]) == ("READ-COMMITTED", 1, 1, 7, "+00:00", "utf8mb4", 0)


def test_a_sloppy_sql_mode_of_the_server_does_not_cut_values(mariadb_server: MariaDBServer) -> None:
    [(before,)] = mariadb_server.admin_execute("SELECT @@GLOBAL.sql_mode")
    with database_on(mariadb_server, "CREATE TABLE t (a varchar(10), e enum('x'))") as case:
        mariadb_server.admin_execute("SET GLOBAL sql_mode = ''")
        try:
            for statement in ("INSERT INTO t (a) VALUES ('sixteen-letters!')", "INSERT INTO t (e) VALUES ('nosuch')"):
                with pytest.raises(StoreRefused, match="does not accept a value"):
                    attempt(ENFORCE, case.url, statement)
        finally:
            mariadb_server.admin_execute(f"SET GLOBAL sql_mode = '{before}'")


def test_names_are_quoted_rightly_on_a_server_with_ansi_quotes(mariadb_server: MariaDBServer) -> None:
    """SQLAlchemy asks for sql_mode to know how to quote: it must see ours."""
    from sqlalchemy import column, select, table

    [(before,)] = mariadb_server.admin_execute("SELECT @@GLOBAL.sql_mode")
    with database_on(mariadb_server, "CREATE TABLE `order` (`select` int); INSERT INTO `order` VALUES (7)") as case:
        mariadb_server.admin_execute("SET GLOBAL sql_mode = 'ANSI_QUOTES'")
        try:
            with connected(ENFORCE, case.url) as connection:
                assert connection.execute(select(column("select")).select_from(table("order"))).scalar() == 7
        finally:
            mariadb_server.admin_execute(f"SET GLOBAL sql_mode = '{before}'")


def test_mariadb_ends_a_statement_that_takes_too_long(mariadb_server: MariaDBServer) -> None:
    slow = "SELECT sum(a.seq + b.seq) FROM seq_1_to_100000 a, seq_1_to_100000 b"
    with database_on(mariadb_server) as case, pytest.raises(StoreBusy, match="took too long") as busy:
        attempt(store(statement_timeout=1), case.url, slow)
    assert busy.value.code == "1969"


def test_row_counts_are_rows_matched(mariadb_server: MariaDBServer) -> None:
    script = "CREATE TABLE t (a int); INSERT INTO t VALUES (1)"
    with database_on(mariadb_server, script) as case, connected(ENFORCE, case.url) as connection:
        assert connection.execute(text("UPDATE t SET a = 1")).rowcount == 1


def test_a_connection_without_found_rows_is_refused(mariadb_server: MariaDBServer) -> None:
    import pymysql

    of = mariadb_server
    raw = pymysql.connect(host="127.0.0.1", port=of.port, user=ADMIN, password=of.password, charset="utf8mb4")
    with closing(raw), pytest.raises(StoreRefused, match="FOUND_ROWS"):
        connect._set_up_mysql(ENFORCE, raw, False)


class LoggingServer(MariaDBServer):
    """A server with a binary log of statements."""

    settings = (  # type: ignore[assignment]
        *MariaDBServer.settings,
        "--log-bin=binlog",
        "--binlog-format=STATEMENT",
        "--server-id=1",
    )


def test_a_server_that_logs_statements_is_refused() -> None:
    """READ COMMITTED then refuses every write; better to know at once."""
    with LoggingServer() as server, database_on(server) as case:
        with pytest.raises(StoreRefused, match="binlog_format=STATEMENT"):
            attempt(ENFORCE, case.url)
        server.admin_execute("SET GLOBAL binlog_format = 'ROW'")
        with connected(ENFORCE, case.url) as connection:
            assert connection.execute(text("SELECT 1")).scalar() == 1


@pytest.mark.parametrize(
    ("text_", "mariadb"),
    [("10.11.6-MariaDB-0+deb12u1", True), ("5.5.5-10.6.12-MariaDB", True), ("11.4.2-MariaDB", True), ("8.0.36", False),
     ("8.4.0-commercial", False)],
)  # fmt: skip
def test_it_tells_mariadb_from_mysql(text_: str, mariadb: bool) -> None:
    assert connect._check_mysql_version(ENFORCE, text_) is mariadb


@pytest.mark.parametrize("text_", ["10.5.9-MariaDB", "5.5.5-10.3.39-MariaDB", "5.7.44-log"])
def test_servers_that_are_too_old_are_refused(text_: str) -> None:
    with pytest.raises(StoreRefused, match="store shop is M"):
        connect._check_mysql_version(ENFORCE, text_)


# --- what cannot be reached ----------------------------------------------------------------------------


@pytest.fixture(params=["postgres_server", "mariadb_server"])
def server(request: pytest.FixtureRequest) -> PostgresServer | MariaDBServer:
    """Each database server in turn."""
    found: PostgresServer | MariaDBServer = request.getfixturevalue(request.param)
    return found


def test_a_wrong_password_is_unreachable_and_not_repeated(server: PostgresServer | MariaDBServer) -> None:
    with database_on(server) as case, pytest.raises(StoreUnreachable, match="password") as refused:
        attempt(ENFORCE, server.url(case.database, password="hunter2"))
    assert "hunter2" not in str(refused.value)
    assert refused.value.__suppress_context__


def test_an_unknown_database_is_unreachable(server: PostgresServer | MariaDBServer) -> None:
    with pytest.raises(StoreUnreachable, match="no database of that name"):
        attempt(ENFORCE, server.url("nosuch"))


def test_a_host_that_does_not_answer_is_unreachable(server: PostgresServer | MariaDBServer) -> None:
    url = server.url("shop").replace(f":{server.port}/", ":9/")
    with pytest.raises(StoreUnreachable, match="cannot be reached"):
        attempt(ENFORCE, url)


def test_a_connection_that_the_server_ends_is_unreachable(server: PostgresServer | MariaDBServer) -> None:
    end = {"postgresql": "SELECT pg_terminate_backend({})", "mariadb": "KILL {}"}[server.kind]
    ask = {"postgresql": "SELECT pg_backend_pid()", "mariadb": "SELECT CONNECTION_ID()"}[server.kind]
    with database_on(server) as case, pytest.raises(StoreUnreachable, match="closed the connection"):
        _work_while_it_ends(server, case.url, ask, end)


def _work_while_it_ends(server: PostgresServer | MariaDBServer, url: str, ask: str, end: str) -> None:
    with connected(ENFORCE, url) as connection:
        session = connection.execute(text(ask)).scalar()
        server.admin_execute(end.format(session))
        for _ in range(3):
            connection.execute(text("SELECT 1"))
