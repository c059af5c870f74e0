"""Rows that the publisher's software adds after somebody has said no."""

from __future__ import annotations

from contract.test_flags import PEOPLE, House, house  # noqa: F401  (a fixture)
from contract.worlds import insert
from troth.core.rights.newcomers import flag_new_rows


def test_rows_that_come_after_a_no_or_a_freeze_are_flagged_once_but_for_consent(house: House) -> None:  # noqa: F811
    for purpose in ("offers", "calls"):
        house.refuse(purpose, ref=purpose)
    house.refuse("letter", ref="letter", ground="withdrawal")
    case = house.world.case
    assert case is not None
    new = {**PEOPLE.rows[0], "id": 9, "status": "new"}
    case.execute_script(
        insert(case.kind, "people", (new,)) + insert(case.kind, "cards", ({"nr": 9, "person": 9, "mail": 0.5},))
    )
    case.execute_script("UPDATE people SET optin = 1 WHERE id = 1")

    def night() -> set[tuple[str, str, int]]:
        with house.open() as session:
            found = flag_new_rows(session, house.runner("night"))
        return {(one.step.collection, one.status, one.rows) for one in found}

    assert night() == {("people", "done", 1), ("cards", "done", 1)}
    assert house.rows("status", "optin", "left_on")[3] == ("gone", "1", "2026-11-22")
    assert house.rows("optin")[0] == ("1",), "who has subscribed anew"
    case.execute_script("UPDATE people SET status = 'newer' WHERE id = 9")
    assert night() == set()
    house.allow("offers")
    assert [one for (one,) in house.rows("status")] == ["vip", "None", "gone", "newer"]
    assert {row["nr"]: float(row["mail"]) for row in house.world.peek("cards")} == {7: 0.5, 8: 0.5, 9: 0.5}
