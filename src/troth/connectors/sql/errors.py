"""Drivers' errors, cleaned: what happened and what to do, never the text with people's values in it.

A driver's message may quote the row (``Duplicate entry 'ana@example.org'``) and SQLAlchemy adds the statement
and its parameters. Only the SQLSTATE, error number or name, and the name of a constraint pass through here.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
import pymysql
from sqlalchemy import exc as sa

from troth.connectors.sql.silence import Silent
from troth.core.errors import StoreBusy, StoreChanged, StoreError, StoreRefused, StoreUnreachable
from troth.core.policy.model import Store

DRIVER_ERRORS = (
    sa.SQLAlchemyError, sqlite3.Error, psycopg.Error, pymysql.err.MySQLError, UnicodeError, OverflowError,
)  # fmt: skip

_IDENTIFIER = re.compile(r"[\w$.\-]{1,128}")
"""What may pass as the name of a constraint. No ``@``, no space, no quote: an address cannot slip through."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an error number means to the user of Troth."""

    kind: type[StoreError]
    what: str
    remedy: str = ""


_WRONG_PASSWORD = Meaning(
    StoreUnreachable, "refuses the account or its password", "check user and password in the store's url"
)
_UNKNOWN_DATABASE = Meaning(
    StoreUnreachable, "has no database of that name", "check the database name in the store's url"
)
_UNREACHABLE = Meaning(
    StoreUnreachable, "cannot be reached", "check host and port in the store's url, and that the server runs"
)
_LOST = Meaning(StoreUnreachable, "closed the connection", "run again: what was not committed was rolled back")
_SILENT = Meaning(
    StoreUnreachable, "stopped answering", "check that the server runs and is not overloaded, then run again"
)
_TOO_MANY = Meaning(StoreBusy, "has no free connection", "try again later or allow more connections")
_DENIED = Meaning(StoreRefused, "denies this account a right", "`troth grants` prints the rights it needs")
_READ_ONLY = Meaning(
    StoreRefused, "is read-only", "use the primary server and, for changes, `mode: enforce` in the policy"
)
_LOCKED = Meaning(StoreBusy, "is locked by somebody else", "try again; `timeouts: {lock: …}` waits longer")
_DEADLOCK = Meaning(StoreBusy, "ended this transaction to resolve a deadlock", "try again")
_TOO_SLOW = Meaning(
    StoreBusy,
    "ended a statement that took too long",
    "add the missing index that the plan names, or raise `timeouts: {statement: …}`",
)
_FULL = Meaning(StoreRefused, "has no disk space left", "free some space; nothing was changed")
_UNIQUE = Meaning(StoreRefused, "refuses a value that must be unique", "give the field another `neutral:`")
_NOT_NULL = Meaning(StoreRefused, "refuses an empty value", "give the field a `neutral:` value")
_FOREIGN_KEY = Meaning(
    StoreRefused, "refuses a change that a foreign key forbids", "map the table that refers to these rows"
)
_CHECK = Meaning(StoreRefused, "refuses a value that a CHECK forbids", "give the field a `neutral:` that fits")
_TRIGGER = Meaning(StoreRefused, "has a trigger that refuses the change", "ask whoever wrote the trigger")
_BAD_VALUE = Meaning(StoreRefused, "does not accept a value for its column", "give the field another `neutral:`")
_UNKNOWN_NAME = Meaning(StoreChanged, "no longer has a table or column that the plan names", "make a new plan")
_OTHER = Meaning(StoreRefused, "answered with an error", "look the code up in the database's manual")

_SQLSTATES = {
    "28P01": _WRONG_PASSWORD, "28000": _WRONG_PASSWORD, "3D000": _UNKNOWN_DATABASE, "53300": _TOO_MANY,
    "53100": _FULL, "42501": _DENIED, "25006": _READ_ONLY, "55P03": _LOCKED, "40P01": _DEADLOCK,
    "40001": _DEADLOCK, "57014": _TOO_SLOW, "23505": _UNIQUE, "23502": _NOT_NULL, "23503": _FOREIGN_KEY,
    "23001": _FOREIGN_KEY, "23514": _CHECK, "23P01": _UNIQUE, "42P01": _UNKNOWN_NAME, "42703": _UNKNOWN_NAME,
    "3F000": _UNKNOWN_NAME, "P0001": _TRIGGER, "25P03": _LOST, "57P01": _LOST, "57P02": _LOST,
    "57P03": _UNREACHABLE,
}  # fmt: skip
_SQLSTATE_CLASSES = {"08": _LOST, "22": _BAD_VALUE, "53": _TOO_MANY}

_ERRNOS = {
    1045: _WRONG_PASSWORD, 1698: _WRONG_PASSWORD, 1049: _UNKNOWN_DATABASE,
    2002: _UNREACHABLE, 2003: _UNREACHABLE, 2005: _UNREACHABLE, 2006: _LOST, 2013: _LOST, 2055: _LOST,
    1927: _LOST, 1053: _LOST, 4031: _LOST,
    1040: _TOO_MANY, 1203: _TOO_MANY, 1226: _TOO_MANY,
    1044: _DENIED, 1142: _DENIED, 1143: _DENIED, 1227: _DENIED, 1370: _DENIED, 1410: _DENIED,
    1290: _READ_ONLY, 1792: _READ_ONLY, 1836: _READ_ONLY, 1036: _READ_ONLY, 1874: _READ_ONLY,
    1205: _LOCKED, 3572: _LOCKED, 1213: _DEADLOCK, 1020: _DEADLOCK, 1969: _TOO_SLOW, 3024: _TOO_SLOW,
    1317: _TOO_SLOW, 1021: _FULL, 1114: _FULL, 3: _FULL, 28: _FULL,
    1062: _UNIQUE, 1586: _UNIQUE, 1048: _NOT_NULL, 1364: _NOT_NULL, 1451: _FOREIGN_KEY, 1452: _FOREIGN_KEY,
    1216: _FOREIGN_KEY, 1217: _FOREIGN_KEY, 4025: _CHECK, 3819: _CHECK, 1442: _TRIGGER, 1644: _TRIGGER,
    1406: _BAD_VALUE, 1264: _BAD_VALUE, 1265: _BAD_VALUE, 1366: _BAD_VALUE, 1292: _BAD_VALUE,
    1054: _UNKNOWN_NAME, 1146: _UNKNOWN_NAME,
}  # fmt: skip

_SQLITE = {
    "SQLITE_BUSY": _LOCKED, "SQLITE_LOCKED": _LOCKED, "SQLITE_READONLY": _READ_ONLY, "SQLITE_FULL": _FULL,
    "SQLITE_CANTOPEN": _UNREACHABLE, "SQLITE_IOERR": _UNREACHABLE, "SQLITE_INTERRUPT": _TOO_SLOW,
    "SQLITE_CONSTRAINT_UNIQUE": _UNIQUE, "SQLITE_CONSTRAINT_PRIMARYKEY": _UNIQUE,
    "SQLITE_CONSTRAINT_ROWID": _UNIQUE, "SQLITE_CONSTRAINT_NOTNULL": _NOT_NULL,
    "SQLITE_CONSTRAINT_FOREIGNKEY": _FOREIGN_KEY, "SQLITE_CONSTRAINT_CHECK": _CHECK,
    "SQLITE_CONSTRAINT_TRIGGER": _TRIGGER, "SQLITE_CONSTRAINT_DATATYPE": _BAD_VALUE,
    "SQLITE_MISMATCH": _BAD_VALUE, "SQLITE_TOOBIG": _BAD_VALUE, "SQLITE_PERM": _DENIED, "SQLITE_AUTH": _DENIED,
    "SQLITE_SCHEMA": _UNKNOWN_NAME,
    "SQLITE_NOTADB": Meaning(
        StoreUnreachable, "is not an SQLite database, or is encrypted", "check the path in the store's url"
    ),
    "SQLITE_CORRUPT": Meaning(
        StoreRefused, "is damaged", "run `PRAGMA integrity_check` and restore the file from a backup"
    ),
    "SQLITE_READONLY_ROLLBACK": Meaning(
        StoreRefused,
        "was left in the middle of a write by a crash (a hot journal), which only a writer can undo",
        "open it once with its own application; never copy the file without its -journal",
    ),
    "SQLITE_READONLY_RECOVERY": Meaning(
        StoreRefused,
        "has a write-ahead log that needs recovery, which only a writer can do",
        "open it once with its own application",
    ),
}  # fmt: skip


@contextmanager
def cleaned(store: Store) -> Iterator[None]:
    """Turn any error of driver or SQLAlchemy inside the block into a StoreError without personal data."""
    try:
        yield
    except DRIVER_ERRORS as exc:
        raise translate(exc, store) from None


def translate(exc: BaseException, store: Store) -> StoreError:
    """The StoreError that says what ``exc`` means: StoreUnreachable, StoreRefused, StoreBusy or StoreChanged."""
    original = exc.orig if isinstance(exc, sa.DBAPIError) and exc.orig is not None else exc
    meaning, code, names = _understood(original)
    text = f"store {store.name} {meaning.what}"
    details = [*([f"code {code}"] if code else []), *names]
    if details:
        text += f" ({', '.join(details)})"
    return meaning.kind(text, store=store.name, code=code, remedy=meaning.remedy)


def _understood(exc: BaseException) -> tuple[Meaning, str, list[str]]:
    if isinstance(exc, psycopg.Error):
        return _from_psycopg(exc)
    if isinstance(exc, pymysql.err.MySQLError):
        return _from_pymysql(exc)
    if isinstance(exc, sqlite3.Error):
        return _from_sqlite(exc)
    if isinstance(exc, sa.TimeoutError):
        return _TOO_MANY, "", []
    if isinstance(exc, sa.PendingRollbackError):
        # Asked once more after the connection was lost.
        return _LOST, "", []
    if isinstance(exc, sa.NoSuchTableError):
        return _UNKNOWN_NAME, "", []
    if isinstance(exc, UnicodeError | OverflowError):
        return _BAD_VALUE, type(exc).__name__, []
    return Meaning(StoreRefused, "could not be asked", "please report this error"), type(exc).__name__, []


def _from_psycopg(exc: psycopg.Error) -> tuple[Meaning, str, list[str]]:
    state = exc.sqlstate or ""
    if not state:
        return _without_sqlstate(exc), "", []
    meaning = _SQLSTATES.get(state) or _SQLSTATE_CLASSES.get(state[:2]) or _OTHER
    return meaning, state, _named("constraint", exc.diag.constraint_name) if state[:2] == "23" else []


def _without_sqlstate(exc: psycopg.Error) -> Meaning:
    """Failed connections carry no SQLSTATE: the server's words are looked at, never repeated."""
    if isinstance(exc, psycopg.DataError):
        return _BAD_VALUE
    if isinstance(exc, Silent):
        return _SILENT
    said = str(exc).lower()
    if "too many" in said or "remaining connection slots" in said:
        return _TOO_MANY
    if re.search(r'database "[^"]*" does not exist', said):
        return _UNKNOWN_DATABASE
    at_connect = exc.pgconn
    if "authentication failed" in said or "pg_hba.conf" in said or (at_connect and at_connect.used_password):
        return _WRONG_PASSWORD
    if "no password supplied" in said or re.search(r'role "[^"]*" does not exist', said):
        return _WRONG_PASSWORD
    return _UNREACHABLE if at_connect else _LOST


def _from_pymysql(exc: pymysql.err.MySQLError) -> tuple[Meaning, str, list[str]]:
    number = exc.args[0] if exc.args and isinstance(exc.args[0], int) else 0
    said = str(exc.args[1]) if len(exc.args) > 1 else ""
    if not number:
        # PyMySQL raises InterfaceError(0, '') on a connection that is gone.
        return (_LOST if isinstance(exc, pymysql.err.InterfaceError) else _OTHER), "", []
    if number == 2013 and "timed out" in said:
        return _SILENT, str(number), []
    return _ERRNOS.get(number, _OTHER), str(number), _named("constraint", _constraint(number, said))


def _constraint(number: int, said: str) -> str | None:
    """The constraint that a message names; the value that comes before it is left behind."""
    if number in (1062, 1586):
        match = re.search(r"for key '([^']*)'$", said)
    elif number in (1451, 1452):
        match = re.search(r"CONSTRAINT `([^`]*)` FOREIGN KEY", said)
    elif number == 4025:
        match = re.match(r"CONSTRAINT `([^`]*)` failed", said)
    elif number == 3819:
        match = re.match(r"Check constraint '([^']*)' is violated", said)
    elif number in (1048, 1364):
        match = re.match(r"(?:Column|Field) '([^']*)' ", said)
    else:
        match = None
    return match[1] if match else None


def _from_sqlite(exc: sqlite3.Error) -> tuple[Meaning, str, list[str]]:
    name = getattr(exc, "sqlite_errorname", None) or ""
    said = str(exc)
    if name == "SQLITE_ERROR" and re.match(r"no such (table|column)", said):
        return _UNKNOWN_NAME, name, []
    meaning = _SQLITE.get(name) or _SQLITE.get("_".join(name.split("_")[:2])) or _OTHER
    match = re.fullmatch(r"(?:UNIQUE|NOT NULL|CHECK) constraint failed: (.*)", said, re.DOTALL)
    return meaning, name, _named("constraint", match[1].split(",")[0] if match else None)


def _named(word: str, name: str | None) -> list[str]:
    return [f"{word} {name}"] if name and _IDENTIFIER.fullmatch(name) else []
