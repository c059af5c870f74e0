"""*May I use this person's data for this purpose?* By POST, about one or a thousand; by GET, best with a handle.

A handle stands for a person in the questions of one token: the vault's keyed hashes of the identifiers, sealed for
that token. Whoever finds it in a log learns nothing by it; with another token, or when this one has ended, it is
nothing at all.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence

from troth.core.errors import KeyUnavailable, UsageError
from troth.core.policy.model import Policy
from troth.desk import may
from troth.state.vault import Vault
from troth.web.api.door import Answer, Call
from troth.web.api.inside import glimpse
from troth.web.api.problems import Problem
from troth.web.api.shapes import ManyMayOut, MayIn, MayOut, OneMayOut
from troth.web.pages.published import kept

HANDLE = "handle:"
_HASH = 32
_LONGEST = 320


def by_post(call: Call) -> Answer:
    """``POST /api/may``."""
    asked: MayIn = call.body
    if (asked.subject is None) == (asked.subjects is None):
        raise Problem("invalid", "it is either subject or subjects")
    policy = kept.get().policy
    people = [asked.subject] if asked.subject is not None else asked.subjects or []
    for subject in people:
        may.check(policy, list(subject.items()), asked.purpose)
    with glimpse() as state:
        vault = state.keys.vault
        hashes = [vault.indexes(subject.items()) for subject in people]
        found = may.answers(policy, state, hashes, asked.purpose, consent_given=asked.consent == "given")
        handles = [_handle(vault, call, one) if asked.handles else None for one in hashes]
    said = [_said(one, name) for one, name in zip(found, handles, strict=True)]
    if asked.subject is None:
        return Answer(ManyMayOut(purpose=asked.purpose, answers=said))
    return Answer(OneMayOut(**said[0].model_dump(), purpose=asked.purpose))


def by_get(call: Call) -> Answer:
    """``GET /api/may?subject=…&purpose=…``: a handle, or KIND=VALUE where nothing between keeps addresses; with
    ``consent=given`` where there is one."""
    policy = kept.get().policy
    subject, purpose, given = _asked(call.query)
    with glimpse() as state:
        hashes = _hashes(state.keys.vault, call, policy, subject, purpose)
        found = may.answers(policy, state, [hashes], purpose, consent_given=given)[0]
    return Answer(OneMayOut(**_said(found, None).model_dump(), purpose=purpose))


def _asked(query: Mapping[str, str]) -> tuple[str, str, bool]:
    if set(query) - {"consent"} != {"subject", "purpose"} or query.get("consent", "given") != "given":
        raise Problem("invalid", "subject and purpose are asked for, and nothing else but consent=given")
    return query["subject"], query["purpose"], "consent" in query


def _hashes(vault: Vault, call: Call, policy: Policy, subject: str, purpose: str) -> list[bytes]:
    if not subject.startswith(HANDLE):
        kind, _, value = subject.partition("=")
        if not kind or not value or len(value) > _LONGEST:
            raise UsageError(
                "a person is named KIND=VALUE, or by a handle", remedy="POST /api/may keeps it out of addresses"
            )
        may.check(policy, [(kind, value)], purpose)
        return vault.indexes([(kind, value)])
    if purpose not in policy.purposes:
        raise UsageError("there is no such purpose", remedy=f"the policy has: {', '.join(policy.purposes)}")
    try:
        sealed = base64.b64decode(subject.removeprefix(HANDLE).encode("ascii"), altchars=b"-_", validate=True)
        opened = vault.open(sealed, _place(call))
    except (KeyUnavailable, ValueError, binascii.Error):
        raise Problem("invalid", "this handle is not one of this token") from None
    return [opened[begin : begin + _HASH] for begin in range(0, len(opened), _HASH)]


def _handle(vault: Vault, call: Call, hashes: Sequence[bytes]) -> str:
    return HANDLE + base64.urlsafe_b64encode(vault.seal(b"".join(hashes), _place(call))).decode()


def _place(call: Call) -> str:
    return f"api/handle/{call.token.ref}"


def _said(found: may.Answer, handle: str | None) -> MayOut:
    return MayOut(may=found.may, reason=found.reason, handle=handle)
