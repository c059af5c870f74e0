"""Both publishers as the demo shows them, without its story: one for all tests, which share it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from browser.site import publish
from troth.demo.folder import claimed, make
from troth.demo.stage import Stage


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Both publishers, as the demo shows them."""
    folder = tmp_path_factory.mktemp("demo")
    with claimed(folder):
        homes = make(folder, datetime(2026, 11, 22, tzinfo=UTC).date())
        with Stage(folder) as made:
            made.furnish(homes)
            for home in homes.values():
                publish(home, datetime(2026, 11, 22, 9, 30, tzinfo=UTC))
            made.open(homes)
            yield made
