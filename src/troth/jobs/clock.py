"""The clock of the database: leases and dates are counted by it alone, so that machines need not agree.

Milliseconds since 1970. SQLite has no clock but the machine's: when that jumps forward, leases end early (the step
is taken over and its first holder fenced out); when it jumps back, they last longer.
"""

# mypy: allow-subclassing-any

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.db import connection
from django.db.models import BigIntegerField, Func

_ASK = {
    "sqlite": "SELECT CAST(ROUND((JULIANDAY('now') - 2440587.5) * 86400000) AS INTEGER)",
    "postgresql": "SELECT (EXTRACT(EPOCH FROM STATEMENT_TIMESTAMP()) * 1000)::bigint",
}
NOW = {engine: asked.removeprefix("SELECT ") for engine, asked in _ASK.items()}
"""The moment of a statement, in each engine's words."""


class Clock(Func):
    """The moment of the statement, in an expression."""

    arity = 0
    output_field = BigIntegerField()

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        """SQLite's words."""
        return self.as_sql(compiler, connection, template=NOW["sqlite"], **extra)

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        """PostgreSQL's: stable within a statement, so that an index can be searched by it."""
        return self.as_sql(compiler, connection, template=NOW["postgresql"], **extra)


def after(seconds: float) -> Any:
    """So many seconds from now, as an expression."""
    return Clock() + milliseconds(seconds)


def milliseconds(seconds: float) -> int:
    """A length of time as the journal counts it."""
    return round(seconds * 1000)


def now() -> datetime:
    """What the database's clock says."""
    with connection.cursor() as cursor:
        cursor.execute(_ASK[connection.vendor])
        return moment(cursor.fetchone()[0])


def moment(milliseconds: int) -> datetime:
    """A stored time, for people."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def stored(at: datetime) -> int:
    """A time as the journal keeps it."""
    return round(at.timestamp() * 1000)
