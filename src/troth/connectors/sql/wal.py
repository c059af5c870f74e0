"""SQLite's write-ahead log: it keeps erased values until it is copied into the file and cut."""

from __future__ import annotations

from troth.connectors.sql.line import Line


def cut(line: Line) -> bool:
    """Copy the log into the database file and cut it to nothing; whether that went.

    It does not when somebody is reading just now: then the log keeps what it has until the next time, as the
    outcome says of every SQLite store. Nothing happens in the other journal modes.
    """
    waits = line.exec_driver_sql("PRAGMA busy_timeout").scalar_one()
    # What was asked for is done already: nobody is to wait for this.
    line.exec_driver_sql("PRAGMA busy_timeout = 0")
    try:
        return bool(line.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").scalar_one() == 0)
    finally:
        line.exec_driver_sql(f"PRAGMA busy_timeout = {int(waits)}")
