"""Clocks, and the events they tell."""

from __future__ import annotations

from datetime import date

import pytest

from inventing import People, profiled, read, table_of
from troth.core.discover.classify import TableReading
from troth.core.discover.clocks import UNKNOWN_EVENT
from troth.core.policy.events import BUILT_IN_EVENTS


def clock_in(reading: TableReading, column: str) -> tuple[str, str] | None:
    return next(((c.event, c.kind) for c in reading.clocks if c.column == column), None)


EVENTS = [
    ("users", "created_at:dt", "collected"),
    ("users", "lastLogin:dt", "account_activity"),
    ("users", "last_seen:dt", "account_activity"),
    ("users", "dernier_contact:dt", "last_contact"),
    ("users", "last_order_date:dt", "last_order"),
    ("users", "unsubscribed_at:dt", "unsubscribed"),
    ("users", "deleted_at:dt", "deleted"),
    ("users", "modified:dt", "changed"),
    ("kunden", "AngelegtAm:dt", "collected"),
    ("kunden", "geaendert_am:dt", "changed"),
    ("kunden", "letzte_anmeldung:dt", "account_activity"),
    ("mitarbeiter", "austrittsdatum:d", "contract_end"),
    ("empleados", "fecha_alta:d", "collected"),
    ("empleados", "fecha_baja:d", "contract_end"),
    ("contrats", "date_fin:d", "contract_end"),
    ("commandes", "date_commande:dt", "document_date"),
    ("fatture", "data:d", "document_date"),
    ("fatture", "scadenza:d", "expires"),
    ("invoices", "paid_at:dt", "paid"),
    ("tickets", "closed:dt", "closed"),
    ("clients", "date_inscription:dt", "collected"),
    ("messages", "sent_at:dt", "sent"),
]


@pytest.mark.parametrize(("table", "column", "event"), EVENTS)
def test_a_clock_tells_the_event_of_its_name(table: str, column: str, event: str) -> None:
    found = clock_in(read(table_of(table, f"id:i {column}")), column.partition(":")[0])
    assert found is not None
    assert found[0] == event


def test_the_policys_own_events_are_called_as_the_policy_calls_them() -> None:
    told = {event for _, _, event in EVENTS}
    assert {"collected", "last_contact", "account_activity", "contract_end", "unsubscribed"} <= told & set(
        BUILT_IN_EVENTS
    )
    assert {"last_order", "document_date", "closed"} <= told & set(BUILT_IN_EVENTS)


@pytest.mark.parametrize("name", ["birth_date", "Geburtsdatum", "date_naissance", "fecha_nacimiento", "dob"])
def test_a_birth_is_no_clock(name: str) -> None:
    assert read(table_of("people", f"id:i {name}:d")).clocks == ()


def test_seconds_are_a_clock_when_the_name_or_the_values_say_so() -> None:
    people = People("en_GB")
    table = table_of("orders", "id:i placed:i amount:i customer_id:i")
    values = {"placed": people("seconds"), "amount": people("number"), "customer_id": people("seconds")}
    reading = read(table, profiled(values))
    assert [(c.column, c.event, c.kind) for c in reading.clocks] == [("placed", "document_date", "epoch_s")]


def test_a_text_tells_its_format_and_its_span() -> None:
    table = table_of("cli", "id:i cre")
    values = [f"{day:02}/03/2021" for day in range(1, 29)]
    (clock,) = read(table, profiled({"cre": values})).clocks
    assert (clock.event, clock.kind, clock.format) == ("collected", "text", "%d/%m/%Y")
    assert (clock.earliest, clock.latest) == (date(2021, 3, 1), date(2021, 3, 28))


def test_a_clock_whose_name_says_nothing_is_told_without_an_event() -> None:
    (clock,) = read(table_of("t9", "k:i f3:dt"), profiled({"f3": People("en_GB")("moment")})).clocks
    assert clock.event == UNKNOWN_EVENT
    assert clock.confidence < 0.5


@pytest.mark.parametrize(
    ("column", "found"),
    [
        ("deleted:b", True),
        ("is_deleted:i", True),
        ("deleted_at:dt", True),
        ("supprime:b", True),
        ("geloescht:b", True),
        ("borrado:b", True),
        ("deleted_by:i", False),
        ("can_delete:b", False),
        ("active:b", False),
    ],
)
def test_the_mark_of_a_deleted_row_is_found(column: str, found: bool) -> None:
    name = column.partition(":")[0]
    assert read(table_of("posts", f"id:i title {column}")).soft_delete == (name if found else None)


def test_a_text_about_a_deletion_is_no_mark() -> None:
    values = {"deleted": ["because it was wrong", "asked by the author"] * 5}
    assert read(table_of("posts", "id:i deleted"), profiled(values)).soft_delete is None
