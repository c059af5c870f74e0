"""Which tables are about people, which hang on them, which hold data of people nobody is found from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from core.discover.fake_source import FakeSource, numbered, simple_classify, table
from troth.core.discover.link_names import words_of
from troth.core.discover.model import Draft, Table
from troth.core.discover.purposes import PURPOSES, purpose_by_name
from troth.core.discover.run import discover

USERS = table("users", "id:int email login name", unique="email,login")
CUSTOMERS = table("customers", "id:int email name", unique="email")


def looked_at(*tables: Table, data: Mapping[str, Sequence[Any]] | None = None) -> Draft:
    return discover(FakeSource(tables, data or {}), "shop", classify=simple_classify)


def roles(draft: Draft) -> dict[str, str]:
    return {g.table.qualified: g.role for g in draft.tables}


def followed(draft: Draft, name: str) -> list[str]:
    guess = draft.guess(name)
    assert guess is not None
    return [g.parent for g in guess.links if g.confidence >= 0.5]


def test_what_hangs_on_people_by_several_steps_belongs() -> None:
    draft = looked_at(
        CUSTOMERS,
        table("orders", "id:int customer_id:int", refs={"customer_id": "customers.id"}),
        table("order_lines", "id:int order_id:int", refs={"order_id": "orders.id"}),
        table("colours", "id:int label"),
    )
    assert roles(draft) == {"customers": "person", "orders": "belongs", "order_lines": "belongs", "colours": "none"}


def test_the_tables_stand_people_first_and_each_under_what_it_hangs_on() -> None:
    draft = looked_at(
        table("aaa", "id:int label"),
        table("lines", "id:int order_id:int", refs={"order_id": "orders.id"}),
        table("orders", "id:int customer_id:int", refs={"customer_id": "customers.id"}),
        CUSTOMERS,
    )
    assert [g.table.name for g in draft.tables] == ["customers", "orders", "lines", "aaa"]


def test_a_clerk_who_dealt_with_an_order_does_not_own_it() -> None:
    employees = table("employees", "id:int email name", unique="email")
    orders = table(
        "orders", "id:int customer_id:int employee_id:int",
        refs={"customer_id": "customers.id", "employee_id": "employees.id"},
    )  # fmt: skip
    draft = looked_at(CUSTOMERS, employees, orders)
    assert followed(draft, "orders") == ["customers"]
    guess = draft.guess("orders")
    assert guess is not None
    assert [g.parent for g in guess.links] == ["customers", "employees"]


def test_what_is_about_the_staff_alone_is_theirs() -> None:
    sheets = table("timesheets", "id:int employee_id:int hours:num", refs={"employee_id": "employees.id"})
    assert roles(looked_at(table("employees", "id:int email name"), sheets))["timesheets"] == "belongs"


def test_a_customer_is_not_their_sales_representatives() -> None:
    customers = table("customers", "id:int email name rep_id:int", refs={"rep_id": "employees.id"})
    draft = looked_at(customers, table("employees", "id:int email name"))
    assert roles(draft) == {"customers": "person", "employees": "person"}
    assert followed(draft, "customers") == []


def test_a_thing_that_somebody_entered_is_not_theirs() -> None:
    products = table("products", "id:int label created_by:int", refs={"created_by": "users.id"})
    draft = looked_at(USERS, products)
    assert roles(draft)["products"] == "none"


def test_a_text_that_somebody_wrote_is_theirs() -> None:
    posts = table("posts", "id:int body created_by:int", refs={"created_by": "users.id"})
    draft = looked_at(USERS, posts)
    assert roles(draft)["posts"] == "belongs"
    assert followed(draft, "posts") == ["users"]


@pytest.mark.parametrize("parent", ["shops", "warehouses", "fournisseurs", "firmen_abteilung"])
def test_a_place_of_business_does_not_own_its_customers_orders(parent: str) -> None:
    shops = table(parent, "id:int email phone name")
    orders = table("orders", "id:int shop_id:int", refs={"shop_id": f"{parent}.id"})
    assert roles(looked_at(shops, orders))["orders"] == "none"


def test_both_people_of_a_message_own_it() -> None:
    messages = table(
        "messages", "id:int body sender_id:int recipient_id:int",
        refs={"sender_id": "users.id", "recipient_id": "users.id"},
    )  # fmt: skip
    assert followed(looked_at(USERS, messages), "messages") == ["users", "users"]


def test_a_profile_that_shares_its_key_is_part_of_the_person() -> None:
    profiles = table("member", "user_id:int name phone", key="user_id", refs={"user_id": "users.id"})
    draft = looked_at(USERS, profiles)
    assert roles(draft) == {"users": "person", "member": "belongs"}


def test_a_contact_in_an_address_book_is_another_person() -> None:
    clients = table("clients", "id:int user_id:int email name", refs={"user_id": "users.id"})
    rows = numbered(60, user_id=lambda n: n % 3 + 1, email=lambda n: f"{n}@b.test", name="x")
    draft = looked_at(USERS, clients, data={"clients": rows})
    assert roles(draft)["clients"] == "person"
    assert followed(draft, "clients") == []


def test_a_customer_with_an_account_belongs_to_it() -> None:
    customers = table("customers", "id:int user_id:int email name", unique="user_id", refs={"user_id": "users.id"})
    draft = looked_at(USERS, customers)
    assert roles(draft)["customers"] == "person"
    assert followed(draft, "customers") == ["users"]


def test_an_address_to_which_customers_point_is_theirs() -> None:
    customers = table("customers", "id:int email address_id:int", refs={"address_id": "addresses.id"})
    addresses = table("addresses", "id:int street phone")
    rows = {"customers": numbered(40, address_id=lambda n: n), "addresses": numbered(42, street="x", phone="y")}
    draft = looked_at(customers, addresses, data=rows)
    assert roles(draft)["addresses"] == "belongs"
    guess = draft.guess("addresses")
    assert guess is not None
    assert guess.links[0].columns == (("id", "address_id"),)


def test_a_warehouse_to_which_orders_point_is_nobodys() -> None:
    orders = table(
        "orders", "id:int customer_id:int depot_id:int", refs={"customer_id": "customers.id", "depot_id": "depots.id"}
    )
    depots = table("depots", "id:int street phone")
    rows = {"orders": numbered(40, customer_id=1, depot_id=lambda n: n % 3 + 1), "depots": numbered(3, street="x")}
    draft = looked_at(CUSTOMERS, orders, depots, data=rows)
    assert roles(draft)["depots"] == "loose"
    assert followed(draft, "depots") == []


def test_a_log_with_nothing_but_addresses_of_machines_is_loose() -> None:
    assert roles(looked_at(USERS, table("hits", "id:int ip"), data={"hits": numbered(30, ip="x")}))["hits"] == "loose"


def test_who_is_known_by_nothing_but_a_mail_address_is_a_person() -> None:
    assert roles(looked_at(table("letters", "id:int email")))["letters"] == "person"


def test_a_view_is_named_and_left_alone() -> None:
    draft = looked_at(USERS, table("users_view", "id:int email", kind="view"))
    assert roles(draft)["users_view"] == "none"
    guess = draft.guess("users_view")
    assert guess is not None
    assert [r.code for r in guess.reasons] == ["role_not_a_table"]


@pytest.mark.parametrize(
    ("name", "purpose"),
    [
        ("orders", "orders"), ("factures", "orders"), ("Rechnungen", "orders"), ("access_log", "logs"),
        ("order_log", "logs"), ("newsletter_subscribers", "newsletter"), ("ticket_messages", "messages"),
        ("employees", "staff"), ("whatever", None), ("commentaires", "messages"),
    ],
)  # fmt: skip
def test_a_purpose_is_guessed_by_name(name: str, purpose: str | None) -> None:
    assert purpose_by_name(words_of(name)) == purpose


def test_what_hangs_on_an_order_is_for_orders() -> None:
    draft = looked_at(
        CUSTOMERS,
        table("orders", "id:int customer_id:int", refs={"customer_id": "customers.id"}),
        table("gifts", "id:int order_id:int body", refs={"order_id": "orders.id"}),
    )
    assert {g.table.name: g.purpose for g in draft.tables} == {
        "customers": "accounts", "orders": "orders", "gifts": "orders",
    }  # fmt: skip


def test_every_purpose_has_a_title_in_both_languages() -> None:
    assert all(set(kind.title) == {"en", "fr"} and kind.keeps for kind in PURPOSES.values())


def test_a_table_called_after_people_is_about_them_though_their_particulars_lie_elsewhere() -> None:
    details = table("users_details", "uid:int email name", key="uid")
    notes = table("notes", "id:int uid:int body")
    rows = {
        "users": [{"uid": n, "kind": "x"} for n in range(1, 51)],
        "users_details": [{"uid": n, "email": f"{n}@b.test", "name": "x"} for n in range(1, 51)],
        "notes": numbered(60, uid=lambda n: n % 50 + 1, body="x"),
    }
    bare = Table("users", table("x", "uid:int kind", key="uid").columns, key=("uid",))
    source = FakeSource([bare, details, notes], rows)
    draft = discover(source, "shop", classify=lambda t, p, c: replace(simple_classify(t, p, c), people=0.0))
    assert roles(draft)["users"] == "person"
    assert followed(draft, "notes") == ["users"]
