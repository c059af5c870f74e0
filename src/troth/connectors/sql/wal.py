"""SQLite's write-ahead log: it keeps erased values until it is copied into the file and cut."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine


def cut(engine: Engine) -> bool:
    """Copy the log into the database file and cut it to nothing; whether that went.

    It does not when somebody is reading just now: then the log keeps what it has until the next time, as the
    outcome says of every SQLite store. Nothing happens in the other journal modes.
    """
    pooled = engine.raw_connection()
    try:
        raw: Any = pooled.driver_connection
        waits = raw.execute("PRAGMA busy_timeout").fetchone()[0]
        # What was asked for is done already: nobody is to wait for this.
        raw.execute("PRAGMA busy_timeout = 0")
        try:
            return bool(raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0)
        finally:
            raw.execute(f"PRAGMA busy_timeout = {int(waits)}")
    finally:
        pooled.close()
