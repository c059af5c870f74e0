"""Rights follow from the lawful basis as the W3C vocabulary maps them; reasons exist in both languages."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from databases import chinook_directory
from troth.core.law import bases
from troth.core.law.bases import RIGHTS, Reason, rights_of
from troth.core.policy.model import Basis
from troth.core.policy.sections.people import Right

ARTICLES = {
    "A15": "access", "A16": "rectification", "A17": "erasure", "A18": "restriction", "A20": "portability",
    "A21": "objection", "A22": "human_review", "A7-3": "withdrawal", "A77": "complaint",
}  # fmt: skip
LETTERS = dict(zip("abcdef", Basis, strict=True))


def vocabulary(name: str) -> list[dict[str, str]]:
    """A table of the W3C vocabulary, which lies beside the checkout."""
    path: Path = chinook_directory().parent / "dpv-2.3" / name
    if not path.is_file():
        pytest.skip(f"{name} of DPV 2.3 is not beside the checkout")
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def mapped() -> dict[Basis, set[str]]:
    found: dict[Basis, set[str]] = {basis: set() for basis in Basis}
    for row in vocabulary("legal_basis_rights_mapping.csv"):
        ground, right = (row[key].rpartition("#")[2] for key in ("legal_basis", "right"))
        if ground.startswith("A6-1-") and len(ground) == len("A6-1-a") and right in ARTICLES:
            found[LETTERS[ground[-1]]].add(ARTICLES[right])
    return found


@pytest.mark.parametrize("basis", Basis)
def test_the_rights_are_those_of_the_vocabulary(basis: Basis) -> None:
    differs = {"human_review"} if basis is Basis.LEGAL_OBLIGATION else set()
    assert rights_of(basis) - mapped()[basis] == differs
    assert mapped()[basis] - rights_of(basis) == set()


def test_rights_are_called_as_in_the_policy_file() -> None:
    assert set().union(*RIGHTS.values()) <= set(get_args(Right))


def test_every_basis_gives_rights() -> None:
    assert set(RIGHTS) == set(Basis)
    assert rights_of(Basis.CONSENT) > rights_of(Basis.CONTRACT)
    assert "erasure" not in rights_of(Basis.LEGAL_OBLIGATION)
    assert "objection" in rights_of(Basis.LEGITIMATE_INTEREST)


TABLES = {
    "grounds of erasure": (bases.ERASURE_GROUNDS, 6, "17(1)"),
    "exceptions to erasure": (bases.ERASURE_EXCEPTIONS, 5, "17(3)"),
    "grounds of restriction": (bases.RESTRICTION_GROUNDS, 4, "18(1)"),
    "reasons for delay": (bases.DELAY_REASONS, 4, "12"),
    "reasons for refusal": (bases.REFUSAL_REASONS, 15, ""),
}


@pytest.mark.parametrize("name", TABLES)
def test_a_list_is_complete_and_names_its_articles(name: str) -> None:
    table, count, article = TABLES[name]
    assert len(table) == count
    assert all(reason.article.startswith(article) for reason in table.values())


def test_every_member_of_an_enumeration_has_its_words() -> None:
    assert set(bases.ERASURE_GROUNDS) == set(bases.ErasureGround)
    assert set(bases.ERASURE_EXCEPTIONS) == set(bases.ErasureException)
    assert set(bases.RESTRICTION_GROUNDS) == set(bases.RestrictionGround)


def reasons() -> Iterator[Reason]:
    for table, _, _ in TABLES.values():
        yield from table.values()


def test_reasons_exist_in_both_languages_with_typographic_apostrophes() -> None:
    for reason in reasons():
        assert set(reason.text) == {"en", "fr"}
        assert "'" not in reason.text["fr"], reason


def test_every_term_named_exists_in_the_vocabulary() -> None:
    files = ("delay", "exercise", "nonfulfilment", "notrequired")
    known = {row["term"] for name in files for row in vocabulary(f"justifications_{name}.csv")}
    assert {term for reason in reasons() for term in reason.dpv} - known == set()
