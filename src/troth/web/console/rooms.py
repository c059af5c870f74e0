"""The rooms of the console, in the order of the navigation.

A room is a view behind the gate (``gate.staff_only``), an address in ``urls.py``, a line here, and the words
``room_NAME`` in ``words.txt``. Rooms of one group stand under its name (``rooms_GROUP``), so that the navigation is one
line; one that is alone there for somebody stands by itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Room:
    """``url`` is the name of the address of its first page; ``may`` the right that it asks for, empty for everybody;
    ``group`` what it stands under, empty for one that stands by itself."""

    name: str
    url: str
    may: str = ""
    group: str = ""


ROOMS: tuple[Room, ...] = (
    Room("today", "console"),
    Room("requests", "console_requests", "answer_requests"),
    Room("people", "console_people", "see_people"),
    Room("disclosures", "console_disclosures", "decide_disclosures", "data"),
    Room("holds", "console_holds", "erase_people", "data"),
    Room("archive", "console_archive", "read_archives", "data"),
    Room("sweeps", "console_sweeps", "", "running"),
    Room("stores", "console_stores", "", "running"),
    Room("stopped", "console_stopped", "", "running"),
    Room("versions", "console_versions", "publish", "evidence"),
    Room("ledger", "console_ledger", "audit", "evidence"),
    Room("staff", "console_staff", "manage_staff", "evidence"),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the navigation: one room, or several under the name of their group."""

    group: str
    rooms: tuple[Room, ...]


def entries(rooms: Iterable[Room]) -> tuple[Entry, ...]:
    """The navigation for whoever may enter these rooms, in their order."""
    grouped: dict[str, list[Room]] = {}
    for room in rooms:
        grouped.setdefault(room.group or f"={room.name}", []).append(room)
    return tuple(
        Entry("" if name.startswith("=") or len(found) == 1 else name, tuple(found)) for name, found in grouped.items()
    )
