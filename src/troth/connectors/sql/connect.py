"""Opening a publisher's database with settings that fail loudly instead of losing data silently.

Each setting answers a measured hazard: a non-strict ``sql_mode`` cuts values, row-level security hides rows,
SQLite ignores foreign keys unless told, a server-side snapshot makes verification lie, a lock waits a day.
What matters is read back after it was set. Timeouts come from the policy, in seconds.
"""

from __future__ import annotations

import os
import sqlite3
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DisconnectionError

from troth.connectors.sql.encrypted import Encrypted
from troth.connectors.sql.silence import Watched, limit_of, set_limit
from troth.core.errors import StoreRefused, StoreUnreachable, UsageError
from troth.core.policy.model import Mode, Store

SUPPORTED = "sqlite:///path, postgresql://… and mysql:// or mariadb://…"
CONNECT_SECONDS = 10
REST_SECONDS = 1.0
"""After how much idleness a connection of the pool is asked whether it still lives."""
IDLE_SECONDS = 60
"""How long a PostgreSQL transaction may stay idle before the server ends it: we never wait inside one."""

SQLITE_LEAST = (3, 35, 0)
POSTGRESQL_LEAST = 130000
MARIADB_LEAST = (10, 6)
MYSQL_LEAST = (8, 0)

SQL_MODE = "STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,ERROR_FOR_DIVISION_BY_ZERO"

_DRIVERS = {
    "sqlite": "sqlite+pysqlite", "postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg",
    "mysql": "mysql+pymysql", "mariadb": "mysql+pymysql",
}  # fmt: skip
_OPTIONS = {
    "sqlite": frozenset[str](),
    "postgresql": frozenset({
        "host", "port", "sslmode", "sslrootcert", "sslcert", "sslkey", "sslcrl", "channel_binding",
        "gssencmode", "target_session_attrs",
    }),
    "mysql": frozenset({
        "charset", "unix_socket", "ssl_ca", "ssl_cert", "ssl_key", "ssl_check_hostname", "ssl_verify_cert",
        "ssl_verify_identity",
    }),
}  # fmt: skip
"""What a url may say after ``?``. Others could undo our settings, as SQLite's ``immutable`` or ``options``."""


def open_engine(store: Store, url: str, *, read_only: bool | None = None, watched: bool = True) -> Engine:
    """An engine for the store; it connects when first used, so use it inside ``errors.cleaned``.

    ``read_only``: the database itself is told to refuse writes; by default so for a store in mode ``observe``.
    ``watched``: hang up on a server that falls silent; False for a caller who does that in its own way.
    A transaction that writes needs ``execution_options(troth_write=True)`` on its connection.
    Raises UsageError when the url is not one of ours; on connecting, StoreUnreachable or StoreRefused.
    """
    observing = store.mode is Mode.OBSERVE if read_only is None else read_only
    parsed = _parsed(store, url)
    backend = parsed.get_backend_name()
    if backend == "sqlite":
        return _open_sqlite(store, parsed, observing)
    engine = create_engine(parsed, connect_args=_connect_args(backend), **_common())
    setup = _set_up_postgresql if backend == "postgresql" else _set_up_mysql

    def set_up(dbapi_connection: Any, record: object) -> None:
        setup(store, dbapi_connection, observing)
        if watched:
            set_limit(dbapi_connection, limit_of(store))

    if watched:
        event.listen(engine, "do_connect", _connect_watched)
    # Before SQLAlchemy's own first look, which reads sql_mode to know how to quote.
    event.listen(engine, "connect", set_up, insert=True)
    _refuse_writes_when_observing(engine, store, observing)
    _ping_after_a_rest(engine)
    return engine


def _common() -> dict[str, Any]:
    return {
        "hide_parameters": True,
        "isolation_level": "READ COMMITTED",
        "pool_size": 2,
        "max_overflow": 2,
        "pool_timeout": 30,
    }


def _ping_after_a_rest(engine: Engine) -> None:
    """A connection that rested may have been closed by the server: ask it before it is used again. One that was
    used a moment ago is trusted: the question would cost as much as the statement."""

    @event.listens_for(engine, "checkin")
    def checkin(dbapi_connection: Any, record: Any) -> None:
        record.info["rested_since"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def checkout(dbapi_connection: Any, record: Any, proxy: object) -> None:
        since = record.info.get("rested_since")
        if since is None or time.monotonic() - since < REST_SECONDS:
            return
        try:
            engine.dialect.do_ping(dbapi_connection)
        except engine.dialect.loaded_dbapi.Error:
            raise DisconnectionError from None


def _parsed(store: Store, url: str) -> URL:
    """The url with our driver. Never repeats the url in an error: it may hold a password."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise UsageError(f"the url of store {store.name} cannot be read", remedy=f"write one of {SUPPORTED}") from None
    scheme, _, driver = parsed.drivername.partition("+")
    wanted = _DRIVERS.get(scheme)
    if wanted is None or driver not in ("", wanted.partition("+")[2]):
        raise UsageError(
            f"store {store.name} has a url of kind {parsed.drivername}, which Troth does not know",
            remedy=f"write one of {SUPPORTED}",
        )
    parsed = parsed.set(drivername=wanted)
    allowed = _OPTIONS[parsed.get_backend_name()]
    if unknown := sorted(set(parsed.query) - allowed):
        known = f"allowed are {', '.join(sorted(allowed))}" if allowed else "none is allowed"
        raise UsageError(f"the url of store {store.name} has the option {unknown[0]}", remedy=known)
    if not parsed.database:
        raise UsageError(f"the url of store {store.name} names no database", remedy=f"write one of {SUPPORTED}")
    return parsed


def _connect_args(backend: str) -> dict[str, Any]:
    if backend == "postgresql":
        # Without one of its own (SQL_ASCII) a database would have its texts, our settings too, read as bytes.
        return {"connect_timeout": CONNECT_SECONDS, "application_name": "troth", "client_encoding": "UTF8"}
    return {"connect_timeout": CONNECT_SECONDS, "charset": "utf8mb4", "program_name": "troth"}


def _connect_watched(dialect: Any, record: object, arguments: Any, options: dict[str, Any]) -> Any:
    """Connect, with a short limit to silence until the session is set up. PyMySQL's own limit for connecting ends
    before the server has greeted us."""
    if dialect.name != "postgresql":
        return Encrypted(*arguments, **options, read_timeout=CONNECT_SECONDS)
    raw = Watched.connect(*arguments, **options)
    set_limit(raw, CONNECT_SECONDS)
    return raw


def _refuse_writes_when_observing(engine: Engine, store: Store, observing: bool) -> None:
    if not observing:
        return

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if connection.get_execution_options().get("troth_write"):
            raise _observing(store)


def refuse_writing_when_observing(store: Store) -> None:
    """Raise StoreRefused unless the policy lets Troth write in this store."""
    if store.mode is Mode.OBSERVE:
        raise _observing(store)


def _observing(store: Store) -> StoreRefused:
    return StoreRefused(
        f"store {store.name} is opened for reading only",
        store=store.name,
        remedy="say `mode: enforce` for this store in the policy when you are ready to let Troth change it",
    )


# --- SQLite --------------------------------------------------------------------------------------------


def _open_sqlite(store: Store, url: URL, observing: bool) -> Engine:
    path = Path(url.database or "")
    if sqlite3.sqlite_version_info < SQLITE_LEAST:
        raise StoreRefused(
            f"this machine has SQLite {sqlite3.sqlite_version}", store=store.name, remedy="3.35 or newer is needed"
        )

    def connect() -> sqlite3.Connection:
        return _connect_sqlite(store, path, observing)

    options = _common() | {"isolation_level": None}
    engine = create_engine(URL.create("sqlite+pysqlite", database=str(path)), creator=connect, **options)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writing = connection.get_execution_options().get("troth_write")
        if writing and observing:
            raise _observing(store)
        # A read first and a write later would fail at once when somebody else committed in between.
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine


def _connect_sqlite(store: Store, path: Path, observing: bool) -> sqlite3.Connection:
    """A connection that never creates the file and leaves its journal mode alone."""
    if not path.is_file():
        raise StoreUnreachable(
            f"store {store.name}: there is no file {path}",
            store=store.name,
            remedy="check the path in the store's url; Troth never creates a publisher's database",
        )
    mode = "ro" if observing else "rw"
    connection = sqlite3.connect(
        f"file:{quote(os.fspath(path))}?mode={mode}",
        uri=True,
        timeout=store.lock_timeout,
        isolation_level=None,
        check_same_thread=False,
    )
    try:
        _set_up_sqlite(store, connection, observing)
    except BaseException:
        connection.close()
        raise
    return connection


def _set_up_sqlite(store: Store, connection: sqlite3.Connection, observing: bool) -> None:
    # The first read of the file: a hot journal or a foreign format is noticed here.
    connection.execute("PRAGMA schema_version").fetchone()
    connection.execute("PRAGMA foreign_keys = ON")
    _require(store, "PRAGMA foreign_keys", connection.execute("PRAGMA foreign_keys").fetchone()[0], 1)
    # Freed pages are overwritten with zeros; elsewhere than on Debian the default keeps their content.
    connection.execute("PRAGMA secure_delete = ON")
    _require(store, "PRAGMA secure_delete", connection.execute("PRAGMA secure_delete").fetchone()[0], 1)
    if observing:
        connection.execute("PRAGMA query_only = ON")
        _require(store, "PRAGMA query_only", connection.execute("PRAGMA query_only").fetchone()[0], 1)


def _require(store: Store, setting: str, found: object, wanted: object) -> None:
    if found != wanted:
        raise StoreRefused(
            f"store {store.name}: {setting} stays {found} though Troth set it to {wanted}",
            store=store.name,
            remedy="the server, a proxy or the driver's build overrides it; Troth does not work without it",
        )


# --- PostgreSQL ----------------------------------------------------------------------------------------


def _postgresql_settings(store: Store, version: int, observing: bool) -> dict[str, str]:
    settings = {
        # Rows that a policy hides become an error, instead of "0 rows, nothing to erase".
        "row_security": "off",
        "statement_timeout": f"{store.statement_timeout * 1000}",
        "lock_timeout": f"{store.lock_timeout * 1000}",
        "idle_in_transaction_session_timeout": f"{IDLE_SECONDS * 1000}",
        "TimeZone": "UTC",
        "DateStyle": "ISO, YMD",
        "standard_conforming_strings": "on",
        "default_transaction_read_only": "on" if observing else "off",
        # Whatever the server prefers: a question that stands for itself has no BEGIN to say it.
        "default_transaction_isolation": "read committed",
    }
    if version >= 140000:
        # The server notices that we died, instead of finishing a statement for nobody.
        settings["client_connection_check_interval"] = "2000"
    return settings


def _set_up_postgresql(store: Store, dbapi_connection: Any, observing: bool) -> None:
    version = dbapi_connection.info.server_version
    if version < POSTGRESQL_LEAST:
        raise _too_old(store, f"PostgreSQL {version // 10000}", "PostgreSQL 13")
    # Outside a transaction: a rolled-back SET is undone.
    dbapi_connection.autocommit = True
    try:
        with dbapi_connection.cursor() as cursor:
            for name, value in _postgresql_settings(store, version, observing).items():
                _set_postgresql(cursor, name, value)
            cursor.execute("SELECT current_setting('row_security')")
            _require(store, "row_security", cursor.fetchone()[0], "off")
    finally:
        dbapi_connection.autocommit = False


def _set_postgresql(cursor: Any, name: str, value: str) -> None:
    try:
        cursor.execute("SELECT set_config(%s, %s, false)", (name, value))
    except Exception:
        # Not every operating system of the server can watch its clients.
        if name != "client_connection_check_interval":
            raise


def _too_old(store: Store, found: str, least: str) -> StoreRefused:
    return StoreRefused(
        f"store {store.name} is {found}", store=store.name, remedy=f"{least} or newer is needed: upgrade the server"
    )


# --- MariaDB and MySQL ---------------------------------------------------------------------------------


def _set_up_mysql(store: Store, dbapi_connection: Any, observing: bool) -> None:
    with dbapi_connection.cursor() as cursor:
        cursor.execute("SELECT VERSION()")
        mariadb = _check_mysql_version(store, cursor.fetchone()[0])
        limit = (
            f"max_statement_time = {store.statement_timeout}"
            if mariadb
            # MySQL bounds only SELECT this way.
            else f"max_execution_time = {store.statement_timeout * 1000}"
        )
        cursor.execute(
            f"SET SESSION sql_mode = '{SQL_MODE}', time_zone = '+00:00', "
            f"innodb_lock_wait_timeout = {store.lock_timeout}, lock_wait_timeout = {store.lock_timeout}, {limit}"
        )
        cursor.execute(f"SET SESSION TRANSACTION {'READ ONLY' if observing else 'READ WRITE'}")
        cursor.execute("SELECT @@SESSION.sql_mode, @@SESSION.character_set_client, @@log_bin, @@SESSION.binlog_format")
        mode, charset, log_bin, binlog_format = cursor.fetchone()
    _require(store, "sql_mode", frozenset(mode.split(",")), frozenset(SQL_MODE.split(",")))
    _require(store, "character_set_client", charset, "utf8mb4")
    _require_found_rows(store, dbapi_connection)
    if log_bin and binlog_format == "STATEMENT":
        raise StoreRefused(
            f"store {store.name} logs statements (binlog_format=STATEMENT), which forbids READ COMMITTED",
            store=store.name,
            remedy="set binlog_format=ROW or MIXED on the server",
        )


def _check_mysql_version(store: Store, text: str) -> bool:
    """Whether it is MariaDB. Raises StoreRefused for a server that is too old."""
    mariadb = "mariadb" in text.lower()
    # Behind some proxies MariaDB calls itself 5.5.5-10.11.6-MariaDB.
    number = text.removeprefix("5.5.5-") if mariadb else text
    found = tuple(int(part) for part in number.split("-")[0].split(".")[:2])
    least, name = (MARIADB_LEAST, "MariaDB 10.6") if mariadb else (MYSQL_LEAST, "MySQL 8.0")
    if found < least:
        raise _too_old(store, f"{name.split()[0]} {number.split('-')[0]}", name)
    return mariadb


def _require_found_rows(store: Store, dbapi_connection: Any) -> None:
    """Row counts must tell rows matched; by default the server tells rows that really differ afterwards."""
    from pymysql.constants import CLIENT

    flags = dbapi_connection.client_flag & CLIENT.FOUND_ROWS
    _require(store, "the FOUND_ROWS flag", bool(flags), True)
