"""The state, opened for a question."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from troth.state.state import State, open_state


@contextmanager
def glimpse() -> Iterator[State]:
    """The state where it is only read: it is not checked against the last checkpoint each time."""
    with open_state(settings.STATE, check_last=False) as state:
        yield state
