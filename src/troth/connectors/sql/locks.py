"""Locks in the publisher's own database: a lease in Troth's journal does not stop a foreign server.

A server goes on with a statement after its client was killed. Whoever takes over waits here for the end of
that, and then looks again at what was done.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import Any

from sqlalchemy import func, select

from troth.connectors.sql.binding import bind
from troth.connectors.sql.compile import Compiler
from troth.connectors.sql.errors import DRIVER_ERRORS
from troth.connectors.sql.line import Line
from troth.core.errors import StoreBusy, StoreError
from troth.core.policy.model import Store
from troth.core.query import Expr


@contextmanager
def advisory(compiler: Compiler, line: Line, store: Store, name: str) -> Iterator[None]:
    """Hold the lock of (request, store) until the end of the transaction, or of the block on MariaDB.

    Raises StoreBusy when somebody else has it for longer than the store's lock timeout. SQLite needs none:
    it has one writer at a time.
    """
    digest, run = sha256(f"troth\x00{name}".encode()).digest(), compiler.statements.same
    if line.kind == "postgresql":
        number = int.from_bytes(digest[:8], signed=True)
        run(line, "advisory", [number], lambda values: select(func.pg_advisory_xact_lock(bind(values[0]))))
    if line.kind != "mysql":
        yield
        return
    values = [digest.hex(), store.lock_timeout]
    if run(line, "advisory", values, lambda v: select(func.get_lock(_word(v[0]), bind(v[1])))).scalar_one() != 1:
        raise StoreBusy(
            f"store {store.name}: the same request is being executed elsewhere",
            store=store.name,
            remedy="wait for it to end, then run again",
        )
    try:
        yield
    finally:
        if not line.invalidated:
            _release(compiler, line, values[:1])


def _release(compiler: Compiler, line: Line, values: list[Any]) -> None:
    """Where that does not go, the lock ends with the session. Nobody is to hear of it: what was done is done, and
    what stopped us (perhaps a Ctrl-C in the middle of an answer) is to be told as it is."""
    try:
        compiler.statements.same(line, "release", values, lambda v: select(func.release_lock(_word(v[0]))))
    except (*DRIVER_ERRORS, StoreError):
        line.invalidate()


def _word(digest: Any) -> Any:
    """The lock's name. Names are the whole server's, 64 characters at most; it ends with the session at the
    latest."""
    return func.concat("troth-", func.left(func.sha2(func.concat(func.database(), bind(digest)), 256), 40))


def lock_rows(compiler: Compiler, line: Line, collection: str, expr: Expr) -> None:
    """Lock the rows that meet the condition in key order, so that no child row can be added to them meanwhile
    (where the database knows of the link). On SQLite the transaction has locked everything already."""
    if line.kind == "sqlite":
        return
    place = compiler.places[collection]
    columns = place.columns(place.key)
    of = place.base if line.kind == "postgresql" else None
    compiler.statements.run(
        compiler, line, [(collection, expr)], "lock",
        lambda tests: select(*columns).where(*tests).order_by(*columns).with_for_update(of=of),
    )  # fmt: skip
