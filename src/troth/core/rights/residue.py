"""After an erasure: does a strong identifier of the person still stand in some text?"""

from __future__ import annotations

from troth.core.ports import Budget, Needle, Residue, SearchReport
from troth.core.rights.identity import Identity
from troth.core.rights.session import Session

_SHORTEST = 6
"""Shorter identifiers (a number such as 1204) stand in too many places that have nothing to do with anybody."""


def needles_of(session: Session, identity: Identity) -> list[Needle]:
    """The identifiers worth searching for: strong kinds, long enough not to flood."""
    kinds = session.policy.identifiers
    return [
        Needle(kind, value)
        for kind, value in identity.known
        if kinds[kind].strong and len(value) >= _SHORTEST and not value.isdigit()
    ]


def search_residue(session: Session, identity: Identity, seconds: float) -> SearchReport:
    """Search all stores; each gets an equal part of the time. Places are named store.collection."""
    needles = needles_of(session, identity)
    found: list[Residue] = []
    not_searched: list[tuple[str, str]] = [(s, why) for s, why in session.unreachable.items()]
    rows, finished = 0, True
    if not needles:
        return SearchReport((), 0, (("*", "no identifier is long enough to search for"),), True)
    for name, opened in session.stores.items():
        report = opened.connector.search(needles, Budget(seconds / max(1, len(session.stores))))
        rows += report.searched_rows
        finished = finished and report.finished
        found.extend(Residue(f"{name}.{r.collection}", r.column, r.kind, r.rows) for r in report.found)
        not_searched.extend((f"{name}.{place}", why) for place, why in report.not_searched)
    return SearchReport(tuple(found), rows, tuple(not_searched), finished)
