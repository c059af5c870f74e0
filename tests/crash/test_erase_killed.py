"""kill -9 during an erasure: all or nothing in each database, and a second run completes it."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from crash.killing import killed, moments_of
from effort import EXHAUSTIVE, usually
from integration.world import Content, World

ANA = "email=ana@example.org"
ERASE = ("erase", "--as-of", "2025-12-31", "--yes", "--residue-seconds", "0", ANA)
# On a server not every SELECT is worth a death of its own, and Troth's own state is the same as beside SQLite.
ON_A_SERVER = re.compile(r"^(shop|mailing): (\w+ COMMIT|DELETE|UPDATE|SELECT (pg_adv|get_lock))|^state: COMMIT")


def _of(content: Content, store: str) -> Content:
    return {place: rows for place, rows in content.items() if place.startswith(f"{store}.")}


def _all_or_nothing(world: World, before: Content, after: Content, at: str) -> None:
    now = world.content()
    for store in ("shop", "mailing"):
        assert _of(now, store) in (_of(before, store), _of(after, store)), f"half done in {store}, killed at {at}"


def _completed(world: World, after: Content, at: str) -> None:
    """Both stores are as they should be, and so is what Troth remembers."""
    assert world.content() == after, at
    [rest] = world.waiting()
    assert (rest.unfinished, rest.due) == (False, date(2035, 1, 1)), at
    assert rest.anchors == {"shop": {"customers": ((1,),)}}, at
    events = world.events()
    begun = {body["request"] for kind, body in events if kind == "erasure.intended"}
    done = {body["request"] for kind, body in events if kind == "erasure.done"}
    assert begun == done, at
    _nothing_twice(world, at)
    if "state" in at or "COMMIT" in at:
        world.evidence_holds()


def _nothing_twice(world: World, at: str) -> None:
    """No step is reported as done on more rows than there were."""
    rows: dict[tuple[str, str, str], int] = {}
    for kind, body in world.events():
        for store, collection, action, count, status, *_ in body.get("outcomes", []) if kind == "erasure.done" else []:
            if status == "done":
                rows[store, collection, action] = rows.get((store, collection, action), 0) + count
    allowed = {
        ("shop", "addresses", "delete"): 2, ("shop", "orders", "clear"): 1, ("shop", "orders", "delete"): 1,
        ("shop", "customers", "clear"): 2, ("mailing", "clicks", "delete"): 2, ("mailing", "subscribers", "delete"): 2,
    }  # fmt: skip
    assert all(count <= allowed[step] for step, count in rows.items()), (at, rows)


def _uninterrupted(world: World, saved: Path) -> Content:
    ran = world.troth(*ERASE)
    assert ran.code == 0, ran.said
    after = world.content()
    world.restore(saved)
    return after


def _chosen(world: World, names: list[str]) -> list[int]:
    """From the intention on, every fourth moment (or, on a server, half of those that matter); before it, one in thirty.
    ``TROTH_EXHAUSTIVE=1``: all of them."""
    first = next(n for n, name in enumerate(names) if name == "state: BEGIN IMMEDIATE")
    if world.kind != "sqlite" and not EXHAUSTIVE:
        return [n for n in range(first, len(names)) if ON_A_SERVER.search(names[n])][::2]
    return [*range(0, first, 30), *range(first, len(names), usually(4, 1))]


@pytest.mark.slow
def test_an_erasure_killed_at_any_statement_is_whole_or_absent_and_a_second_run_completes_it(world: World) -> None:
    before, saved = world.content(), world.save()
    names = moments_of(world, *ERASE)
    after = _uninterrupted(world, saved)
    for number in _chosen(world, names):
        at = f"{number + 1}: {names[number]}"
        killed(world, number + 1, *ERASE)
        _all_or_nothing(world, before, after, at)
        left = world.raw()
        again = world.troth(*ERASE)
        assert again.code == 0, f"{at}\n{again.said}"
        if "ana@example.org" not in str(left["shop.customers"]):
            assert world.raw()["shop.customers"] == left["shop.customers"], f"a tombstone was written twice: {at}"
        _completed(world, after, at)
        world.restore(saved)


BOUNDARIES = {
    "between the intention and the first write": r"^shop: (BEGIN IMMEDIATE|SELECT pg_advisory|SELECT get_lock)",
    "inside the first store": r"^shop: UPDATE .*customers",
    "between the stores": r"^shop: after COMMIT",
    "inside the second store": r"^mailing: DELETE",
    "between the last commit and the outcome": r"^mailing: after COMMIT",
}


@pytest.mark.parametrize("at", BOUNDARIES.values(), ids=BOUNDARIES)
def test_a_sweep_completes_what_a_death_left_undone_and_keeps_its_rest(file_world: World, at: str) -> None:
    """Nobody has to remember whose erasure it was: the next sweep knows."""
    world = file_world
    saved = world.save()
    after = _uninterrupted(world, saved)
    killed(world, at, *ERASE)
    swept = world.sweep("--yes")
    assert swept.code == 0, swept.said
    now = world.content()
    for place in ("shop.addresses", "shop.orders", "mailing.subscribers", "mailing.clicks"):
        assert [row for row in now[place] if row in after[place]] == now[place], place
    assert [row for row in now["shop.customers"] if row[0] == 1] == [r for r in after["shop.customers"] if r[0] == 1]
    [rest] = world.waiting()
    assert (rest.unfinished, rest.due, rest.anchors) == (False, date(2035, 1, 1), {"shop": {"customers": ((1,),)}})
    world.evidence_holds()


def test_a_second_run_by_another_identifier_completes_it_too(world: World) -> None:
    """The shop has forgotten the e-mail already; the other subscription hangs on nothing but her number."""
    after = _uninterrupted(world, world.save()) if world.kind == "sqlite" else None
    killed(world, BOUNDARIES["between the stores"], *ERASE)
    again = world.troth(*ERASE[:-1], "email=ana.other@example.org")
    assert again.code == 0, again.said
    assert world.rows("mailing", "SELECT id FROM subscribers WHERE id IN (41, 42)") == []
    assert after is None or world.content() == after
    [rest] = world.waiting()
    assert rest.unfinished is False


def test_a_narrower_second_run_does_not_close_what_was_asked_for_first(file_world: World) -> None:
    world = file_world
    killed(world, BOUNDARIES["between the intention and the first write"], *ERASE)
    narrow = world.troth(*ERASE, "--collection", "mailing.clicks")
    assert narrow.code == 0, narrow.said
    assert world.rows("shop", "SELECT count(*) FROM addresses WHERE customer_id = 1") == [(2,)]
    assert any(pending.unfinished for pending in world.waiting())
    swept = world.sweep("--yes")
    assert swept.code == 0, swept.said
    assert world.rows("shop", "SELECT count(*) FROM addresses WHERE customer_id = 1") == [(0,)]
    assert world.rows("mailing", "SELECT count(*) FROM subscribers WHERE id IN (41, 42)") == [(0,)]
