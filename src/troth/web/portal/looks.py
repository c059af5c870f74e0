"""Who of the staff has looked at somebody's data, for that person to read, where the policy lets people see
(``accounts: people_may: [see]``)."""

from __future__ import annotations

from dataclasses import dataclass

from troth.core.policy.model import Policy
from troth.core.rights.identity import Known
from troth.desk.house import House
from troth.desk.telling import spelt
from troth.web.console import trace
from troth.web.console.member import role_title
from troth.web.wording import Words


@dataclass(frozen=True, slots=True)
class Looked:
    """One look or change: when, and what in words. Nobody of the staff is named: their role is."""

    when: str
    what: str
    ref: str


def shown(policy: Policy) -> bool:
    """Whether the policy lets people see it."""
    accounts = policy.document.accounts
    return accounts is not None and "see" in accounts.people_may


def about(at: House, identifiers: tuple[Known, ...], language: str) -> list[Looked]:
    """Everything on record about whoever has these identifiers, the newest first."""
    if not shown(at.policy):
        return []
    words = Words("console", language)
    return [_said(at.policy, words, one, language) for one in trace.about(at, identifiers)]


def of_request(at: House, identifiers: tuple[Known, ...], ref: str, language: str) -> list[Looked]:
    """What concerns one request."""
    return [one for one in about(at, identifiers, language) if one.ref == ref]


def _said(policy: Policy, words: Words, one: trace.Trace, language: str) -> Looked:
    what, ground = _word(words, f"trace_what_{one.what}"), _word(words, f"trace_ground_{one.ground}")
    roles = ", ".join(role_title(policy, name, language) for name in one.roles)
    kind = Words("portal", language)[f"look_{one.kind}"]
    return Looked(spelt(policy, one.at, language), " · ".join(filter(None, (roles, kind, what, ground))), one.ref)


def _word(words: Words, name: str) -> str:
    """A code in words; nothing for one that a later release brought."""
    try:
        return words[name]
    except KeyError:
        return ""
