"""A restored copy hears of every no again: as of the day it was said, after the ledger, and without keeping back who is to
be erased."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from contract.test_flags import BO, NOW, PEOPLE, House, house  # noqa: F401  (a fixture)
from contract.worlds import insert
from troth.core.policy.model import Flag
from troth.core.rights.erase import Wish, check_runnable, identify, plan_erasure, run_erasure
from troth.core.rights.identity import Decisions, Subject
from troth.core.rights.replay import plan_replay, run_replay

AGAIN = NOW + timedelta(days=200)


def restored(house: House) -> None:  # noqa: F811
    """The copy of before."""
    case = house.world.case
    assert case is not None
    case.execute_script("DELETE FROM cards; DELETE FROM people;" + insert(case.kind, "people", PEOPLE.rows))


def test_a_moment_that_is_written_again_is_that_of_the_no(house: House) -> None:  # noqa: F811
    house.refuse("letter", ground="withdrawal")
    house.refuse("calls", who=BO, ref="r2")
    before = house.rows("left_at", "left_on", "left_s", "left_ms", "left_text")
    restored(house)
    with house.open(AGAIN.date()) as session:
        planned = plan_replay(session, house.records)
        assert planned.consents
        assert not plan_replay(session, house.records, since=AGAIN.date()).consents
        run_replay(session, planned, house.runner("again", AGAIN))
    assert house.rows("left_at", "left_on", "left_s", "left_ms", "left_text") == before


def test_of_a_flag_that_cannot_be_set_the_ledger_hears_and_the_erasures_are_done(house: House) -> None:  # noqa: F811
    people = house.mapped.collections["people"]
    flags = {"offers": (Flag("wants", value=False),), "calls": (Flag("optin", value=0),)}
    house.mapped = replace(house.mapped, collections={"people": replace(people, refused=flags, restricted=None)})
    house.refuse("offers", "calls")
    with house.open() as session:
        bo = identify(session, Subject((BO,)), Decisions(), house.records)
        run_erasure(session, plan_erasure(session, bo, Wish(), ()), house.runner("erased"))
    gone = house.rows("email")
    restored(house)
    impossible = {**flags, "calls": (Flag("optin", None),)}
    house.mapped = replace(house.mapped, collections={"people": replace(people, refused=impossible, restricted=None)})
    with house.open() as session:
        planned = plan_replay(session, house.records)
        assert "flag_impossible" in {f.code for store in planned.plan.stores for f in store.findings}
        check_runnable(session, planned.plan, incomplete=True)
        outcomes = run_replay(session, planned, house.runner("again"))
    assert house.rows("email") == gone
    ended = {one.step.fields: (one.status, one.rows) for one in outcomes if one.step.action == "set"}
    assert ended == {("wants",): ("done", 1), ("optin",): ("failed", 0)}
    told = [kind for kind, _ in house.records.state.events_of("again")]
    assert told == ["objection.intended", "objection.failed"]
