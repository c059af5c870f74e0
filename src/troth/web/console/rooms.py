"""The rooms of the console, in the order of the navigation.

A room is a view behind the gate (``gate.staff_only``), an address in ``urls.py``, a line here, and the words
``room_NAME`` in ``words.txt``.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Room:
    """``url`` is the name of the address of its first page; ``may`` the right that it asks for, empty for everybody."""

    name: str
    url: str
    may: str = ""


ROOMS: tuple[Room, ...] = (
    Room("today", "console"),
    Room("requests", "console_requests", "answer_requests"),
    Room("people", "console_people", "see_people"),
    Room("disclosures", "console_disclosures", "decide_disclosures"),
    Room("holds", "console_holds", "erase_people"),
    Room("archive", "console_archive", "read_archives"),
    Room("sweeps", "console_sweeps"),
    Room("stores", "console_stores"),
    Room("stopped", "console_stopped"),
    Room("versions", "console_versions", "publish"),
    Room("ledger", "console_ledger", "audit"),
    Room("staff", "console_staff", "manage_staff"),
)
