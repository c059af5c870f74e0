"""After a restore: who had been erased is erased again, once, and nobody else."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from integration.world import AS_OF, World
from troth import bootstrap
from troth.core.rights.erase import Runner, Wish, identify, plan_erasure, run_erasure
from troth.core.rights.identity import Decisions, Subject

ANA, BEN = "email=ana@example.org", "email=ben@example.org"


def test_a_restored_backup_is_cleaned_again_and_then_there_is_nothing_left(world: World) -> None:
    backup = world.save()
    assert world.erase("--yes", ANA).code == 0
    assert world.erase("--yes", BEN).code == 0
    after = world.content()
    clean = world.troth("replay", "--dry-run")
    assert clean.code == 0, clean.said

    world.restore(backup, state=False)
    found = world.troth("replay", "--as-of", "2025-12-31", "--dry-run")
    assert found.code == 1, found.said
    assert found.out.count("delete from addresses") == 2, found.out
    assert world.content() != after
    ran = world.troth("replay", "--as-of", "2025-12-31", "--yes", "--format", "json")
    assert ran.code == 0, ran.said
    assert world.content() == after

    again = world.troth("replay", "--as-of", "2025-12-31", "--yes", "--format", "json")
    assert again.code == 0, again.said
    assert again.outcomes("done") == []
    assert world.content() == after
    # Her rest still waits for its day, once.
    assert [(p.unfinished, p.due.isoformat()) for p in world.waiting()] == [(False, "2035-01-01")]
    world.evidence_holds()


def test_the_invoice_that_the_law_keeps_is_kept_by_a_replay_too(file_world: World) -> None:
    world = file_world
    backup = world.save()
    assert world.erase("--yes", ANA).code == 0
    world.restore(backup, state=False, stores=("shop",))
    ran = world.troth("replay", "--as-of", "2025-12-31", "--yes", "--format", "json")
    assert ran.code == 0, ran.said
    assert world.rows("shop", "SELECT id, billing_name FROM orders WHERE customer_id = 1") == [(31, "Ana Canary")]
    assert ("shop", "orders", "keep", 1) in ran.outcomes("kept")


def test_after_the_restore_the_deferred_part_is_still_done_on_its_day(file_world: World) -> None:
    world = file_world
    backup = world.save()
    assert world.erase("--yes", ANA).code == 0
    world.restore(backup, state=False)
    assert world.troth("replay", "--as-of", "2025-12-31", "--yes").code == 0
    assert world.sweep("--yes", as_of="2034-12-31").code == 0
    assert world.rows("shop", "SELECT id FROM orders WHERE customer_id = 1") == [(31,)]
    swept = world.sweep("--yes", as_of="2035-01-01")
    assert swept.code == 0, swept.said
    assert world.rows("shop", "SELECT id FROM customers WHERE id = 1") == []
    assert world.rows("shop", "SELECT id FROM orders WHERE customer_id = 1") == []
    assert world.waiting() == []


def test_somebody_who_registered_anew_with_the_same_address_is_flagged_and_not_erased(world: World) -> None:
    assert world.erase("--yes", BEN).code == 0
    world.run_sql(
        "shop", "INSERT INTO customers (id, email, name, status) VALUES (70, 'ben@example.org', 'Ben', 'active')"
    )
    before = world.content()
    found = world.troth("replay", "--dry-run")
    assert found.code == 1, found.said
    assert "registered anew" in found.out
    ran = world.troth("replay", "--yes", "--format", "json")
    assert ran.code == 1, ran.said
    assert ran.outcomes("done") == []
    assert world.content() == before
    world.evidence_holds()


def test_a_key_that_was_given_to_somebody_else_is_no_reason_to_erase_them(file_world: World) -> None:
    world = file_world
    assert world.erase("--yes", BEN).code == 0
    world.run_sql(
        "shop", "INSERT INTO customers (id, email, name, status) VALUES (2, 'new@example.org', 'Nia', 'active')"
    )
    ran = world.troth("replay", "--yes", "--format", "json")
    assert ran.code == 0, ran.said
    assert world.rows("shop", "SELECT email FROM customers WHERE id = 2") == [("new@example.org",)]


REVIEWS = """\
      reviews:
        subject: {email: {column: mail, verified: false}}
        for: orders
        fields: {mail: EmailAddress, said: Purchase}
      votes: {belongs_to: {reviews: review_id}, for: orders, fields: {voter: Name}}
"""


def test_a_review_that_went_on_a_humans_word_goes_again_and_the_other_ones_of_the_mailbox_stay(
    file_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cleo and Carl share an address, which both have typed under a review; Cleo's erasure, Carl's rows set apart."""
    world = file_world
    world.edit("      addresses:\n", f"{REVIEWS}      addresses:\n")
    world.run_sql("shop", "CREATE TABLE reviews (id INTEGER NOT NULL PRIMARY KEY, mail TEXT, said TEXT);"
                          "CREATE TABLE votes (id INTEGER NOT NULL PRIMARY KEY, review_id INTEGER REFERENCES reviews (id),"
                          " voter TEXT);"
                          "INSERT INTO reviews VALUES (82, 'Family@example.org', 'good'), (83, 'family@example.org', 'bad');"
                          "INSERT INTO votes VALUES (92, 82, 'Zoe'), (93, 83, 'Zoe')")  # fmt: skip
    for name, value in world.env.items():
        monkeypatch.setenv(name, value)
    backup = world.save()
    records = bootstrap.open_records(world.state)
    with records.state, bootstrap.open_session(
        bootstrap.load_policy(world.policy), world.policy, date.fromisoformat(AS_OF)
    ) as session:  # fmt: skip
        carls = frozenset({records.tag("shop", "customers", (4,)), records.tag("shop", "reviews", (83,))})
        decided = Decisions(shared=True, unverified=True, apart=carls)
        cleo = identify(session, Subject((("customer_id", "3"),)), decided, records)
        planned = plan_erasure(session, cleo, Wish(decisions=decided), ())
        run_erasure(session, planned, Runner(records, datetime.now(UTC), "req-cleo"))
    after = world.content()
    ours = "SELECT r.id, v.id FROM reviews r JOIN votes v ON v.review_id = r.id"
    assert world.rows("shop", ours) == [(83, 93)]

    world.restore(backup, state=False)
    assert world.rows("shop", ours) == [(82, 92), (83, 93)]
    ran = world.troth("replay", "--as-of", AS_OF, "--yes", "--format", "json")
    assert ran.code == 0, ran.said
    assert (world.rows("shop", ours), world.content()) == ([(83, 93)], after)
    assert {("shop", "reviews", "delete", 1), ("shop", "votes", "delete", 1)} <= set(ran.outcomes("done"))
    assert world.troth("replay", "--as-of", AS_OF, "--dry-run").code == 0
    world.evidence_holds()


def test_a_replay_names_the_corrections_that_somebody_has_to_do_again(file_world: World) -> None:
    world = file_world
    backup = world.save()
    made = world.troth("rectify", ANA, "customers.name=Ana New", "addresses.city=Brest", "--yes", "--format", "json")
    assert made.code == 0, made.said
    world.restore(backup, state=False)
    dry = world.troth("replay", "--dry-run", "--format", "json")
    ran = world.troth("replay", "--yes", "--format", "json")
    assert (dry.code, ran.code) == (0, 0), ran.said
    named = [(one["request"][:8], one["store"], one["collection"], one["rows"]) for one in ran.json["corrected"]]
    assert named == [("rectify-", "shop", "customers", 1), ("rectify-", "shop", "addresses", 2)]
    assert dry.json["corrected"] == ran.json["corrected"]
    request, today = ran.json["corrected"][0]["request"], datetime.now(UTC).date()
    said = world.troth("replay", "--dry-run", "--since", today.isoformat(), "--store", "shop").out
    assert f"{request} corrected 1 row in shop.customers on " in said
    assert "by hand" not in world.troth("replay", "--dry-run", "--store", "mailing").out
    assert world.troth("replay", "--yes", "--since", "2999-01-01", "--format", "json").json["corrected"] == []
    french = world.troth("replay", "--yes", "--lang", "fr").out
    assert f"{request} a rectifié 1 ligne dans shop.customers le " in french
    assert "Ana New" not in said + french


def test_a_hold_added_since_is_respected_by_a_replay(file_world: World) -> None:
    world = file_world
    backup = world.save()
    assert world.erase("--yes", BEN).code == 0
    world.restore(backup, state=False)
    assert world.troth("hold", "add", "--because", "lawsuit", BEN).code == 0
    before = world.content()
    ran = world.troth("replay", "--as-of", "2025-12-31", "--yes", "--format", "json")
    assert world.content() == before
    assert ran.outcomes("done") == [], ran.said


def test_an_erasure_that_ended_in_part_is_replayed_too(file_world: World) -> None:
    """The newsletter was down; meanwhile the shop is restored: what had been erased there must not live again."""
    world = file_world
    backup = world.save()
    url = world.env["MAILING_URL"]
    world.env["MAILING_URL"] = url + ".gone"
    assert world.erase("--yes", "--partial", ANA).code == 1
    world.restore(backup, state=False, stores=("shop",))
    ran = world.troth("replay", "--as-of", "2025-12-31", "--store", "shop", "--yes", "--format", "json")
    assert world.rows("shop", "SELECT id FROM addresses WHERE customer_id = 1") == [], ran.said
    world.env["MAILING_URL"] = url
    assert world.sweep("--yes").code == 0
    assert world.rows("mailing", "SELECT id FROM subscribers WHERE id IN (41, 42)") == []


def test_a_replay_of_one_purpose_erases_no_more_than_was_erased(file_world: World) -> None:
    world = file_world
    backup = world.save()
    assert world.erase("--yes", "--purpose", "prospecting", ANA).code == 0
    after = world.content()
    assert world.rows("shop", "SELECT phone, name FROM customers WHERE id = 1") == [(None, "Ana Canary")]
    world.restore(backup, state=False)
    ran = world.troth("replay", "--as-of", "2025-12-31", "--yes", "--format", "json")
    assert ran.code == 0, ran.said
    assert world.content() == after


def test_a_replay_in_one_store_forgets_no_rest_in_another(file_world: World) -> None:
    """Held rows in both stores; only one of them is restored."""
    world = file_world
    world.edit(
        "        events: {last_contact: clicked}\n",
        "        events: {last_contact: clicked}\n        holds:\n"
        "          claim: {fields: all, parents: {subscribers: [topics]}, for: 1 year, after: last_contact, because: {en: claim}}\n",
    )
    backup = world.save()
    ran = world.erase("--yes", ANA)
    assert ran.code == 0, ran.said
    [first] = world.waiting()
    assert set(first.anchors) == {"shop", "mailing"}
    world.restore(backup, state=False, stores=("shop",))
    assert world.troth("replay", "--as-of", "2025-12-31", "--yes").code == 0
    [rest] = world.waiting()
    assert (rest.anchors, rest.due) == (first.anchors, first.due)
    assert world.sweep("--yes", as_of="2036-01-01").code == 0
    assert world.rows("mailing", "SELECT id FROM subscribers WHERE id IN (41, 42)") == []
    assert world.rows("shop", "SELECT id FROM customers WHERE id = 1") == []


def test_a_backup_from_between_the_two_parts_does_not_bring_the_held_part_back(world: World) -> None:
    """Erased in 2025, the rest done in 2035, then a backup of 2030 is put back: the name is there again."""
    assert world.erase("--yes", ANA).code == 0
    held = world.rows("shop", "SELECT email FROM customers WHERE id = 1")[0][0]
    assert world.sweep("--yes", as_of="2035-01-01").code == 0
    assert world.rows("shop", "SELECT id FROM customers WHERE id = 1") == []
    world.run_sql("shop", "INSERT INTO customers (id, email, name, status) "
                          f"VALUES (1, '{held}', 'Ana Canary', 'active');"
                          "INSERT INTO orders (id, customer_id, placed, paid, billing_name, total) "
                          "VALUES (31, 1, '2024-03-05', '2024-03-06', 'Ana Canary', 120.5)")  # fmt: skip
    assert world.troth("replay", "--as-of", "2034-12-31", "--yes").code == 0
    assert world.rows("shop", "SELECT id FROM customers WHERE id = 1") == [(1,)]
    ran = world.troth("replay", "--as-of", "2036-01-01", "--yes", "--format", "json")
    assert ran.code == 0, ran.said
    assert world.rows("shop", "SELECT id FROM customers WHERE id = 1") == []
    assert world.rows("shop", "SELECT id FROM orders WHERE customer_id = 1") == []
