"""What the catalogue knows, filled into a policy that says ``uses:``; what the policy says itself wins."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from troth.core.consent.catalogue import Entry, Kept, entry, names
from troth.core.consent.words import USES

_PLAIN = ("kind", "company", "country", "consent_mode", "discontinued")
_BY_RECIPIENT = ("company", "country")
"""What the policy's recipient tells."""


def with_catalogue(data: dict[str, Any], languages: Sequence[str]) -> dict[str, Any]:
    """The data of a policy with its services filled in. What is not as it should be stays as it is, to be reported
    by whoever judges the whole."""
    services = data.get("services")
    if isinstance(services, dict):
        for name, written in services.items():
            known = _known(written)
            if known is not None:
                services[name] = _filled(written, known, languages)
    return data


def dropped_in_vain(written: Any) -> Iterator[tuple[int, str, tuple[str, ...]]]:
    """Names under ``without:`` that the catalogue's service does not have: place, name, those it has."""
    known = _known(written)
    dropped = written.get("without") or () if isinstance(written, dict) else ()
    if known is not None:
        yield from ((i, name, tuple(known.keeps)) for i, name in enumerate(_listed(dropped)) if name not in known.keeps)


def _known(written: Any) -> Entry | None:
    used = written.get("uses") if isinstance(written, dict) else None
    return entry(used) if isinstance(used, str) and used in names() else None


def _listed(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else (value,)


def _filled(written: dict[str, Any], known: Entry, languages: Sequence[str]) -> dict[str, Any]:
    filled = {**_facts(known, languages), **written}
    if "recipient" in written:
        filled = {key: value for key, value in filled.items() if key not in _BY_RECIPIENT or key in written}
    own = written.get("cookies", {})
    if isinstance(own, dict):
        filled["cookies"] = _cookies(known, own, _listed(written.get("without") or ()), languages)
    return filled


def _facts(known: Entry, languages: Sequence[str]) -> dict[str, Any]:
    found: dict[str, Any] = {key: getattr(known, key) for key in _PLAIN if getattr(known, key)}
    if "consent_mode" in found:
        found["consent_mode"] = list(found["consent_mode"])
    if known.hosts:
        found["host"] = list(known.hosts)
    if known.privacy:
        found["policy"] = known.privacy
    found["title"] = dict.fromkeys(languages, known.name)
    return found | _said("description", known.does, languages)


def _cookies(known: Entry, own: dict[str, Any], without: Sequence[Any], languages: Sequence[str]) -> dict[str, Any]:
    theirs = {name: _cookie(kept, languages) for name, kept in known.keeps.items() if name not in without}
    for name, written in own.items():
        short = {"for": written} if isinstance(written, str) else written
        theirs[name] = {**theirs.get(name, {}), **short} if isinstance(short, dict) else short
    return theirs


def _cookie(kept: Kept, languages: Sequence[str]) -> dict[str, Any]:
    domain = {"domain": kept.domain} if kept.domain else {}
    words = _said("description", USES[kept.use], languages)
    return {"for": kept.lifetime, "storage": kept.storage, "party": kept.party, **domain, **words}


def _said(key: str, text: Any, languages: Sequence[str]) -> dict[str, Any]:
    """The text in the languages of the policy; nothing when the catalogue speaks none of them."""
    said = {language: text[language] for language in languages if language in text}
    return {key: said} if said else {}
