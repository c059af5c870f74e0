"""A second look tells what changed, and whether it touches personal data."""

from __future__ import annotations

import pytest

from core.discover.fake_source import FakeSource, simple_classify, table
from troth.core.discover.changes import Change, changes_since_look, changes_since_policy
from troth.core.discover.draft import policy_yaml
from troth.core.discover.draft_json import draft_json
from troth.core.discover.model import Draft, Table
from troth.core.discover.run import discover
from troth.core.errors import UsageError
from troth.core.policy.loader import load
from troth.core.policy.model import Policy

USERS = table("users", "id:int email name", unique="email")
ORDERS = table("orders", "id:int user_id:int street", refs={"user_id": "users.id"})
COLOURS = table("colours", "id:int label")


def looked_at(*tables: Table) -> Draft:
    return discover(FakeSource(tables), "shop", classify=simple_classify)


def policy_of(draft: Draft, replaced: tuple[str, str] = ("", "")) -> Policy:
    text = (
        policy_yaml(draft, url_variable="X").replace(*replaced) if replaced[0] else policy_yaml(draft, url_variable="X")
    )
    return load(text.encode(), name="troth.yaml", read=lambda _: b"", env={})


def since_policy(policy: Policy, draft: Draft) -> list[tuple[str, str, str | None]]:
    found = changes_since_policy(policy.stores["shop"], policy.document.stores["shop"].collections, draft)
    assert all(c.personal for c in found)
    return [(c.code, c.table, c.column) for c in found]


def test_nothing_has_changed_since_the_draft_itself() -> None:
    draft = looked_at(USERS, ORDERS, COLOURS)
    assert since_policy(policy_of(draft), draft) == []
    assert changes_since_look(draft_json(draft), draft) == ()


def test_a_mapped_table_that_is_gone_is_told() -> None:
    policy = policy_of(looked_at(USERS, ORDERS))
    assert since_policy(policy, looked_at(USERS)) == [("table_gone", "orders", None)]


def test_a_mapped_column_that_is_gone_is_told_once() -> None:
    policy = policy_of(looked_at(USERS))
    fewer = table("users", "id:int email", unique="email")
    assert since_policy(policy, looked_at(fewer)) == [("column_gone", "users", "name")]


def test_a_new_column_that_looks_personal_is_told() -> None:
    policy = policy_of(looked_at(USERS))
    more = table("users", "id:int email name phone shoe_size:int", unique="email")
    assert since_policy(policy, looked_at(more)) == [("column_unmapped", "users", "phone")]


def test_a_column_that_was_judged_harmless_is_not_told_again() -> None:
    policy = policy_of(looked_at(USERS), ("    for: accounts\n", "    for: accounts\n        other_columns: [PHONE]\n"))
    more = table("users", "id:int email name phone", unique="email")
    assert since_policy(policy, looked_at(more)) == []


def test_a_new_table_that_looks_personal_is_told() -> None:
    policy = policy_of(looked_at(USERS))
    assert since_policy(policy, looked_at(USERS, ORDERS, COLOURS)) == [("table_unmapped", "orders", None)]


def test_names_are_compared_as_databases_do_without_regard_to_case() -> None:
    policy = policy_of(looked_at(USERS))
    assert since_policy(policy, looked_at(table("Users", "ID:int EMAIL Name", key="ID", unique="EMAIL"))) == []


def test_a_table_that_became_a_view_is_told() -> None:
    policy = policy_of(looked_at(USERS))
    found = since_policy(policy, looked_at(table("users", "id:int email name", kind="view")))
    assert ("table_kind", "users", None) in found


# --- since an earlier look ------------------------------------------------------------------------


def since_look(before: Draft, now: Draft) -> list[tuple[str, str, str | None, bool]]:
    return [(c.code, c.table, c.column, c.personal) for c in changes_since_look(draft_json(before), now)]


def test_tables_and_columns_that_came_and_went_are_told_and_which_of_them_are_personal() -> None:
    before = looked_at(USERS, ORDERS, COLOURS)
    now = looked_at(
        table("users", "id:int email phone size:int", unique="email"), table("shapes", "id:int label"), ORDERS
    )
    assert since_look(before, now) == [
        ("table_new", "shapes", None, False),
        ("table_dropped", "colours", None, False),
        ("column_new", "users", "phone", True),
        ("column_new", "users", "size", False),
        ("column_dropped", "users", "name", True),
    ]


def test_a_type_that_changed_is_told() -> None:
    now = looked_at(table("users", "id:int email name:blob", unique="email"))
    assert since_look(looked_at(USERS), now) == [("column_type", "users", "name", True)]


@pytest.mark.parametrize("wrong", [None, [], {}, {"tables": [1]}, {"tables": [{"table": "x"}]}, "text"])
def test_an_earlier_look_that_is_none_is_refused(wrong: object) -> None:
    with pytest.raises(UsageError, match="not what"):
        changes_since_look(wrong, looked_at(USERS))


def test_each_change_is_told_in_both_languages() -> None:
    change = Change("column_unmapped", "users", "phone", True, {"categories": "TelephoneNumber"})
    assert change.message("en") == "users.phone: looks like TelephoneNumber and is not in the map"
    assert change.message("fr") == "users.phone : ressemble à TelephoneNumber et n'est pas décrite"
    assert change.as_json() == {
        "code": "column_unmapped", "table": "users", "column": "phone", "personal": True,
        "message": change.message("en"),
    }  # fmt: skip
