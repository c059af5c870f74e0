"""A browser is missing, or ends: in a module of its own, for two browsers do not fit into one thread."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from browser import visiting


def test_no_event_loop_is_left_to_the_tests_of_other_folders() -> None:
    """Django refuses its database in a thread where one runs."""
    with visiting.chromium():
        asyncio.get_running_loop()
    with pytest.raises(RuntimeError, match="no running event loop"):
        asyncio.get_running_loop()


@pytest.mark.parametrize(("on_ci", "outcome"), [(True, pytest.fail.Exception), (False, pytest.skip.Exception)])
def test_a_missing_browser_fails_on_ci_and_is_skipped_elsewhere(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, on_ci: bool, outcome: type[BaseException]
) -> None:
    monkeypatch.setattr(visiting, "PROGRAM", str(tmp_path / "chromium"))
    monkeypatch.setattr(visiting, "ON_CI", on_ci)
    with pytest.raises(outcome, match="run `make install` as root"), visiting.chromium():
        pass
