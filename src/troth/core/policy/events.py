"""The events that need no declaration."""

from __future__ import annotations

from collections.abc import Mapping

from troth.core.policy.model import Event

BUILT_IN_EVENTS: Mapping[str, Event] = {
    event.name: event
    for event in (
        Event("last_contact", "person"),
        Event("account_activity", "person"),
        Event("contract_end", "person"),
        Event("unsubscribed", "person"),
        Event("last_order", "person"),
        Event("collected", "row"),
        Event("document_date", "row"),
        Event("closed", "row"),
        Event("financial_year_end", "row", "financial_year_end"),
    )
}
"""By name. The clock of ``financial_year_end`` is a date within the year; the event is that year's end."""
