"""Why the law lets something stay, as the code that goes on record: the very ground that the person is told."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from troth.core.law.bases import ERASURE_EXCEPTIONS, ErasureException
from troth.core.policy.model import Basis

if TYPE_CHECKING:
    from troth.core.policy.model import Hold, Policy

FROZEN, CLAIM, LEADS, BELOW = "frozen", "claim", "leads", "below"
"""The person's data is frozen; somebody of staff holds it for a legal claim; what stays for other uses is found by it;
what hangs on it stays."""
CODES = (FROZEN, CLAIM, LEADS, BELOW)

_DUTY, _CLAIMS = str(ErasureException.LEGAL_OBLIGATION_OR_PUBLIC_TASK), str(ErasureException.LEGAL_CLAIMS)
NEEDED, RESTRICTED = "still_needed", "restricted"
"""No case of Article 17(1) is met, the data is still needed for what it was collected for: an order under way, another
use that the person has not asked to end. Frozen data is only stored (Article 18(2)), and so not erased either."""
_BY_ARTICLE = {reason.article: str(code) for code, reason in ERASURE_EXCEPTIONS.items()}
_GDPR = re.compile(r"\b(GDPR|RGPD|2016/679)\b", re.IGNORECASE)
_EXCEPTION = re.compile(r"\b17\b\D{0,20}\b3\b\D{0,12}?\b([a-e])\b", re.IGNORECASE)
_BASIS = re.compile(r"\b6\b\D{0,20}\b1\b\D{0,12}?\b([a-f])\b", re.IGNORECASE)
_NEEDED = re.compile(r"\b17\b\D{0,20}\b1\b\D{0,12}?\ba\b", re.IGNORECASE)
"""As people write it: 17(3)(e); 17, paragraphe 3, point e; 17.3 e."""


def grounds_of(policy: Policy, kept: Sequence[Sequence[Any]]) -> tuple[str, ...]:
    """The codes (``REFUSAL_REASONS``) of what an erasure has kept (``kept.Kept``), each once. Where something else is
    kept too, a row that only stays for what hangs on it is no ground of its own."""
    named = [one for one in kept if _why(one) != BELOW] or kept
    return tuple(sorted({_ground(policy, one) for one in named}))


def named_hold(policy: Policy, store: str, why: str) -> Hold | None:
    """The hold that ``Kept.why`` names, if it names one."""
    where, _, name = why.rpartition("/")
    collection = policy.stores[store].collections.get(where) if store in policy.stores else None
    return next((one for one in collection.holds if one.name == name), None) if collection is not None else None


def _why(one: Sequence[Any]) -> str:
    """Results of older versions do not tell it."""
    return str(one[4]) if len(one) > 4 else ""


def _ground(policy: Policy, one: Sequence[Any]) -> str:
    """As ``kept.said`` puts it in words: where those only say that it is still needed, so does the code."""
    why = _why(one)
    if why in CODES:
        return {CLAIM: _CLAIMS, FROZEN: RESTRICTED}.get(why, NEEDED)
    if why in policy.purposes:
        return _DUTY if policy.purposes[why].basis in (Basis.LEGAL_OBLIGATION, Basis.PUBLIC_TASK) else NEEDED
    hold = named_hold(policy, one[0], why)
    return by_source(hold.source) if hold is not None else NEEDED


def by_source(source: str | None) -> str:
    """The code for what the policy names as a hold's source: an exception of Article 17(3) is that one; that it is
    still needed (17(1)(a)), or another basis of Article 6(1) than a duty, is no exception; every other law that is
    named is a legal obligation. A hold of which the policy names no law is not said to rest on one."""
    if not source:
        return NEEDED
    if not _GDPR.search(source):
        return _DUTY
    if exception := _EXCEPTION.search(source):
        return _BY_ARTICLE[f"17(3)({exception[1].lower()})"]
    if _NEEDED.search(source):
        return NEEDED
    basis = _BASIS.search(source)
    return NEEDED if basis and basis[1].lower() not in "ce" else _DUTY
