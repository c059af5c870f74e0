"""Where erased values may still lie after a commit, told with the engine's own figures.

An erasure here means "gone from the live rows". It does not mean that no disk holds the bytes: this is said, not
hidden, and nothing in this module claims physical destruction.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, text
from sqlalchemy.exc import DBAPIError

from troth.connectors.sql.facts import split
from troth.connectors.sql.remains_texts import TEXTS
from troth.core.policy.model import Store
from troth.core.ports import TableFacts


@dataclass(frozen=True, slots=True)
class Remain:
    """A place where erased values may remain, and the figures that say how long."""

    code: str
    figures: Mapping[str, object] = field(default_factory=dict)

    def text(self, language: str = "en") -> str:
        """The sentence in a language; English where there is no other."""
        texts = TEXTS[self.code]
        return texts.get(language, texts["en"]).format(**self.figures)


def remains(connection: Connection, store: Store, tables: Sequence[TableFacts]) -> tuple[str, ...]:
    """One English sentence a place; the policy's own (backups, replicas) last, as written there."""
    found = places(connection, tables)
    return (*(remain.text() for remain in found), *store.remains)


def in_language(sentence: str, language: str) -> str:
    """A sentence of ``remains`` in another language; one from the policy comes back as it is."""
    for code, texts in TEXTS.items():
        parts = re.split(r"\{(\w+)\}", texts["en"])
        pattern = "".join(f"(?P<{p}>.*)" if i % 2 else re.escape(p) for i, p in enumerate(parts))
        if match := re.fullmatch(pattern, sentence, re.DOTALL):
            return Remain(code, match.groupdict()).text(language)
    return sentence


def places(connection: Connection, tables: Sequence[TableFacts]) -> list[Remain]:
    """What the engine itself says about copies of erased values."""
    asked: dict[str, Callable[[Connection, Sequence[TableFacts]], list[Remain]]] = {
        "sqlite": _sqlite,
        "postgresql": _postgresql,
        "mysql": _mariadb,
    }
    return asked[connection.dialect.name](connection, tables)


def _sqlite(connection: Connection, tables: Sequence[TableFacts]) -> list[Remain]:
    found = []
    if connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal":
        found.append(Remain("sqlite_wal"))
    if pages := connection.exec_driver_sql("PRAGMA freelist_count").scalar_one():
        found.append(Remain("sqlite_free_pages", {"pages": pages}))
    if connection.exec_driver_sql("SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_stat4'").scalar():
        found.append(Remain("sqlite_statistics"))
    return [*found, Remain("sqlite_disk")]


# --- PostgreSQL ----------------------------------------------------------------------------------------

_SETTINGS = (
    "autovacuum", "max_wal_size", "wal_keep_size", "archive_mode", "log_statement", "log_min_duration_statement",
)  # fmt: skip

_ACTIVITY = """
SELECT pg_has_role('pg_read_all_stats', 'USAGE') AS sees_all,
    (SELECT floor(extract(epoch FROM now() - min(xact_start)) / 60)::int FROM pg_stat_activity
     WHERE pid <> pg_backend_pid() AND backend_xmin IS NOT NULL) AS minutes,
    (SELECT count(*) FROM pg_replication_slots) AS slots
"""
_DEAD = """
SELECT coalesce(sum(n_dead_tup), 0)::bigint FROM pg_stat_user_tables
WHERE (schemaname, relname) IN (SELECT * FROM unnest(CAST(:schemas AS text[]), CAST(:names AS text[])))
"""
_PUBLICATIONS = """
SELECT DISTINCT pubname FROM pg_publication_tables
WHERE (schemaname, tablename) IN (SELECT * FROM unnest(CAST(:schemas AS text[]), CAST(:names AS text[]))) ORDER BY 1
"""


def _postgresql(connection: Connection, tables: Sequence[TableFacts]) -> list[Remain]:
    named = [split(t.table) for t in tables]
    about = {"schemas": [s for s, _ in named], "names": [n for _, n in named]}
    rows = connection.execute(
        text("SELECT name, current_setting(name) AS value FROM pg_settings WHERE name = ANY(:names)"),
        {"names": list(_SETTINGS)},
    )
    settings = {r.name: r.value for r in rows}
    dead = connection.execute(text(_DEAD), about).scalar_one()
    found = [
        Remain("postgresql_heap", {"dead": dead, "autovacuum": settings["autovacuum"]}),
        Remain("postgresql_statistics"),
        Remain("postgresql_wal", {"size": settings["max_wal_size"], "keep": settings["wal_keep_size"]}),
    ]
    if settings["archive_mode"] != "off":
        found.append(Remain("postgresql_archive", {"mode": settings["archive_mode"]}))
    found += _activity(connection.execute(text(_ACTIVITY)).one())
    if names := connection.execute(text(_PUBLICATIONS), about).scalars().all():
        found.append(Remain("postgresql_publication", {"names": ", ".join(names)}))
    return found + _server_log(settings)


def _activity(row: Row[Any]) -> list[Remain]:
    found = []
    if row.slots:
        found.append(Remain("postgresql_slots", {"slots": row.slots}))
    if not row.sees_all:
        found.append(Remain("postgresql_oldest_unknown"))
    elif row.minutes:
        found.append(Remain("postgresql_oldest", {"minutes": row.minutes}))
    return found


def _server_log(settings: Mapping[str, str]) -> list[Remain]:
    loud = []
    if settings["log_statement"] in ("mod", "all"):
        loud.append(f"log_statement={settings['log_statement']}")
    if settings["log_min_duration_statement"] != "-1":
        loud.append(f"log_min_duration_statement={settings['log_min_duration_statement']}")
    return [Remain("server_log", {"settings": ", ".join(loud)})] if loud else []


# --- MariaDB and MySQL ---------------------------------------------------------------------------------

_OLDEST = "SELECT coalesce(max(timestampdiff(MINUTE, trx_started, now())), 0) FROM information_schema.innodb_trx"


def _mariadb(connection: Connection, tables: Sequence[TableFacts]) -> list[Remain]:
    shown = connection.exec_driver_sql(
        "SHOW VARIABLES WHERE Variable_name IN ('log_bin', 'binlog_format', 'binlog_expire_logs_seconds', "
        "'general_log', 'slow_query_log')"
    )
    settings = {str(name).lower(): str(value) for name, value in shown}
    found = [_oldest(connection), Remain("mariadb_redo")]
    if settings.get("log_bin") == "ON":
        found.append(_binlog(settings))
    versioned = [t.table for t in tables if t.history]
    if versioned:
        found.append(Remain("mariadb_history", {"tables": ", ".join(versioned)}))
    if _column_statistics(connection, tables):
        found.append(Remain("mariadb_statistics"))
    loud = [f"{name}=ON" for name in ("general_log", "slow_query_log") if settings.get(name) == "ON"]
    return found + ([Remain("server_log", {"settings": ", ".join(loud)})] if loud else [])


def _binlog(settings: Mapping[str, str]) -> Remain:
    seconds = int(settings.get("binlog_expire_logs_seconds", "0"))
    kind = settings.get("binlog_format", "ROW")
    if seconds == 0:
        return Remain("mariadb_binlog_endless", {"format": kind})
    # Rounded up: the log is removed some time after it expired.
    return Remain("mariadb_binlog", {"format": kind, "days": -(-seconds // 86_400)})


def _oldest(connection: Connection) -> Remain:
    try:
        return Remain("mariadb_purge", {"minutes": connection.exec_driver_sql(_OLDEST).scalar_one()})
    except DBAPIError:
        return Remain("mariadb_purge_unknown")


def _column_statistics(connection: Connection, tables: Sequence[TableFacts]) -> bool:
    """Whether persistent statistics hold values of these tables; also when this account may not look."""
    named = {split(t.table) for t in tables}
    try:
        rows = connection.exec_driver_sql("SELECT DISTINCT db_name, table_name FROM mysql.column_stats")
        return any((row[0], row[1]) in named for row in rows)
    except DBAPIError:
        # MySQL has no such table; a MariaDB account without the right cannot tell.
        return "mariadb" in str(connection.exec_driver_sql("SELECT VERSION()").scalar_one()).lower()
