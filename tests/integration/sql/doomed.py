"""One person to erase, and the erasure that stops itself before a given statement, to be killed there."""

from __future__ import annotations

from databases import EngineCase
from integration.sql.making import connector, stop_before, table
from troth.core.ports import Assignment, Batch, Change, Want
from troth.core.query import And, Hop, Identified, NotClear, Related

ANA = Identified("email", "email", "ana@example.org")
HERS = Related((Hop("c", "t", (("t_id", "id"),)),), ANA)
CLEAR = And((ANA, NotClear(("name", "email"))))
COLLECTIONS = (table("t", "name", "email", email="email"), table("c"))
SCRIPT = """
CREATE TABLE t (id INTEGER PRIMARY KEY, email VARCHAR(100), name VARCHAR(100));
CREATE TABLE c (id INTEGER PRIMARY KEY, t_id INTEGER NOT NULL);
INSERT INTO t VALUES (1, 'ana@example.org', 'Ana'), (2, 'ben@example.org', 'Ben');
INSERT INTO c VALUES (1, 1), (2, 1), (3, 2);
"""


def the_batch(made: object) -> Batch:
    counts = made.count([Want("c", HERS, digest=True), Want("t", CLEAR, digest=True)])  # type: ignore[attr-defined]
    cleared = (Assignment("email", "tombstone", email=True), Assignment("name", "null"))
    return Batch(
        "erasure-of-ana",
        (
            Change(1, "c", "delete", HERS, expected=counts[0]),
            Change(2, "t", "update", CLEAR, cleared, expected=counts[1]),
        ),
        anchors=(("t", ANA),),
    )


def doomed(kind: str, url: str, words: str, mark: str) -> None:
    """Runs in a process of its own."""
    with connector(EngineCase(kind, url, ""), *COLLECTIONS) as made:
        batch = the_batch(made)
        stop_before(made, words, mark)
        made.execute(batch)
