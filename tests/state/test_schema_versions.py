"""A state of an earlier Troth opens and grows; one of a later Troth is refused, clearly."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from troth.core.errors import EvidenceError
from troth.state.database import SCHEMA_VERSION, Database
from troth.state.publications import Publications

Open = Callable[..., Database]


def make_older(database: Database) -> None:
    """As version 1 left it: without publications."""
    database.run("DROP TABLE publications")
    database.run("DELETE FROM troth_schema")
    database.run("INSERT INTO troth_schema (version) VALUES (1)")


def versions(database: Database) -> list[int]:
    return [row[0] for row in database.all("SELECT version FROM troth_schema ORDER BY version")]


def test_a_state_of_the_first_version_opens_and_has_what_came_since(open_database: Open) -> None:
    make_older(open_database())
    for _ in range(2):
        grown = open_database()
        assert Publications(grown).all() == []
        assert versions(grown) == [1, SCHEMA_VERSION]


def test_two_that_open_an_older_state_at_once_both_get_it(open_database: Open) -> None:
    make_older(open_database())
    told: list[object] = []

    def open_it() -> None:
        try:
            told.append(versions(open_database()))
        except Exception as error:  # told by the test
            told.append(error)

    threads = [threading.Thread(target=open_it) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told == [[1, SCHEMA_VERSION]] * 2


def test_a_state_of_a_later_troth_is_refused_with_what_to_do(open_database: Open) -> None:
    database = open_database()
    later = SCHEMA_VERSION + 1
    database.run("INSERT INTO troth_schema (version) VALUES (:version)", {"version": later})
    with pytest.raises(EvidenceError, match=f"format {later}, this Troth knows up to {SCHEMA_VERSION}") as refused:
        open_database()
    assert "newer" in refused.value.remedy
