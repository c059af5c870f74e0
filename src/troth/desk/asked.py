"""What a request asks for, in words: the uses or kinds of data that it is about, the fields that are corrected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from troth.core.policy.model import LocalText, Policy
from troth.core.requests.model import Request
from troth.package import labels

if TYPE_CHECKING:
    from collections.abc import Collection

    from troth.desk.particulars import Particulars


def narrowed(policy: Policy, request: Request, language: str) -> list[str]:
    """The titles of the purposes that it is about; none where it is about everything."""
    return titles(policy, request.scope, language)


def kinds(policy: Policy, request: Request, language: str) -> list[str]:
    """The kinds of data that it is about, each by its name; none where it is about every kind."""
    return named(policy, request.categories, language)


def named(policy: Policy, categories: Collection[str], language: str) -> list[str]:
    """What these kinds of data are called, in the order of the alphabet."""
    own = {name: section.title for name, section in policy.document.categories.items()}
    return sorted(labels.category(one, _spoken(language), own) for one in categories)


def titles(policy: Policy, purposes: Collection[str], language: str) -> list[str]:
    """What these purposes are called, in the order of the policy."""
    return [_said(one.title, language) for name, one in policy.purposes.items() if name in purposes]


def corrected(policy: Policy, who: Particulars, language: str) -> list[str]:
    """What the fields to be corrected hold, each once; without the values."""
    return list(dict.fromkeys(label for label, _ in corrections(policy, who, language)))


def corrections(policy: Policy, who: Particulars, language: str) -> list[tuple[str, str]]:
    """Each field to be corrected, by what it holds, and its right value."""
    own = {name: section.title for name, section in policy.document.categories.items()}
    found = []
    for spelt, value in who.said:
        fields = [
            one for collection in policy.collections() for one in collection.fields
            if spelt in (one.name, f"{collection.name}.{one.name}", f"{collection.store}.{collection.name}.{one.name}")
        ]  # fmt: skip
        label = (
            _said(fields[0].title, language) or labels.category(fields[0].category, _spoken(language), own)
            if fields
            else ""
        )
        found.append((label[:1].upper() + label[1:], value))
    return found


def identifier(policy: Policy, kind: str, language: str) -> str:
    """What people call a kind of identifier."""
    known = policy.identifiers.get(kind)
    return _said(known.title if known is not None else None, language) or labels.word(kind, _spoken(language))


def _spoken(language: str) -> str:
    """Of the languages that Troth's own words are in."""
    return "fr" if language.startswith("fr") else "en"


def _said(titles: LocalText | None, language: str) -> str:
    return (titles.get(language) or next(iter(titles.values()), "")) if titles else ""
