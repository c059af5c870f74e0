"""The databases: of the state, of the site, and the stores of the policy."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from troth.core.errors import TrothError
from troth.web.doctor.findings import Case, Finding, fine, note, problem
from troth.web.doctor.state import filesystem

OLDEST = 13
"""The oldest PostgreSQL that its makers or ours still look at."""
_ELSEWHERE = frozenset({
    "nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "fuse.glusterfs", "fuse.sshfs", "lustre",
    "fuse.s3fs", "fuse.rclone", "davfs", "fuse.davfs2", "vboxsf", "virtiofs",
})  # fmt: skip
"""File systems of other machines: SQLite's locks cannot be relied on there."""


def kind(case: Case) -> Iterator[Finding]:
    """Which database is used, and whether it can be relied on."""
    if case.place.url:
        yield from _postgresql(case.place.url)
        return
    lies_on = filesystem(case.place.directory)
    if lies_on in _ELSEWHERE:
        yield problem("sqlite_elsewhere", path=case.place.directory, kind=lies_on)
    else:
        import sqlite3

        yield fine("sqlite_fine", version=sqlite3.sqlite_version)


def _postgresql(url: str) -> Iterator[Finding]:
    asked = ask(url)
    if asked is None:
        yield problem("postgresql_unreachable")
        return
    version, may_create, _ = asked
    if version // 10000 < OLDEST:
        yield problem("postgresql_old", version=version // 10000, oldest=OLDEST)
    else:
        yield fine("postgresql_fine", version=f"{version // 10000}.{version % 10000}")
    if may_create:
        yield note("postgresql_rights")


def ask(url: str) -> tuple[int, bool, datetime] | None:
    """The server's version as a number, whether this account may make tables there, and the server's time."""
    import sqlalchemy as sa

    address = url.replace("postgresql://", "postgresql+psycopg://", 1)
    try:
        engine = sa.create_engine(
            address, hide_parameters=True, poolclass=sa.NullPool, connect_args={"connect_timeout": 10}
        )
        with engine.connect() as connection:
            row = connection.execute(sa.select(
                sa.func.current_setting("server_version_num"),
                sa.func.has_schema_privilege(sa.func.current_schema(), "CREATE"), sa.func.clock_timestamp(),
            )).one()  # fmt: skip
    except (sa.exc.SQLAlchemyError, ValueError):
        return None
    return int(row[0]), bool(row[1]), row[2]


def server_time(url: str) -> datetime | None:
    """What the database's clock says."""
    asked = ask(url)
    return asked[2] if asked else None


def tables(case: Case) -> Iterator[Finding]:
    """The tables are those of this Troth."""
    from troth.web import migrations

    try:
        found, wanted = case.place.format()
        missing = migrations.pending(case.place.directory, case.place.url)
    except TrothError:
        return  # told by the probes of state and database
    if found > wanted:
        yield problem("tables_newer", found=found, wanted=wanted)
    elif found < wanted or missing:
        yield (problem if case.place.url else note)("tables_pending", count=len(missing) + (found < wanted))
    else:
        yield fine("tables_fine")


def stores(case: Case) -> Iterator[Finding]:
    """Each store of the policy can be reached with the account that it names."""
    from troth.bootstrap import open_connector

    for store in case.policy.stores.values() if case.policy else ():
        connector: Any = None
        try:
            connector = open_connector(store, case.policy_path.resolve().parent, case.environment)
            connector.inspect()
            yield fine("store_fine", store=store.name)
        except TrothError as error:
            yield problem("store_told", store=store.name, said=error.message, remedy=error.remedy or "troth grants")
        finally:
            if connector is not None:
                connector.close()
