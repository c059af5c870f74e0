"""Rows that were set apart, or are two people's, are flagged neither the night after nor after a restore."""

from __future__ import annotations

import pytest

from contract.test_flags import ANA, BO, NOW, House, house
from troth.core.rights.erase import identify
from troth.core.rights.identity import Decisions, Subject
from troth.core.rights.newcomers import flag_new_rows
from troth.core.rights.refuse import plan_refusal, run_refusal
from troth.core.rights.replay import plan_replay, run_replay
from troth.core.rights.restrict import plan_restriction, run_restriction

__all__ = ["house"]  # the fixture


def said_of_one(house: House, kind: str) -> None:
    """Two behind one address; what one of them says is not about the other's row."""
    with house.open() as session:
        apart = frozenset({house.records.tag("shop", "people", (2,))})
        decided = Decisions(shared=True, unverified=True, apart=apart)
        found = identify(session, Subject((ANA,)), decided, house.records)
        if kind == "refuse":
            planned = plan_refusal(session, found, ["offers"], NOW, decided)
            run_refusal(session, planned, house.runner("r1"), "objection", found.known)
        else:
            planned = plan_restriction(session, found, decided)
            run_restriction(session, planned, house.runner("r1"), "requested", None)


@pytest.mark.parametrize("kind", ["refuse", "restrict"])
def test_a_row_set_apart_is_flagged_neither_by_night_nor_after_a_restore(house: House, kind: str) -> None:
    assert house.world.case is not None
    house.world.case.execute_script(f"UPDATE people SET email = '{ANA[1]}' WHERE id = 2")
    before = house.rows("id", "wants", "status")
    said_of_one(house, kind)
    after = house.rows("id", "wants", "status")
    assert after[0] != before[0]
    assert after[1] == before[1]
    with house.open() as session:
        flag_new_rows(session, house.runner("night"))
    assert house.rows("id", "wants", "status") == after
    said = ", ".join(f"{column} = {value}" for column, value in (("wants", "TRUE"), ("status", "'vip'")))
    house.world.case.execute_script(f"UPDATE people SET {said} WHERE id = 1")
    with house.open() as session:
        run_replay(session, plan_replay(session, house.records), house.runner("again"))
    assert house.rows("id", "wants", "status") == after, "and Ana's own row says so again"
    with house.open() as session:
        found = identify(session, Subject((BO,)), Decisions(), house.records)
    assert not found.found
