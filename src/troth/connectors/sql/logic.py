"""AND and OR without the trivial cases, so that a statement says no more than it means."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, case, false, or_, true
from sqlalchemy.sql.elements import False_, True_

Test = ColumnElement[bool]


def every(*tests: Test | None) -> Test:
    """All of them; None counts as true."""
    kept = [t for t in tests if t is not None and not isinstance(t, True_)]
    if any(isinstance(t, False_) for t in kept):
        return false()
    return _joined(and_, kept, true())


def either(*tests: Test) -> Test:
    """At least one of them."""
    kept = [t for t in tests if not isinstance(t, False_)]
    if any(isinstance(t, True_) for t in kept):
        return true()
    return _joined(or_, kept, false())


def not_met(test: Test) -> Test:
    """The test is false or NULL. SQLite asks no more of it than it must only inside CASE: of ``IS NOT TRUE`` it
    computes every part, at four times the cost."""
    return case((test, false()), else_=true())


def _joined(join: Any, tests: list[Test], empty: Test) -> Test:
    if not tests:
        return empty
    test: Test = tests[0] if len(tests) == 1 else join(*tests)
    return test
