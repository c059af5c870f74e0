"""Which rows a hold is for, on the store in memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any, Literal

import pytest

from core.rights.test_partial_properties import EMAIL, POLICY, TODAY, rows_of, table
from troth.connectors.memory.connector import MemoryConnector
from troth.core.policy.model import Clock, Condition, Hold, Link, Mode, Store
from troth.core.policy.values import Duration
from troth.core.retention.due import DueRules
from troth.core.rights.session import open_session

CUSTOMER = table("shop", "customer", "orders", "email:EmailAddress", identifiers=(EMAIL,))
LONG_AGO, LATELY = date(2010, 5, 5), date(2025, 5, 5)


def held(hold: Hold, *orders: tuple[int, int, date | None]) -> list[Any]:
    """The orders (customer, amount, day) for which the hold applies, numbered from 0."""
    collection = table(
        "shop", "orders", "orders", "note:Communication", links=(Link("customer", (("customer", "id"),)),),
        events={"financial_year_end": Clock("on", "date")}, holds=(hold,),
        states={"large": (Condition("number", "ge", (120,)),)},
    )  # fmt: skip
    store = Store("shop", "", "FR", None, Mode.ENFORCE, {c.name: c for c in (CUSTOMER, collection)})
    shaped = replace(collection, identifiers=(replace(EMAIL, column="number"),))
    tables = {
        "customer": rows_of(CUSTOMER, [{"id": who} for who in (1, 2, 3)]),
        "orders": rows_of(
            shaped, [{"id": at, "customer": who, "number": n, "on": on} for at, (who, n, on) in enumerate(orders)]
        ),
    }
    policy = replace(POLICY, stores={"shop": store})
    with open_session(policy, TODAY, lambda store: MemoryConnector(store, tables)) as session:
        shop = session.stores["shop"]
        where = DueRules(policy, shop.graph, TODAY).hold_active(hold, "orders")
        return sorted(key[0] for key in shop.connector.keys("orders", where))


@pytest.mark.parametrize(
    ("per", "if_state", "found"),
    [
        ("row", None, [1, 2, 5]), ("row", "large", [1, 5]),
        ("person", None, [0, 1, 2, 3, 5]), ("person", "large", [0, 1, 5]),
    ],
)  # fmt: skip
def test_a_hold_for_some_rows_is_for_no_others_even_where_a_persons_rows_stay_together(
    per: Literal["row", "person"], if_state: str | None, found: list[int]
) -> None:
    hold = Hold("law", "law", (), {}, Duration(120), "financial_year_end", per=per, if_state=if_state)
    orders = [(1, 120, LONG_AGO), (1, 500, LATELY), (1, 119, LATELY), (1, 1, LONG_AGO), (2, 500, LONG_AGO)]
    assert held(hold, *orders, (3, 120, LATELY)) == found
