"""Flags on the publisher's own engines: every kind of column is set, means what it should, and is put back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from contract.worlds import Table, World, insert, make_sql, shop
from databases import EngineCase
from troth.core.policy.model import (
    Basis,
    Clock,
    Collection,
    Condition,
    Flag,
    Identifier,
    Keep,
    Link,
    Policy,
    Purpose,
    Store,
)
from troth.core.policy.values import FinancialYear
from troth.core.rights import marking
from troth.core.rights.erase import Outcome, Runner, check_runnable, identify
from troth.core.rights.identity import Decisions, Subject
from troth.core.rights.refuse import allow, plan_refusal, run_refusal
from troth.core.rights.replay import plan_replay, run_replay
from troth.core.rights.restrict import lift, plan_restriction, run_restriction
from troth.core.rights.session import Session, open_session
from troth.state.engine import StateRecords
from troth.state.state import memory_state

NOW = datetime(2026, 11, 22, 9, 30, 15, tzinfo=UTC)
TODAY = NOW.date()
NIGHT = datetime(2026, 11, 22, 23, 30, 15, tzinfo=UTC)
"""Half past midnight of the next day, where the publisher is."""
LATER = NOW + timedelta(days=400)
ANA, BO, CY = (("email", f"{name}@example.org") for name in ("ana", "bo", "cy"))
NUMBERS = ("int", True)
PEOPLE = Table(
    {
        "id": ("int", False), "email": ("text", False), "wants": ("bool", False), "optin": ("int", False),
        "status": ("text", True), "left_at": ("datetime", True), "left_on": ("date", True), "left_s": NUMBERS,
        "left_ms": ("bigint", True), "left_text": ("text", True), "short": ("varchar(3)", True),
        "narrow": ("int CHECK (narrow IN (1, 2))", True), "left_moment": ("moment", True),
    },
    rows=tuple(
        {"id": n, "email": email, "wants": True, "optin": 1, "status": status, "left_text": "", "narrow": 1}
        for n, email, status in ((1, ANA[1], "vip"), (2, BO[1], None), (3, CY[1], "gone"))
    ),
)  # fmt: skip
CARDS = Table(
    {"nr": ("int", False), "person": ("int", True), "mail": ("number", True)}, key=("nr",),
    rows=({"nr": 7, "person": 1, "mail": 0.5}, {"nr": 8, "person": 2, "mail": 0.5}),
)  # fmt: skip
TIMES = {"at": "datetime", "on": "date", "s": "epoch_s", "ms": "epoch_ms", "moment": "datetime"}
STAMPED = tuple(f"left_{name}" for name in TIMES)
REFUSED = {
    "offers": (Flag("wants", value=False), Flag("status", value="gone")),
    "letter": (Flag("optin", value=0), Flag("left_text", clock=Clock("left_text", "text", "%d/%m/%Y"))),
    "calls": tuple(Flag(f"left_{n}", clock=Clock(f"left_{n}", kind)) for n, kind in TIMES.items()),  # type: ignore[arg-type]
}  # fmt: skip


def store(**refused: tuple[Flag, ...]) -> Store:
    people = Collection(
        "shop", "people", "people", identifiers=(Identifier("email", "email"),), refused=refused or REFUSED,
        restricted=Flag("status", "frozen") if not refused else None, purposes=frozenset(REFUSED),
    )  # fmt: skip
    cards = Collection(
        "shop", "cards", "cards", links=(Link("people", (("person", "id"),)),), purposes=frozenset({"offers"}),
        refused={"offers": (Flag("mail", value=0),)} if not refused else {},
    )  # fmt: skip
    return replace(shop(), collections={"people": people, "cards": cards})


def policy(mapped: Store) -> Policy:
    bases = {"offers": Basis.LEGITIMATE_INTEREST, "letter": Basis.CONSENT, "calls": Basis.LEGITIMATE_INTEREST}
    purposes = {name: Purpose(name, {}, basis, (), (), (), Keep()) for name, basis in bases.items()}
    return Policy(
        "1", ("en",), "en", "Verdier", "FR", "Europe/Paris", FinancialYear(), purposes, {}, {}, {},
        {"shop": mapped}, "0" * 64, SimpleNamespace(data_location=None),  # type: ignore[arg-type]
    )  # fmt: skip


class House:
    """One store, and what Troth remembers of it."""

    def __init__(self, world: World, mapped: Store) -> None:
        self.world, self.mapped = world, mapped
        self.records = StateRecords(memory_state(at=NOW))

    def open(self, day: date = TODAY) -> Session:
        assert self.world.reopen is not None
        return open_session(policy(self.mapped), day, self.world.reopen)

    def runner(self, ref: str, at: datetime = NOW) -> Runner:
        return Runner(self.records, at, ref)

    def refuse(
        self, *purposes: str, who: tuple[str, str] = ANA, ref: str = "r1", ground: Any = "objection",
        at: datetime = NOW,
    ) -> Any:  # fmt: skip
        with self.open() as session:
            found = identify(session, Subject((who,)), Decisions(), self.records)
            planned = plan_refusal(session, found, purposes, at, Decisions())
            check_runnable(session, planned.plan)
            outcomes = run_refusal(session, planned, self.runner(ref, at), ground, found.known)
        assert not [one for one in outcomes if one.status == "failed"], outcomes
        return planned.plan

    def allow(self, purpose: str, ground: str = "objection", who: tuple[str, str] = ANA) -> list[Outcome]:
        with self.open() as session:
            said = [r for r in self.records.refusals([who]) if (r.purpose, r.ground) == (purpose, ground)]
            assert said
            return allow(session, self.runner("allow"), said)

    def restrict(self, ref: str, until: date | None = None) -> None:
        with self.open() as session:
            found = identify(session, Subject((ANA,)), Decisions(), self.records)
            run_restriction(session, plan_restriction(session, found), self.runner(ref), "requested", until)

    def lift(self, ref: str, at: datetime = NOW) -> None:
        with self.open(at.date()) as session:
            lift(session, self.runner(ref, at))

    def rows(self, *columns: str) -> list[tuple[str, ...]]:
        found = sorted(self.world.peek("people"), key=lambda row: row["id"])
        return [tuple(str(row[c]) for c in columns) for row in found]


@pytest.fixture
def house(engine_case: EngineCase) -> Iterator[House]:
    mapped = store()
    world = make_sql(engine_case, mapped, {"people": PEOPLE, "cards": CARDS})
    with closing(world.connector):
        yield House(world, mapped)


def test_every_kind_of_column_is_set_once_and_put_back_where_that_is_right(house: House) -> None:
    def everything() -> list[Any]:
        return sorted([*house.world.peek("people"), *house.world.peek("cards")], key=repr)

    before = everything()
    plan = house.refuse("offers", "calls", at=NIGHT)
    assert [(step.collection, step.fields, step.rows) for step in plan.stores[0].steps] == [
        ("cards", ("mail",), 1), ("people", STAMPED, 1), ("people", ("wants", "status"), 1),
    ]  # fmt: skip
    house.refuse("offers", who=CY, ref="r2")  # whose status says so already
    assert [(w in ("True", "1"), s) for w, s in house.rows("wants", "status")] == [
        (False, "gone"), (True, "None"), (False, "gone"),
    ]  # fmt: skip
    seconds, local = str(int(NIGHT.timestamp())), "2026-11-23 00:30:15"
    assert house.world.case is not None
    moment = {"sqlite": local, "postgresql": "2026-11-22 23:30:15+00:00"}.get(house.world.case.kind, str(NIGHT)[:19])
    stamped = (local, "2026-11-23", seconds, seconds + "000", moment)
    assert house.rows(*STAMPED) == [stamped, ("None",) * 5, ("None",) * 5], "days are the publisher’s, moments UTC’s"
    assert {row["nr"]: float(row["mail"]) for row in house.world.peek("cards")} == {7: 0, 8: 0.5}
    assert not house.refuse("offers", "calls").changes, "doing it again changes nothing"
    house.allow("offers", who=CY)
    assert house.rows("wants", "status")[2] == (house.rows("wants")[1][0], "gone")
    house.allow("offers")
    house.allow("calls")
    assert everything() == before
    assert house.records.refusals([ANA]) == []


def test_a_consent_once_withdrawn_does_not_come_back_with_the_flag(house: House) -> None:
    house.refuse("letter", ground="withdrawal")
    assert house.rows("optin", "left_text")[0] == ("0", "22/11/2026")
    assert house.allow("letter", "withdrawal") == []
    assert house.rows("optin", "left_text")[0] == ("0", "22/11/2026")
    house.refuse("letter", who=BO, ref="r2")  # an objection to direct marketing that rests on consent
    assert house.allow("letter", who=BO) == []
    assert house.rows("optin", "left_text") == [("0", "22/11/2026"), ("0", "22/11/2026"), ("1", "")]


def test_what_the_software_writes_itself_is_left_to_it(house: House) -> None:
    house.refuse("offers")
    assert house.world.case is not None
    house.world.case.execute_script("UPDATE people SET status = 'new' WHERE id = 1")
    house.allow("offers")
    assert [s for _, s in house.rows("wants", "status")] == ["new", "None", "gone"]


def test_one_restriction_after_another_gives_the_row_back_with_the_last(house: House) -> None:
    house.restrict("first", until=date(2026, 12, 31))
    house.restrict("second")
    house.lift("first", at=LATER)
    assert [one.ref for one in house.records.holds(LATER.date())] == ["second"]
    assert [s for (s,) in house.rows("status")] == ["frozen", "None", "gone"]
    house.lift("second")
    assert [s for (s,) in house.rows("status")] == ["vip", "None", "gone"]


def test_a_restriction_past_its_day_whose_flags_stand_leaves_them_to_a_newer_one(house: House) -> None:
    house.restrict("first", until=TODAY - timedelta(days=1))
    house.restrict("second")
    house.lift("first")
    assert [s for (s,) in house.rows("status")] == ["frozen", "None", "gone"]
    house.lift("second")
    assert [s for (s,) in house.rows("status")] == ["vip", "None", "gone"]


def test_a_row_whose_key_was_given_to_somebody_else_is_left_to_them(house: House) -> None:
    house.refuse("offers")
    assert house.world.case is not None
    house.world.case.execute_script("UPDATE people SET email = 'dora@example.org' WHERE id = 1")
    house.allow("offers")
    assert [s for (s,) in house.rows("status")] == ["gone", "None", "gone"]
    assert {row["nr"]: float(row["mail"]) for row in house.world.peek("cards")} == {7: 0, 8: 0.5}


def test_a_restored_copy_is_flagged_again_for_whoever_is_still_refused_or_restricted(house: House) -> None:
    house.refuse("letter", ground="withdrawal")
    house.refuse("calls", who=BO, ref="r2")
    house.restrict("frozen")
    case = house.world.case
    assert case is not None
    case.execute_script("DELETE FROM cards; DELETE FROM people;" + insert(case.kind, "people", PEOPLE.rows))
    with house.open() as session:
        planned = plan_replay(session, house.records, since=NOW.date() + timedelta(days=1))
        assert not planned.plan.changes, "what was said before the copy was made is in it"
        planned = plan_replay(session, house.records)
        outcomes = run_replay(session, planned, house.runner("again"))
    assert {(one.step.collection, one.step.fields, one.rows) for one in outcomes} == {
        ("people", ("status",), 1), ("people", ("optin", "left_text"), 1),
        ("people", STAMPED, 1),
    }  # fmt: skip
    assert house.rows("status", "optin", "left_on") == [
        ("frozen", "0", "None"), ("None", "1", "2026-11-22"), ("gone", "1", "None"),
    ]  # fmt: skip
    house.lift("frozen")
    assert [s for (s,) in house.rows("status")] == ["vip", "None", "gone"]


def test_a_flag_that_cannot_be_set_is_told_in_the_plan_or_rolls_back_the_whole(house: House) -> None:
    impossible = {
        "part of the table's key": Flag("id", 0), "may not be NULL": Flag("wants", None), "of type": Flag("optin", "no"),
        "3 characters at most": Flag("short", "long"), "of type date": Flag("left_on", "gone"),
    }  # fmt: skip
    if house.world.kind == "sqlite":
        del impossible["3 characters at most"], impossible["of type date"]  # no such limits there
    for why, flag in impossible.items():
        house.mapped = store(offers=(flag,))
        with house.open() as session:
            found = identify(session, Subject((ANA,)), Decisions(), house.records)
            (refusal,) = plan_refusal(session, found, ["offers"], NOW, Decisions()).plan.refusals
        assert why in refusal.message
    house.mapped = store(offers=(Flag("optin", 0),), calls=(Flag("narrow", 3),))
    with house.open() as session:
        found = identify(session, Subject((ANA,)), Decisions(), house.records)
        planned = plan_refusal(session, found, ["offers", "calls"], NOW, Decisions())
        outcomes = run_refusal(session, planned, house.runner("r1"), "objection", found.known)
    assert {one.status for one in outcomes} == {"failed"}, "a CHECK says no"
    assert [o for (o,) in house.rows("optin")] == ["1", "1", "1"]


def test_what_was_never_written_is_not_put_back(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    script = lambda text: house.world.case and house.world.case.execute_script(text)  # noqa: E731
    carried = marking.run_store

    def meanwhile(*words: Any) -> list[Outcome]:
        script("UPDATE people SET status = 'newer' WHERE id = 1")
        return carried(*words)

    monkeypatch.setattr(marking, "run_store", meanwhile)
    with pytest.raises(AssertionError, match="changed since the plan"):
        house.refuse("offers")
    monkeypatch.undo()
    assert house.rows("status")[0] == ("newer",), "somebody wrote there between the look and the write"
    assert [one.before for one in house.records.refusals([ANA])] == [()]
    house.refuse("offers")
    house.allow("offers")
    assert house.rows("status")[0] == ("newer",)


def test_a_column_of_bits_is_a_flag_like_any_other(house: House) -> None:
    if house.world.case is None or house.world.kind != "mariadb":
        pytest.skip("only there a column of bits is one")
    house.world.case.execute_script(
        "ALTER TABLE people ADD COLUMN b BIT(1) NOT NULL DEFAULT b'1', ADD COLUMN c BIT(3) NOT NULL DEFAULT b'101'"
    )
    house.mapped = store(offers=(Flag("b", value=False), Flag("c", 2)), calls=(Flag("b", 2),))
    with house.open() as session:
        found = identify(session, Subject((ANA,)), Decisions(), house.records)
        (refusal,) = plan_refusal(session, found, ["calls"], NOW, Decisions()).plan.refusals
    assert "of type bit(1)" in refusal.message
    house.refuse("offers")
    told = "SELECT id, b + 0, c + 0 FROM people WHERE id < 3 ORDER BY id"
    assert house.world.case.query(told) == [(1, 0, 2), (2, 1, 5)]
    house.allow("offers")
    assert house.world.case.query(told) == [(1, 1, 5), (2, 1, 5)]


def test_a_flag_that_takes_its_row_out_of_the_filter_is_given_back(engine_case: EngineCase) -> None:
    mapped = store()
    people = replace(mapped.collections["people"], where=(Condition("status", "in", ("vip", "loyal")),))
    mapped = replace(mapped, collections={**mapped.collections, "people": people})
    world = make_sql(engine_case, mapped, {"people": PEOPLE, "cards": CARDS})
    with closing(world.connector):
        house = House(world, mapped)
        house.refuse("offers")
        assert house.rows("status")[0] == ("gone",)
        house.allow("offers")
        assert house.rows("status") == [("vip",), ("None",), ("gone",)]
        assert sorted(float(row["mail"]) for row in world.peek("cards")) == [0.5, 0.5]
