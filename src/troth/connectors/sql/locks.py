"""Locks in the publisher's own database: a lease in Troth's journal does not stop a foreign server.

A server goes on with a statement after its client was killed. Whoever takes over waits here for the end of
that, and then looks again at what was done.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256

from sqlalchemy import ColumnElement, Connection, func, select

from troth.connectors.sql.binding import bind
from troth.connectors.sql.tables import Place
from troth.core.errors import StoreBusy
from troth.core.policy.model import Store


@contextmanager
def advisory(connection: Connection, store: Store, name: str) -> Iterator[None]:
    """Hold the lock of (request, store) until the end of the transaction, or of the block on MariaDB.

    Raises StoreBusy when somebody else has it for longer than the store's lock timeout. SQLite needs none:
    it has one writer at a time.
    """
    dialect = connection.dialect.name
    digest = sha256(f"troth\x00{name}".encode()).digest()
    if dialect == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(bind(int.from_bytes(digest[:8], signed=True)))))
    if dialect != "mysql":
        yield
        return
    # The names are the whole server's, 64 characters at most; the lock ends with the session at the latest.
    word = func.concat("troth-", func.left(func.sha2(func.concat(func.database(), bind(digest.hex())), 256), 40))
    if connection.execute(select(func.get_lock(word, store.lock_timeout))).scalar_one() != 1:
        raise StoreBusy(
            f"store {store.name}: the same request is being executed elsewhere",
            store=store.name,
            remedy="wait for it to end, then run again",
        )
    try:
        yield
    finally:
        if not connection.invalidated:
            connection.execute(select(func.release_lock(word)))


def lock_rows(connection: Connection, engine: str, place: Place, test: ColumnElement[bool]) -> None:
    """Lock the rows that meet the test in key order, so that no child row can be added to them meanwhile
    (where the database knows of the link). On SQLite the transaction has locked everything already."""
    if engine == "sqlite":
        return
    columns = place.columns(place.key)
    query = select(*columns).where(test).order_by(*columns)
    connection.execute(query.with_for_update(of=place.base if engine == "postgresql" else None)).all()
