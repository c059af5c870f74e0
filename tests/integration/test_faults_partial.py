"""One store of two is down: refused; with --partial the other is done, and the rest when it is back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from integration.world import World
from machine import free_port

ANA = "email=ana@example.org"


@contextmanager
def down(world: World, store: str) -> Iterator[None]:
    """The store does not answer."""
    name = f"{store.upper()}_URL"
    url = world.env[name]
    case = world.case(store)
    world.env[name] = url + ".gone" if case.path else url.replace(f":{_port(world)}/", f":{free_port()}/")
    yield
    world.env[name] = url


def _port(world: World) -> int:
    assert world.shop.server is not None
    return world.shop.server.port


def _of(world: World, store: str) -> dict[str, list[tuple[object, ...]]]:
    return {place: rows for place, rows in world.content().items() if place.startswith(store)}


def test_with_one_store_down_nothing_is_changed(file_world: World) -> None:
    world = file_world
    before = world.content()
    for store in ("shop", "mailing"):
        with down(world, store):
            ran = world.erase("--yes", ANA)
            assert ran.code == 1, ran.said
            assert f"{store}; nothing was changed" in ran.err
            assert world.troth("erase", "--dry-run", ANA).code == 1
    assert world.content() == before
    assert world.waiting() == []


def test_partial_does_one_store_and_the_sweep_does_the_other(world: World) -> None:
    """The subscription that only her customer number leads to goes too, though the shop has forgotten both."""
    with down(world, "mailing"):
        before = _of(world, "mailing")
        ran = world.erase("--yes", "--partial", ANA)
        assert ran.code == 1, ran.said
        assert ran.outcomes("failed") == [("mailing", "*", "manual", 0)]
        assert world.rows("shop", "SELECT email FROM customers WHERE id = 1")[0][0].startswith("erased-")
        assert _of(world, "mailing") == before
        # As long as it is down, a sweep says so and loses nothing.
        assert world.sweep("--yes").code == 1
    [pending] = world.waiting()
    assert pending.unfinished
    swept = world.sweep("--yes")
    assert swept.code == 0, swept.said
    assert world.rows("mailing", "SELECT id FROM subscribers WHERE id IN (41, 42)") == []
    assert world.rows("mailing", "SELECT id FROM clicks WHERE id IN (51, 52)") == []
    [rest] = world.waiting()
    assert (rest.unfinished, rest.due) == (False, date(2035, 1, 1))
    world.evidence_holds()


def test_partial_without_the_first_store_finds_in_it_later_what_only_it_knows(file_world: World) -> None:
    """The newsletter knows the e-mail; the shop, which knows the number, comes back later."""
    world = file_world
    with down(world, "shop"):
        ran = world.erase("--yes", "--partial", ANA)
        assert ran.code == 1, ran.said
        assert world.rows("mailing", "SELECT id FROM subscribers WHERE id IN (41, 42)") == [(42,)]
    swept = world.sweep("--yes")
    assert swept.code == 0, swept.said
    assert world.rows("shop", "SELECT id FROM addresses WHERE customer_id = 1") == []
    assert world.rows("mailing", "SELECT id FROM subscribers WHERE id IN (41, 42)") == []
    world.evidence_holds()


def test_a_second_partial_run_by_the_forgotten_address_completes_it(file_world: World) -> None:
    world = file_world
    with down(world, "mailing"):
        assert world.erase("--yes", "--partial", ANA).code == 1
    again = world.erase("--yes", ANA)
    assert again.code == 0, again.said
    assert world.rows("mailing", "SELECT id FROM subscribers WHERE id IN (41, 42)") == []
    assert [p.unfinished for p in world.waiting()] == [False]


def test_somebody_unknown_while_a_store_is_down_is_not_said_to_be_unknown_everywhere(file_world: World) -> None:
    """Nothing found in the stores that answer is no proof that there is nothing: it must not end as done."""
    world = file_world
    world.run_sql("mailing", "INSERT INTO subscribers (id, email) VALUES (71, 'only@example.org')")
    with down(world, "mailing"):
        ran = world.erase("--yes", "--partial", "email=only@example.org")
        assert ran.code == 1, ran.said
    swept = world.sweep("--yes")
    assert swept.code == 0, swept.said
    assert world.rows("mailing", "SELECT id FROM subscribers WHERE id = 71") == []


def test_a_sweep_does_not_guess_the_clock_of_a_store_that_is_down(world: World) -> None:
    """Fay is due by all the shop knows; whether she read the newsletter yesterday it cannot know."""
    with down(world, "mailing"):
        ran = world.sweep("--yes")
        assert ran.code == 1, ran.said
        assert "does not answer" in ran.out
    assert world.rows("shop", "SELECT id FROM customers WHERE id = 7") == [(7,)]
    assert world.sweep("--yes").code == 0
    assert world.rows("shop", "SELECT id FROM customers WHERE id = 7") == []
