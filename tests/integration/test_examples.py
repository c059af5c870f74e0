"""The example policies: they load without a word of complaint, carry every clause, and fit their databases."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from databases import CHECKOUT
from troth.core.policy.document import PolicyDocument
from troth.core.policy.loader import examine
from troth.core.policy.model import Policy
from troth.core.policy.values import Duration, add
from troth.demo.generate import EXAMPLES as PUBLISHERS
from troth.demo.generate import Example, generate

EXAMPLES = CHECKOUT / "examples"
TODAY = date(2026, 11, 22)
POLICIES = sorted(
    str(path.relative_to(EXAMPLES))
    for path in EXAMPLES.glob("*/*.yaml")
    if re.search(r"^format:", path.read_text(encoding="utf-8"), re.MULTILINE)
)
CLAUSES = {"atelier": [f"A{n}" for n in range(1, 21)], "maison": [f"B{n}" for n in range(1, 41)]}
NO_LONGER_HELD = {"B28", "B35", "B38", "B39"}
WITHOUT_PEOPLE = {
    "shop": {"products", "message_threads"},
    "mailing": {"campaigns"},
    "service": set[str](),
    "billing": {"companies"},
}


def load(name: str) -> Policy:
    path = EXAMPLES / name
    found = examine(path.read_bytes(), name=name, read=lambda part: (path.parent / part).read_bytes(), env={})
    assert [str(p) for p in found.problems] == []
    assert found.policy is not None
    return found.policy


def document(example: str) -> PolicyDocument:
    return load(f"{example}/troth.yaml").document


def test_all_six_policies_are_found() -> None:
    assert POLICIES == [
        "atelier/policy-2018.yaml", "atelier/troth.yaml", "chinook/troth-postgresql.yaml", "chinook/troth.yaml",
        "maison/policy-2018.yaml", "maison/troth.yaml",
    ]  # fmt: skip


@pytest.mark.parametrize("name", POLICIES)
def test_it_loads_without_an_error_or_a_warning(name: str) -> None:
    load(name)


@pytest.mark.parametrize("file", ["troth.yaml", "policy-2018.yaml"])
@pytest.mark.parametrize("example", PUBLISHERS)
def test_it_carries_every_clause_in_both_languages(example: Example, file: str) -> None:
    clauses = load(f"{example}/{file}").document.clauses
    assert list(clauses) == CLAUSES[example]
    for clause in clauses.values():
        assert set(clause.text) == {"fr", "en"}
        assert clause.text["fr"] != clause.text["en"]


@pytest.mark.parametrize("example", PUBLISHERS)
def test_every_clause_that_still_holds_names_what_carries_it_out_and_what_proves_it(example: Example) -> None:
    for name, clause in document(example).clauses.items():
        if name in NO_LONGER_HELD:
            assert clause.kind == "history", name
            assert all((clause.because, clause.source, clause.until)), name
        else:
            assert clause.kind == "promise", name
            assert all((clause.about, clause.promise, clause.chapter)), name


def test_the_policies_of_2018_keep_what_is_no_longer_valid() -> None:
    old, new = load("maison/policy-2018.yaml").document, document("maison")
    assert old.consent is not None
    assert new.consent is not None
    assert old.rights is not None
    assert (old.consent.silence, new.consent.silence) == ("accept", "refuse")
    assert (old.consent.required_for, new.consent.required_for) == ("third_party_persistent", "all_trackers")
    assert (old.policy.use_means_acceptance, new.policy.use_means_acceptance) == (True, False)
    assert len(old.policy.disclaimers) == 2
    assert not new.policy.disclaimers
    assert old.rights.identity_document.when == "always"


@pytest.mark.parametrize("example", PUBLISHERS)
def test_each_basis_has_the_companion_it_needs(example: Example) -> None:
    for name, purpose in document(example).purposes.items():
        if purpose.basis == "legitimate_interest":
            assert purpose.balance, name
        if purpose.basis == "legal_obligation":
            assert purpose.law, name


@pytest.mark.parametrize(
    ("purpose", "most"),
    [
        ("prospecting", "3 years"), ("offers", "3 years"), ("security_logs", "12 months"), ("audience", "13 months"),
        ("account", "2 years"),
    ],
)  # fmt: skip
def test_no_period_is_longer_than_the_authority_accepts(purpose: str, most: str) -> None:
    amount, unit = most.split()
    limit = Duration(months=int(amount) * (12 if unit == "years" else 1))
    found = [p for e in PUBLISHERS if (p := load(f"{e}/troth.yaml").purposes.get(purpose))]
    assert found
    for one in found:
        assert one.keep.period is not None
        assert add(TODAY, one.keep.period) <= add(TODAY, limit)


def test_nothing_lies_outside_the_area_that_is_promised() -> None:
    for example in PUBLISHERS:
        policy = load(f"{example}/troth.yaml")
        places = {store.location for store in policy.stores.values()}
        places |= {recipient.country for recipient in policy.recipients.values()}
        places |= {backup.location for backup in policy.document.backups.values()}
        assert places <= {"FR", "DE", "NL"}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Database files by the store's name."""
    folder = tmp_path_factory.mktemp("examples")
    made = [path for e in PUBLISHERS for path in generate(folder / e, e, TODAY, 60)]
    return {path.stem: path for path in made}


def tables_of(path: Path) -> dict[str, set[str]]:
    with closing(sqlite3.connect(path)) as connection:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        return {n: {row[1] for row in connection.execute(f'PRAGMA table_info("{n}")')} for n in names}


@pytest.mark.parametrize("example", PUBLISHERS)
def test_the_map_names_only_what_the_databases_have(example: Example, data: dict[str, Path]) -> None:
    for store in load(f"{example}/troth.yaml").stores.values():
        tables = tables_of(data[store.name])
        for collection in store.collections.values():
            columns = tables[collection.table]
            named = {f.column for f in collection.fields} | {i.column for i in collection.identifiers}
            named |= {clock.column for clock in collection.events.values()}
            named |= {c.column for state in collection.states.values() for c in state}
            named |= {ours for link in collection.links for ours, _ in link.columns}
            assert named <= columns, (store.name, collection.name)


@pytest.mark.parametrize("example", PUBLISHERS)
def test_every_code_that_people_are_shown_has_words_in_both_languages(example: Example, data: dict[str, Path]) -> None:
    """A column that holds the same few words again and again, and is no language or country, which have their own."""
    seen, coded = 0, re.compile(r"[a-z_]+")
    for store in load(f"{example}/troth.yaml").stores.values():
        with closing(sqlite3.connect(data[store.name])) as connection:
            for place in store.collections.values():
                fields = [f for f in place.fields if f.within is None and f.category not in ("Language", "Country")]
                shown = {f.column: f.values for f in fields if place.fields and f.column not in _FREE}
                shown |= {name: other.values for name, other in place.others.items() if name not in _FREE}
                for column, said in shown.items() if "[" not in place.name else ():
                    query = f'SELECT DISTINCT "{column}" FROM "{place.table}" WHERE "{column}" IS NOT NULL'
                    found = {str(value) for (value,) in connection.execute(query)}
                    if said or (found and all(map(coded.fullmatch, found))):
                        beside = (one for one in store.collections.values() if one.table == place.table)
                        every = {word for one in beside if column in one.others for word in one.others[column].values}
                        assert found <= every | {*said}, (place.name, column, found)
                        assert all({"fr", "en"} <= {*words} for words in said.values()), (place.name, column)
                        seen += 1
    assert seen > 4


_FREE = ("job", "username", "login_tried")
"""What people or staff have written in words of their own."""


@pytest.mark.parametrize("example", PUBLISHERS)
def test_no_table_with_people_in_it_is_left_out(example: Example, data: dict[str, Path]) -> None:
    for store in load(f"{example}/troth.yaml").stores.values():
        mapped = {collection.table for collection in store.collections.values()}
        assert set(tables_of(data[store.name])) - mapped == WITHOUT_PEOPLE[store.name]


def test_both_spellings_of_chinook_say_the_same() -> None:
    def snake(name: str) -> str:
        return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()

    one, other = (load(f"chinook/{f}").stores["shop"].collections for f in ("troth.yaml", "troth-postgresql.yaml"))
    assert [snake(name) for name in one] == list(other)
    for name, collection in one.items():
        twin = other[snake(name)]
        assert [(snake(f.name), f.category) for f in collection.fields] == [(f.name, f.category) for f in twin.fields]
        assert [(h.period, h.after, h.per) for h in collection.holds] == [
            (h.period, h.after, h.per) for h in twin.holds
        ]
        assert [[snake(f) for fs in h.parents.values() for f in fs] for h in collection.holds] == [
            [f for fs in h.parents.values() for f in fs] for h in twin.holds
        ]
