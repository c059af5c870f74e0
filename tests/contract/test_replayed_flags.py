"""A restored copy hears of every no again: as of the day it was said, after the ledger, and without keeping back who is to
be erased."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from contract.test_flags import ANA, BO, NOW, PEOPLE, House, house  # noqa: F401  (a fixture)
from contract.worlds import insert
from troth.core.policy.model import Flag, Link
from troth.core.rights.erase import Wish, check_runnable, identify, plan_erasure, run_erasure
from troth.core.rights.identity import Decisions, Subject
from troth.core.rights.refuse import plan_refusal, run_refusal
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


def test_a_row_of_two_people_is_flagged_again_only_where_a_human_has_opened_it(house: House) -> None:  # noqa: F811
    collections = house.mapped.collections
    both = (*collections["cards"].links, Link("people", (("nr", "id"),)))
    house.mapped = replace(
        house.mapped, collections={**collections, "cards": replace(collections["cards"], links=both)}
    )
    case = house.world.case
    assert case is not None
    case.execute_script(insert(case.kind, "cards", [{"nr": 2, "person": 1, "mail": 0.5}]))
    with house.open() as session:
        opened = Decisions(shared=True)
        ana = identify(session, Subject((ANA,)), opened, house.records)
        planned = plan_refusal(session, ana, ["offers"], NOW, opened)
        run_refusal(session, planned, house.runner("r1"), "objection", ana.known)
    case.execute_script("UPDATE cards SET mail = 0.5")
    case.execute_script(insert(case.kind, "cards", [{"nr": 3, "person": 1, "mail": 0.5}]))
    with house.open() as session:
        run_replay(session, plan_replay(session, house.records), house.runner("again"))
    assert {row["nr"]: float(row["mail"]) for row in house.world.peek("cards")} == {2: 0, 3: 0.5, 7: 0, 8: 0.5}
