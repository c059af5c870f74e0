"""The reasons that an act on a request may give: codes of ``core.law.bases``, with their texts and remedies there."""

from __future__ import annotations

from troth.core.law.bases import DELAY_REASONS, ERASURE_EXCEPTIONS, FEE, REFUSAL_REASONS
from troth.core.requests.model import Act, Right

_ERASURE_ONLY = frozenset(str(exception) for exception in ERASURE_EXCEPTIONS)
_IDENTITY = frozenset({"identity_required", "information_required"})
_DELAY = frozenset(DELAY_REASONS) - _IDENTITY
_STAYS = frozenset({"still_needed", "restricted"})
_ONLY_SOME = frozenset({"third_party_rights", "overriding_interest", "data_correct", "no_ground"}) | _STAYS
"""Said for some rights only: see below."""


def allowed_reasons(act: Act, right: Right, *, absolute: bool = False) -> frozenset[str] | None:
    """The codes that may stand with the act; None when it takes none. An act that takes some needs one.

    ``absolute``: an objection to direct marketing and nothing else; only a doubt about who asks can refuse it.
    """
    match act:
        case Act.IDENTITY_ASKED:
            return _IDENTITY
        case Act.EXTENDED:
            return _DELAY
        case Act.FEE_ANNOUNCED:
            return frozenset(map(str, FEE.value))
        case Act.REFUSED | Act.PARTLY_REFUSED:
            return frozenset({"identity_failure"}) if absolute else refusal_reasons(right)
        case _:
            return None


def refusal_reasons(right: Right) -> frozenset[str]:
    """Why a request for this right may be refused, wholly or in part."""
    found = frozenset(REFUSAL_REASONS) - _ERASURE_ONLY - _ONLY_SOME
    match right:
        case Right.ERASURE:
            return found | _ERASURE_ONLY | _STAYS | {"no_ground"}
        case Right.ACCESS:
            return found | {"third_party_rights"}
        case Right.PORTABILITY:
            return found | {"third_party_rights", "no_ground"}
        case Right.OBJECTION:
            return found | {"overriding_interest", "legal_claims"}
        case Right.RECTIFICATION:
            return found | {"data_correct"}
        case Right.RESTRICTION | Right.HUMAN_REVIEW:
            return found | {"no_ground"}
        case Right.WITHDRAWAL | Right.DIRECTIVES_AFTER_DEATH:
            return frozenset({"identity_failure"})
