"""Where the policy lets data lie, as a rule that stops Troth from opening a store elsewhere."""

from __future__ import annotations

from datetime import date

from troth.core.law.territories import in_eea, in_eu
from troth.core.policy.model import Policy, Store


def outside(policy: Policy, store: Store, as_of: date) -> str:
    """Why this store may not be opened: it lies where the policy promises that no data is. Empty when it may.

    A policy that promises no place (no ``data_location``) forbids none.
    """
    promised = policy.document.data_location
    if promised is None or any(_within(area, store.location, as_of) for area in promised.allowed):
        return ""
    allowed = ", ".join(promised.allowed)
    return f"it lies in {store.location}, and the policy promises that data stays in {allowed} (data_location)"


def _within(area: str, country: str, as_of: date) -> bool:
    if area == "EEA":
        return in_eea(country, as_of)
    return in_eu(country) if area == "EU" else area == country
