"""Published versions, on SQLite and PostgreSQL alike."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from troth.state.database import Database
from troth.state.publications import Publications, PublishedFile


@pytest.fixture
def publications(database: Database) -> Publications:
    return Publications(database)


def test_nothing_is_in_force_before_the_first(publications: Publications) -> None:
    assert publications.last() is None
    assert publications.of("2026-11-22") is None
    assert publications.all() == []


def test_a_version_is_kept_as_it_was_and_the_last_is_in_force(publications: Publications, at: datetime) -> None:
    pages = {"fr": {"title": "Politique « été »", "format": 1}, "en": {"title": "Policy"}}
    first = publications.add("2026-11-22", policy="a" * 64, at=at, position=2, pages=pages)
    second = publications.add("2026-12-01", policy="b" * 64, at=at + timedelta(days=9), position=3, pages={"fr": {}})
    assert publications.of("2026-11-22") == first
    assert first.pages == pages
    assert publications.last() == second
    assert [(p.number, p.version, dict(p.pages)) for p in publications.all()] == [
        (2, "2026-12-01", {}), (1, "2026-11-22", {}),
    ]  # fmt: skip


def test_a_version_stands_once(publications: Publications, at: datetime) -> None:
    publications.add("v1", policy="a", at=at, position=2, pages={})
    with pytest.raises(Exception, match=r"(?i)unique|23505"):
        publications.add("v1", policy="b", at=at, position=3, pages={})
    assert [p.policy for p in publications.all()] == ["a"]


def test_files_go_with_a_version_and_can_be_renewed_or_taken_away(publications: Publications, at: datetime) -> None:
    one = publications.add("v1", policy="a", at=at, position=2, pages={})
    two = publications.add("v2", policy="b", at=at, position=3, pages={})
    every = bytes(range(256))
    publications.put(one.number, {"fr.pdf": PublishedFile("application/pdf", every), "logo": None})
    publications.put(two.number, {"logo": PublishedFile("image/png", b"old"), "fr.pdf": PublishedFile("x/y", b"")})
    publications.put(two.number, {"logo": PublishedFile("image/png", b"new"), "fr.pdf": None})
    assert publications.files(1) == {"fr.pdf": PublishedFile("application/pdf", every)}
    assert publications.file(2, "logo") == PublishedFile("image/png", b"new")
    assert publications.file(2, "fr.pdf") is None
    assert publications.file_names() == {1: ["fr.pdf"], 2: ["logo"]}
