"""Looking past Troth: what the demo's databases really hold after a step."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

ANA = "ana@example.org"

# Every column of a row in which a mail address or a name might have been left.
_TRACES = """
    SELECT count(*) FROM customers WHERE email = :mail COLLATE NOCASE
    UNION ALL SELECT count(*) FROM invoices WHERE sent_to = :mail COLLATE NOCASE
    UNION ALL SELECT count(*) FROM addresses WHERE recipient = :name
    UNION ALL SELECT count(*) FROM orders WHERE delivery_name = :name
    UNION ALL SELECT count(*) FROM customers WHERE settings LIKE '%' || :name || '%'
"""


def invoices_of_ana(home: Path) -> int:
    """How many invoices in her name the shop has, with the name the law wants on the client's row."""
    found = _rows(
        home / "data" / "shop.sqlite",
        """SELECT count(*) FROM invoices JOIN customers ON customers.id = invoices.customer_id
           WHERE customers.first_name = 'Ana' AND customers.last_name = 'Belmonte'
           AND billing_name LIKE '%Belmonte%'""",
    )
    return int(found[0])


def traces_of_ana(home: Path) -> int:
    """In how many places outside the invoices her mail address or name is still to be found."""
    shop = _rows(home / "data" / "shop.sqlite", _TRACES, mail=ANA, name="Ana Belmonte")
    mailing = _rows(home / "data" / "mailing.sqlite", "SELECT count(*) FROM subscribers WHERE email = :mail", mail=ANA)
    return sum([*shop, *mailing])


def log_entries_before(home: Path, day: str) -> int:
    """Readable entries of the server log that are older than ``day`` (YYYY-MM-DD)."""
    found = _rows(
        home / "data" / "shop.sqlite",
        "SELECT count(*) FROM web_log WHERE ts > 1356998400 AND ts < CAST(strftime('%s', :day) AS INTEGER)",
        day=day,
    )
    return int(found[0])


def has_grace(home: Path) -> bool:
    """Whether the client of eleven years ago is still known."""
    return bool(_rows(home / "data" / "shop.sqlite", "SELECT count(*) FROM customers WHERE first_name = 'Grace' "
                      "AND last_name = 'Whitlock'")[0])  # fmt: skip


def _rows(database: Path, sql: str, **values: str) -> list[int]:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        return [row[0] for row in connection.execute(sql, values)]
