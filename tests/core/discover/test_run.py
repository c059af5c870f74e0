"""A look goes through a whole database, tells of its progress, and ends with its budget."""

from __future__ import annotations

from dataclasses import replace

from core.discover.fake_source import FakeSource, counted, numbered, simple_classify, table
from troth.core.discover.draft_json import draft_json
from troth.core.discover.model import Trouble
from troth.core.discover.run import discover

USERS = table("users", "id:int email login name", unique="email,login")


def test_a_whole_look_ends_in_a_draft_of_every_table() -> None:
    source = FakeSource([USERS, table("colours", "id:int label")], {"users": numbered(10, email="a@b.test")})
    draft = discover(source, "shop", classify=simple_classify)
    assert {g.table.name for g in draft.tables} == {"users", "colours"}
    assert draft.store == "shop"
    assert draft.profiles["users"]["email"].share("email") == 1.0


def test_the_real_rules_are_used_when_none_are_given() -> None:
    users = table("users", "id:int email first_name phone", unique="email")
    rows = numbered(30, email=lambda n: f"person{n}@example.test", first_name="x", phone="y")
    draft = discover(FakeSource([users], {"users": rows}), "shop")
    guess = draft.guess("users")
    assert guess is not None
    assert guess.role == "person"
    assert "EmailAddress" in {f.category for f in guess.fields}


def test_progress_is_told_step_by_step() -> None:
    told: list[tuple[str, int, int]] = []
    tables = [USERS, *(table(f"t{n}", "id:int") for n in range(4))]
    discover(FakeSource(tables), "shop", progress=lambda *step: told.append(step), classify=simple_classify)
    assert told[0] == ("schema", 0, 1)
    assert [t for t in told if t[0] == "tables"] == [("tables", n, 5) for n in range(1, 6)]
    assert told[-1] == ("links", 1, 1)


def test_tables_that_seem_to_be_about_people_are_looked_at_first() -> None:
    tables = [*(table(f"thing{n}", "id:int label") for n in range(20)), USERS]
    source = FakeSource(tables, seconds=5)
    draft = discover(source, "shop", classify=simple_classify)
    assert source.asked[0] == ("profiles", "users")
    assert len([q for q in source.asked if q[0] == "profiles"]) == 3
    (trouble,) = draft.troubles
    assert trouble.code == "names_only"
    assert "18 of 21 tables" in trouble.message


def test_troubles_are_told_once() -> None:
    again = Trouble("timeout", "took too long", "users")
    draft = discover(FakeSource([USERS], troubles=(again, again)), "shop", classify=simple_classify)
    assert draft.troubles == (again,)


def test_keys_and_values_are_judged_by_their_keys() -> None:
    meta = table("user_meta", "id:int user_id:int meta_key meta_value", refs={"user_id": "users.id"})
    keys = ["phone", "colour", "first_name"]
    rows = numbered(60, user_id=lambda n: n % 10 + 1, meta_key=lambda n: keys[n % 3], meta_value=lambda n: f"v{n}")
    phones = replace(counted([f"+33 6 12 34 56 {n:02}" for n in range(20)]), signs={"phone": 20})
    source = FakeSource(
        [USERS, meta], {"user_meta": rows}, keyed={"user_meta": {"phone": phones, "colour": counted(["x"])}}
    )
    guess = discover(source, "shop").guess("user_meta")
    assert guess is not None
    assert guess.key_value is not None
    assert (guess.key_value.key, guess.key_value.value) == ("meta_key", "meta_value")
    assert [f.column for f in guess.key_value.fields] == ["phone"]
    assert not [f for f in guess.fields if f.column in ("meta_key", "meta_value")]


def test_names_that_never_come_back_are_no_keys() -> None:
    things = table("things", "id:int user_id:int name content", refs={"user_id": "users.id"})
    rows = numbered(60, user_id=1, name=lambda n: f"n{n}", content="x")
    source = FakeSource([USERS, things], {"things": rows})
    guess = discover(source, "shop", classify=simple_classify).guess("things")
    assert guess is not None
    assert guess.key_value is None


def test_the_data_of_a_draft_hold_no_value() -> None:
    rows = numbered(30, email=lambda n: f"secret{n}@example.test", login="hush", name="Nobody")
    draft = discover(FakeSource([USERS], {"users": rows}), "shop")
    said = repr(draft) + repr(draft_json(draft))
    assert not any(word in said for word in ("secret1", "hush", "Nobody"))
    (told,) = draft_json(draft)["tables"]
    assert told["table"] == "users"
    assert told["columns"][0] == {"column": "id", "type": "int", "family": "integer", "nullable": False}


def test_each_part_of_a_look_leaves_time_to_the_next() -> None:
    meta = table("user_meta", "id:int user_id:int meta_key meta_value")
    tables = [*(table(f"thing{n}", "id:int user_id:int label") for n in range(200)), USERS, meta]
    source = FakeSource(tables, seconds=100)
    draft = discover(source, "shop", classify=simple_classify)
    kinds = [question[0] for question in source.asked]
    assert kinds.count("profiles") == 60
    assert "keyed" in kinds
    assert "inclusion" in kinds
    assert source.seconds >= 0
    assert {t.code for t in draft.troubles} == {"names_only", "budget"}  # not all links could be asked for


def test_time_can_be_kept_for_other_questions() -> None:
    source = FakeSource([table(f"thing{n}", "id:int user_id:int") for n in range(200)], seconds=100)
    discover(source, "shop", classify=simple_classify, spare=50)
    assert source.seconds >= 50


def test_what_there_was_no_time_to_judge_is_told() -> None:
    tables = [USERS, *(table(f"thing{n}", "id:int label") for n in range(9))]
    source = FakeSource(tables, seconds=0)
    draft = discover(source, "shop", classify=simple_classify)
    assert [(t.code, t.message.partition(":")[0]) for t in draft.troubles] == [
        ("names_only", "10 of 10 tables were judged by their names only"),
        ("not_judged", "10 of 10 tables were not looked at"),
        ("budget", "links of 10 of 10 tables were not looked for"),
    ]
    assert len(draft.tables) == 10
