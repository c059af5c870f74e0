"""The catalogue of known services: who they are, what they load, what they keep in the browser, and how we know.

One small file for each in ``packs/services``, read when it is asked for. Every fact names the data set or document
that it was read from (``packs/sources.yaml``); what could not be read anywhere is left out, not guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints
from ruamel.yaml import YAML

from troth.core.consent.words import Use
from troth.core.policy.sections.base import (
    Country,
    Day,
    Lifetime,
    LocalText,
    OneOrMore,
    Section,
    Some,
    Text,
    WebAddress,
    empty,
)
from troth.core.policy.sections.site import ConsentSignal, ServiceKind

SourceName = Annotated[str, StringConstraints(pattern="^[a-z0-9][a-z0-9-]*$")]
Host = Annotated[str, StringConstraints(pattern=r"^(\*\.)?([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$")]
CookieName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~:/-]{2,}$")]
"""A cookie name (RFC 6265, and the colon and slash that some use all the same); ``*`` stands for any letters."""

FACTS = ("name", "company", "country", "kind", "hosts", "embeds", "privacy", "consent_mode", "discontinued")
"""What a source is named for, besides each thing that is kept in the browser."""


class Source(Section):
    """Where facts were read."""

    title: Text
    """What it is called."""
    address: WebAddress | None = None
    """Where the document is."""
    package: Text | None = None
    """The package, with its version, that the data set was installed from."""
    licence: Text | None = None
    """The licence of a data set."""
    read: Day
    """When it was read."""


class Kept(Section):
    """A cookie, or another thing that a service keeps in the browser."""

    lifetime: Lifetime = Field(alias="for")
    """How long it lives; seconds are rounded up to a minute."""
    use: Use
    """What it is for."""
    storage: Literal["cookie", "local_storage", "session_storage", "indexed_db"] = "cookie"
    """Where it is kept."""
    party: Literal["first", "third"] = "first"
    """Whose domain sets it."""
    domain: Host | None = None
    """The domain it is set for, if not the site's own."""
    sources: OneOrMore[SourceName] = Field(alias="from")
    """Where this was read."""


class Entry(Section):
    """A service as the catalogue knows it."""

    name: Text
    """What it is called."""
    company: Text | None = None
    """Whose it is."""
    country: Country | None = None
    """Where that company is, to which the data goes; not where its servers stand."""
    kind: ServiceKind
    """What it is."""
    does: LocalText
    """What it does for a site, in our words."""
    hosts: Some[Host] = ()
    """The hosts it loads from."""
    own_host: bool = False
    """It runs on a host of the publisher's, which the policy names."""
    keeps: dict[CookieName, Kept] = empty()
    """What it keeps in the browser."""
    embeds: Some[Literal["script", "frame", "image", "style"]] = ()
    """How a page takes it in."""
    privacy: WebAddress | None = None
    """Its own privacy policy."""
    consent_mode: Some[ConsentSignal] = ()
    """The signals of Google's Consent Mode, version 2, that stand for consent to it."""
    discontinued: Day | None = None
    """Since when it no longer exists."""
    sources: dict[Literal[FACTS], OneOrMore[SourceName]] = Field(alias="from")  # type: ignore[valid-type]
    """Where each fact was read."""

    def told(self) -> set[str]:
        """The facts that the entry tells."""
        return {fact for fact in FACTS if getattr(self, fact)}


@cache
def names() -> tuple[str, ...]:
    """The names of all entries, in order."""
    found = (path.name for path in files("troth").joinpath("packs", "services").iterdir())
    return tuple(sorted(name.removesuffix(".yaml") for name in found if name.endswith(".yaml")))


@cache
def entry(name: str) -> Entry:
    """An entry by its name. KeyError for a name that the catalogue does not have."""
    if name not in names():
        raise KeyError(name)
    return Entry.model_validate(_read("services", f"{name}.yaml"))


@cache
def sources() -> Mapping[str, Source]:
    """All sources by their names."""
    return {name: Source.model_validate(source) for name, source in _read("sources.yaml").items()}


def _read(*path: str) -> dict[str, Any]:
    text = files("troth").joinpath("packs", *path).read_text("utf-8")
    read: dict[str, Any] = YAML(typ="safe", pure=True).load(text)
    return read
