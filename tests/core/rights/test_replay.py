"""What a replay recognises, on the store in memory: also rows that nothing but a typed address leads to, where a human had
opened them."""

from __future__ import annotations

import copy
import os
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from core.rights.test_partial_properties import NOW, NUMBER, TODAY, rows_of, table
from troth.connectors.memory.connector import MemoryConnector, MemoryTable
from troth.core.policy.model import Basis, Identifier, IdentifierKind, Keep, Link, Mode, Policy, Purpose, Store
from troth.core.policy.values import FinancialYear
from troth.core.rights.erase import Outcome, Runner, Wish, identify, plan_erasure, run_erasure
from troth.core.rights.identity import Decisions, Subject
from troth.core.rights.replay import plan_replay, run_replay
from troth.core.rights.session import Session, open_session
from troth.core.tombstone import is_tombstone, make
from troth.state.engine import StateRecords
from troth.state.state import memory_state

BOX = "family@example.org"
TYPED = Identifier("email", "mail", verified=False)
CUSTOMERS = table(
    "shop", "customers", "orders", "email:EmailAddress", identifiers=(Identifier("email", "email"), NUMBER)
)
REVIEWS = table("shop", "reviews", "reviews", "mail:EmailAddress text:Opinion", identifiers=(TYPED,))
VOTES = table("shop", "votes", "reviews", "ip:IPAddress", links=(Link("reviews", (("review", "id"),)),))
STORE = Store("shop", "", "FR", None, Mode.ENFORCE, {c.name: c for c in (CUSTOMERS, REVIEWS, VOTES)})
POLICY = Policy(
    "1", ("en",), "en", "Verdier", "FR", "Europe/Paris", FinancialYear(),
    {name: Purpose(name, {}, Basis.CONSENT, (), (), (), Keep()) for name in ("orders", "reviews")}, {}, {},
    {"email": IdentifierKind("email"), "customer_id": IdentifierKind("customer_id", strong=False)}, {"shop": STORE},
    "0" * 64, SimpleNamespace(data_location=None),  # type: ignore[arg-type]
)  # fmt: skip
Tables = dict[str, MemoryTable]


def review(at: int, mail: str = BOX) -> dict[str, Any]:
    return {"id": at, "mail": mail}


def shop(*reviews: dict[str, Any]) -> Tables:
    """Cleo, and what was written with her address; each review has one vote."""
    return {
        "customers": rows_of(CUSTOMERS, [{"id": 1, "email": BOX, "number": 51}]),
        "reviews": rows_of(REVIEWS, list(reviews)),
        "votes": rows_of(VOTES, [{"id": one["id"] + 100, "review": one["id"]} for one in reviews]),
    }


def left(tables: Tables) -> dict[str, list[int]]:
    return {name: [row["id"] for row in one.rows] for name, one in tables.items() if one.rows}


def opened(tables: Tables, policy: Policy = POLICY) -> Session:
    return open_session(policy, TODAY, lambda store: MemoryConnector(store, tables))


@pytest.fixture
def records() -> StateRecords:
    return StateRecords(memory_state(at=NOW))


def erase(
    tables: Tables, records: StateRecords, *apart: int, unverified: bool = True, wish: Wish | None = None
) -> None:
    """Cleo's erasure, with what a human has decided: these reviews are somebody else's."""
    rows = frozenset(records.tag("shop", "reviews", (at,)) for at in apart)
    decided = Decisions(shared=unverified, unverified=unverified, apart=rows)
    with opened(tables) as session:
        found = identify(session, Subject((("customer_id", "51"),)), decided, records)
        planned = plan_erasure(session, found, replace(wish or Wish(), decisions=decided), ())
        run_erasure(session, planned, Runner(records, NOW, "r1"))


def replay(tables: Tables, records: StateRecords, policy: Policy = POLICY) -> list[Outcome]:
    with opened(tables, policy) as session:
        return run_replay(session, plan_replay(session, records), Runner(records, NOW, "again"))


def failed(outcomes: list[Outcome]) -> list[tuple[str, int]]:
    return [(one.step.collection, one.rows) for one in outcomes if one.status == "failed"]


def test_a_row_that_was_erased_on_a_humans_word_goes_again_with_what_hangs_on_it(records: StateRecords) -> None:
    tables = shop(review(82), review(83))
    backup = copy.deepcopy(tables)
    erase(tables, records, 83)
    assert left(tables) == {"reviews": [83], "votes": [183]}
    outcomes = replay(backup, records)
    assert left(backup) == {"reviews": [83], "votes": [183]}, "and what was set apart stays"
    assert failed(outcomes) == [], "nor does a human have to look at it once more"
    assert replay(backup, records) == []


def test_a_row_that_nobody_opened_is_neither_erased_nor_named(records: StateRecords) -> None:
    tables = shop(review(82))
    backup = copy.deepcopy(tables)
    erase(tables, records, unverified=False)
    assert left(tables) == {"reviews": [82], "votes": [182]}
    assert failed(replay(backup, records)) == []
    assert left(backup) == {"reviews": [82], "votes": [182]}


def test_an_address_that_anybody_typed_into_a_new_row_erases_nothing_and_is_named(records: StateRecords) -> None:
    tables = shop(review(82))
    erase(tables, records)
    tables["reviews"].rows.append(review(90))
    assert failed(replay(tables, records)) == [("reviews", 1)]
    assert left(tables) == {"reviews": [90]}


def test_a_key_that_was_given_to_another_review_is_no_reason_to_erase_it(records: StateRecords) -> None:
    tables = shop(review(82))
    erase(tables, records)
    tables["reviews"].rows.append(review(82, "nia@example.org"))
    assert replay(tables, records) == []
    assert left(tables) == {"reviews": [82]}


def test_where_the_erasure_was_about_other_uses_a_new_row_is_not_named(records: StateRecords) -> None:
    tables = shop(review(82))
    erase(tables, records, wish=Wish(purposes=("orders",)))
    tables["reviews"].rows.append(review(90))
    assert failed(replay(tables, records)) == []
    assert left(tables) == {"reviews": [82, 90], "votes": [182]}


def test_a_row_that_a_verified_number_leads_to_is_known_by_the_typed_address_too(records: StateRecords) -> None:
    """Written while logged in as somebody else, opened as hers: the number in it is not hers."""
    both = replace(REVIEWS, identifiers=(TYPED, NUMBER))
    store = replace(STORE, collections={**STORE.collections, "reviews": both})
    policy = replace(POLICY, stores={"shop": store})
    tables = {**shop(review(82)), "reviews": rows_of(both, [{**review(82), "number": 77}])}
    backup = copy.deepcopy(tables)
    with opened(tables, policy) as session:
        decided = Decisions(shared=True, unverified=True)
        found = identify(session, Subject((("email", BOX),)), decided, records)
        run_erasure(session, plan_erasure(session, found, Wish(decisions=decided), ()), Runner(records, NOW, "r1"))
    assert left(tables) == {}
    assert failed(replay(backup, records, policy)) == []
    assert left(backup) == {}


def test_somebody_who_was_said_to_be_another_is_not_said_to_have_come_back(records: StateRecords) -> None:
    tables = shop()
    tables["customers"].rows.append({"id": 2, "email": BOX, "number": 52})
    backup = copy.deepcopy(tables)
    decided = Decisions(True, True, frozenset({records.tag("shop", "customers", (2,))}))
    with opened(tables) as session:
        found = identify(session, Subject((("email", BOX),)), decided, records)
        run_erasure(session, plan_erasure(session, found, Wish(decisions=decided), ()), Runner(records, NOW, "r1"))
    assert left(tables) == {"customers": [2]}
    assert failed(replay(backup, records)) == []
    assert left(backup) == {"customers": [2]}
    backup["customers"].rows.append({"id": 3, "email": BOX, "number": 53})
    assert failed(replay(backup, records)) == [("customers", 1)], "a third one is"


PHONE = Identifier("phone", "phone", verified=False)


def household(verified: bool) -> tuple[Policy, Tables]:
    """Ana: her account, with a telephone number, and a card on which that number is verified."""
    accounts = table(
        "shop", "customers", "orders", "email:EmailAddress phone:TelephoneNumber name:Name",
        identifiers=(Identifier("email", "email"), replace(PHONE, verified=verified), NUMBER),
    )  # fmt: skip
    cards = table(
        "shop", "cards", "orders", "phone:TelephoneNumber", identifiers=(replace(PHONE, verified=True), NUMBER)
    )
    found = {one.name: one for one in (accounts, cards)}
    kinds = {**POLICY.identifiers, "phone": IdentifierKind("phone")}
    columns = {"id": ("int", False), "email": ("text", True), "phone": ("text", False), "number": ("int", True)}
    ana = {"id": 1, "email": "ana@example.org", "phone": "0199", "number": 51, "name": "Ana"}
    return replace(POLICY, stores={"shop": replace(STORE, collections=found)}, identifiers=kinds), {
        "customers": MemoryTable.of(("id",), {**columns, "name": ("text", True)}, [ana]),
        "cards": rows_of(cards, [{"id": 9, "phone": "0199", "number": 51}]),
    }


def erase_by(
    mail: str, policy: Policy, tables: Tables, records: StateRecords, ref: str, wish: Wish | None = None
) -> None:
    wish = wish or Wish()
    with opened(tables, policy) as session:
        found = identify(session, Subject((("email", mail),)), wish.decisions, records)
        run_erasure(session, plan_erasure(session, found, wish, ()), Runner(records, NOW, ref))


def bob(phone: str, number: int = 52) -> dict[str, Any]:
    """Who got Ana's key."""
    return {"id": 1, "email": "bob@example.org", "phone": phone, "number": number, "name": "Bob"}


@pytest.mark.parametrize("opened_rows", [False, True])
def test_a_key_given_anew_within_a_household_erases_nobody_by_a_number_that_no_human_had_opened(
    records: StateRecords, opened_rows: bool
) -> None:
    policy, tables = household(verified=False)
    erase_by("ana@example.org", policy, tables, records, "r1", Wish(decisions=Decisions(unverified=opened_rows)))
    assert left(tables) == {}
    tables["customers"].rows.append(bob("0199"))
    replay(tables, records, policy)
    assert left(tables) == ({} if opened_rows else {"customers": [1]})


def test_somebody_of_whom_one_sign_went_by_category_is_not_the_shell_of_whoever_had_the_key(
    records: StateRecords,
) -> None:
    policy, tables = household(verified=True)
    erase_by("ana@example.org", policy, tables, records, "r1")
    tables["customers"].rows.append(bob("0777"))
    erase_by("bob@example.org", policy, tables, records, "r2", Wish(categories=("TelephoneNumber",)))
    (row,) = tables["customers"].rows
    assert is_tombstone(row["phone"]), "it may not be empty"
    replay(tables, records, policy)
    assert [row["name"] for row in tables["customers"].rows] == ["Bob"]


def test_a_typed_sign_that_went_makes_no_shell_and_nothing_but_tombstones_does(records: StateRecords) -> None:
    gone = make(os.urandom)
    cases = [
        (False, gone, None, 52, True), (True, gone, None, None, False), (True, gone, gone, None, False),
        (True, "", None, None, True),
    ]  # fmt: skip
    for verified, phone, mail, number, stays in cases:
        policy, tables = household(verified=verified)
        erase_by("ana@example.org", policy, tables, records, f"r{verified}{phone}{mail}")
        tables["customers"].rows.append({**bob(phone), "email": mail, "number": number})
        replay(tables, records, policy)
        assert bool(left(tables)) is stays, (verified, phone, number)
