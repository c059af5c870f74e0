"""``csp.json``: all that a web server needs to know so that the browser enforces a choice. No secret, nothing personal.

Written by ``troth banner export``, served at ``/consent/csp.json``, read by ``troth.enforce``. Imports the standard
library only, besides its neighbours that do the same.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from troth.core.consent.csp import STARTING, Composed, Embed, address, compose, serialise
from troth.core.errors import UsageError

FORMAT = 1
LARGEST = 512 * 1024
"""Characters of a file that is looked at."""

LOADS: Mapping[str, tuple[str, ...]] = {
    "audience": ("script-src", "img-src", "connect-src"),
    "advertising": ("script-src", "img-src", "connect-src", "frame-src", "style-src"),
    "social": ("script-src", "img-src", "connect-src", "frame-src", "style-src", "font-src"),
    "video": ("frame-src", "script-src", "img-src", "media-src", "connect-src"),
    "map": ("frame-src", "script-src", "img-src", "connect-src", "style-src", "font-src"),
    "badge": ("script-src", "img-src", "frame-src", "style-src", "font-src", "connect-src"),
    "chat": ("script-src", "img-src", "connect-src", "frame-src", "style-src", "font-src", "media-src"),
    "captcha": ("script-src", "img-src", "connect-src", "frame-src", "style-src"),
    "fonts": ("style-src", "font-src"),
    "payment": ("script-src", "img-src", "connect-src", "frame-src", "style-src", "font-src"),
    "newsletter": ("script-src", "img-src", "connect-src", "frame-src", "style-src", "font-src"),
    "audio": ("frame-src", "script-src", "img-src", "media-src", "connect-src"),
    "reviews": ("script-src", "img-src", "connect-src", "frame-src", "style-src", "font-src"),
    "forms": ("script-src", "img-src", "connect-src", "frame-src", "style-src", "font-src"),
    "tags": ("script-src", "img-src", "connect-src", "frame-src"),
    "other": ("script-src", "img-src", "connect-src", "frame-src", "style-src", "font-src", "media-src"),
}
"""What a service of each kind loads from its hosts."""

_NAME = re.compile(r"[A-Za-z0-9_-]{1,80}")
_SERVICE = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,79}")
_MARK = re.compile(r"[0-9a-f]{8}")
_VALUE = re.compile(r"1\.([0-9a-z]{1,5})\.([0-9a-f]{8})((?:\.[A-Za-z][A-Za-z0-9_-]*)*)")
_FIRST = date(1970, 1, 1)
ONCE = "_once"
"""What the name of the choice's cookie ends with where a service is let in for one page: ``1.<mark>.<service>``."""


@dataclass(frozen=True, slots=True)
class Rules:
    """How one site enforces choices."""

    cookie: str
    """The name of the cookie in which the choice lives."""
    mark: str
    """What was asked, as ``choice.mark``; a choice about something else counts for nothing."""
    days: int
    """How long a choice lasts."""
    troth: str
    """Where Troth answers: ``https://privacy.example.org``; its script and its styles may load."""
    services: tuple[Embed, ...]
    """Those that wait for consent, in the policy's order."""
    retired: tuple[Embed, ...] = ()
    """Declared ones that are no longer asked for: never let in."""
    always: tuple[Embed, ...] = ()
    """Exempt ones."""

    def __post_init__(self) -> None:
        """Raises UsageError for what cannot be."""
        for text, pattern, what in (
            (self.cookie, _NAME, "the name of the cookie"), (self.mark, _MARK, "the mark of what was asked"),
            *((one.name, _SERVICE, "the name of a service") for one in (*self.services, *self.retired, *self.always)),
        ):  # fmt: skip
            if not pattern.fullmatch(text):
                raise UsageError(f"{what} cannot be {text[:80]!a}", remedy="letters, digits, _ and - only")
        if self.troth:
            address(self.troth)
        if not 0 < self.days < 100_000:
            raise UsageError("a choice lasts at least a day")

    @property
    def reports(self) -> str:
        """Where browsers tell what they stopped."""
        return f"{self.troth}/consent/csp-report" if self.troth else ""

    def composed(self, base: str | None = None) -> Composed:
        """The site's own policy, or STARTING, with these services. Raises UsageError for a ``base`` that is none."""
        return _composed(self, serialise(STARTING) if base is None else base)

    def accepted(self, value: str | None, today: date) -> frozenset[str]:
        """The services that a choice lets in, as ``choice.read`` understands it; none where no choice still counts."""
        found = _VALUE.fullmatch(value) if value and len(value) <= 4096 else None
        if found is None or found[2] != self.mark or not -1 <= (today - _FIRST).days - int(found[1], 36) < self.days:
            return frozenset()
        names = found[3].split(".")[1:]
        return frozenset(names) if len(set(names)) == len(names) else frozenset()

    def let_in(self, cookies: str, today: date) -> frozenset[str]:
        """The services that the header ``Cookie`` lets in: those accepted, and one that is let in once.

        Two choices that differ are none: somebody else may have set one of them, such as a neighbour of the domain.
        """
        parts = [
            (name, value.strip('"')) for name, _, value in (part.strip().partition("=") for part in cookies.split(";"))
        ]
        choices = {value for name, value in parts if name == self.cookie}
        lent = {
            value.removeprefix(f"1.{self.mark}.")
            for name, value in parts
            if name == self.cookie + ONCE and value.startswith(f"1.{self.mark}.")
        }
        return self.accepted(choices.pop() if len(choices) == 1 else None, today) | lent

    def to_json(self) -> str:
        """The file."""
        made = {
            "format": FORMAT, "cookie": self.cookie, "mark": self.mark, "days": self.days, "troth": self.troth,
            "services": _written(self.services), "retired": _written(self.retired), "always": _written(self.always),
        }  # fmt: skip
        return json.dumps(made, ensure_ascii=True, indent=1) + "\n"


@lru_cache(maxsize=64)
def _composed(rules: Rules, base: str) -> Composed:
    gated = (*rules.services, *(Embed(one.name, one.hosts, ()) for one in rules.retired))
    own = (rules.troth,) if rules.troth else ()
    return compose(base, gated, own=own, always=rules.always, reports=rules.reports)


def _written(embeds: tuple[Embed, ...]) -> dict[str, dict[str, list[str]]]:
    return {one.name: {"hosts": list(one.hosts), "directives": list(one.directives)} for one in embeds}


def from_json(text: str) -> Rules:
    """What ``to_json`` wrote. Raises UsageError for anything else."""
    try:
        read = json.loads(text) if len(text) <= LARGEST else None
    except ValueError:
        read = None
    if not isinstance(read, dict) or json.dumps(read.get("format")) != str(FORMAT):
        raise UsageError(
            "this is no csp.json that this Troth can read", remedy="write it again: troth banner export -o csp.json"
        )
    try:
        return Rules(
            _text(read, "cookie"), _text(read, "mark"), _number(read, "days"), _text(read, "troth"),
            _embeds(read, "services"), _embeds(read, "retired"), _embeds(read, "always"),
        )  # fmt: skip
    except (KeyError, TypeError, AttributeError):
        raise UsageError(
            "this csp.json is not whole", remedy="write it again: troth banner export -o csp.json"
        ) from None


def _text(read: dict[str, Any], key: str) -> str:
    value = read[key]
    if not isinstance(value, str):
        raise TypeError(key)
    return value


def _number(read: dict[str, Any], key: str) -> int:
    value = read[key]
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(key)
    return value


def _embeds(read: dict[str, Any], key: str) -> tuple[Embed, ...]:
    return tuple(Embed(name, _texts(one, "hosts"), _texts(one, "directives")) for name, one in read[key].items())


def _texts(read: dict[str, Any], key: str) -> tuple[str, ...]:
    if not all(isinstance(one, str) for one in read[key]):
        raise TypeError(key)
    return tuple(read[key])
