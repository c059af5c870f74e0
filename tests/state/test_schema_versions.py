"""A state of an earlier Troth opens and grows; one of a later Troth is refused, clearly."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from troth.core.errors import EvidenceError
from troth.state.database import SCHEMA_VERSION, Database
from troth.state.publications import Publications, PublishedFile

AT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
Open = Callable[..., Database]


TABLES = {2: ("publications",), 3: ("publication_files",), 4: ("rows_apart",)}
"""What came with each version."""


def make_older(database: Database, version: int) -> None:
    """As that version left it: without the tables that came since."""
    for later in range(SCHEMA_VERSION, version, -1):
        for table in TABLES[later]:
            database.run(f"DROP TABLE {table}")
    database.run("DELETE FROM troth_schema")
    database.run("INSERT INTO troth_schema (version) VALUES (:version)", {"version": version})


def versions(database: Database) -> list[int]:
    return [row[0] for row in database.all("SELECT version FROM troth_schema ORDER BY version")]


@pytest.mark.parametrize("version", range(1, SCHEMA_VERSION))
def test_a_state_of_an_earlier_version_opens_and_has_what_came_since(open_database: Open, version: int) -> None:
    make_older(open_database(), version)
    for _ in range(2):
        grown = open_database()
        publications = Publications(grown)
        assert publications.all() == []
        assert publications.file_names() == {}
        assert versions(grown) == [version, SCHEMA_VERSION]


def test_a_version_published_before_there_were_files_stays_and_can_get_some(open_database: Open) -> None:
    database = open_database()
    Publications(database).add("v", policy="a", at=AT, position=2, pages={"fr": {}})
    make_older(database, 2)
    publications = Publications(open_database())
    assert [one.version for one in publications.all()] == ["v"]
    assert publications.files(1) == {}
    publications.put(1, {"fr.pdf": PublishedFile("application/pdf", b"%PDF")})
    assert publications.file_names() == {1: ["fr.pdf"]}


def test_two_that_open_an_older_state_at_once_both_get_it(open_database: Open) -> None:
    make_older(open_database(), 1)
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
