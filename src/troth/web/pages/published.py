"""What is in force: the version published last, read from the state, or the file's own text before the first."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime

from django.conf import settings

from troth.bootstrap import load_policy
from troth.core.policy.model import Policy
from troth.publishing.build import policy_page
from troth.publishing.model import Page
from troth.publishing.stored import from_json
from troth.state.publications import Publication
from troth.state.state import open_state

_FRESH = 5.0
"""Seconds for which the version in force is not asked for again."""


@dataclass(frozen=True, slots=True)
class InForce:
    """The pages by language; ``publication`` is None while nothing has been published."""

    policy: Policy
    pages: dict[str, Page]
    publication: Publication | None

    @property
    def version(self) -> str:
        """The version that people read."""
        return self.publication.version if self.publication else self.policy.version

    @property
    def authoritative(self) -> str:
        """The language that prevails in it."""
        return next(iter(self.pages.values())).authoritative


class _Kept:
    """The version in force, asked for again now and then; one for each process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._policy: Policy | None = None
        self._known: InForce | None = None
        self._until = 0.0

    def forget(self) -> None:
        """Read policy and state anew at the next question."""
        with self._lock:
            self._policy, self._known, self._until = None, None, 0.0

    def get(self) -> InForce:
        """What is in force now."""
        with self._lock:
            if self._known is None or time.monotonic() >= self._until:
                self._known = self._read()
                self._until = time.monotonic() + _FRESH
            return self._known

    def _read(self) -> InForce:
        if self._policy is None:
            self._policy = load_policy(settings.POLICY)
        with open_state(settings.STATE, check_last=False) as state:
            last = state.publications.last()
        before = self._known.publication if self._known else None
        if self._known is not None and last is not None and before is not None and last.number == before.number:
            return self._known
        if last is None:
            today = datetime.now(UTC).date()
            pages = {name: policy_page(self._policy, name, today) for name in self._policy.languages}
        else:
            read = {name: from_json(page) for name, page in last.pages.items()}
            order = next(iter(read.values())).languages
            pages = {name: read[name] for name in order if name in read}
        return InForce(self._policy, pages, last)


kept = _Kept()


def versions() -> list[Publication]:
    """Every version, the newest first, without its pages."""
    with open_state(settings.STATE, check_last=False) as state:
        return state.publications.all()


def publication(version: str) -> Publication | None:
    """One version with its pages."""
    with open_state(settings.STATE, check_last=False) as state:
        return state.publications.of(version)
