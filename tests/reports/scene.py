"""A database drafted by hand, and a source that answers for it: what the tests of the report look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from troth.core.discover.model import (
    Catalogue,
    ClockGuess,
    Column,
    Draft,
    FieldGuess,
    Inclusion,
    LinkGuess,
    Profile,
    Reason,
    Table,
    TableGuess,
    Trouble,
)  # fmt: skip
from troth.core.ports import UniqueFacts

TODAY = date(2026, 11, 22)
WHY = (Reason("by_name"),)


def column(name: str, family: str = "text") -> Column:
    return Column(name, family, "VARCHAR(80)")  # type: ignore[arg-type]


def table(
    name: str, *columns: str, rows: int | None = 10, exact: bool = True, key: tuple[str, ...] = ("id",), **more: object
) -> Table:
    names = dict.fromkeys([*key, *columns])
    return Table(name, tuple(column(n) for n in names), key=key, rows=rows, rows_exact=exact, **more)  # type: ignore[arg-type]


def a_field(name: str, category: str, **more: object) -> FieldGuess:
    return FieldGuess(name, category, 0.9, WHY, **more)  # type: ignore[arg-type]


def link(parent: str, column: str, *, declared: bool = False, confidence: float = 0.9) -> LinkGuess:
    return LinkGuess(parent, ((column, "id"),), confidence, WHY, declared=declared)


def clock(name: str, event: str, earliest: date | None = None) -> ClockGuess:
    return ClockGuess(name, event, "datetime", 0.9, WHY, earliest=earliest)


def guess(
    a_table: Table,
    role: str,
    *fields: FieldGuess,
    links: Sequence[LinkGuess] = (),
    clocks: Sequence[ClockGuess] = (),
    **more: object,
) -> TableGuess:
    return TableGuess(a_table, role, fields, tuple(links), tuple(clocks), **more)  # type: ignore[arg-type]


def draft(
    *tables: TableGuess, troubles: Sequence[Trouble] = (), profiles: Mapping[str, Mapping[str, Profile]] | None = None
) -> Draft:
    catalogue = Catalogue("sqlite", tuple(g.table for g in tables))
    return Draft("shop", catalogue, tables, tuple(troubles), profiles or {})


@dataclass
class FakeSource:
    """Answers what it was told, and remembers what it was asked."""

    bounds_of: Mapping[str, tuple[date | None, date | None]] = field(default_factory=dict)
    found_of: Mapping[tuple[str, str], Inclusion] = field(default_factory=dict)
    rows_of: Mapping[str, tuple[int | None, bool]] = field(default_factory=dict)
    troubles: Sequence[Trouble] = ()
    asked: list[str] = field(default_factory=list)

    def bounds(
        self, table: Table, column: str, kind: str | None = None, format: str | None = None
    ) -> tuple[date | None, date | None, Sequence[Trouble]]:
        self.asked.append(f"bounds {table.qualified}.{column}")
        return (*self.bounds_of.get(table.qualified, (None, None)), self.troubles)

    def rows(self, table: Table) -> tuple[int | None, bool, Sequence[Trouble]]:
        self.asked.append(f"rows {table.qualified}")
        return (*self.rows_of.get(table.qualified, (None, False)), self.troubles)

    def inclusion(
        self, table: Table, column: str, parent: Table, parent_column: str, where: tuple[str, str] | None = None
    ) -> tuple[Inclusion, Sequence[Trouble]]:
        self.asked.append(f"inclusion {table.qualified}.{column}")
        return self.found_of.get((table.qualified, column), Inclusion(0, 0)), self.troubles

    def remaining_seconds(self) -> float:
        return 60.0


def shop() -> Draft:
    """A shop: customers and prospects, what belongs to them, a log on its own, and products."""
    customers = table(
        "customers", "email", "first_name", "password", "card_no", "blood_type", "last_seen_at", rows=1240,
        uniques=(UniqueFacts("u", ("reference",)),),
    )  # fmt: skip
    people = guess(
        customers, "person", a_field("email", "EmailAddress", identifier="email"), a_field("first_name", "Name"),
        a_field("password", "Password", secret=True), a_field("card_no", "PaymentCardNumber"),
        a_field("blood_type", "BloodType"), clocks=[clock("last_seen_at", "last_contact")], purpose="accounts",
    )  # fmt: skip
    prospects = guess(
        table("prospects", "email", "collected_on", rows=310, exact=False), "person",
        a_field("email", "EmailAddress", identifier="email"), clocks=[clock("collected_on", "collected")],
    )  # fmt: skip
    orders = guess(
        table("orders", "customer_id", "address", "placed_at", rows=5300), "belongs", a_field("address", "PhysicalAddress"),
        links=[link("customers", "customer_id")], clocks=[clock("placed_at", "document_date")], purpose="orders",
    )  # fmt: skip
    lines = guess(table("order_lines", "order_id", "note", rows=15100), "belongs", links=[link("orders", "order_id")])
    messages = guess(
        table("messages", "sender_id", "recipient_id", "body", rows=800), "belongs",
        a_field("body", "Communication", free_text=True),
        links=[link("customers", "sender_id"), link("customers", "recipient_id")],
    )  # fmt: skip
    log = guess(
        table("web_log", "ip", "ts", rows=90210, exact=False, key=()), "loose", a_field("ip", "IPAddress"),
        clocks=[clock("ts", "collected")], purpose="logs",
    )  # fmt: skip
    products = guess(table("products", "name", "price"), "none")
    return draft(
        people, prospects, orders, lines, messages, log, products, profiles=PROFILES,
        troubles=[Trouble("no_right", "this account may not read salaries", "salaries")],
    )  # fmt: skip


PROFILES = {
    "customers": {
        "email": Profile(1000, distinct=990, signs={"email": 1000}),
        "password": Profile(
            1000, distinct=1000, signs={"password_hash": 700, "hash_bcrypt": 700, "digest_md5": 300, "digest": 300}
        ),
        "card_no": Profile(1000, nulls=988, distinct=12, signs={"card": 12}),
    }
}


def source() -> FakeSource:
    """What the shop's database answers."""
    return FakeSource(
        bounds_of={
            "customers": (date(2013, 3, 4), date(2026, 11, 20)),
            "prospects": (date(2014, 8, 30), date(2026, 1, 2)),
            "orders": (date(2018, 5, 1), date(2026, 11, 21)),
            "web_log": (date(2026, 1, 5), date(2026, 11, 22)),
        },
        found_of={
            ("orders", "customer_id"): Inclusion(500, 470),
            ("order_lines", "order_id"): Inclusion(1000, 1000),
            ("messages", "sender_id"): Inclusion(200, 200),
        },
        rows_of={"prospects": (312, True)},
    )
