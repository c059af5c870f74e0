"""Flags over random decisions in random order, on the store in memory: what must always hold."""

from __future__ import annotations

import copy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.connectors.memory.connector import MemoryConnector, MemoryTable
from troth.core.policy.model import (
    Basis,
    Clock,
    Collection,
    Field,
    Flag,
    Identifier,
    IdentifierKind,
    Keep,
    Link,
    Mode,
    Policy,
    Purpose,
    Store,
)
from troth.core.policy.values import FinancialYear
from troth.core.requests.clock import Terms
from troth.core.retention.clockvalue import as_date
from troth.core.rights.before import Before, merged, without
from troth.core.rights.erase import Runner, identify
from troth.core.rights.flags import midnight, together, written
from troth.core.rights.identity import Decisions, Subject
from troth.core.rights.newcomers import flag_new_rows
from troth.core.rights.refuse import allow, heard_by, plan_refusal, run_refusal
from troth.core.rights.restrict import lift, plan_restriction, run_restriction
from troth.core.rights.session import Session, open_session
from troth.state.engine import StateRecords
from troth.state.state import memory_state

NOW = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
BASES = {"offers": Basis.LEGITIMATE_INTEREST, "calls": Basis.LEGITIMATE_INTEREST, "letter": Basis.CONSENT}
REFUSED = {
    "offers": (Flag("ads", 0),),
    "calls": (Flag("ads", 0), Flag("ring", "never")),
    "letter": (Flag("optin", 0), Flag("left", clock=Clock("left", "date"))),
}
CUSTOMER = Collection(
    "shop", "customer", "customer", key=("id",), purposes=frozenset(BASES),
    identifiers=(Identifier("customer_id", "id"),), fields=(Field("ring", "ring", "Preference", frozenset({"calls"})),),
    restricted=Flag("frozen", "yes"), refused=REFUSED,
)  # fmt: skip
CARD = Collection(
    "shop", "card", "card", key=("id",), purposes=frozenset({"offers"}), refused={"offers": (Flag("mail", 0),)},
    links=(Link("customer", (("owner", "id"),)), Link("customer", (("also", "id"),))),
)  # fmt: skip
POLICY = Policy(
    "1", ("en",), "en", "Verdier", "FR", "Europe/Paris", FinancialYear(),
    {name: Purpose(name, {}, basis, (), (), (), Keep()) for name, basis in BASES.items()}, {}, {},
    {"customer_id": IdentifierKind("customer_id", strong=False)},
    {"shop": Store("shop", "", "FR", None, Mode.ENFORCE, {"customer": CUSTOMER, "card": CARD})},
    "0" * 64, SimpleNamespace(data_location=None),  # type: ignore[arg-type]
)  # fmt: skip
COLUMNS = {"ads": "int", "ring": "text", "optin": "int", "left": "date", "frozen": "text"}


def world(people: list[tuple[Any, ...]], cards: tuple[dict[str, Any], ...] = ()) -> dict[str, MemoryTable]:
    kinds = {"id": ("int", False), **{name: (kind, True) for name, kind in COLUMNS.items()}}
    rows = [{"id": i, **dict(zip(COLUMNS, row, strict=True))} for i, row in enumerate(people)]
    owned = {"id": ("int", False), "owner": ("int", True), "also": ("int", True), "mail": ("int", True)}
    return {"customer": MemoryTable.of(("id",), kinds, rows), "card": MemoryTable.of(("id",), owned, list(cards))}


def opened(tables: dict[str, MemoryTable], policy: Policy = POLICY) -> Session:
    return open_session(policy, NOW.date(), lambda store: MemoryConnector(store, tables))


class House:
    """What is decided about the first person, and carried out at once."""

    def __init__(self, tables: dict[str, MemoryTable]) -> None:
        self.tables, self.records = tables, StateRecords(memory_state(at=NOW))
        self.standing: list[str] = []
        self.said = 0

    def decide(self, what: str) -> None:
        """A purpose, or ``frozen``: taken back when it stands, put in force when not."""
        self.said += 1
        with opened(self.tables) as session:
            who = identify(session, Subject((("customer_id", "0"),)), Decisions(), self.records)
            if what in self.standing:
                self.standing.remove(what)
                found = [one for one in self.records.refusals(who.known) if one.purpose == what]
                frozen = [one.ref for one in self.records.holds(NOW.date()) if what == "frozen"]
                for name in frozen:
                    lift(session, Runner(self.records, NOW, name))
                allow(session, Runner(self.records, NOW, "allow"), found)
                return
            self.standing.append(what)
            runner = Runner(self.records, NOW, f"{what}-{self.said}")
            if what == "frozen":
                run_restriction(session, plan_restriction(session, who), runner, "asked", None)
                return
            planned = plan_refusal(session, who, [what], NOW, Decisions())
            ground = "withdrawal" if what == "letter" else "objection"
            run_refusal(session, planned, runner, ground, who.known)  # type: ignore[arg-type]

    @property
    def row(self) -> dict[str, Any]:
        return dict(self.tables["customer"].rows[0])


rows = st.tuples(
    st.sampled_from([0, 1, None]), st.sampled_from(["never", "mornings", None]), st.sampled_from([0, 1]), st.none(),
    st.sampled_from(["no", "yes", None]),
)  # fmt: skip
decisions = st.lists(st.sampled_from(["offers", "calls", "letter", "frozen"]), max_size=9)


@given(st.lists(rows, min_size=2, max_size=3), decisions)
def test_what_stands_is_in_the_row_and_what_has_ended_is_as_it_was_but_for_consent(
    people: list[tuple[Any, ...]], said: list[str]
) -> None:
    house = House(world(people))
    first, others = house.row, copy.deepcopy(house.tables["customer"].rows[1:])
    for what in said:
        house.decide(what)
        row = house.row
        assert (row["ads"] == 0) == (first["ads"] == 0 or bool({"offers", "calls"} & set(house.standing)))
        assert (row["ring"] == "never") == (first["ring"] == "never" or "calls" in house.standing)
        assert (row["frozen"] == "yes") == (first["frozen"] == "yes" or "frozen" in house.standing)
    for what in list(house.standing):
        house.decide(what)
    kept = {"optin": 0, "left": house.row["left"]} if "letter" in said else {}
    assert house.row == {**first, **kept}, "a consent is not given by taking its withdrawal back"
    assert (house.row["left"] is not None) == ("letter" in said)
    assert house.tables["customer"].rows[1:] == others


@given(st.lists(st.lists(st.sampled_from("abcdef"), min_size=1, max_size=3, unique=True), max_size=6))
def test_no_column_is_in_two_sets_that_are_written_apart(sets: list[list[str]]) -> None:
    groups = together(tuple(Flag(name, 1) for name in one) for one in sets)
    columns = [flag.column for group in groups for flag in group]
    assert sorted(columns) == sorted({name for one in sets for name in one})


KEYS = st.lists(st.integers(0, 5), max_size=4, unique=True).map(lambda keys: tuple((k,) for k in keys))
BEFORE = st.builds(Before, st.just("s"), st.just("c"), st.sampled_from("ab"), st.integers(1, 3), st.just(0), KEYS)


@given(st.lists(BEFORE, max_size=4), st.lists(BEFORE, max_size=4))
def test_of_a_row_the_first_word_counts_and_what_others_need_is_left(mine: list[Before], others: list[Before]) -> None:
    def words(some: list[Before]) -> dict[tuple[str, Any], Any]:
        said: dict[tuple[str, Any], Any] = {}
        for one in some:
            for key in one.keys:
                said.setdefault((one.column, key), one.former)
        return said

    whole = merged(mine, others)
    assert words(whole) == {**words(others), **words(mine)}
    assert sum(len(one.keys) for one in whole) == len(words(whole)), "each row and column once"
    assert set(words(without(mine, others))) == set(words(mine)) - set(words(others))


def test_a_row_that_is_somebody_elses_too_waits_for_a_human_only_where_it_would_be_written() -> None:
    cards = ({"id": 1, "owner": 0, "also": 1, "mail": 1}, {"id": 2, "owner": 0, "also": 0, "mail": 1})
    tables = world([(1, None, 1, None, None)] * 2, cards)
    records = StateRecords(memory_state(at=NOW))
    with opened(tables) as session:
        who = identify(session, Subject((("customer_id", "0"),)), Decisions(), records)
        (flag,) = plan_refusal(session, who, ["offers"], NOW, Decisions()).plan.flags
        assert (flag.collection, flag.rows, flag.reason) == ("card", 1, "shared")
        assert plan_refusal(session, who, ["letter"], NOW, Decisions()).plan.flags == []
        assert plan_refusal(session, who, ["offers"], NOW, Decisions(shared=True)).plan.flags == []
    tables["card"].rows[0]["mail"] = 0
    with opened(tables) as session:
        assert plan_refusal(session, who, ["offers"], NOW, Decisions()).plan.flags == []


def test_rows_that_may_be_the_persons_wait_only_where_a_flag_would_be_set_in_them() -> None:
    doubtful = replace(CUSTOMER, identifiers=(Identifier("customer_id", "id", verified=False),))
    for collection, expected in ((doubtful, [("customer", 1)]), (replace(doubtful, refused={}), [])):
        store = replace(POLICY.stores["shop"], collections={"customer": collection})
        with opened(world([(1, None, 1, None, None)]), replace(POLICY, stores={"shop": store})) as session:
            who = identify(session, Subject((("customer_id", "0"),)), Decisions(), StateRecords(memory_state(at=NOW)))
            plan = plan_refusal(session, who, ["offers"], NOW, Decisions()).plan
            assert [(flag.collection, flag.rows) for flag in plan.flags] == expected


@pytest.mark.parametrize(
    ("clock", "expected"),
    [
        (Clock("c", "date"), "2026-11-23"), (Clock("c", "datetime"), "2026-11-23 00:30:00"),
        (Clock("c", "epoch_s"), 1795390200), (Clock("c", "epoch_ms"), 1795390200000),
        (Clock("c", "text", "%d.%m.%y"), "23.11.26"), (None, "no"),
    ],
)  # fmt: skip
def test_a_moment_is_written_as_its_clock_tells_it_where_the_publisher_is(clock: Clock | None, expected: Any) -> None:
    assert written(Flag("c", "no", clock), NOW, "Europe/Paris") == expected


def test_a_column_that_keeps_moments_is_written_in_utc() -> None:
    assert written(Flag("c", clock=Clock("c", "datetime")), NOW, "Europe/Paris", zoned=True) == "2026-11-22 23:30:00"


ZONES = ("Europe/Paris", "America/Martinique", "Pacific/Auckland", "Indian/Reunion", "UTC")
AROUND = st.sampled_from(
    [datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC), datetime(2026, 11, 23, tzinfo=UTC)]
)
"""The hours that Paris skips and lives twice, and a midnight."""


@given(AROUND, st.integers(-90_000, 90_000), st.sampled_from(ZONES))
def test_a_flag_tells_the_publishers_day_and_its_clock_reads_the_same(at: datetime, off: int, zone: str) -> None:
    moment = at + timedelta(seconds=off)
    day = Terms("FR", zone).day(moment)
    for clock in (Clock("c", "date"), Clock("c", "datetime"), Clock("c", "text", "%d/%m/%Y %H:%M")):
        assert as_date(clock, written(Flag("c", clock=clock), moment, zone)) == day
    exact = written(Flag("c", clock=Clock("c", "epoch_s")), moment, zone)
    assert exact == moment.timestamp(), "a number of seconds is a moment, whatever the zone"
    assert midnight(day, zone).astimezone(UTC) <= moment < midnight(day + timedelta(days=1), zone).astimezone(UTC)


PAIR = replace(
    CARD, restricted=Flag("mail", 0), links=(Link("customer", (("owner", "id"),)), Link("customer", (("also", "id"),)))
)


def person(session: Session, records: StateRecords, number: int) -> Any:
    return identify(session, Subject((("customer_id", str(number)),)), Decisions(), records)


def with_maps(**collections: Collection) -> Policy:
    return replace(POLICY, stores={"shop": replace(POLICY.stores["shop"], collections=collections)})


def test_a_restriction_leaves_a_row_of_two_people_to_a_human_and_frees_it_with_the_last_of_them() -> None:
    tables = world([(1, None, 1, None, "no")] * 2, ({"id": 1, "owner": 0, "also": 1, "mail": 7},))
    records, policy = StateRecords(memory_state(at=NOW)), with_maps(customer=CUSTOMER, card=PAIR)
    card = tables["card"].rows
    with opened(tables, policy) as session:
        planned = plan_restriction(session, person(session, records, 0))
        assert [(step.action, step.collection, step.reason) for step in planned.plan.stores[0].steps] == [
            ("set", "customer", ""), ("flag", "card", "shared"),
        ]  # fmt: skip
        run_restriction(session, planned, Runner(records, NOW, "unasked"), "asked", None)
        assert card[0]["mail"] == 7
        for number in (0, 1):
            planned = plan_restriction(session, person(session, records, number), Decisions(shared=True))
            assert not planned.plan.flags
            run_restriction(session, planned, Runner(records, NOW, f"r{number}"), "asked", None)
        assert card[0]["mail"] == 0
        lift(session, Runner(records, NOW, "r0"))
        assert card[0]["mail"] == 0, "the other one is restricted"
        lift(session, Runner(records, NOW, "r1"))
        assert card[0]["mail"] == 7


def test_two_maps_of_one_table_do_not_undo_each_other() -> None:
    tables = world([(1, None, 1, None, None)])
    first = replace(CUSTOMER, restricted=None, refused={"offers": (Flag("ads", 0),)})
    second = replace(first, name="member", refused={"calls": (Flag("ads", 0),)})
    records, policy = StateRecords(memory_state(at=NOW)), with_maps(customer=first, member=second)
    with opened(tables, policy) as session:
        who = person(session, records, 0)
        for what in ("offers", "calls"):
            planned = plan_refusal(session, who, [what], NOW, Decisions())
            run_refusal(session, planned, Runner(records, NOW, what), "objection", who.known)
        for what, expected in (("offers", 0), ("calls", 1)):
            allow(session, Runner(records, NOW, "allow"), [r for r in records.refusals(who.known) if r.purpose == what])
            assert tables["customer"].rows[0]["ads"] == expected


def test_the_end_of_a_restriction_gives_no_consent() -> None:
    tables = world([(1, None, 1, None, None)])
    records, policy = (
        StateRecords(memory_state(at=NOW)),
        with_maps(customer=replace(CUSTOMER, restricted=Flag("optin", 0))),
    )
    with opened(tables, policy) as session:
        who = person(session, records, 0)
        run_restriction(session, plan_restriction(session, who), Runner(records, NOW, "r"), "asked", None)
        planned = plan_refusal(session, who, ["letter"], NOW, Decisions())
        run_refusal(session, planned, Runner(records, NOW, "w"), "withdrawal", who.known)
        allow(session, Runner(records, NOW, "allow"), records.refusals(who.known))
        lift(session, Runner(records, NOW, "r"))
    assert tables["customer"].rows[0]["optin"] == 0


def test_a_try_that_follows_leaves_every_row_alone_that_an_earlier_one_has_reached() -> None:
    cards = tuple({"id": n, "owner": 0, "also": 0, "mail": 1} for n in range(260))
    tables, records = world([(1, None, 1, None, None)], cards), StateRecords(memory_state(at=NOW))

    def refuse_again() -> None:
        with opened(tables) as session:
            who, heard = person(session, records, 0), heard_by(records, "r1", ["offers"])
            planned = plan_refusal(session, who, ["offers"], NOW, Decisions(), heard)
            run_refusal(session, planned, Runner(records, NOW, "r1"), "objection", who.known, heard)

    refuse_again()
    assert {row["mail"] for row in tables["card"].rows} == {0}
    for row in tables["card"].rows[::2]:
        row["mail"] = 1  # said in the shop itself, while another store was away
    tables["card"].rows.append({"id": 700, "owner": 0, "also": 0, "mail": 1})
    refuse_again()
    assert [row["mail"] for row in tables["card"].rows] == [1, 0] * 130 + [0], "only the new row had not heard"


def test_rows_that_come_later_say_so_too_unless_somebody_has_said_yes_since() -> None:
    tables = world(
        [(1, "mornings", 1, None, "no"), (1, None, 1, None, "no")], ({"id": 1, "owner": 0, "also": 0, "mail": 1},)
    )
    records, cards = StateRecords(memory_state(at=NOW)), tables["card"].rows

    def night() -> list[tuple[str, str, int]]:
        with opened(tables) as session:
            done = flag_new_rows(session, Runner(records, NOW, "night"))
        return [(one.step.collection, one.status, one.rows) for one in done]

    with opened(tables) as session:
        who = person(session, records, 0)
        for ref, purposes in (("r1", ["offers"]), ("r2", ["letter", "offers"])):
            planned = plan_refusal(session, who, purposes, NOW, Decisions())
            run_refusal(session, planned, Runner(records, NOW, ref), "objection", who.known)
    assert night() == []
    cards += [
        {"id": 2, "owner": 0, "also": 0, "mail": 1},  # the same person's
        {"id": 3, "owner": 1, "also": 1, "mail": 1},  # somebody else's
        {"id": 4, "owner": 0, "also": 1, "mail": 1},  # of both
    ]
    cards[0]["mail"] = 1  # a newer yes, in a row that had heard the no
    tables["customer"].rows[0]["optin"] = 1
    assert night() == [("card", "done", 1)]
    assert [row["mail"] for row in cards] == [1, 0, 1, 1]
    assert tables["customer"].rows[0]["optin"] == 1, "a consent is not taken away by night"
    cards[1]["mail"] = 1
    assert night() == [], "it has heard now: what it says is newer"
    cards[1]["mail"] = 0
    with opened(tables) as session:
        for said in records.refusals([("customer_id", "0")]):
            if said.purpose == "offers":
                allow(session, Runner(records, NOW, "allow"), [said], who.anchors)
    assert [row["mail"] for row in cards] == [1, 1, 1, 1], "and what stood there comes back with the last no"
