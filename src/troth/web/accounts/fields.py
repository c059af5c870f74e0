"""What the policy's ``accounts.fields`` ask for, beside the address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from troth.core.policy.sections.site import FormField
from troth.package import labels
from troth.web.accounts.showing import language_of
from troth.web.pages.published import kept
from troth.web.pages.site import own
from troth.web.wording import Words

LONGEST = 200
_HINTS = {
    "first_name": "given-name", "last_name": "family-name", "name": "name", "phone": "tel", "username": "username",
    "company": "organization", "country": "country-name",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Field:
    """A field as the page shows it."""

    name: str
    label: str
    why: str
    required: bool
    kind: str
    choices: tuple[tuple[str, str], ...]
    """What is kept, in the language that prevails, and what the reader sees."""
    hint: str
    value: str


def declared() -> dict[str, FormField]:
    """The fields beside the address."""
    accounts = kept.get().policy.document.accounts
    found = accounts.fields if accounts is not None else {}
    return {name: field for name, field in found.items() if field.kind != "email" and field.is_ != "EmailAddress"}


def asked(request: HttpRequest, values: Mapping[str, Any] | None = None) -> list[Field]:
    """The fields in the reader's language, with what is known or was typed."""
    language = language_of(request)
    return [
        Field(
            name, label_of(name, field, language), _said(field.why, language),
            field.required, field.kind, tuple((_said(choice, ""), _said(choice, language)) for choice in field.choices),
            _HINTS.get(name, "off"), str((values or {}).get(name, "")),
        )
        for name, field in declared().items()
    ]  # fmt: skip


def read(request: HttpRequest) -> tuple[dict[str, str], list[str]]:
    """What was typed, and what is wrong with it. Nothing but the declared fields is looked at."""
    values, wrong = {}, []
    for name, field in declared().items():
        value = " ".join(request.POST.get(f"field_{name}", "").split())[:LONGEST]
        if field.required and not value:
            wrong.append("field_missing")
        values[name] = value
    return values, sorted(set(wrong))


def _said(text: Mapping[str, str] | None, language: str) -> str:
    if not text:
        return ""
    return text.get(language) or text.get(kept.get().policy.authoritative) or next(iter(text.values()))


def label_of(name: str, field: FormField, language: str) -> str:
    """What people call a field: its title, else what is usual for its name, else its category."""
    return _said(field.title, language) or _usual(name, field, language)


def _usual(name: str, field: FormField, language: str) -> str:
    """The name of a field that the policy gives none: two fields of one category must not be called the same."""
    return Words("accounts", own(language))[f"field_{name}"] if name in _HINTS else _category(field.is_, language)


def _category(name: str, language: str) -> str:
    titles = {key: section.title for key, section in kept.get().policy.document.categories.items()}
    return labels.category(name, own(language), titles)
