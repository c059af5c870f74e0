"""Lines under trouble: whose rows an identifier finds, what is told when the answer to a commit or the look after it
is lost, and in what state a line goes back."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy

from databases import EngineCase
from integration.sql.making import connector, erase, only, store, table
from troth.connectors.sql.connector import SqlConnector
from troth.connectors.sql.line import Line
from troth.core.errors import StoreBusy, StoreRefused
from troth.core.policy.model import Condition, Mode
from troth.core.ports import Want
from troth.core.query import Everything, Identified, KeyIn, all_of, none_of

ANA = Identified("email", "email", "ana@example.org")
SCRIPT = """
CREATE TABLE t (id INTEGER PRIMARY KEY, email VARCHAR(60), name VARCHAR(60), shop INTEGER);
INSERT INTO t VALUES (1, 'ana@example.org', 'Ana', 1), (2, 'ana@example.org', 'Another Ana', 2),
    (3, 'ben@example.org', 'Ben', 1);
"""


@pytest.fixture
def made(engine_case: EngineCase) -> Iterator[SqlConnector]:
    with connector(engine_case, table("t", "name", email="email"), script=SCRIPT) as connected:
        yield connected


def one(number: int) -> KeyIn:
    return KeyIn(("id",), ((number,),))


# --- whose rows ------------------------------------------------------------------------------------------------


def test_an_identifier_finds_nobody_outside_the_collections_row_filter(engine_case: EngineCase) -> None:
    """The table is shared by two shops: the same address in the other one is somebody else's row."""
    ours = table("t", "name", email="email", where=(Condition("shop", "in", (1,)),))
    with connector(engine_case, ours, script=SCRIPT) as made:
        assert [row["id"] for row in made.read("t", ANA, ["id", "email"])] == [1]
        assert list(made.keys("t", ANA)) == [(1,)]
        other = replace(ANA, value="Ana@example.org")
        assert [row["id"] for row in made.read("t", other, ["id"])] == [1]


def test_rows_outside_the_filter_do_not_make_a_person_too_many(engine_case: EngineCase) -> None:
    many = ", ".join(f"({i}, 'ana@example.org', 'x', 2)" for i in range(10, 1_200))
    ours = table("t", "name", email="email", where=(Condition("shop", "in", (1,)),))
    with connector(engine_case, ours, script=f"{SCRIPT} INSERT INTO t VALUES {many};") as made:
        assert [row["id"] for row in made.read("t", ANA, ["id"])] == [1]
