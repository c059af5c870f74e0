"""Rows whose clock cannot be read: never due, so a sweep has to name them, or they would stay unseen for ever."""

from __future__ import annotations

from collections.abc import Iterable

from troth.core.ports import Finding, Want
from troth.core.query import Readable, Unreadable, none_of
from troth.core.retention.due import DueRules
from troth.core.retention.units import Unit
from troth.core.rights.session import Opened


def undated_rows(opened: Opened, rules: DueRules, units: Iterable[Unit]) -> list[Finding]:
    """A note for each clock of a swept collection that is empty in some rows, a warning where it holds what is
    no date: text, zero, infinity, a day before its floor."""
    clocks = [
        (name, event, clock)
        for name in dict.fromkeys(member for unit in units for member in (unit.root, *unit.members))
        for event, clock in rules.graph.store.collections[name].events.items()
        if name in opened.facts.tables and clock.column in opened.facts.tables[name].columns
    ]
    wants = [Want(name, none_of(Readable(clock))) for name, _, clock in clocks]
    wants += [Want(name, Unreadable(clock)) for name, _, clock in clocks]
    counts = [count.rows for count in opened.connector.count(wants)] if wants else []
    findings = []
    for (name, event, clock), without, odd in zip(clocks, counts, counts[len(clocks) :], strict=False):
        place = f"{opened.graph.store.name}.{name}"
        if without - odd:
            message = f"{place}: {_rows(without - odd)} without {event} ({clock.column} is empty): never due by it"
            findings.append(Finding("clock_empty", "note", message, name, clock.column))
        if odd:
            message = f"{place}: {_rows(odd)} without a readable date in {clock.column} ({event}): never due by it"
            remedy = "look at them, or declare the clock's kind, format and floor as they really are"
            findings.append(Finding("clock_unreadable", "warn", message, name, clock.column, remedy))
    return findings


def _rows(number: int) -> str:
    return f"{number} row" if number == 1 else f"{number} rows"
