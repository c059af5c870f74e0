"""Access to and erasure of one person: Troth against the same SQL written by hand.

    .venv/bin/python bench/rights.py [--quick] [--engine sqlite …] [--subjects 40]

Arms take turns in one run (A B C A B C …), each on random persons of its own, with open connections:

- *Troth*: find the person, plan, carry out the plan, verify, record. The time in Troth's own ledger (two
  durable transactions) is told apart.
- *by hand*: the same in one transaction on the bare driver: lock the person, count, change, look again, commit.
- *same*: the very statements that Troth sends for such a request, with the same values and in the same groups, on
  the bare driver: they are written down while Troth erases somebody, whose rows are then put back. The ratio to
  that is what our Python costs; the one to *by hand* holds what our protocol asks more of the database, too.
- *bare*: find, delete, commit; nothing is checked.

*plain* erases all; *held* keeps the orders that accounting law protects, with the name on them.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from common import (
    ENGINES,
    NOW,
    Raw,
    Recorder,
    Target,
    Timed,
    again,
    median,
    ms,
    replay,
    seconds,
    table,
    targets,
    troth,
)  # fmt: skip

HEAD = """
format: 1
policy: {title: {en: Bench}, version: 2026-11-22, languages: [en], authoritative: en}
publisher:
  name: Bench Ltd
  country: FR
  timezone: Europe/Paris
  financial_year_end: 12-31
  address: 1 Example Street
  registration: none
  privacy_contact: {name: Ada, email: ada@example.org}
recipients: {host: {name: Host, role: hosting, country: FR, agreement: 2024-03-01}}
purposes:
  orders:
    title: {en: Orders}
    basis: contract
    people: [clients]
    categories: [Name, EmailAddress, PhysicalAddress, TelephoneNumber]
    recipients: [host]
    keep: {for: 3 years, after: last_contact, then: erase}
stores:
  shop:
    url: ${TROTH_BENCH_URL}
    location: FR
    recipient: host
    mode: enforce
    collections:
      customers:
        for: orders
        subject: {email: email}
        fields:
          first_name: Name
          last_name: Name
          email: EmailAddress
          phone: TelephoneNumber
        events: {last_contact: {of: seen_on, is: date}}
      addresses:
        for: orders
        belongs_to: {customers: customer_id}
        fields: {line: PhysicalAddress, postcode: PostalCode, city: City}
      orders:
        for: orders
        belongs_to: {customers: customer_id}
        fields: {total: PurchasesAndSpendingHabit, billing: PhysicalAddress, note: Communication}
        events: {financial_year_end: {of: ordered_on, is: date}}
"""
HOLD = """
        holds:
          accounting:
            fields: [total, billing]
            parents: {customers: [first_name, last_name]}
            for: 10 years
            after: financial_year_end
            because: accounting
"""
HELD_FROM = "2016-01-01"
"""Orders from then on are held in November 2026: ten years after the end of their year."""
POLICIES = {"plain": HEAD, "held": HEAD.rstrip() + HOLD}
WHOLE = ("customers", "addresses", "orders")
OWNED = {"customers": "id", "addresses": "customer_id", "orders": "customer_id"}
"""How a customer's rows are found in each table, parents first."""


# --- data -----------------------------------------------------------------------------------------


def fill(target: Target, customers: int) -> None:
    """A shop: one address and three orders a customer, with the indexes that a sane shop has."""
    key = {"sqlite": "INTEGER PRIMARY KEY", "postgresql": "bigint PRIMARY KEY"}.get(target.kind, "bigint PRIMARY KEY")
    target.script(
        f"CREATE TABLE customers (id {key}, email varchar(120) NOT NULL UNIQUE, first_name varchar(60), "
        "last_name varchar(60), phone varchar(30), seen_on date)",
        f"CREATE TABLE addresses (id {key}, customer_id bigint NOT NULL REFERENCES customers (id), "
        "line varchar(120), postcode varchar(12), city varchar(60))",
        f"CREATE TABLE orders (id {key}, customer_id bigint NOT NULL REFERENCES customers (id), "
        "ordered_on date NOT NULL, total numeric(10, 2), billing varchar(160), note varchar(200))",
        "CREATE INDEX addresses_customer ON addresses (customer_id)",
        "CREATE INDEX orders_customer ON orders (customer_id)",
        "INSERT INTO customers SELECT i, 'client' || i || '@example.org', 'First' || i, 'Last' || i, "
        f"'+33 1 ' || i, {target.day('2023-01-01', 'i * 7919 % 1400')} FROM {target.numbers(customers)}",
        "INSERT INTO addresses SELECT i, i, i || ' rue des Exemples', '75011', 'Paris' "
        f"FROM {target.numbers(customers)}",
        f"INSERT INTO orders SELECT i, 1 + i % {customers}, {target.day('2012-01-01', 'i * 7919 % 5400')}, "
        f"i % 500, i || ' rue des Exemples', 'Leave it at the door, please' FROM {target.numbers(3 * customers)}",
    )
    target.settle(*WHOLE)


def fill_large(target: Target, person: int, orders: int, first: int) -> str:
    """One person with many orders; returns the e-mail."""
    email = f"large{person}@example.org"
    target.script(
        f"INSERT INTO customers VALUES ({person}, '{email}', 'Large', 'Person', '+33 1 1', '2026-01-01')",
        f"INSERT INTO addresses VALUES ({person}, {person}, '1 rue des Exemples', '75011', 'Paris')",
        f"INSERT INTO orders SELECT {first} + i, {person}, {target.day('2012-01-01', 'i * 7919 % 5400')}, "
        f"i % 500, i || ' rue des Exemples', 'Leave it at the door' FROM {target.numbers(orders)}",
    )
    return email


# --- by hand --------------------------------------------------------------------------------------


def erase_by_hand(raw: Raw, email: str) -> None:
    """Everything of one person, with the same care: lock, count, delete, compare, look again, commit."""
    raw.begin()
    customer = raw.one(f"SELECT id FROM customers WHERE email = ?{raw.for_update}", email)[0]
    counts = counted(raw, customer)
    done = (
        raw.run("DELETE FROM orders WHERE customer_id = ?", customer),
        raw.run("DELETE FROM addresses WHERE customer_id = ?", customer),
        raw.run("DELETE FROM customers WHERE id = ?", customer),
    )
    assert done == counts
    assert counted(raw, customer) == (0, 0, 0)
    raw.commit()


def counted(raw: Raw, customer: int) -> tuple[int, int, int]:
    """Rows of the person: orders, addresses, themselves."""
    return (
        raw.one("SELECT count(*) FROM orders WHERE customer_id = ?", customer)[0],
        raw.one("SELECT count(*) FROM addresses WHERE customer_id = ?", customer)[0],
        raw.one("SELECT count(*) FROM customers WHERE id = ?", customer)[0],
    )


def erase_held_by_hand(raw: Raw, email: str) -> None:
    """As above, but orders under the accounting hold stay, with the name; the rest of them goes."""
    raw.begin()
    customer = raw.one(f"SELECT id FROM customers WHERE email = ?{raw.for_update}", email)[0]
    old, held, noted, addresses = counted_held(raw, customer)
    assert raw.run("DELETE FROM orders WHERE customer_id = ? AND ordered_on < ?", customer, HELD_FROM) == old
    note = "UPDATE orders SET note = NULL WHERE customer_id = ? AND ordered_on >= ? AND note <> ''"
    assert raw.run(note, customer, HELD_FROM) == noted
    assert raw.run("DELETE FROM addresses WHERE customer_id = ?", customer) == addresses
    if held:
        tombstone = f"erased-{random.getrandbits(96):024x}@erased.invalid"
        raw.run("UPDATE customers SET email = ?, phone = NULL WHERE id = ?", tombstone, customer)
    else:
        raw.run("DELETE FROM customers WHERE id = ?", customer)
    left = counted_held(raw, customer)
    assert left == (0, held, 0, 0), left
    assert raw.one("SELECT count(*) FROM customers WHERE email = ?", email)[0] == 0
    raw.commit()


def counted_held(raw: Raw, customer: int) -> tuple[int, int, int, int]:
    """Orders past their hold, held ones, held ones with a note, addresses."""
    orders = "SELECT count(*) FROM orders WHERE customer_id = ? AND ordered_on"
    return (
        raw.one(f"{orders} < ?", customer, HELD_FROM)[0],
        raw.one(f"{orders} >= ?", customer, HELD_FROM)[0],
        raw.one(f"{orders} >= ? AND note <> ''", customer, HELD_FROM)[0],
        raw.one("SELECT count(*) FROM addresses WHERE customer_id = ?", customer)[0],
    )


def erase_bare(raw: Raw, email: str) -> None:
    """Nothing is locked, counted or looked at again."""
    raw.begin()
    customer = raw.one("SELECT id FROM customers WHERE email = ?", email)[0]
    for sql in ("orders WHERE customer_id", "addresses WHERE customer_id", "customers WHERE id"):
        raw.run(f"DELETE FROM {sql} = ?", customer)
    raw.commit()


def erase_held_bare(raw: Raw, email: str) -> None:
    """The same for the held policy."""
    raw.begin()
    customer = raw.one("SELECT id FROM customers WHERE email = ?", email)[0]
    raw.run("DELETE FROM orders WHERE customer_id = ? AND ordered_on < ?", customer, HELD_FROM)
    raw.run("UPDATE orders SET note = NULL WHERE customer_id = ?", customer)
    raw.run("DELETE FROM addresses WHERE customer_id = ?", customer)
    tombstone = f"erased-{random.getrandbits(96):024x}@erased.invalid"
    raw.run("UPDATE customers SET email = ?, phone = NULL WHERE id = ?", tombstone, customer)
    raw.commit()


def access_by_hand(raw: Raw, email: str) -> None:
    """Every row of the person, as dictionaries, from one snapshot."""
    raw.run("BEGIN")
    customer = raw.one("SELECT id, first_name, last_name, email, phone FROM customers WHERE email = ?", email)
    read = [dict(zip(("id", "first_name", "last_name", "email", "phone"), customer, strict=True))]
    for name, columns in (
        ("addresses", ("line", "postcode", "city", "customer_id", "id")),
        ("orders", ("total", "billing", "note", "ordered_on", "customer_id", "id")),
    ):
        rows = raw.all(f"SELECT {', '.join(columns)} FROM {name} WHERE customer_id = ? ORDER BY id", customer[0])
        read += [dict(zip(columns, row, strict=True)) for row in rows]
    raw.commit()
    assert len(read) >= 2


# --- Troth ----------------------------------------------------------------------------------------


@dataclass
class Engine:
    """Troth as its command line uses it, the stores opened once; its own ledger on the clock apart."""

    session: Any
    records: Timed
    number: int = 0

    def erase(self, email: str) -> None:
        """Identify, plan, run."""
        from troth.core.rights.erase import Runner, Wish, check_runnable, identify, plan_erasure, run_erasure
        from troth.core.rights.identity import Decisions, Subject

        self.number += 1
        runner = Runner(self.records, NOW, f"erase-{self.number:012d}")  # type: ignore[arg-type]
        identity = identify(self.session, Subject((("email", email),)), Decisions(), self.records)  # type: ignore[arg-type]
        planned = plan_erasure(self.session, identity, Wish(), self.records.holds(self.session.as_of))
        check_runnable(self.session, planned.plan)
        outcomes = run_erasure(self.session, planned, runner)
        assert {o.status for o in outcomes} <= {"done", "kept"}, outcomes
        assert any(o.status == "done" for o in outcomes)

    def access(self, email: str) -> None:
        """Identify, plan, read every row."""
        from troth.core.rights.access import plan_access
        from troth.core.rights.erase import identify
        from troth.core.rights.identity import Decisions, Subject

        identity = identify(self.session, Subject((("email", email),)), Decisions(), self.records)  # type: ignore[arg-type]
        plan = plan_access(self.session, identity, Decisions())
        rows = 0
        for reading in plan.readings:
            connector = self.session.stores[reading.place[0]].connector
            columns = [c.name for c in reading.columns]
            rows += sum(1 for _ in connector.read(reading.place[1], reading.where, columns))
        assert rows >= 2


# --- measuring ------------------------------------------------------------------------------------

Act = Callable[[str], None]


class Same:
    """Makes Troth do something to a person, puts the person's rows back, and does the same on the bare driver."""

    def __init__(self, engine: Engine, act: Act, raw: Raw) -> None:
        [opened] = engine.session.stores.values()
        self._recorder, self._act, self._raw = Recorder(opened.connector), act, raw

    def seconds(self, email: str) -> float:
        """How long the statements take by themselves."""
        customer = self._raw.one("SELECT id FROM customers WHERE email = ?", email)[0]
        rows = {name: self._raw.all(f"SELECT * FROM {name} WHERE {key} = ?", customer) for name, key in OWNED.items()}
        with self._recorder.on() as sent:
            self._act(email)
        self._raw.begin()
        for name, key in reversed(OWNED.items()):
            self._raw.run(f"DELETE FROM {name} WHERE {key} = ?", customer)
        for name, mine in rows.items():
            marks = ", ".join("?" for _ in mine[0]) if mine else ""
            self._raw.many(f"INSERT INTO {name} VALUES ({marks})", mine)
        self._raw.commit()
        return seconds(lambda: replay(self._raw, sent))


@dataclass
class Figures:
    """Seconds of each arm."""

    troth: list[float]
    ledger: list[float]
    hand: list[float]
    bare: list[float]
    same: list[float]

    def row(self, *head: str) -> list[str]:
        """A line of the table."""
        whole, ledger, hand = median(self.troth), median(self.ledger), median(self.hand)
        engine = median([t - s for t, s in zip(self.troth, self.ledger, strict=True)])
        bare = median(self.bare) if self.bare else None
        same = median(self.same) if self.same else None
        return [
            *head, ms(engine), ms(ledger), ms(same) if same else "", ms(hand), ms(bare) if bare else "",
            f"{engine / same:.2f}" if same else "", f"{engine / hand:.2f}", f"{whole / hand:.2f}",
            f"{engine / bare:.2f}" if bare else "",
        ]  # fmt: skip


HEADS = [
    "engine", "what", "Troth", "+ ledger", "same", "by hand", "bare", "x same", "x hand", "with ledger", "x bare",
]  # fmt: skip


def compare(
    records: Timed, ours: Act, hand: Act, bare: Act | None, persons: Sequence[str], same: Same | None = None
) -> Figures:
    """The arms in turn, each on persons of its own; the first of each is not counted."""
    figures = Figures([], [], [], [], [])
    left = list(persons)
    rounds = len(left) // (2 + bool(bare) + bool(same))
    for number in range(rounds):
        before = records.seconds
        times = [seconds(lambda: ours(left.pop())), seconds(lambda: hand(left.pop()))]
        spent = records.seconds - before
        if bare:
            times.append(seconds(lambda: bare(left.pop())))
        replayed = [same.seconds(left.pop())] if same else []
        if number < 3:
            continue
        figures.troth.append(times[0])
        figures.ledger.append(spent)
        figures.same += replayed
        figures.hand.append(times[1])
        figures.bare.extend(times[2:])
    return figures


def measure(target: Target, args: argparse.Namespace) -> list[list[str]]:
    """All figures of one engine."""
    fill(target, args.customers)
    chance = random.Random(args.seed)
    emails = [f"client{i}@example.org" for i in chance.sample(range(1, args.customers + 1), args.customers // 4)]
    rows: list[list[str]] = []
    hands = {"plain": (erase_by_hand, erase_bare), "held": (erase_held_by_hand, erase_held_bare)}
    for policy, (hand, bare) in hands.items():
        with tempfile.TemporaryDirectory() as folder, troth(target, POLICIES[policy], Path(folder)) as (session, kept):
            records = Timed(kept)
            engine = Engine(session, records)
            with target.raw() as raw:

                def take(number: int, emails: list[str] = emails) -> list[str]:
                    return [emails.pop() for _ in range(number)]

                one, two = _bound(hand, raw), _bound(bare, raw)
                if policy == "plain":
                    look = _bound(access_by_hand, raw)
                    same = Same(engine, engine.access, raw)
                    figures = compare(records, engine.access, look, None, take(3 * (args.subjects + 3)), same)
                    rows.append(figures.row(target.kind, "access"))
                same = Same(engine, engine.erase, raw)
                figures = compare(records, engine.erase, one, two, take(4 * (args.subjects + 3)), same)
                rows.append(figures.row(target.kind, f"erase, {policy}"))
                rows.append(large(target, engine, records, one, policy, args))
    return rows


def _bound(action: Callable[[Raw, str], None], raw: Raw) -> Act:
    return lambda email: action(raw, email)


def large(
    target: Target, engine: Engine, records: Timed, hand: Act, policy: str, args: argparse.Namespace
) -> list[str]:
    """Persons with many orders each."""
    first = 10_000_000 if policy == "plain" else 20_000_000
    persons = [fill_large(target, first + i, args.orders, (first + i) * 100_000) for i in range(2 * (args.large + 3))]
    target.settle(*WHOLE)
    figures = compare(records, engine.erase, hand, None, persons)
    return figures.row(target.kind, f"erase {args.orders} orders, {policy}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="small, to see that everything runs")
    parser.add_argument("--engine", nargs="+", default=list(ENGINES), choices=ENGINES)
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--subjects", type=int, default=40, help="persons of each arm")
    parser.add_argument("--orders", type=int, default=10_000, help="orders of a large subject")
    parser.add_argument("--large", type=int, default=5, help="large subjects of each arm")
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    if args.quick:
        args.customers, args.subjects, args.orders, args.large = 5_000, 20, 2_000, 2
    rows: list[list[str]] = []
    with targets(args.engine) as each:
        for target in each:
            rows += measure(target, args)
    title = f"one person among {args.customers:,} customers, medians; goal: x hand <= 1.5, 10,000 orders < 0.5 s"
    table(title, HEADS, rows)
    again("rights.py")


if __name__ == "__main__":
    main()
