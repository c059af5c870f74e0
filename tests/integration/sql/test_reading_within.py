"""Values within structured columns, read one by one."""

from __future__ import annotations

from databases import EngineCase
from troth.connectors.sql.connector import SqlConnector
from troth.connectors.sql.reading import UNREADABLE
from troth.core.policy.model import Collection, Field, Mode, Store, Within
from troth.core.query import Everything

ORDERS = frozenset({"orders"})


def test_a_broken_structure_never_hands_out_its_neighbours(engine_case: EngineCase) -> None:
    engine_case.execute_script(
        "CREATE TABLE people (id INTEGER PRIMARY KEY, settings TEXT);"
        'INSERT INTO people VALUES (1, \'{"city": "Lyon", "password": "hunter2"}\');'
        'INSERT INTO people VALUES (2, \'{"city": "Lyon", "password": "hunter2"\');'
    )
    city = Field("settings.city", "settings", "City", ORDERS, within=Within("json", ("city",)))
    people = Collection("shop", "people", "people", key=("id",), fields=(city,), purposes=ORDERS)
    store = Store("shop", engine_case.url, "FR", None, Mode.OBSERVE, {"people": people})
    connector = SqlConnector(store, engine_case.url)
    try:
        rows = list(connector.read("people", Everything(), ["settings.city"]))
    finally:
        connector.close()
    assert [row["settings.city"] for row in rows] == ["Lyon", UNREADABLE]
