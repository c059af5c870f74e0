"""Links are found by what is declared, by names, and by values, and only as far as the data bear them out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.discover.fake_source import FakeSource, numbered, simple_classify, table
from troth.core.discover.link_names import (
    ABOUT,
    HANDLED,
    MADE,
    common_prefixes,
    names_a_person,
    rank_of_role,
    singulars,
    without_id,
    words_of,
)
from troth.core.discover.model import Draft, LinkGuess, Table
from troth.core.discover.run import discover

USERS = table("users", "id:int email login name", unique="email,login")
FIFTY = numbered(50, email=lambda n: f"p{n}@example.test", login=lambda n: f"login{n:03}", name="x")


def looked_at(*tables: Table, data: Mapping[str, Sequence[Any]] | None = None) -> Draft:
    return discover(FakeSource(tables, data or {}), "shop", classify=simple_classify)


def links_of(draft: Draft, name: str) -> list[LinkGuess]:
    guess = draft.guess(name)
    assert guess is not None
    return [g for g in guess.links if g.confidence >= 0.5]


def parents(draft: Draft, name: str) -> dict[str, str]:
    """Our column to the parent's, for each link that is followed."""
    return {ours: f"{g.parent}.{theirs}" for g in links_of(draft, name) for ours, theirs in g.columns}


# --- names ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("user_id", ("user", "id")), ("CustomerId", ("customer", "id")), ("idClient2", ("id", "client", "2")),
        ("HTTPUser", ("http", "user")), ("Käufer_Nr", ("kaeufer", "nr")), ("prénom", ("prenom",)), ("", ()),
    ],
)  # fmt: skip
def test_a_name_is_taken_apart_into_words(name: str, words: tuple[str, ...]) -> None:
    assert words_of(name) == words


@given(st.text(max_size=40))
def test_any_name_can_be_taken_apart(name: str) -> None:
    assert all(word == word.lower() and word for word in words_of(name))
    assert rank_of_role(name) in (ABOUT, MADE, HANDLED)
    assert names_a_person(name) in (True, False)
    assert isinstance(without_id(words_of(name))[0], tuple)


@pytest.mark.parametrize(
    ("plural", "single"), [("users", "user"), ("categories", "category"), ("kunden", "kunde"), ("people", "person"),
                           ("journaux", "journal"), ("boxes", "box"), ("pedidos", "pedido")],
)  # fmt: skip
def test_plurals_of_several_languages_are_known(plural: str, single: str) -> None:
    assert single in singulars(plural)


@pytest.mark.parametrize("name", ["user_id", "id_user", "userid", "fk_user", "user_no", "iduser_fk"])
def test_the_habits_of_naming_a_reference_are_seen_through(name: str) -> None:
    assert "user" in "".join(without_id(words_of(name))[0])


@pytest.mark.parametrize(
    ("column", "rank"),
    [
        ("customer_id", ABOUT), ("author_id", ABOUT), ("sender_id", ABOUT), ("created_by", MADE), ("creator_id", MADE),
        ("updated_by", HANDLED), ("support_rep_id", HANDLED), ("assigned_to", HANDLED), ("approved_by", HANDLED),
        ("erstellt_von", MADE), ("bearbeiter_id", HANDLED), ("cree_par", MADE), ("valide_par", HANDLED),
    ],
)  # fmt: skip
def test_whom_a_row_is_about_is_told_from_who_dealt_with_it(column: str, rank: int) -> None:
    assert rank_of_role(column) == rank


def test_a_prefix_of_all_tables_says_nothing() -> None:
    assert common_prefixes(["wx_users", "wx_orders", "wx_lines", "wx_items", "other"]) == {"wx"}
    assert common_prefixes(["user_a", "order_b", "item_c"]) == frozenset()


# --- by name --------------------------------------------------------------------------------------


@pytest.mark.parametrize("column", ["user_id", "userId", "id_user", "fk_user", "users_id", "userid", "user"])
def test_a_column_called_after_a_table_refers_to_it(column: str) -> None:
    notes = table("notes", f"id:int {column}:int body")
    rows = numbered(60, **{column: lambda n: n % 50 + 1, "body": "x"})
    assert parents(looked_at(USERS, notes, data={"users": FIFTY, "notes": rows}), "notes") == {column: "users.id"}


@pytest.mark.parametrize(
    "column", ["author_id", "owner", "poster_id", "created_by", "auteur_id", "benutzer_id", "usuario_id", "absender"]
)
def test_a_word_for_a_person_refers_to_the_people(column: str) -> None:
    notes = table("notes", f"id:int {column}:int body")
    rows = numbered(60, **{column: lambda n: n % 50 + 1, "body": "x"})
    assert parents(looked_at(USERS, notes, data={"users": FIFTY, "notes": rows}), "notes") == {column: "users.id"}


def test_prefixes_and_parts_of_names_are_understood() -> None:
    tables = (
        table("wx_shop_customers", "id:int email"), table("wx_shop_orders", "id:int billing_customer_id:int street"),
        table("wx_shop_lines", "id:int order_id:int"), table("wx_news", "id:int title"),
    )  # fmt: skip
    data = {
        "wx_shop_customers": numbered(30, email=lambda n: f"{n}@b.test"),
        "wx_shop_orders": numbered(40, billing_customer_id=lambda n: n % 30 + 1, street="x"),
        "wx_shop_lines": numbered(80, order_id=lambda n: n % 40 + 1),
    }
    draft = looked_at(*tables, data=data)
    assert parents(draft, "wx_shop_orders") == {"billing_customer_id": "wx_shop_customers.id"}
    assert parents(draft, "wx_shop_lines") == {"order_id": "wx_shop_orders.id"}


def test_the_name_of_a_key_is_a_reference_wherever_it_stands() -> None:
    employees = table("staff_register", "emp_no:int email name", key="emp_no", unique="email")
    salaries = table("salaries", "emp_no:int amount:num", key="")
    data = {
        "staff_register": [{"emp_no": 10_000 + n, "email": f"{n}@b.test", "name": "x"} for n in range(30)],
        "salaries": [{"emp_no": 10_000 + n % 30, "amount": 5} for n in range(60)],
    }
    assert parents(looked_at(employees, salaries, data=data), "salaries") == {"emp_no": "staff_register.emp_no"}


def test_a_name_that_the_values_contradict_is_no_link() -> None:
    notes = table("notes", "id:int user_id:int body")
    rows = numbered(60, user_id=lambda n: 100_000 + n, body="x")
    assert parents(looked_at(USERS, notes, data={"users": FIFTY, "notes": rows}), "notes") == {}


def test_in_empty_tables_names_are_believed_with_less_confidence() -> None:
    notes = table("notes", "id:int user_id:int body")
    full = looked_at(USERS, notes, data={"users": FIFTY, "notes": numbered(60, user_id=lambda n: n % 50 + 1, body="x")})
    (empty,), (filled,) = links_of(looked_at(USERS, notes), "notes"), links_of(full, "notes")
    assert empty.parent == filled.parent == "users"
    assert 0.5 <= empty.confidence < filled.confidence


def test_numbers_that_stand_everywhere_prove_nothing_without_a_name() -> None:
    notes = table("notes", "id:int rank:int body")
    rows = numbered(60, rank=lambda n: n % 40 + 1, body="x")
    assert parents(looked_at(USERS, notes, data={"users": FIFTY, "notes": rows}), "notes") == {}


def test_columns_of_unlike_types_are_not_compared() -> None:
    notes = table("notes", "id:int user_id:date body")
    source = FakeSource([USERS, notes], {"users": FIFTY})
    discover(source, "shop", classify=simple_classify)
    assert not [q for q in source.asked if q[:3] == ("inclusion", "notes", "user_id")]


# --- declared and several columns -----------------------------------------------------------------


def test_a_declared_key_needs_no_values() -> None:
    notes = table("notes", "id:int x:int body", refs={"x": "users.id"})
    (link,) = links_of(looked_at(USERS, notes), "notes")
    assert (link.declared, link.confidence) == (True, 0.99)


def test_a_row_that_refers_to_its_own_table_belongs_to_nobody_for_that() -> None:
    users = table("users", "id:int email parent_id:int", refs={"parent_id": "users.id"})
    assert parents(looked_at(users), "users") == {}


def test_a_key_of_several_columns_is_followed() -> None:
    seats = table("bookings", "house:int seat:int email name", key="house seat")
    notes = table("remarks", "id:int house:int seat:int body")
    pairs = [{"house": 1000 + n, "seat": 7000 + n, "email": f"{n}@b.test", "name": "x"} for n in range(30)]
    rows = [{"id": n, "house": 1000 + n % 30, "seat": 7000 + n % 30, "body": "x"} for n in range(60)]
    draft = looked_at(seats, notes, data={"bookings": pairs, "remarks": rows})
    assert parents(draft, "remarks") == {"house": "bookings.house", "seat": "bookings.seat"}


def test_two_lists_that_pair_the_same_things_do_not_belong_to_each_other() -> None:
    tables = (
        USERS, table("courses", "id:int label"), table("enrolments", "user_id:int course_id:int", key="user_id course_id"),
        table("attendance", "id:int user_id:int course_id:int"),
    )  # fmt: skip
    data = {
        "users": FIFTY, "courses": numbered(5, label="x"),
        "enrolments": [{"user_id": n % 50 + 1, "course_id": n % 5 + 1} for n in range(50)],
        "attendance": numbered(80, user_id=lambda n: n % 50 + 1, course_id=lambda n: n % 5 + 1),
    }  # fmt: skip
    assert parents(looked_at(*tables, data=data), "attendance") == {"user_id": "users.id"}


# --- by value -------------------------------------------------------------------------------------


def test_a_mail_address_that_is_the_customers_links_the_row() -> None:
    orders = table("orders", "id:int email street")
    rows = numbered(80, email=lambda n: f"p{n % 50 + 1}@example.test", street="x")
    draft = looked_at(USERS, orders, data={"users": FIFTY, "orders": rows})
    assert parents(draft, "orders") == {"email": "users.email"}


def test_a_login_name_links_the_row_whatever_the_column_is_called() -> None:
    visits = table("visits", "id:int who ip")
    rows = numbered(80, who=lambda n: f"login{n % 50 + 1:03}", ip="192.0.2.1")
    assert parents(looked_at(USERS, visits, data={"users": FIFTY, "visits": rows}), "visits") == {"who": "users.login"}


def test_a_list_of_subscribers_who_are_not_customers_stands_for_itself() -> None:
    letters = table("letters", "id:int email")
    rows = numbered(80, email=lambda n: f"other{n}@example.test")
    draft = looked_at(USERS, letters, data={"users": FIFTY, "letters": rows})
    guess = draft.guess("letters")
    assert guess is not None
    assert guess.role == "person"
    assert parents(draft, "letters") == {}


def test_long_numbers_that_are_all_the_customers_own_link_the_row() -> None:
    users = table("users", "id:int email card:int", unique="email,card")
    swipes = table("swipes", "id:int badge:int ip")
    data = {
        "users": numbered(50, email=lambda n: f"p{n}@b.test", card=lambda n: 7_000_000 + 137 * n),
        "swipes": numbered(80, badge=lambda n: 7_000_000 + 137 * (n % 50 + 1), ip="192.0.2.1"),
    }
    assert parents(looked_at(users, swipes, data=data), "swipes") == {"badge": "users.card"}


# --- rows that name their target ------------------------------------------------------------------


def test_a_kind_beside_a_number_links_each_kind_to_its_table() -> None:
    comments = table("comments", "id:int object_type object_id:int body")
    things = table("products", "id:int label")
    rows = numbered(60, object_type=lambda n: ["user", "App\\Entity\\Product"][n % 2], object_id=lambda n: n % 20 + 1,
                    body="x")  # fmt: skip
    draft = looked_at(USERS, comments, things, data={"users": FIFTY, "comments": rows, "products": numbered(30)})
    (link,) = links_of(draft, "comments")
    assert (link.parent, link.where, link.columns) == ("users", ("object_type", "user"), (("object_id", "id"),))


def test_a_kind_of_customer_beside_the_customer_is_no_such_pair() -> None:
    notes = table("notes", "id:int user_type user_id:int body")
    rows = numbered(60, user_type="user", user_id=lambda n: n % 50 + 1, body="x")
    (link,) = links_of(looked_at(USERS, notes, data={"users": FIFTY, "notes": rows}), "notes")
    assert link.where is None


# --- the budget -----------------------------------------------------------------------------------


def test_questions_end_with_the_budget_and_people_are_asked_about_first() -> None:
    tables = [USERS, table("notes", "id:int user_id:int body")]
    tables += [table(f"thing{n}", f"id:int thing{n - 1}_id:int label") for n in range(40)]
    rows = {"users": FIFTY, "notes": numbered(60, user_id=lambda n: n % 50 + 1, body="x")}
    source = FakeSource(tables, rows, seconds=len(tables) + 3)
    discover(source, "shop", classify=simple_classify)
    asked = [q for q in source.asked if q[0] == "inclusion"]
    assert 0 < len(asked) <= 4
    assert asked[0][:3] == ("inclusion", "notes", "user_id")


def test_unreadable_tables_are_judged_by_their_names_and_never_asked() -> None:
    notes = table("notes", "id:int user_id:int body", readable=False)
    source = FakeSource([USERS, notes], {"users": FIFTY})
    draft = discover(source, "shop", classify=simple_classify)
    assert parents(draft, "notes") == {"user_id": "users.id"}
    assert not [q for q in source.asked if q[1] == "notes"]


# --- what names of one schema say of each other ---------------------------------------------------


def test_a_count_of_things_is_no_reference_to_one() -> None:
    forums = table("forums", "id:int posts:int num_users:int email")
    things = table("posts", "id:int label")
    rows = numbered(40, posts=lambda n: n % 20 + 1, num_users=lambda n: n % 30 + 1, email=lambda n: f"{n}@c.test")
    draft = looked_at(USERS, forums, things, data={"users": FIFTY, "forums": rows, "posts": numbered(30)})
    assert parents(draft, "forums") == {}


def test_what_is_above_a_row_is_of_its_own_table_before_all_others() -> None:
    notes = table("notes", "id:int parent_id:int user_id:int body")
    rows = numbered(60, parent_id=lambda n: n % 20 + 1, user_id=lambda n: n % 50 + 1, body="x")
    draft = looked_at(USERS, notes, data={"users": FIFTY, "notes": rows})
    guess = draft.guess("notes")
    assert guess is not None
    assert {g.columns[0][0]: g.parent for g in guess.links} == {"parent_id": "notes", "user_id": "users"}


def test_whoever_made_a_member_of_staff_is_one_of_the_staff() -> None:
    users = table("users", "id:int email login name created_by:int", unique="email,login")
    customers = table("customers", "id:int email name", unique="email")
    staff = [{**row, "created_by": 1 + row["id"] % 9} for row in FIFTY]
    draft = looked_at(users, customers, data={"users": staff, "customers": numbered(50, email=lambda n: f"{n}@c.test")})
    guess = draft.guess("users")
    assert guess is not None
    assert [(g.parent, g.confidence < 0.5) for g in guess.links] == [("users", True)]


def test_the_last_word_alone_does_not_join_unrelated_families() -> None:
    tables = (USERS, table("shop_entries", "id:int email"), table("blog_pages", "id:int entry:int email"))
    data = {
        "users": FIFTY, "shop_entries": numbered(40, email=lambda n: f"{n}@s.test"),
        "blog_pages": numbered(30, entry=lambda n: n % 30 + 1, email=lambda n: f"{n}@p.test"),
    }  # fmt: skip
    assert parents(looked_at(*tables, data=data), "blog_pages") == {}


def test_the_key_of_another_table_is_known_behind_a_prefix() -> None:
    posts = table("entries", "post_id:int user_id:int body", key="post_id")
    archive = table("old", "ab_id:int ab_post_id:int ab_text", key="ab_id")
    data = {
        "users": FIFTY, "old": [{"ab_id": n, "ab_post_id": n % 30 + 1, "ab_text": "x"} for n in range(1, 50)],
        "entries": [{"post_id": n, "user_id": n % 50 + 1, "body": "x"} for n in range(1, 40)],
    }  # fmt: skip
    assert parents(looked_at(USERS, posts, archive, data=data), "old") == {"ab_post_id": "entries.post_id"}


def test_tables_that_split_a_persons_row_have_its_key() -> None:
    people = table("users", "pid:int email", key="pid", unique="email")
    details = table("user_details", "pid:int street", key="pid")
    data = {
        "users": [{"pid": n, "email": f"p{n}@b.test"} for n in range(1, 51)],
        "user_details": [{"pid": n, "street": "x"} for n in range(1, 51)],
    }
    assert parents(looked_at(people, details, data=data), "user_details") == {"pid": "users.pid"}


def test_tables_of_one_key_called_id_are_joined_by_their_names_and_numbers_of_rows() -> None:
    details = table("user_details", "id:int street")
    few = looked_at(USERS, details, data={"users": FIFTY, "user_details": numbered(20, street="x")})
    all_of_them = looked_at(USERS, details, data={"users": FIFTY, "user_details": numbered(50, street="x")})
    assert parents(few, "user_details") == {}
    assert parents(all_of_them, "user_details") == {"id": "users.id"}


def test_a_key_behind_a_fixed_text_is_found_with_the_text() -> None:
    books = table("address_books", "id:int place label")
    rows = numbered(40, place=lambda n: f"people/all/login{n:03}", label="x")
    (link,) = links_of(looked_at(USERS, books, data={"users": FIFTY, "address_books": rows}), "address_books")
    assert (link.parent, link.text, link.columns) == ("users", "people/all/{}", (("place", "login"),))


def test_a_fixed_text_before_something_else_is_no_link() -> None:
    books = table("address_books", "id:int place label")
    rows = numbered(40, place=lambda n: f"people/all/other{n:03}", label="x")
    assert parents(looked_at(USERS, books, data={"users": FIFTY, "address_books": rows}), "address_books") == {}


def test_a_part_of_a_person_is_believed_in_empty_tables_where_it_is_a_number() -> None:
    notes = table("notes", "id:int created_by:int author body reviewed_by:bool")
    guess = looked_at(USERS, notes).guess("notes")
    assert guess is not None
    assert [g.columns[0] for g in guess.links] == [("created_by", "id")]
