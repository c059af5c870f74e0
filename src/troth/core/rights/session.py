"""The stores of one command, opened and looked at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from troth.core.errors import StoreError
from troth.core.policy.model import Policy, Store
from troth.core.ports import Connector, Finding, StoreFacts
from troth.core.rights.graph import StoreGraph
from troth.core.rights.location import outside

BLINDING = frozenset(
    {
        "table_missing", "table_ambiguous", "column_missing", "no_schema_usage", "no_select", "clock_kind",
        "not_a_number", "row_security", "partition_twice",
    }
)  # fmt: skip
"""Findings after which nothing that is read from the store can be trusted: it is not used at all."""


@dataclass(frozen=True)
class Opened:
    """One store: its connector, what it really looks like, and how its collections hang together."""

    connector: Connector
    facts: StoreFacts
    graph: StoreGraph


@dataclass
class Session:
    """All stores of the policy that could be opened; ``unreachable`` tells why the others could not."""

    policy: Policy
    as_of: date
    stores: dict[str, Opened] = field(default_factory=dict)
    unreachable: dict[str, str] = field(default_factory=dict)

    @property
    def graphs(self) -> Mapping[str, StoreGraph]:
        """The graphs by store name."""
        return {name: opened.graph for name, opened in self.stores.items()}

    def close(self) -> None:
        """Give every connection back."""
        for opened in self.stores.values():
            opened.connector.close()

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def open_session(
    policy: Policy, as_of: date, connect: Callable[[Store], Connector], only: Iterable[str] | None = None
) -> Session:
    """Open and inspect every store (or those named); one that fails is remembered, not fatal. One that lies where
    the policy lets no data lie is not opened at all."""
    session = Session(policy, as_of)
    wanted = set(only) if only is not None else set(policy.stores)
    for name, store in policy.stores.items():
        if name not in wanted:
            continue
        if elsewhere := outside(policy, store, as_of):
            session.unreachable[name] = elsewhere
            continue
        try:
            connector = connect(store)
            facts = connector.inspect()
        except StoreError as error:
            session.unreachable[name] = error.message
            continue
        blinding = [f for f in facts.findings if f.code in BLINDING and f.severity == "refuse"]
        if blinding:
            connector.close()
            session.unreachable[name] = _why(blinding)
            continue
        session.stores[name] = Opened(connector, facts, StoreGraph(store, facts))
    return session


def _why(findings: list[Finding]) -> str:
    """The first reasons, each with what to do."""
    told = [f"{f.message} ({f.remedy})" if f.remedy else f.message for f in findings[:5]]
    more = [f"and {len(findings) - 5} more"] if len(findings) > 5 else []
    return "; ".join([*told, *more])
