"""What an account of MariaDB or MySQL may do, from SHOW GRANTS.

``information_schema`` shows an account only what it has rights on and says nothing of the rest. Whether "no
triggers" means none, or none that we may see, follows from the grants alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy import Connection, text

_GRANT = re.compile(
    r"GRANT (?P<rights>.+?) ON (?:TABLE )?(?P<schema>\*|`(?:[^`]|``)+`)\.(?P<table>\*|`(?:[^`]|``)+`) TO "
)
_LISTED = re.compile(r"([A-Z][A-Z ]*[A-Z]|ALL)\s*(\([^)]*\))?")

ON_TABLES = frozenset({
    "SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "DROP", "REFERENCES", "INDEX", "ALTER", "CREATE VIEW",
    "SHOW VIEW", "TRIGGER", "DELETE HISTORY",
})  # fmt: skip
"""Rights that can be given on a table; any one of them lets the account see that the table is there."""


@dataclass(frozen=True, slots=True)
class _Given:
    rights: frozenset[str]
    schema: str
    table: str


@dataclass(frozen=True, slots=True)
class Rights:
    """The grants of the current account and of its active roles."""

    given: tuple[_Given, ...]

    def holds(self, right: str, schema: str, table: str) -> bool:
        """Whether the account has this right on the whole table."""
        return any(right in g.rights and _matches(g.schema, schema) and g.table in ("*", table) for g in self.given)

    def globally(self, right: str) -> bool:
        """Whether the account has this right on the whole server."""
        return any(right in g.rights and g.schema == "*" for g in self.given)

    def sees_table(self, schema: str, table: str) -> bool:
        """Whether the whole definition of the table is visible."""
        return any(g.rights & ON_TABLES and _matches(g.schema, schema) and g.table in ("*", table) for g in self.given)

    def sees_schema(self, schema: str) -> bool:
        """Whether every table of the database is visible."""
        return any(g.rights & ON_TABLES and g.table == "*" and _matches(g.schema, schema) for g in self.given)

    def sees_server(self) -> bool:
        """Whether the tables of all databases are visible."""
        return any(g.rights & ON_TABLES and g.schema == "*" for g in self.given)


def rights_of(connection: Connection, *, mariadb: bool) -> Rights:
    """Ask the server. MySQL tells the rights of active roles only when they are named."""
    statement = "SHOW GRANTS"
    if not mariadb:
        roles = connection.execute(text("SELECT CURRENT_ROLE()")).scalar_one()
        if roles and roles != "NONE":
            statement = f"SHOW GRANTS FOR CURRENT_USER() USING {roles}"
    lines = [str(row[0]) for row in connection.exec_driver_sql(statement.replace("%", "%%"))]
    return Rights(tuple(given for line in lines if (given := parse_grant(line)) is not None))


def parse_grant(line: str) -> _Given | None:
    """One line of SHOW GRANTS; None for roles, proxies and rights on routines. Column rights are left out:
    ``information_schema.columns`` tells them."""
    match = _GRANT.match(line)
    if match is None:
        return None
    listed = {right.strip() for right, columns in _LISTED.findall(match["rights"]) if not columns}
    if listed & {"ALL", "ALL PRIVILEGES"}:
        listed |= ON_TABLES | {"PROCESS"}
    return _Given(frozenset(listed), _unquoted(match["schema"]), _unquoted(match["table"]))


def _unquoted(name: str) -> str:
    return name if name == "*" else name[1:-1].replace("``", "`")


def _matches(pattern: str, schema: str) -> bool:
    """Whether a database name meets the pattern of a grant, where ``_`` and ``%`` are wild unless escaped."""
    if pattern in ("*", schema):
        return True
    parts = re.findall(r"\\.|.", pattern, re.DOTALL)
    wild = {"%": ".*", "_": "."}
    expression = "".join(re.escape(p[1]) if len(p) == 2 else wild.get(p, re.escape(p)) for p in parts)
    return re.fullmatch(expression, schema, re.DOTALL | re.IGNORECASE) is not None
