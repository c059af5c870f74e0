"""What a probe has found, and what it is given to look at."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Literal

from troth.core.policy.loader import Examined
from troth.core.policy.model import Policy
from troth.state.state import Place
from troth.web.wording import Words

Level = Literal["fine", "problem", "note", "skipped"]
"""In order; has to be mended; worth knowing; was not looked at."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence of words.txt, with the values in its places. ``NAME_do`` is its remedy, where there is one."""

    level: Level
    name: str
    values: Mapping[str, object] = field(default_factory=dict)

    def said(self, language: str) -> str:
        """The sentence."""
        return Words("doctor", language).say(self.name, **self.values)

    def remedy(self, language: str) -> str:
        """What to do; empty where nothing has to be done."""
        if self.level == "fine":
            return ""
        try:
            return Words("doctor", language).say(f"{self.name}_do", **self.values)
        except KeyError:
            return ""


def fine(name: str, /, **values: object) -> Finding:
    """It is as it should be."""
    return Finding("fine", name, values)


def problem(name: str, /, **values: object) -> Finding:
    """It has to be mended."""
    return Finding("problem", name, values)


def note(name: str, /, **values: object) -> Finding:
    """It may be meant, and is worth knowing."""
    return Finding("note", name, values)


def skipped(name: str, /, **values: object) -> Finding:
    """It was not looked at, and why."""
    return Finding("skipped", name, values)


@dataclass(frozen=True)
class Case:
    """What is looked at. ``url`` is the site as people reach it, ``send_to`` who gets a test mail; empty: not asked."""

    policy_path: Path
    place: Place
    now: datetime
    url: str = ""
    send_to: str = ""
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)

    @cached_property
    def examined(self) -> Examined:
        """The policy's file with all its problems. Raises UsageError when it cannot be read."""
        from troth.bootstrap import examine_policy

        return examine_policy(self.policy_path)

    @cached_property
    def policy(self) -> Policy | None:
        """The policy, if it can be used."""
        from troth.core.errors import TrothError

        try:
            return self.examined.policy
        except TrothError:
            return None


Probe = Callable[[Case], Iterator[Finding]]
