"""Since when and until when, as the rows tell it: what a sweep would do, and what erasures have left."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.house_of import Front
from desk.test_holdings import read
from desk.test_space import rewritten
from troth.connectors.memory.connector import MemoryConnector, MemoryTable
from troth.core.policy.model import (
    Archive,
    Basis,
    Clock,
    Collection,
    Condition,
    Event,
    Field,
    Identifier,
    IdentifierKind,
    Keep,
    Link,
    Mode,
    Policy,
    Purpose,
    Store,
)
from troth.core.policy.values import Duration, FinancialYear
from troth.core.ports import Want
from troth.core.query import all_of
from troth.core.retention.due import DueRules
from troth.core.rights.access import plan_access
from troth.core.rights.erase import identify
from troth.core.rights.identity import Decisions, Subject
from troth.core.rights.session import Session, open_session
from troth.state.engine import StateRecords
from troth.state.state import memory_state

TODAY = date(2026, 11, 23)


# --- as a sweep counts

DAY = st.dates(date(2024, 1, 1), date(2026, 11, 22))
ROWS = st.lists(st.tuples(st.one_of(st.none(), DAY), st.sampled_from(["open", "done"])), min_size=1, max_size=4)
KEEPS = st.builds(
    Keep,
    while_state=st.sampled_from([None, "busy"]), after=st.sampled_from([None, "ended", "seen", "closing"]),
    period=st.sampled_from([Duration(months=1), Duration(days=400), Duration(months=36)]),
    archive=st.sampled_from([None, Archive(Duration(months=60), "ended", "law")]),
)  # fmt: skip


def policy_of(keep: Keep) -> Policy:
    purpose = frozenset({"orders"})
    people = Collection(
        "shop", "people", "people", key=("id",), purposes=frozenset({"account"}),
        identifiers=(Identifier("email", "email"),), fields=(Field("email", "email", "Email", frozenset({"account"})),),
        events={"seen": Clock("seen", "date")},
    )  # fmt: skip
    orders = Collection(
        "shop", "orders", "orders", key=("id",), purposes=purpose, links=(Link("people", (("person", "id"),)),),
        fields=(Field("text", "text", "Text", purpose),), states={"busy": (Condition("status", "in", ("open",)),)},
        events={"ended": Clock("on", "date"), "seen": Clock("on", "date"), "closing": Clock("on", "date")},
    )  # fmt: skip
    lines = Collection(
        "shop", "lines", "lines", key=("id",), purposes=purpose, links=(Link("orders", (("order", "id"),)),),
        fields=(Field("text", "text", "Text", purpose),),
    )  # fmt: skip
    uses = {"orders": keep, "account": Keep(period=Duration(months=1), after="seen")}
    stores = {"shop": Store(
        "shop", "", "FR", None, Mode.ENFORCE, {one.name: one for one in (people, orders, lines)}
    )}  # fmt: skip
    section = SimpleNamespace(for_=("orders",), other_columns=(), undescribed=True)
    declared = dict.fromkeys(("people", "orders", "lines"), section)
    return Policy(
        "1", ("en",), "en", "Verdier", "FR", "Europe/Paris", FinancialYear(),
        {name: Purpose(name, {}, Basis.CONTRACT, (), (), (), keep) for name, keep in uses.items()},
        {}, {"ended": Event("ended", "row"), "seen": Event("seen", "person"),
         "closing": Event("closing", "row", "financial_year_end")},
        {"email": IdentifierKind("email", strong=True)}, stores, "0" * 64,
        SimpleNamespace(data_location=None, stores={"shop": SimpleNamespace(collections=declared)}),  # type: ignore[arg-type]
    )  # fmt: skip


def tables(rows: list[tuple[date | None, str]]) -> dict[str, MemoryTable]:
    text, number, day = ("text", True), ("int", True), ("date", True)
    orders = [
        {"id": n, "person": 1, "on": on, "status": status, "text": "x"} for n, (on, status) in enumerate(rows)
    ]  # fmt: skip
    return {
        "people": MemoryTable.of(("id",), {"id": ("int", False), "email": text, "seen": day}, [
            {"id": 1, "email": "ana@example.org", "seen": None}
        ]),
        "orders": MemoryTable.of(
            ("id",), {"id": ("int", False), "person": number, "on": day, "status": text, "text": text}, orders
        ),
        "lines": MemoryTable.of(("id",), {"id": ("int", False), "order": number, "text": text}, [
            {"id": 10, "order": 0, "text": "y"}
        ]),
    }  # fmt: skip


def over_on(session: Session, plan: Any, day: date) -> tuple[int, int]:
    """How many rows of the use a sweep of that day would find over, and how many there are."""
    opened = session.stores["shop"]
    rules = DueRules(session.policy, opened.graph, day)
    mine = [one for one in plan.readings if one.place[1] != "people"]
    over = [all_of(one.where, rules.over(session.policy.purposes["orders"], one.place[1])) for one in mine]
    wants = [Want(one.place[1], where) for one, where in zip(mine, over, strict=True)]
    every = [Want(one.place[1], one.where) for one in mine]
    counts = [count.rows for count in opened.connector.count([*wants, *every])]
    return sum(counts[: len(mine)]), sum(counts[len(mine) :])


@given(ROWS, KEEPS)
def test_the_day_that_is_told_is_the_one_on_which_a_sweep_finds_it_over(
    rows: list[tuple[date | None, str]], keep: Keep
) -> None:
    from troth.desk.lasting import lasting

    policy, world = policy_of(keep), tables(rows)
    with open_session(policy, TODAY, lambda store: MemoryConnector(store, world)) as session:
        records = StateRecords(memory_state(at=datetime.now(UTC)))
        who = identify(session, Subject((("email", "ana@example.org"),)), Decisions(), records)
        plan = plan_access(session, who, Decisions())
        ends = lasting(session, who, plan, [policy.purposes["orders"]], ())["orders"].ends
        after = TODAY + timedelta(days=4000)
        if ends is None:
            over, every = over_on(session, plan, after)
            assert over < every, "what is certain to end has its day"
            return
        over, every = over_on(session, plan, ends.last + timedelta(days=1))
        assert over == every
        if keep.after is not None:
            assert over_on(session, plan, ends.last)[0] < every
            assert over_on(session, plan, ends.first)[0] == 0
        assert (ends.archive is None) == (keep.archive is None)


# --- on the page


def ends(who: str = "ana@example.org", language: str = "en") -> dict[str, str]:
    return {one.name: one.until for one in read(who, language).purposes}


NOTES = """      notes:
        for: offers
        belongs_to: [{to: customers, by: a}, {to: customers, by: b}]
        fields: {text: Communication}
        events: {collected: at}
"""


def test_a_row_in_doubt_hides_only_the_day_that_it_might_change(front: Front) -> None:
    front.change("CREATE TABLE notes (id INTEGER PRIMARY KEY, a INTEGER, b INTEGER, text TEXT, at TEXT)")
    front.change("INSERT INTO notes VALUES (1, 1, 2, 'hello', '2026-11-01')")
    rewritten(front, "      invoices:\n", f"{NOTES}      invoices:\n")
    rewritten(front, "categories: [EmailAddress]", "categories: [EmailAddress, Communication]")
    assert read("ana@example.org").waiting == 1
    assert ends() == dict.fromkeys(("orders", "offers"), "As things stand, until 1 October 2029.")
    rewritten(front, "{collected: at}", "{collected: at, last_contact: at}")
    assert ends() == {"orders": "", "offers": ""}


def test_the_end_of_a_use_with_a_state_and_an_archive_is_told_once_the_state_is_over(front: Front) -> None:
    front.change("ALTER TABLE invoices ADD COLUMN status TEXT")
    rewritten(front, "keep: {for: 3 years, after: last_contact}", (
        "keep: {while: contract, for: 2 years, after: last_contact, archive: {for: 10 years, after: last_contact, "
        "because: {fr: loi, en: law}}}"
    ))  # fmt: skip
    rewritten(front, "        events: {financial_year_end: issued}\n",
              "        events: {financial_year_end: issued}\n        states: {contract: {status: open}}\n")  # fmt: skip
    in_use = "As things stand, in daily use until 1 October 2028, then in a sealed archive until 1 October 2036."
    assert ends()["orders"] == in_use
    french = ends(language="fr")["orders"].replace("\u00a0", " ")
    assert french.endswith(
        "usage courant jusqu’au 1er octobre 2028, puis dans une archive scellée jusqu’au 1er octobre 2036."
    )
    front.change("UPDATE invoices SET status = 'open'")
    assert ends()["orders"] == ""
    front.change("UPDATE invoices SET status = 'done'")
    front.change("UPDATE customers SET last_seen = '2020-01-01'")
    assert ends()["orders"].startswith("The time in daily use is over: this goes into a sealed archive when")


LETTERS = """      subscribers:
        for: letter
        subject: {email: email}
        fields: {email: EmailAddress, topics: {json: {"wanted.*": Interest}}}
        states: {subscribed: {status: [in]}}
        events: {unsubscribed: {of: left_on, is: date}}
        refused: {letter: [{flag: status, value: out}, {flag: left_on, is: date}]}
      clicks:
        for: clicks
        belongs_to: {subscribers: subscriber}
        fields: {ip: IPAddress}
        events: {collected: {of: at, is: date}}
"""
USES = """  letter:
    title: {fr: Lettre, en: Letter}
    basis: consent
    people: [clients]
    categories: [EmailAddress, Interest]
    keep: {while: subscribed, for: 3 years, after: unsubscribed}
  clicks:
    title: {fr: Clics, en: Clicks}
    basis: consent
    people: [clients]
    categories: [IPAddress]
    keep: {for: 13 months, after: collected}
stores:
"""


def test_what_an_erasure_has_left_of_a_use_says_so_and_with_what_it_goes(front: Front) -> None:
    front.change(
        "CREATE TABLE subscribers (id INTEGER PRIMARY KEY, email TEXT, topics TEXT, status TEXT, left_on TEXT)"
    )
    front.change("CREATE TABLE clicks (id INTEGER PRIMARY KEY, subscriber INTEGER, ip TEXT, at TEXT)")
    front.change("""INSERT INTO subscribers VALUES (7, 'ana@example.org', '{"wanted": ["tea"]}', 'in', NULL)""")
    front.change("INSERT INTO clicks VALUES (8, 7, '192.0.2.7', '2026-11-01')")
    rewritten(front, "stores:\n", USES)
    rewritten(front, "      invoices:\n", f"{LETTERS}      invoices:\n")

    def letter(language: str = "en") -> Any:
        return next(one for one in read("ana@example.org", language).purposes if one.name == "letter")

    assert "wanted" in repr(letter().tables).lower() or "tea" in repr(letter().tables)
    assert (letter().until, letter().kept.startswith("as long as you are subscribed")) == ("", True)
    front.work()
    ref = front.ask("erasure", scope=("letter",)).request.ref
    front.work()
    front.say_yes(ref)
    front.work()
    assert front.rows("SELECT status, topics FROM subscribers")[0][0] == "out"
    assert "Erased at your request on" in letter().kept
    assert letter().kept.endswith("what this is found by: Clicks; it goes with the last of that")
    assert "ce par quoi se retrouve ceci" in letter("fr").kept
    assert letter().until == ""
    assert [table.heads for table in letter().tables] == [("E-mail address",)], "an empty list of interests is nothing"
    front.change("UPDATE subscribers SET status = 'in', left_on = NULL")
    assert letter().kept.startswith("as long as you are subscribed"), "who has come back is no longer erased"
    front.change("UPDATE subscribers SET status = 'out', left_on = '2026-11-01'")
    front.change("DELETE FROM clicks")
    assert letter().kept.endswith("goes when our databases are cleared the next time")


def test_what_is_past_its_time_is_said_to_go_with_the_next_clearing(front: Front) -> None:
    front.change("UPDATE customers SET last_seen = '2020-10-16'")
    assert set(ends().values()) == {
        "The time for this is over: it goes when our databases are cleared the next time, unless something else still "
        "needs it."
    }  # fmt: skip


def test_a_clock_that_a_store_cannot_compare_hides_only_the_days_of_its_own_use(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    from troth.core.errors import StoreRefused
    from troth.desk import lasting

    asked = lasting.lasting

    def refusing(session: Any, identity: Any, plan: Any, purposes: Any, away: Any) -> Any:
        if any(one.name == "offers" for one in purposes):
            raise StoreRefused("no comparison")
        return asked(session, identity, plan, purposes, away)

    monkeypatch.setattr(lasting, "lasting", refusing)
    assert ends() == {"orders": "As things stand, until 1 October 2029.", "offers": ""}
    assert not read("ana@example.org").away


# --- the newest first


def test_of_many_rows_the_newest_are_shown_first_and_only_those_in_which_the_use_stands(front: Front) -> None:
    for number in range(40):
        day = date(2025, 1, 1) + timedelta(days=(number * 7) % 40)
        total = "NULL" if number % 2 else "4200"
        front.change(f"INSERT INTO invoices VALUES ({100 + number}, 1, {total}, '{day}')")
    rewritten(front, "fields: {total: Transaction}", "fields: {total: Transaction, id: {is: Reference, for: offers}}")
    rewritten(front, "categories: [EmailAddress]", "categories: [EmailAddress, Reference]")
    found = {one.name: one for one in read("ana@example.org").purposes}
    by_use = {name: next(t for t in one.tables if "nvoice" in t.title) for name, one in found.items()}
    days = [date.fromisoformat(row[0][1].partition('datetime="')[2][:10]) for row in by_use["offers"].rows]
    assert days == sorted(days, reverse=True)
    assert days[:2] == [date(2026, 5, 5), date(2025, 2, 9)]
    assert len(by_use["offers"].rows) == 10
    assert 0 < len(by_use["orders"].rows) < 10
    assert all(row[-1][1] for row in by_use["orders"].rows), "no row in which nothing of the use stands"


@pytest.mark.parametrize(
    ("value", "told"),
    [("", False), ([], False), ([""], False), (["tea"], True), ({"a": None}, False), (0, True), ("x", True),
     ("erased-" + "0" * 24, False)],
)  # fmt: skip
def test_an_empty_list_or_what_an_erasure_has_written_is_nothing(value: object, told: bool) -> None:
    from troth.desk.kinds import stands

    assert stands(value) is told
