"""The fields of the form as the policy wants them, and what somebody has put into them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from django.http import QueryDict

from troth.core.policy.sections.site import Contact, FormField
from troth.web.contact.cards import holds_card
from troth.web.mail.addresses import spelt

Kind = Literal["text", "email", "phone", "choice", "country", "address", "message"]

LONGEST: Mapping[Kind, int] = {
    "text": 200, "email": 254, "phone": 40, "choice": 100, "country": 80, "address": 500, "message": 20_000,
}  # fmt: skip
"""Characters."""
MANY_LINES = ("address", "message")
TOKEN, PROOF, ANSWER, TRAP, READ = "troth.token", "troth.proof", "troth.answer", "troth.empty", "troth.read"
"""Fields of our own. Names of the policy hold no full stop."""
OURS = (TOKEN, PROOF, ANSWER, TRAP, READ)

_BY_CATEGORY: Mapping[str, Kind] = {
    "EmailAddress": "email", "TelephoneNumber": "phone", "PhysicalAddress": "address", "Country": "country",
    "Communication": "message",
}  # fmt: skip
_PLAIN = {
    "email": FormField.model_validate({"is": "EmailAddress", "kind": "email", "required": True}),
    "message": FormField.model_validate({"is": "Communication", "kind": "message", "required": True}),
}
_PHONE = re.compile(r"\+?[\d\s().\-/x\u00a0\u202f]{4,}")


class Odd(Exception):
    """What came is not what a browser makes of the form: unknown or repeated fields."""


@dataclass
class Filled:
    """Values by field, and what is wrong with them: a word of words.txt (``err_…``) by field."""

    values: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)


def asked(contact: Contact) -> Mapping[str, FormField]:
    """The fields of the policy; an address and a message where it names none."""
    return contact.fields or _PLAIN


def kind_of(form_field: FormField) -> Kind:
    """How a field is asked for; one that is just named by its category is asked for as usual for that."""
    if form_field.kind == "text" or (form_field.kind == "choice" and not form_field.choices):
        return _BY_CATEGORY.get(form_field.is_, "text")
    return form_field.kind


def read(contact: Contact, given: QueryDict, *, strict: bool = True) -> Filled:
    """What was filled in, tidied up, and what is wrong with it. Raises Odd.

    ``strict``: nothing but the fields of the form may come, each once.
    """
    known = asked(contact)
    if strict and (given.keys() - known.keys() - set(OURS) or any(len(given.getlist(name)) > 1 for name in given)):
        raise Odd
    filled = Filled()
    for name, wanted in known.items():
        kind = kind_of(wanted)
        value, clean = tidied(given.get(name, ""), many_lines=kind in MANY_LINES)
        filled.values[name] = value
        wrong = next(_wrong(wanted, kind, value, clean), "")
        if wrong:
            filled.errors[name] = wrong
    return filled


def tidied(text: str, *, many_lines: bool) -> tuple[str, bool]:
    """The text without what cannot be sent, and whether there was nothing of that.

    Control characters, signs that turn the direction of writing round, halves of characters and what was not UTF-8
    cannot; line breaks only where there may be several lines.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(c for c in text if _may_stand(c, many_lines))
    return kept.strip(), kept == text


def _may_stand(letter: str, many_lines: bool) -> bool:
    if letter in "\n\t":
        return many_lines
    return unicodedata.category(letter) not in ("Cc", "Cs", "Co", "Cn", "Zl", "Zp") and letter not in _TURNING


_TURNING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufffd\ufeff"


def _wrong(wanted: FormField, kind: Kind, value: str, clean: bool) -> Iterator[str]:
    if not clean:
        yield "err_characters"
    if not value:
        if wanted.required:
            yield "err_missing"
        return
    if len(value) > LONGEST[kind]:
        yield "err_long"
    if kind == "email" and not spelt(value):
        yield "err_email"
    if kind == "phone" and not _PHONE.fullmatch(value):
        yield "err_phone"
    if kind == "choice" and value not in {str(place) for place in range(len(wanted.choices))}:
        yield "err_choice"
    if holds_card(value):
        yield "err_card"
