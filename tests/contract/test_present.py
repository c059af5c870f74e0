"""What stands in the rows that go, on every connector: a day of noughts and an empty text are nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import cast

from contract.worlds import World, a_field, shop
from troth.core.policy.model import Policy
from troth.core.ports import Change
from troth.core.query import KeyIn
from troth.core.rights.graph import StoreGraph
from troth.core.rights.plan import Plan, Step, StorePlan
from troth.core.rights.present import fields_present
from troth.core.rights.session import Opened, Session

NAMES = ("name", "phone", "born", "seen", "profile.address.city")


def present(world: World, *keys: int) -> tuple[str, ...]:
    customer = shop().collections["customer"]
    fields = (*customer.fields[:4], a_field("born"), a_field("seen", "seen_at"))
    store = shop(collections={**shop().collections, "customer": replace(customer, fields=fields)})
    assert world.reopen is not None
    connector = world.reopen(store)
    try:
        facts = connector.inspect()
        session = Session(cast(Policy, SimpleNamespace()), date(2026, 1, 1))
        session.stores["shop"] = Opened(connector, facts, StoreGraph(store, facts))
        change = Change(1, "customer", "update", KeyIn(("id",), tuple((key,) for key in keys)))
        step = Step(1, "shop", "customer", "clear", NAMES, len(keys))
        plan = Plan("erase", date(2026, 1, 1), "", "", (StorePlan("shop", (step,), (change,), (), ""),))
        return fields_present(session, plan)["shop", 1]
    finally:
        if world.kind != "memory":
            connector.close()


def test_only_fields_with_a_value_in_one_of_the_rows_are_there(world: World) -> None:
    assert present(world, 1) == NAMES
    assert present(world, 2) == ("name", "born", "seen")
    assert present(world, 3) == ()
    assert present(world, 1, 3) == NAMES
    if world.kind == "mariadb" and world.case is not None:
        noughts = "UPDATE customer SET born = '0000-00-00', seen_at = '0000-00-00 00:00:00' WHERE id = 2"
        world.case.execute_script(f"SET SESSION sql_mode = ''; {noughts}")
    elif world.kind == "sqlite" and world.case is not None:
        world.case.execute_script(
            "UPDATE customer SET born = '0000-00-00', seen_at = '0000-00-00 00:00:00' WHERE id = 2"
        )
    else:
        return
    assert present(world, 2) == ("name",)
