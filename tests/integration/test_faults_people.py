"""Who is meant: strange identifiers, nobody, two people behind one address; and nobody's data left behind."""

from __future__ import annotations

import re

import pytest

from crash.killing import killed
from integration.world import CANARIES, TODAY, World

ANA = "email=ana@example.org"
STRANGE = {
    "quote": "email=x'; DROP TABLE customers; --@example.org",
    "always true": "email=' OR '1'='1",
    "percent": "email=%@example.org",
    "underscore": "email=an_@example.org",
    "backslash": "email=ana\\@example.org",
    "emoji": "email=👩‍🚀@example.org",
    "lone surrogate": "email=\udce9@example.org",
    "NUL": "email=ana@example.org\x00",
    "NUL in front": "email=\x00ana@example.org",
    "ten megabytes": "email=" + "a" * 10_000_000 + "@example.org",
    "text for a number": "customer_id=one",
    "number and more": "customer_id=1 OR 1=1",
    "number too large": "customer_id=99999999999999999999999999",
    "fraction": "customer_id=1.0",
}
SPELLINGS = ("Ana@Example.org", " ana@example.org", "ANA@EXAMPLE.ORG", "ana@example.org\n")
NEIGHBOURS = ("ána@example.org", "ana@example.org.", "ana @example.org", "ana@exam_le.org", "ana@example.org\u200b")


def test_strange_identifiers_find_nobody_and_break_nothing(world: World) -> None:
    before = world.content()
    for name, identifier in STRANGE.items():
        ran = world.erase("--yes", identifier)
        assert ran.code == 0, (name, ran.said[:500])
        assert ran.json == {"outcomes": [], "residue": [], "stopped": []}, name
        assert world.content() == before, name
    world.evidence_holds()


@pytest.mark.parametrize("word", ["", "=", "email=", "=x", "nobody", "shoe_size=44", "42"])
def test_what_names_nobody_is_wrong_use_and_not_repeated(file_world: World, word: str) -> None:
    ran = file_world.erase("--yes", word)
    assert ran.code == 2, ran.said
    if word == "shoe_size=44":
        assert "44" not in ran.said


def test_a_person_who_does_not_exist_is_an_answer(world: World) -> None:
    before = world.content()
    said = world.troth("erase", *TODAY, "--yes", "email=nobody@example.org")
    assert said.code == 0, said.said
    assert "Nobody is known by that" in said.out
    assert world.content() == before
    assert [kind for kind, _ in world.events()][-1] == "erasure.nobody"
    assert world.waiting() == []
    world.evidence_holds()


def test_other_spellings_of_the_same_address_find_her(world: World) -> None:
    plans = {e: world.erase("--dry-run", f"email={e}").json["digest"] for e in SPELLINGS}
    assert set(plans.values()) == {world.erase("--dry-run", ANA).json["digest"]}


def test_what_a_collation_calls_equal_is_somebody_else(world: World) -> None:
    for email in NEIGHBOURS:
        plan = world.erase("--dry-run", f"email={email}").json
        assert (plan["found"], [s["steps"] for s in plan["stores"]]) == (False, [[], []]), email


# --- two people, one address ---------------------------------------------------------------------------


def test_two_people_sharing_an_address_are_flagged_and_not_opened(world: World) -> None:
    before = world.content()
    plan = world.troth("erase", *TODAY, "--dry-run", "email=family@example.org")
    assert plan.code == 1
    assert "a human has to decide" in plan.out
    ran = world.erase("--yes", "email=family@example.org")
    assert ran.code == 1, ran.said
    assert {(s, c) for s, c, _, _ in ran.outcomes("failed")} == {("shop", "customers"), ("mailing", "subscribers")}
    assert world.content() == before
    world.evidence_holds()


def test_a_human_may_decide_that_both_are_meant(file_world: World) -> None:
    world = file_world
    ran = world.erase("--yes", "--confirm-shared", "email=family@example.org")
    assert ran.code == 0, ran.said
    assert world.rows("shop", "SELECT id FROM customers WHERE id IN (3, 4)") == []
    assert world.rows("mailing", "SELECT id FROM subscribers WHERE id = 44") == []


def test_a_number_narrows_to_one_of_the_two(file_world: World) -> None:
    """Cleo goes; Carl stays; whose the shared subscription is, a human has to say."""
    world = file_world
    ran = world.erase("--yes", "customer_id=3")
    assert world.rows("shop", "SELECT id FROM customers WHERE id IN (3, 4)") == [(4,)]
    assert world.rows("shop", "SELECT id FROM addresses WHERE customer_id IN (3, 4)") == [(25,)]
    assert world.rows("mailing", "SELECT id FROM subscribers WHERE id = 44") == [(44,)]
    assert ran.code == 1, ran.said
    assert ("mailing", "subscribers", "flag", 1) in ran.outcomes("failed")
    world.evidence_holds()


def test_a_hold_on_one_of_two_rows_does_not_make_the_rest_look_like_a_stranger(file_world: World) -> None:
    """Both rows of a household are erased on request; one owes money, so its address stays a while."""
    world = file_world
    world.run_sql("shop", "INSERT INTO orders (id, customer_id, placed, billing_name, total) "
                          "VALUES (61, 3, '2025-01-01', 'Cleo Wren', 5), (62, 4, '2024-01-01', 'Carl Wren', 5);"
                          "UPDATE orders SET paid = '2024-01-02' WHERE id = 62")  # fmt: skip
    assert world.erase("--yes", "--confirm-shared", "email=family@example.org").code == 0
    assert world.rows("shop", "SELECT id FROM customers WHERE email = 'family@example.org'") == [(3,)]
    world.run_sql("shop", "UPDATE orders SET paid = '2026-03-01' WHERE id = 61")
    swept = world.sweep("--yes", as_of="2026-04-01")
    assert "key" not in str(swept.outcomes("failed")), swept.out
    assert world.rows("shop", "SELECT id FROM customers WHERE email = 'family@example.org'") == []


# --- nobody's data left behind -------------------------------------------------------------------------


def test_nobodys_data_stands_in_what_troth_writes_and_says(world: World) -> None:
    """Neither in the state, nor in evidence, nor on the terminal, nor in a failure."""
    left = world.save()
    killed(world, "^shop: after COMMIT", "erase", *TODAY, "--yes", ANA)
    _stand_nowhere(world)  # though the state now knows whom to go on with
    world.restore(left)
    said = [world.erase("--dry-run", ANA), world.troth("hold", "add", "--because", "claim", "customer_id=5")]
    said += [world.troth("rectify", *TODAY, "--yes", "customer_id=1", "customers.phone=+33 6 00 00 00 01")]
    said += [world.sweep("--dry-run"), world.erase("--yes", ANA), world.sweep("--yes"), world.erase("--yes", ANA)]
    said += [world.troth("replay", "--dry-run"), world.troth("hold", "list")]
    world.evidence_holds()
    for ran in said:
        assert [c for c in CANARIES if c in ran.said] == [], ran.said
    _stand_nowhere(world)


def _stand_nowhere(world: World) -> None:
    wanted = [c.encode() for c in (*CANARIES, "dora@example.org", "fay@example.org", "Fay Stork", "7 Stork Court")]
    for path in world.files():
        content = path.read_bytes()
        assert [c for c in wanted if c in content] == [], path


def test_a_constraint_that_names_a_value_does_not_make_it_seen(world: World) -> None:
    """Drivers quote the duplicate in their message; a trigger may quote a whole row."""
    trigger = {
        "sqlite": "CREATE TRIGGER no BEFORE UPDATE ON customers BEGIN SELECT RAISE(ABORT, 'not ana@example.org'); END",
        "postgresql": "CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS "
        "$$BEGIN RAISE EXCEPTION 'not %', OLD.email; END$$; "
        "CREATE TRIGGER no BEFORE UPDATE ON customers FOR EACH ROW EXECUTE FUNCTION no()",
        "mariadb": "CREATE TRIGGER no BEFORE UPDATE ON customers FOR EACH ROW "
        "SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'not ana@example.org'",
    }[world.kind]
    world.run_sql("shop", trigger)
    before = world.content()
    ran = world.erase("--yes", ANA)
    assert ran.code == 1, ran.said
    assert re.search("trigger", ran.said), ran.said
    assert [c for c in CANARIES if c in ran.said] == []
    assert world.content()["shop.customers"] == before["shop.customers"]
    assert world.content()["shop.addresses"] == before["shop.addresses"]
    for path in world.files():
        assert b"ana@example.org" not in path.read_bytes(), path
