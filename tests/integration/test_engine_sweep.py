"""What a sweep takes and what it leaves: clocks, states, holds, other stores, limits, interruptions."""

from __future__ import annotations

import signal
from typing import Any

from integration.world import World

NULLABLE = "INSERT INTO customers (id, email, name, status, seen) VALUES "


def ids(world: World, table: str, store: str = "shop") -> set[int]:
    return {row[0] for row in world.rows(store, f"SELECT id FROM {table}")}


def test_who_is_gone_and_silent_goes_and_who_reads_the_newsletter_stays(world: World) -> None:
    """Fay goes with her address. Eve was last in the shop as long ago, but the other database knows her click."""
    plan = world.sweep("--dry-run")
    assert plan.code == 0, plan.said
    assert ids(world, "customers") == {1, 2, 3, 4, 5, 6, 7}
    swept = world.sweep("--yes")
    assert swept.code == 0, swept.said
    assert ids(world, "customers") == {1, 2, 3, 4, 5, 6}
    assert ids(world, "addresses") == {21, 22, 23, 24, 25}
    assert world.rows("shop", "SELECT email, name FROM customers WHERE id = 6") == [("eve@example.org", "Eve Heron")]
    assert ("shop", "customers", "delete", 1) in swept.outcomes("done")
    again = world.sweep("--yes")
    assert again.code == 0
    assert [o for o in again.outcomes("done") if o[3]] == []
    world.evidence_holds()


def test_the_click_of_the_other_database_keeps_nobody_for_ever(world: World) -> None:
    """Three years after her click Eve goes from both."""
    assert world.sweep("--yes", as_of="2028-08-31").code == 0
    assert 6 in ids(world, "customers")
    assert world.sweep("--yes", as_of="2028-09-02").code == 0
    assert world.sweep("--yes", as_of="2028-09-02").code == 0
    assert 6 not in ids(world, "customers")
    assert 45 not in ids(world, "subscribers", "mailing")


def test_a_state_keeps_whoever_is_in_it(world: World) -> None:
    """An active customer who was never seen again is a customer still; only what rested on consent goes."""
    assert world.sweep("--yes", as_of="2033-01-01").code == 0
    assert {1, 2, 3, 4, 5} <= ids(world, "customers")
    assert world.rows("shop", "SELECT name, phone FROM customers WHERE id = 2") == [("Ben Finch", None)]
    assert 23 in ids(world, "addresses")


UNREADABLE = {
    "sqlite": ("'0000-00-00'", "'yesterday'", "''", "0", "'1900-01-01'"),
    "postgresql": ("'-infinity'", "'infinity'", "'1900-01-01'", "'0044-03-15 BC'"),
    "mariadb": ("'0000-00-00 00:00:00'", "'1000-01-01 00:00:00'", "'1969-12-31 00:00:00'"),
}


def test_a_clock_that_is_null_zero_or_unreadable_is_never_due_and_is_listed(world: World) -> None:
    values = ("NULL", *UNREADABLE[world.kind])
    mode = "SET sql_mode = ''; " if world.kind == "mariadb" else ""
    for number, value in enumerate(values, 80):
        world.run_sql("shop", f"{mode}{NULLABLE} ({number}, 'odd{number}@example.org', 'Odd', 'closed', {value})")
    odd = set(range(80, 80 + len(values)))
    swept = world.sweep("--yes")
    assert odd <= ids(world, "customers")
    assert 7 not in ids(world, "customers")
    listed = world.troth("sweep", "--as-of", "2025-12-31", "--dry-run").out
    assert swept.code == 0, swept.said
    assert "shop.customers: 1 row without last_contact (seen is empty): never due by it" in listed
    assert f"shop.customers: {len(values) - 1} rows without a readable date in seen (last_contact)" in listed


def test_a_held_invoice_is_kept_by_the_sweep_until_the_tenth_year_after_its_financial_year(world: World) -> None:
    world.run_sql("shop", "INSERT INTO orders (id, customer_id, placed, paid, billing_name, total, note) VALUES "
                          "(34, 7, '2018-06-30', '2018-07-01', 'Fay Stork', 10, 'by the door')")  # fmt: skip
    assert world.sweep("--yes", as_of="2028-12-31").code == 0
    assert world.rows("shop", "SELECT billing_name, note FROM orders WHERE id = 34") == [("Fay Stork", None)]
    [(email, name)] = world.rows("shop", "SELECT email, name FROM customers WHERE id = 7")
    assert (name, email.startswith("erased-")) == ("Fay Stork", True)
    assert 26 not in ids(world, "addresses")
    assert world.sweep("--yes", as_of="2029-01-01").code == 0
    assert 34 not in ids(world, "orders")
    assert 7 not in ids(world, "customers")


def test_an_unpaid_bill_keeps_what_it_needs_and_lets_go_when_it_is_paid(world: World) -> None:
    assert world.erase("--yes", "email=dora@example.org").code == 0
    kept = "SELECT email, name, phone FROM customers WHERE id = 5"
    assert world.rows("shop", kept) == [("dora@example.org", "Dora Crane", None)]
    assert world.sweep("--yes", as_of="2026-06-01").code == 0
    assert world.rows("shop", kept)[0][0] == "dora@example.org"
    world.run_sql("shop", "UPDATE orders SET paid = '2026-06-15' WHERE id = 33")
    assert world.sweep("--yes", as_of="2026-07-01").code == 0
    # Paid: the accounts still need the name, nobody needs the address any more.
    [(email, name, _)] = world.rows("shop", kept)
    assert (email.startswith("erased-"), name) == (True, "Dora Crane")
    assert world.sweep("--yes", as_of="2035-12-31").code == 0
    assert 5 in ids(world, "customers")
    assert world.sweep("--yes", as_of="2036-01-01").code == 0
    assert 5 not in ids(world, "customers")
    assert world.waiting() == []
    world.evidence_holds()


def test_the_rest_of_an_erasure_goes_on_its_day_and_not_before(world: World) -> None:
    assert world.erase("--yes", "email=ana@example.org").code == 0
    assert world.sweep("--yes", as_of="2034-12-31").code == 0
    assert world.rows("shop", "SELECT id FROM orders WHERE customer_id = 1") == [(31,)]
    dry = world.troth("sweep", "--as-of", "2035-01-01", "--dry-run")
    assert "rest of erase-" in dry.out
    assert world.sweep("--yes", as_of="2035-01-01").code == 0
    assert 1 not in ids(world, "customers")
    assert world.waiting() == []


def test_a_key_that_now_belongs_to_somebody_else_is_left_to_a_human(file_world: World) -> None:
    world = file_world
    assert world.erase("--yes", "email=ana@example.org").code == 0
    world.run_sql("shop", "UPDATE customers SET email = 'zoe@example.org', name = 'Zoe', phone = '1' WHERE id = 1")
    swept = world.sweep("--yes", as_of="2035-01-01")
    assert swept.code == 1, swept.said
    assert world.rows("shop", "SELECT email FROM customers WHERE id = 1") == [("zoe@example.org",)]


# --- by hand -------------------------------------------------------------------------------------------


def test_a_hold_by_hand_is_respected_by_erasure_and_sweep_until_it_is_released(world: World) -> None:
    made = world.troth(
        "hold", "add", "--because", "claim before the court", "--format", "json", "email=fay@example.org"
    )
    before = world.content()
    assert world.sweep("--yes").code == 0
    assert world.content() == before
    erased = world.erase("--yes", "email=fay@example.org")
    assert erased.code == 0, erased.said
    assert world.content() == before
    assert "claim before the court" in erased.out
    assert world.sweep("--yes").code == 0
    assert world.content() == before
    assert world.troth("hold", "release", made.json["request"]).code == 0
    swept = world.sweep("--yes")
    assert swept.code == 0, swept.said
    assert 7 not in ids(world, "customers")
    assert world.troth("hold", "release", "hold-unknown").code == 2


def test_a_hold_by_hand_ends_on_its_last_day(file_world: World) -> None:
    world = file_world
    assert world.troth("hold", "add", "--because", "claim", "--until", "2026-03-31", "email=fay@example.org").code == 0
    assert world.sweep("--yes", as_of="2026-03-31").code == 0
    assert 7 in ids(world, "customers")
    assert world.sweep("--yes", as_of="2026-04-01").code == 0
    assert 7 not in ids(world, "customers")


def test_what_a_hold_with_a_last_day_kept_goes_with_the_next_sweep_once_it_is_released(file_world: World) -> None:
    world, theirs = file_world, "SELECT count(*) FROM addresses WHERE customer_id = 1"
    made = world.troth("hold", "add", "--because", "claim", "--until", "2099-12-31", "--collection", "shop.addresses",
                       "--format", "json", "email=ana@example.org")  # fmt: skip
    assert world.erase("--yes", "email=ana@example.org").code == 0
    orders = world.rows("shop", "SELECT id, paid FROM orders WHERE customer_id = 1")
    assert world.sweep("--yes").code == 0
    assert world.rows("shop", theirs) == [(2,)]
    assert world.troth("hold", "release", made.json["request"]).code == 0
    assert world.sweep("--yes").code == 0
    assert world.rows("shop", theirs) == [(0,)]
    assert world.rows("shop", "SELECT id, paid FROM orders WHERE customer_id = 1") == orders, (
        "the law keeps these longer"
    )


def test_a_hold_by_hand_on_one_field_lets_the_others_go(file_world: World) -> None:
    world = file_world
    held = ("--collection", "shop.customers", "--field", "name")
    assert world.troth("hold", "add", "--because", "claim", *held, "email=fay@example.org").code == 0
    assert world.sweep("--yes").code == 0
    [(email, name, phone)] = world.rows("shop", "SELECT email, name, phone FROM customers WHERE id = 7")
    assert (email.startswith("erased-"), name, phone) == (True, "Fay Stork", None)
    assert 26 not in ids(world, "addresses")


def test_what_a_hold_does_not_name_rightly_is_wrong_use(file_world: World) -> None:
    for words in (["--collection", "shop.nowhere"], ["--field", "nofield"], ["--because", " "], ["--until", "soon"]):
        ran = file_world.troth("hold", "add", *(["--because", "claim"] if "--because" not in words else []), *words,
                               "email=fay@example.org")  # fmt: skip
        assert ran.code == 2, (words, ran.said)
    assert "no hold" in file_world.troth("hold", "list").out


def test_a_restriction_freezes_everything_until_it_is_released(world: World) -> None:
    world.edit(
        "        states: {contract: {status: active}}",
        "        states: {contract: {status: active}}\n        restricted: {flag: status, value: frozen}",
    )
    made = world.troth("restrict", "--as-of", "2025-12-31", "--yes", "--format", "json", "email=fay@example.org")
    assert made.code == 0, made.said
    assert world.rows("shop", "SELECT status FROM customers WHERE id = 7") == [("frozen",)]
    before = world.content()
    assert world.sweep("--yes", as_of="2040-01-01").code == 0
    assert world.rows("shop", "SELECT * FROM customers WHERE id = 7") == [
        r for r in before["shop.customers"] if r[0] == 7
    ]
    assert world.erase("--yes", "email=fay@example.org").code == 0
    assert 26 in ids(world, "addresses")
    assert world.troth("hold", "release", made.json["request"]).code == 0
    assert world.sweep("--yes").code == 0
    assert 7 not in ids(world, "customers")


def test_a_restriction_with_a_last_day_ends_on_it_and_its_flag_goes_with_it(file_world: World) -> None:
    world = file_world
    world.edit(
        "        states: {contract: {status: active}}",
        "        states: {contract: {status: active}}\n        restricted: {flag: phone, value: frozen}",
    )
    phone = world.rows("shop", "SELECT phone FROM customers WHERE id = 2")
    made = world.troth("restrict", "--as-of", "2025-01-01", "--until", "2025-02-01", "--yes", "--format", "json",
                       "email=ben@example.org")  # fmt: skip
    assert made.code == 0, made.said
    assert world.sweep("--yes", as_of="2025-02-01").code == 0
    assert world.rows("shop", "SELECT phone FROM customers WHERE id = 2") == [("frozen",)]
    world.edit("    mode: enforce\n    timeouts: {statement: 30, lock: 1}\n    collections:\n      customers",
               "    mode: observe\n    timeouts: {statement: 30, lock: 1}\n    collections:\n      customers")  # fmt: skip
    kept = world.sweep("--yes", as_of="2025-02-02")
    assert f"{made.json['request']}: store shop is in mode observe" in kept.out
    world.edit("    mode: observe", "    mode: enforce")
    plan = world.troth("sweep", "--dry-run", "--as-of", "2025-02-02")
    assert f"end of {made.json['request']}:" in plan.out
    assert world.sweep("--yes", as_of="2025-02-02").code == 0
    assert world.rows("shop", "SELECT phone FROM customers WHERE id = 2") == phone
    assert "hold.released" in [kind for kind, _ in world.events()]
    assert made.json["request"] not in world.sweep("--yes", as_of="2025-02-03").out


# --- limits and interruptions --------------------------------------------------------------------------


def test_a_sweep_over_its_limits_stops_and_runs_only_by_its_digest(world: World) -> None:
    world.edit(
        "    mode: enforce\n    timeouts: {statement: 30, lock: 1}\n    collections:\n      customers:",
        "    mode: enforce\n    limits: {rows: 1, share: 100%}\n    timeouts: {statement: 30, lock: 1}\n"
        "    collections:\n      customers:",
    )
    world.run_sql("shop", NULLABLE + "(81, 'guy@example.org', 'Guy', 'closed', '2018-01-01 00:00:00')")
    before = world.content()
    stopped = world.sweep("--yes")
    assert stopped.code == 1, stopped.said
    assert "more than its limits allow" in stopped.err
    assert world.content() == before
    plan = world.sweep("--dry-run")
    assert plan.code == 1
    ran = world.sweep("--plan", plan.json["digest"])
    assert ran.code == 0, ran.said
    assert {7, 81}.isdisjoint(ids(world, "customers"))


def many(world: World, people: int) -> None:
    rows = ",".join(
        f"({n}, 'p{n}@example.org', 'P', 'closed', '2018-01-01 00:00:00')" for n in range(1000, 1000 + people)
    )
    world.run_sql("shop", NULLABLE + rows)


def small_spans(fail_at: int = 0) -> Any:
    """A hook: spans of 20 rows, and a death in the n-th batch."""

    def hook() -> None:
        from troth.cli.pace import TimedPace
        from troth.connectors.sql.execute import Execution

        TimedPace.next_size = lambda self, rows: 20  # type: ignore[method-assign]
        really, count = Execution.run, [0]

        def run(self: Any) -> Any:
            count[0] += 1
            if count[0] == fail_at:
                import os

                os.kill(os.getpid(), signal.SIGKILL)
            return really(self)

        Execution.run = run  # type: ignore[method-assign]

    return hook


def test_an_interrupted_sweep_goes_on_where_it_stopped_and_counts_nothing_twice(world: World) -> None:
    world.edit("    mode: enforce\n    timeouts:", "    mode: enforce\n    limits: {share: 100%}\n    timeouts:")
    many(world, 100)
    cut = world.start("sweep", "--as-of", "2025-12-31", "--yes", "--format", "json", hook=small_spans(4)).wait()
    assert cut.signal == signal.SIGKILL
    left = len(ids(world, "customers"))
    assert 7 < left < 107
    swept = world.sweep("--yes", hook=small_spans())
    assert swept.code == 0, swept.said
    assert ids(world, "customers") == {1, 2, 3, 4, 5, 6}
    done = [body for kind, body in world.events() if kind == "sweep.done"]
    assert len(done) == 1
    total = sum(line[3] for line in done[0]["outcomes"] if line[:3] == ["shop", "customers", "delete"])
    assert total == 101, done
    world.evidence_holds()


def test_who_comes_back_between_plan_and_batch_is_spared(file_world: World) -> None:
    world = file_world

    def hook() -> None:
        import troth.core.retention.sweep as module

        really = module._sweep_unit

        def unit(*args: Any) -> None:
            world.run_sql("shop", "UPDATE customers SET seen = '2025-12-30 08:00:00' WHERE id = 7")
            really(*args)

        module._sweep_unit = unit  # type: ignore[assignment]

    swept = world.sweep("--yes", hook=hook)
    assert 7 in ids(world, "customers")
    assert swept.code == 0, swept.said


# --- the archive ---------------------------------------------------------------------------------------

ARCHIVED = (
    "keep: {while: contract, then: erase}",
    "keep: {while: contract, archive: {for: 5 years, after: last_contact, because: {en: claims}}, then: erase}",
)


def test_an_archive_gets_a_sealed_copy_before_the_rows_go_and_is_destroyed_at_its_end(world: World) -> None:
    world.edit(*ARCHIVED)
    world.run_sql("shop", "UPDATE customers SET seen = '2022-06-15 10:00:00' WHERE id = 7")
    swept = world.sweep("--yes")
    assert swept.code == 0, swept.said
    assert 7 not in ids(world, "customers")
    assert 26 not in ids(world, "addresses")
    shelves = world.troth("archive", "list", "--format", "json").json["archive"]
    assert {(s["store"], s["collection"], s["last_until"]) for s in shelves} == {
        ("shop", "customers", "2027-06-15"), ("shop", "addresses", "2027-06-15"),
    }  # fmt: skip
    opened = world.troth("archive", "read", "email=fay@example.org", "--because", "claim", "--who", "officer")
    assert "Fay Stork" in opened.out
    assert [kind for kind, _ in world.events()][-1] == "archive.opened"
    for path in world.files():
        if path.parent.name.startswith("run-"):
            continue
        assert b"Stork" not in path.read_bytes(), path
    assert world.sweep("--yes", as_of="2027-06-15").code == 0
    assert len(world.troth("archive", "list", "--format", "json").json["archive"]) == 2
    assert world.sweep("--yes", as_of="2027-06-16").code == 0
    assert world.troth("archive", "list", "--format", "json").json["archive"] == []
    assert "Stork" not in world.troth("archive", "read", "email=fay@example.org", "--because", "c", "--who", "o").out
    assert world.waiting() == []
