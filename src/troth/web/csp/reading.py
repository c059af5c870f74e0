"""From what a browser sends to what may be kept: a directive, a host, a page without anybody's name in it.

Browsers send either of two forms: ``report-uri``'s (*CSP Level 3*, section 5.3) and that of the Reporting API. Anybody
may send anything: what is kept are words of the specification, host names, and parts of paths that the policy names.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urlsplit

from troth.core.consent.csp import loading
from troth.core.policy.document import PolicyDocument

DIRECTIVES = frozenset(
    {*loading(), "form-action", "frame-ancestors", "base-uri", "sandbox", "trusted-types", "require-trusted-types-for"}
)
WORDS = frozenset({"inline", "eval", "wasm-eval", "self", "trusted-types-policy", "trusted-types-sink"})
SCHEMES = frozenset({"data", "blob", "filesystem", "about", "ws", "wss", "http", "https"})
MOST = 100
"""Reports of one message that are looked at."""
_DEEPEST = 6
_HOST = re.compile(r"(?:[a-z0-9_.-]{1,240}|\[[0-9a-f:.]{2,45}\])(?::[0-9]{1,5})?")


@dataclass(frozen=True, slots=True)
class Seen:
    """One thing that was stopped."""

    directive: str
    blocked: str
    page: str


@dataclass(frozen=True, slots=True)
class Pages:
    """Whose reports are taken, and which parts of paths are known not to name anybody."""

    hosts: frozenset[str]
    """Names with ports: ``www.example.org``, ``localhost:8450``."""
    paths: frozenset[str]
    languages: frozenset[str] = frozenset()

    @property
    def parts(self) -> frozenset[str]:
        """What stands first in a known path, and the languages."""
        return self.languages | {path.strip("/").partition("/")[0] for path in self.paths}


def pages(document: PolicyDocument, own: Iterable[str] = ()) -> Pages:
    """The publisher's sites, as the policy names them, and Troth's own addresses."""
    urls = [*(site.url for site in document.sites.values()), *own]
    paths = {path.rstrip("/") or "/" for site in document.sites.values() for path in site.essential_pages}
    languages = frozenset(map(str.lower, document.policy.languages))
    return Pages(frozenset(_place(urlsplit(url)) for url in urls), frozenset(paths), languages)


def read(body: bytes, known: Pages) -> list[Seen]:
    """What a message tells of pages that are ours; nothing where it tells nothing that can be used."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return []
    return [seen for one in _violations(told) if (seen := _seen(one, known)) is not None]


def _violations(told: Any) -> Iterator[tuple[Any, Any, Any]]:
    """Page, directive and what was blocked."""
    if isinstance(told, dict) and isinstance(old := told.get("csp-report"), dict):
        yield (
            old.get("document-uri"), old.get("effective-directive") or old.get("violated-directive"),
            old.get("blocked-uri"),
        )  # fmt: skip
    for one in told[:MOST] if isinstance(told, list) else ():
        if (
            isinstance(one, Mapping)
            and one.get("type") == "csp-violation"
            and isinstance(body := one.get("body"), Mapping)
        ):
            yield body.get("documentURL"), body.get("effectiveDirective"), body.get("blockedURL")


def _seen(violation: tuple[Any, Any, Any], known: Pages) -> Seen | None:
    if not all(isinstance(part, str) for part in violation):
        return None
    page, directive, blocked = violation
    where, name = _split(page), directive.partition(" ")[0].lower()
    what = _blocked(blocked)
    if where is None or _place(where) not in known.hosts or name not in DIRECTIVES or not what:
        return None
    return Seen(name, what, template(where.path, known.paths, known.parts))


def _split(url: str) -> SplitResult | None:
    try:
        split = urlsplit(url)
        _ = split.port
    except ValueError:
        return None
    return split


def _place(split: SplitResult) -> str:
    default = {"http": 80, "https": 443, "ws": 80, "wss": 443}.get(split.scheme)
    host = (split.hostname or "").removesuffix(".")
    host = f"[{host}]" if ":" in host else host
    return f"{host}:{split.port}" if split.port and split.port != default else host


def _blocked(text: str) -> str:
    """The host, or a word of the specification; nothing for what a browser's own extensions have inserted."""
    if text in WORDS or text in SCHEMES:
        return text
    split = _split(text)
    if split is None or split.scheme not in SCHEMES:
        return ""
    place = _place(split)
    if not place:
        return split.scheme
    return place if _HOST.fullmatch(place) else ""


def template(path: str, paths: Collection[str], parts: Collection[str]) -> str:
    """A path as far as the policy names it; ``*`` stands for each part that might be anybody's."""
    plain = path.rstrip("/") or "/"
    if plain in paths:
        return plain
    first, *rest = plain.strip("/").split("/")[:_DEEPEST]
    if not first:
        return "/"
    head = first if first in parts else "*"
    return "/" + "/".join([head, *("*" for _ in rest)])
