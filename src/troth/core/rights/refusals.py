"""For which purposes rows can be refused: what the tables of refusals in a store are about."""

from __future__ import annotations

from troth.core.policy.model import Collection, Policy, Store


def purposes_of(policy: Policy, store: Store) -> dict[str, list[str]]:
    """For each collection of the store that finds people, the purposes that it serves, in the order of the policy;
    collections that serve none are left out."""
    found = {
        name: [p for p in policy.purposes if p in _served(collection)]
        for name, collection in store.collections.items()
        if collection.identifiers and not collection.undescribed
    }
    return {name: purposes for name, purposes in found.items() if purposes}


def _served(collection: Collection) -> frozenset[str]:
    return collection.purposes.union(*(one.purposes for one in collection.fields))
