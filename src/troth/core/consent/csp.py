"""The Content-Security-Policy that follows from a choice: what the site allows anyway, and the hosts of the services
that were accepted, nothing else (W3C, *Content Security Policy Level 3*).

Imports the standard library only, so that the middlewares can be used in a program that knows nothing else of Troth.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from troth.core.errors import UsageError

Directives = Mapping[str, tuple[str, ...]]
"""Source expressions by directive, in order. Of a directive that loads something, no expression means ``'none'``."""

STARTING: Directives = {
    "default-src": ("'self'",),
    "script-src": ("'self'", "'unsafe-inline'"),
    "style-src": ("'self'", "'unsafe-inline'"),
    "img-src": ("'self'", "data:", "blob:"),
    "connect-src": ("'self'",),
    "frame-src": ("'self'",),
    "font-src": ("'self'", "data:"),
    "media-src": ("'self'", "data:", "blob:"),
    "worker-src": ("'self'", "blob:"),
    "object-src": (),
    "base-uri": ("'self'",),
}
"""For a site that has no policy of its own: its inline scripts and styles go on working, no other host is asked."""

_FALLBACKS: Mapping[str, tuple[str, ...]] = {
    "script-src-elem": ("script-src",), "script-src-attr": ("script-src",),
    "style-src-elem": ("style-src",), "style-src-attr": ("style-src",),
    "frame-src": ("child-src",), "fenced-frame-src": ("frame-src", "child-src"),
    "worker-src": ("child-src", "script-src"),
    "script-src": (), "style-src": (), "img-src": (), "connect-src": (), "font-src": (), "media-src": (),
    "child-src": (), "object-src": (), "manifest-src": (), "prefetch-src": (), "default-src": (),
}  # fmt: skip
"""Directives that say from where something is loaded, and which speaks where one is not there (section 6.8.3);
``default-src`` comes last for each."""
_ALSO = {"script-src": "script-src-elem", "style-src": "style-src-elem"}
"""Directives that take over from another one where they are there: what is granted to that one they need too."""

_NAME = re.compile(r"[A-Za-z0-9-]+")
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_HOST = re.compile(rf"(?:\*\.)?(?:{_LABEL}\.)*{_LABEL}(?::(?:[0-9]{{1,5}}|\*))?")
_ADDRESS = re.compile(rf"https?://(?!\*){_HOST.pattern}(?:/[A-Za-z0-9/_.~-]*)?")
_ANY = ("*", "https:", "http:", "wss:", "ws:")
_SEPARATE = " \t\f"
GROUP = "troth"
"""The name of our endpoint in ``Reporting-Endpoints``."""


def host_source(text: str) -> str:
    """A host of a service as a source expression: ``stats.example.org``, ``*.example.org``, with a port if need be.

    It has no scheme, so that it means the page's own, or a safer one. Raises UsageError for anything that is not a
    host: a blank or semicolon would write more of the header than was meant.
    """
    host = text.strip().lower()
    if not _HOST.fullmatch(host):
        raise UsageError(
            f"a service's host is written in a way that cannot stand in a header: {_shown(text)}",
            remedy="write a name without scheme, path or blanks: stats.example.org, *.example.org (IDN as xn--…)",
        )
    return host


def address(text: str) -> str:
    """An address of Troth that the header may name. Raises UsageError for anything but ``https://host/path``."""
    if not _ADDRESS.fullmatch(text):
        raise UsageError(f"this address cannot stand in a header: {_shown(text)}", remedy="https://privacy.example.org")
    return text


def _shown(text: str) -> str:
    return ascii(text if len(text) <= 80 else text[:77] + "…")


def parse(text: str) -> dict[str, tuple[str, ...]]:
    """A policy as it stands in a header. Of a directive that is there twice the first counts, as for browsers.

    Raises UsageError for a text that is not exactly one policy of visible ASCII.
    """
    if any(not (" " <= char <= "~") and char not in _SEPARATE for char in text):
        raise UsageError(
            "the Content-Security-Policy holds characters that cannot stand in a header",
            remedy="one line of ASCII: default-src 'self'; img-src 'self' data:",
        )
    if "," in text:
        raise UsageError(
            "the Content-Security-Policy holds a comma, which begins a second policy", remedy="give one policy only"
        )
    found: dict[str, tuple[str, ...]] = {}
    for part in text.split(";"):
        words = part.split()
        if words:
            name = words[0].lower()
            if not _NAME.fullmatch(name):
                raise UsageError(f"no directive of a Content-Security-Policy: {_shown(words[0])}")
            found.setdefault(name, _sources(name, words[1:]))
    return found


def _sources(name: str, words: list[str]) -> tuple[str, ...]:
    if name not in _FALLBACKS:
        return tuple(words)
    return tuple(word for word in dict.fromkeys(words) if word.lower() != "'none'")


def serialise(directives: Directives) -> str:
    """The policy as it stands in a header; ``parse`` gives it back."""
    return "; ".join(
        " ".join([name, *(sources or (("'none'",) if name in _FALLBACKS else ()))])
        for name, sources in directives.items()
    )


def effective(directives: Directives, name: str) -> tuple[str, ...] | None:
    """What a directive that loads something allows, by itself or through the one that speaks for it; None where
    nothing speaks, and everything may load."""
    for one in (name, *_FALLBACKS.get(name, ()), "default-src"):
        if one in directives:
            return directives[one]
    return None


def admits(directives: Directives, name: str, host: str) -> bool:
    """Whether a host may be asked, as far as hosts decide: a nonce or hash lets a script of any host pass."""
    sources = effective(directives, name)
    return sources is None or any(reaches(source, host) for source in sources)


def reaches(source: str, host: str) -> bool:
    """Whether a source expression and a host, each perhaps with ``*.`` for all below, have a host in common."""
    source = source.lower()
    if source in _ANY:
        return True
    if source.startswith("'") or source.endswith(":"):
        return False
    named = source.partition("://")[2] or source
    return _meet(_split(named.partition("/")[0]), _split(host.lower()))


def _split(host: str) -> tuple[str, str]:
    name, _, port = host.partition(":")
    return name.removesuffix("."), port


def _meet(one: tuple[str, str], other: tuple[str, str]) -> bool:
    (first, port), (second, with_port) = one, other
    if port and with_port and "*" not in (port, with_port) and port != with_port:
        return False
    if "*" in (first, second):
        return True
    if first.startswith("*.") and second.startswith("*."):
        return first.endswith(second[1:]) or second.endswith(first[1:])
    if first.startswith("*."):
        return second.endswith(first[1:])
    return first.endswith(second[1:]) if second.startswith("*.") else first == second


def loading() -> frozenset[str]:
    """The directives that say from where something is loaded: empty, they say ``'none'``."""
    return frozenset(_FALLBACKS)


def endpoint(reports: str) -> str:
    """The value of ``Reporting-Endpoints``, or nothing: browsers that know ``report-to`` heed it alone, and send
    nothing to a place without TLS; there ``report-uri`` has to do."""
    return f'{GROUP}="{reports}"' if reports.startswith("https://") else ""


# --- composing ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Embed:
    """What a service needs of the browser."""

    name: str
    hosts: tuple[str, ...]
    directives: tuple[str, ...]

    def __post_init__(self) -> None:
        """Raises UsageError for a host that is none, or a directive that loads nothing."""
        object.__setattr__(self, "hosts", tuple(map(host_source, self.hosts)))
        for name in self.directives:
            if name not in STARTING or name == "base-uri":
                raise UsageError(f"a service cannot be let in by {_shown(name)}")


@dataclass(frozen=True, slots=True)
class TakenOut:
    """Something of the site's own policy that would have let a service in unasked."""

    directive: str
    source: str
    service: str
    """The first service that it let in; empty where it let in everything."""


@dataclass(frozen=True)
class Composed:
    """A site's own policy without what would let in a service unasked, and what each service adds."""

    fixed: Directives
    grants: Mapping[str, Mapping[str, tuple[str, ...]]]
    """Hosts by service, by directive: what acceptance adds."""
    taken_out: tuple[TakenOut, ...]
    reports: str
    """Where browsers tell what they stopped, or nothing."""

    def policy(self, accepted: Collection[str]) -> dict[str, tuple[str, ...]]:
        """The policy for somebody who accepted these services."""
        made = dict(self.fixed)
        for directive, services in self.grants.items():
            more = [host for name, hosts in services.items() if name in accepted for host in hosts]
            made[directive] = tuple(dict.fromkeys((*made[directive], *more)))
        return made

    def header(self, accepted: Collection[str]) -> str:
        """As ``policy``, for the header ``Content-Security-Policy``."""
        return serialise(self.policy(accepted))


def compose(
    base: str, services: Iterable[Embed], *, own: Iterable[str] = (), always: Iterable[Embed] = (), reports: str = ""
) -> Composed:
    """What the site's own policy becomes.

    ``services`` wait for consent: whatever of ``base`` would let one of their hosts in is taken out, for everybody, and
    comes back with acceptance only. ``always`` are services that need none; ``own`` the addresses of Troth itself.
    A directive that is missing without ``default-src`` would allow everything: STARTING stands in for it.
    Raises UsageError as ``parse`` and ``address`` do.
    """
    gated = tuple(services)
    whole = _completed(parse(base))
    fixed, taken = _stripped(whole, gated)
    grants: dict[str, dict[str, tuple[str, ...]]] = {}
    for embed in always:
        for name in _targets(fixed, embed.directives):
            fixed[name] = (*fixed[name], *(host for host in embed.hosts if host not in fixed[name]))
    for place in map(address, own):
        for name in _targets(fixed, ("script-src", "connect-src", "style-src", "img-src")):
            fixed[name] = tuple(dict.fromkeys((*fixed[name], place)))
    for embed in gated:
        for name in _targets(fixed, embed.directives):
            grants.setdefault(name, {})[embed.name] = embed.hosts
    _reported(fixed, reports)
    return Composed(fixed, grants, taken, reports)


def _completed(base: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    if "default-src" in base:
        return base
    missing = {name: sources for name, sources in STARTING.items() if effective(base, name) is None}
    missing.pop("base-uri", None)
    if not base:
        return dict(STARTING)
    return {**missing, **base}


def _stripped(base: Directives, gated: tuple[Embed, ...]) -> tuple[dict[str, tuple[str, ...]], tuple[TakenOut, ...]]:
    kept: dict[str, tuple[str, ...]] = {}
    taken: list[TakenOut] = []
    for name, sources in base.items():
        out = [found for source in sources if (found := _unasked(name, source, gated))]
        taken += out
        refused = {one.source for one in out}
        # Whatever allowed everybody allowed the site itself.
        instead = ("'self'",) if any(source.lower() in _ANY[:3] for source in refused) else ()
        kept[name] = tuple(dict.fromkeys((*instead, *(source for source in sources if source not in refused))))
    return kept, tuple(taken)


def _unasked(name: str, source: str, gated: tuple[Embed, ...]) -> TakenOut | None:
    if name not in _FALLBACKS or not gated:
        return None
    if source.lower() in (*_ANY, "'strict-dynamic'"):
        return TakenOut(name, source, "")
    by = next((embed.name for embed in gated if any(reaches(source, host) for host in embed.hosts)), None)
    return TakenOut(name, source, by) if by is not None else None


def _targets(fixed: dict[str, tuple[str, ...]], names: Iterable[str]) -> Iterator[str]:
    """The directives to add to; one that is spoken for by another is written out first."""
    for name in names:
        if name not in fixed:
            fixed[name] = effective(fixed, name) or ()
        yield name
        if _ALSO.get(name) in fixed:
            yield _ALSO[name]


def _reported(fixed: dict[str, tuple[str, ...]], reports: str) -> None:
    if reports:
        fixed["report-uri"] = tuple(dict.fromkeys((*fixed.get("report-uri", ()), address(reports))))
        if endpoint(reports):
            fixed.setdefault("report-to", (GROUP,))
