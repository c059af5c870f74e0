"""What a browser did on a page, as it was seen from outside. No value of a cookie, nothing of what a page says."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Phase = Literal["before", "refused", "accepted", "unscripted"]
"""Before any choice; after refusing everything; after accepting everything; without the banner's script."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that left the browser, or would have if its host had an address."""

    host: str
    """With its port, if that is not the scheme's own."""
    kind: str
    """What for: ``script``, ``image``, ``document`` (a frame), ``fetch`` …"""
    tag: str
    """The opening tag that asked for it; empty where a script did."""
    held: bool = False
    """It was not sent: it would have gone to a private address."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Something that was put into the browser, or that a server wanted to put there."""

    name: str
    host: str
    storage: str
    """As in the policy: ``cookie``, ``local_storage``, ``session_storage``."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One look at the page."""

    phase: Phase
    status: int
    asked: tuple[Asked, ...] = ()
    stopped: tuple[tuple[str, str], ...] = ()
    """Directive and host of what the browser stopped by the page's policy."""
    kept: tuple[Kept, ...] = ()
    policies: tuple[str, ...] = ()
    """Each Content-Security-Policy of the page."""
    cache: str = ""
    vary: str = ""
    banner: str = ""
    """Where the banner's script comes from: ``https://privacy.example.org``; empty where the page has none."""
    accepted: tuple[str, ...] | None = None
    """The services that the banner takes for accepted; None where it does not run."""
    problems: tuple[str, ...] = field(default=())
    """What went wrong with looking itself."""
