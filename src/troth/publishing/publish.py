"""Publishing: the text as people read it, the ledger's note of it, both or neither; and what goes with the text."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from troth.core.errors import UsageError
from troth.core.evidence.leaf import Event
from troth.core.policy.model import Policy
from troth.publishing import pdf
from troth.publishing.build import policy_page
from troth.publishing.dpv import privacy_json
from troth.publishing.look import Look, as_files
from troth.publishing.stored import as_json, digest, from_json
from troth.state.publications import Publication, PublishedFile
from troth.state.state import State

PRIVACY_JSON = "privacy.json"


@dataclass(frozen=True, slots=True)
class Published:
    """What came of publishing: the version, whether it was news, whether it can be had as PDF; whether another was in
    force before, whether account holders are to be told, and where the pages are (empty when the policy does not
    say)."""

    publication: Publication
    fresh: bool
    pdf: bool
    before: bool
    notices: bool
    address: str


def publish(policy: Policy, state: State, now: datetime, look: Look) -> Published:
    """Put the policy on record as its ``version``.

    Where that version is on record already, its text stays; its look and address are brought up to date, and what
    could not be made then (such as PDF, before its extra was installed) is made now. Raises UsageError when another
    text is on record under that version, or a later version is in force.
    """
    with state.transaction():
        made = state.publications.of(policy.version)
        fresh = made is None
        if made is None:
            made = _record(policy, state, now)
        elif made.policy != policy.digest:
            raise UsageError(
                f"version {policy.version} is published already, with another text",
                remedy="give the policy a new `version:`, such as today's date",
            )
        last = state.publications.last()
        if last is None or last.number == made.number:
            state.publications.put(made.number, _files(policy, made, look))
        names = state.publications.file_names().get(made.number, [])
    document = policy.document
    return Published(
        made, fresh, any(name.endswith(".pdf") for name in names), before=made.number > 1,
        notices=document.accounts is not None and document.policy.notice_of_change.account_holders,
        address=_address(policy),
    )  # fmt: skip


def _address(policy: Policy) -> str:
    return (policy.document.policy.address or "").rstrip("/")


def _record(policy: Policy, state: State, now: datetime) -> Publication:
    pages = {language: policy_page(policy, language, now.date()) for language in policy.languages}
    last = state.publications.last()
    noted = state.record(Event("policy.published", now, {
        "version": policy.version, "policy": policy.digest, "before": last.version if last else None,
        "pages": {language: digest(page) for language, page in pages.items()},
    }))  # fmt: skip
    return state.publications.add(
        policy.version, policy=policy.digest, at=now, position=noted.positions[0],
        pages={language: as_json(page) for language, page in pages.items()},
    )  # fmt: skip


def _files(policy: Policy, made: Publication, look: Look) -> dict[str, PublishedFile | None]:
    """All that goes with the version in force."""
    machine = json.dumps(privacy_json(policy), ensure_ascii=False).encode()
    found = {PRIVACY_JSON: PublishedFile("application/ld+json", machine), **as_files(look)}
    if pdf.available():
        base = _address(policy)
        for language, page in made.pages.items():
            content = pdf.pdf(
                from_json(page), made.published_at, base=base, logo=look.logo, accent=look.accent or pdf.ACCENT
            )
            found[f"{language}.pdf"] = PublishedFile(pdf.KIND, content)
    return found
