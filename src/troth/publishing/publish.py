"""Publishing: the text as people read it, the ledger's note of it, both or neither."""

from __future__ import annotations

from datetime import datetime

from troth.core.errors import UsageError
from troth.core.evidence.leaf import Event
from troth.core.policy.model import Policy
from troth.publishing.build import policy_page
from troth.publishing.stored import as_json, digest
from troth.state.publications import Publication
from troth.state.state import State


def publish(policy: Policy, state: State, now: datetime) -> tuple[Publication, bool]:
    """Put the policy on record as its ``version``; also whether that was news.

    Raises UsageError when another text is on record under that version, or a later version is in force.
    """
    with state.transaction():
        known = state.publications.of(policy.version)
        if known is not None:
            if known.policy != policy.digest:
                raise UsageError(
                    f"version {policy.version} is published already, with another text",
                    remedy="give the policy a new `version:`, such as today's date",
                )
            return known, False
        pages = {language: policy_page(policy, language, now.date()) for language in policy.languages}
        last = state.publications.last()
        noted = state.record(Event("policy.published", now, {
            "version": policy.version, "policy": policy.digest, "before": last.version if last else None,
            "pages": {language: digest(page) for language, page in pages.items()},
        }))  # fmt: skip
        made = state.publications.add(
            policy.version, policy=policy.digest, at=now, position=noted.positions[0],
            pages={language: as_json(page) for language, page in pages.items()},
        )  # fmt: skip
    return made, True
