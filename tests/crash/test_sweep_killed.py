"""kill -9 during a sweep: every batch whole or absent, and the next sweep takes up where it stopped."""

from __future__ import annotations

import re

import pytest

from crash.killing import killed, moments_of
from effort import EXHAUSTIVE, usually
from integration.world import Content, World

SWEEP = ("sweep", "--as-of", "2035-01-01", "--yes")
WORTH_IT = re.compile(
    r": (\w+ COMMIT|COMMIT|DELETE|UPDATE (OR|er|def)|INSERT INTO (archive |sweeps|ledger_l))|p: BEGIN I"
)
# There Troth's own state is the same as beside SQLite.
ON_A_SERVER = re.compile(r"^(shop|mailing): (\w+ COMMIT|DELETE|UPDATE|SELECT (pg_adv|get_lock))")
ARCHIVED = (
    "keep: {while: contract, then: erase}",
    "keep: {while: contract, archive: {for: 20 years, after: last_contact, because: {en: claims}}, then: erase}",
)


def _prepare(world: World) -> None:
    """Ana's rest is due, Fay is due in the shop and goes into the archive, a reader is due in the newsletter."""
    world.edit(*ARCHIVED)
    world.run_sql("mailing", "INSERT INTO subscribers (id, email, topics) VALUES (46, 'old@example.org', 'owls');"
                             "INSERT INTO clicks (id, subscriber_id, clicked) VALUES (56, 46, '2019-01-01 08:00:00')")  # fmt: skip
    ran = world.erase("--yes", "email=ana@example.org")
    assert ran.code == 0, ran.said


def _parts(content: Content) -> dict[str, list[tuple[object, ...]]]:
    """What goes in one transaction each: Ana's rest, everybody else in the shop, the newsletter."""
    parts: dict[str, list[tuple[object, ...]]] = {"rest": [], "shop": [], "mailing": []}
    for place, rows in content.items():
        for row in rows:
            ana = (place == "shop.customers" and row[0] == 1) or (place == "shop.orders" and row[1] == 1)
            parts["rest" if ana else place.partition(".")[0]].append((place, *row))
    return parts


def _completed(world: World, after: Content, shelves: object, at: str) -> None:
    assert world.content() == after, at
    assert world.waiting() == [], at
    assert world.troth("archive", "list", "--format", "json").json == shelves, at
    events = world.events()
    begun = [body["request"] for kind, body in events if kind == "sweep.intended"]
    ended = [body["request"] for kind, body in events if kind in ("sweep.done", "sweep.given_up")]
    assert sorted(begun) == sorted(ended), (at, events)
    if "state" in at or "COMMIT" in at:
        world.evidence_holds()


@pytest.mark.slow
def test_a_sweep_killed_at_any_statement_leaves_whole_batches_and_the_next_one_completes_it(world: World) -> None:
    _prepare(world)
    before, saved = world.content(), world.save()
    names = moments_of(world, *SWEEP)
    assert world.troth(*SWEEP).code == 0
    after = world.content()
    shelves = world.troth("archive", "list", "--format", "json").json
    world.restore(saved)
    assert after != before
    assert shelves["archive"]
    first = next(n for n, name in enumerate(names) if name == "state: BEGIN IMMEDIATE")
    worth = WORTH_IT if world.kind == "sqlite" else ON_A_SERVER
    chosen = [n for n in range(first, len(names)) if EXHAUSTIVE or worth.search(names[n])]
    for number in usually(chosen[::4], chosen):
        at = f"{number + 1}: {names[number]}"
        killed(world, number + 1, *SWEEP, may_end=number + 4 > len(names))
        now, old, new = _parts(world.content()), _parts(before), _parts(after)
        for part in now:
            assert now[part] in (old[part], new[part]), f"half done in {part}, killed at {at}"
        again = world.troth(*SWEEP)
        assert again.code == 0, f"{at}\n{again.said}"
        _completed(world, after, shelves, at)
        world.restore(saved)
