"""Why the law lets something stay, as the code that goes on record: the very ground that the person is told."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from troth.core.law.bases import ERASURE_EXCEPTIONS, ErasureException
from troth.core.policy.model import Basis
from troth.desk.kept import CLAIM, named_hold

if TYPE_CHECKING:
    from troth.core.policy.model import Policy

_DUTY, _CLAIMS = str(ErasureException.LEGAL_OBLIGATION_OR_PUBLIC_TASK), str(ErasureException.LEGAL_CLAIMS)
NO_CASE = "no_ground"
"""None of the cases of Article 17(1) is met: the data is still needed for what it was collected for."""
_BY_ARTICLE = {reason.article: str(code) for code, reason in ERASURE_EXCEPTIONS.items()}
_GDPR = re.compile(r"\b(GDPR|RGPD|2016/679)\b", re.IGNORECASE)
_EXCEPTION = re.compile(r"\b17\b\D{0,20}\b3\b\D{0,12}?\b([a-e])\b", re.IGNORECASE)
_BASIS = re.compile(r"\b6\b\D{0,20}\b1\b\D{0,12}?\b([a-f])\b", re.IGNORECASE)
"""As people write it: 17(3)(e); 17, paragraphe 3, point e; 17.3 e."""


def grounds_of(policy: Policy, kept: Sequence[Sequence[Any]]) -> tuple[str, ...]:
    """The codes (``REFUSAL_REASONS``) of what an erasure has kept (``kept.Kept``), each once. Where something else is
    kept too, a row that only stays for what hangs on it is no ground of its own."""
    named = [one for one in kept if one[2]] or kept
    return tuple(sorted({_ground(policy, one) for one in named}))


def _ground(policy: Policy, one: Sequence[Any]) -> str:
    store, kind, why = one[0], one[2], one[4] if len(one) > 4 else ""
    if kind == "manual":
        return _CLAIMS if why in (CLAIM, "") else NO_CASE
    if kind == "purpose":
        basis = policy.purposes[why].basis if why in policy.purposes else Basis.LEGAL_OBLIGATION
        return _DUTY if basis in (Basis.LEGAL_OBLIGATION, Basis.PUBLIC_TASK) else NO_CASE
    if kind == "hold":
        hold = named_hold(policy, store, why)
        return by_source(hold.source) if hold is not None else _DUTY
    return NO_CASE if why == "leads" else _DUTY


def by_source(source: str | None) -> str:
    """The code for what the policy names as a hold's source: an exception of Article 17(3) is that one; another basis
    of Article 6(1) than a duty is none; every other law that is named is a legal obligation, and so is a hold of which
    the policy names nothing, as far as can be told."""
    if not source or not _GDPR.search(source):
        return _DUTY
    if exception := _EXCEPTION.search(source):
        return _BY_ARTICLE[f"17(3)({exception[1].lower()})"]
    basis = _BASIS.search(source)
    return NO_CASE if basis and basis[1].lower() not in "ce" else _DUTY
