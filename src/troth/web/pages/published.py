"""What is in force: the version published last, read from the state, or the file's own text before the first."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.conf import settings

from troth.bootstrap import load_policy, read_look
from troth.core.errors import TrothError
from troth.core.policy.model import Policy
from troth.publishing.build import policy_page
from troth.publishing.html import fragment
from troth.publishing.look import Look, from_files
from troth.publishing.model import Page
from troth.publishing.publish import PRIVACY_JSON
from troth.publishing.stored import from_json
from troth.state.publications import Publication, PublishedFile
from troth.state.state import State, open_state
from troth.web.pages.look import Dress, dress_of

_FRESH = 5.0
"""Seconds for which the version in force is not asked for again."""


@dataclass(frozen=True, slots=True)
class InForce:
    """The pages by language; ``publication`` is None while nothing has been published."""

    policy: Policy
    pages: dict[str, Page]
    publication: Publication | None
    look: Look = field(default_factory=Look)
    machine: bytes = b""
    """The notice for machines as it was published; empty before the first publication."""
    papers: frozenset[str] = frozenset()
    """The languages in which it can be had as PDF."""
    dress: Dress = field(init=False, compare=False)
    """What the frame of a page shows of the look."""
    _drawn: dict[str, str] = field(default_factory=dict, init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "dress", dress_of(self.look, self.policy.publisher))

    def article(self, language: str) -> str:
        """The policy as HTML, drawn once. Raises KeyError for a language that it does not have."""
        if language not in self._drawn:
            self._drawn[language] = fragment(self.pages[language])
        return self._drawn[language]

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
        with open_state(settings.STATE, check_last=False) as state:
            last = state.publications.last()
            if last is None:
                return self._draft()
            names = state.publications.file_names().get(last.number, [])
            papers = frozenset(name.removesuffix(".pdf") for name in names if name.endswith(".pdf"))
            files = {name: _file(state, last.number, name) for name in names if not name.endswith(".pdf")}
        look, machine = from_files(files), files[PRIVACY_JSON].content if PRIVACY_JSON in files else b""
        known = self._known
        same = known is not None and known.publication is not None and known.publication.number == last.number
        if self._policy is None or not same:
            self._policy = self._newest()
        elif known is not None and (known.look, known.machine, known.papers) == (look, machine, papers):
            return known
        read = {name: from_json(page) for name, page in last.pages.items()}
        order = next(iter(read.values())).languages
        pages = {name: read[name] for name in order if name in read}
        return InForce(self._policy, pages, last, look, machine, papers)

    def _draft(self) -> InForce:
        """The file's own text, for a look before it is published."""
        policy = self._policy = self._policy or load_policy(settings.POLICY)
        today = datetime.now(UTC).date()
        try:
            look = read_look(policy, settings.POLICY)
        except TrothError:  # `troth publish` tells of it
            look = Look()
        return InForce(policy, {name: policy_page(policy, name, today) for name in policy.languages}, None, look)

    def _newest(self) -> Policy:
        """The file as it is now. Once the site runs, a file that is being edited does not stop it."""
        try:
            return load_policy(settings.POLICY)
        except TrothError:
            if self._policy is None:
                raise
            return self._policy


def _file(state: State, number: int, name: str) -> PublishedFile:
    return state.publications.file(number, name) or PublishedFile("", b"")


kept = _Kept()


def versions() -> list[Publication]:
    """Every version, the newest first, without its pages."""
    with open_state(settings.STATE, check_last=False) as state:
        return state.publications.all()


def publication(version: str) -> Publication | None:
    """One version with its pages."""
    with open_state(settings.STATE, check_last=False) as state:
        return state.publications.of(version)


def paper(number: int, language: str) -> PublishedFile | None:
    """A version as PDF."""
    with open_state(settings.STATE, check_last=False) as state:
        return state.publications.file(number, f"{language}.pdf")


def papers() -> dict[int, list[str]]:
    """The languages in which each version can be had as PDF."""
    with open_state(settings.STATE, check_last=False) as state:
        names = state.publications.file_names()
    return {n: [f.removesuffix(".pdf") for f in found if f.endswith(".pdf")] for n, found in names.items()}
