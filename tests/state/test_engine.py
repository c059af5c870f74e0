"""The engine's memory: what it puts away comes back as it was."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from troth.core.evidence.canonical import canonical
from troth.state.portable import portable, restored

VALUES = [
    None,
    True,
    7,
    2**63 - 1,
    -(2**63),
    "text",
    Decimal("12.50"),
    date(2026, 3, 1),
    datetime(2026, 3, 1, 8, 30, tzinfo=UTC),
    uuid.UUID(int=7),
    b"\x00\xff",
]


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_a_key_of_a_row_survives_being_put_away(value):
    spelled = portable(value)
    canonical(spelled)
    assert restored(spelled) == value
    assert type(restored(spelled)) is type(value)
