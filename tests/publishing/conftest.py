from __future__ import annotations

from datetime import date

import pytest

from databases import CHECKOUT
from troth.bootstrap import load_policy
from troth.core.policy.model import Policy

TODAY = date(2026, 11, 22)


@pytest.fixture(scope="session", params=["maison", "atelier"])
def policy(request: pytest.FixtureRequest) -> Policy:
    return load_policy(CHECKOUT / "examples" / request.param / "troth.yaml")
