"""What the page calls purposes, places and columns."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from troth.core.policy.model import Field, LocalText, Policy
from troth.core.rights.access import ARCHIVE, Column, Reading
from troth.package import labels
from troth.package.html_cells import escape, local, said


@dataclass(frozen=True)
class Namer:
    """The names of a policy in one language. Every method gives finished markup, unless it says plain text."""

    policy: Policy
    language: str

    @property
    def colon(self) -> str:
        """A colon with the space before it that French wants."""
        return "\u00a0: " if self.language == "fr" else ": "

    def purpose(self, name: str) -> str:
        """The purpose's title."""
        return local(self.policy.purposes[name].title, self.language)

    def store(self, name: str) -> str:
        """The store's title."""
        if name == ARCHIVE:
            return "The sealed archive" if self.language == "en" else "L’archive scellée"
        section = self.policy.document.stores.get(name)
        return local(section.title, self.language) if section is not None and section.title else escape(name)

    def collection(self, store: str, name: str) -> str:
        """The collection's title."""
        if store == ARCHIVE:
            store, _, name = name.partition(".")
        found = self.policy.stores[store].collections.get(name) if store in self.policy.stores else None
        if found is None or not found.title:
            return escape(name)
        title = local(found.title, self.language)
        if "[" not in name:
            return title
        # Groups of keys of one table share its title: what they hold tells them apart.
        held = escape(", ".join(dict.fromkeys(map(self.field_label, found.fields))))
        return f"{title} ({held})" if held else title

    def table(self, store: str, name: str) -> str:
        """The title that all groups of one table share."""
        found = self.policy.stores[store].collections.get(name) if store in self.policy.stores else None
        return local(found.title, self.language) if found is not None and found.title else self.collection(store, name)

    def place(self, store: str, name: str) -> str:
        """A collection, or a whole store, or nothing in particular."""
        if store == "*":
            return ""
        return self.store(store) if name == "*" else f"{self.store(store)} › {self.collection(store, name)}"

    def category(self, name: str) -> str:
        """A category of data."""
        own = {n: c.title for n, c in self.policy.document.categories.items()}
        return escape(labels.category(name, self.language, own))

    def country(self, code: str) -> str:
        """A country."""
        return escape(labels.country(code, self.language))

    def identifier(self, kind: str) -> str:
        """A kind of identifier."""
        known = self.policy.identifiers.get(kind)
        if known is not None and known.title:
            return local(known.title, self.language)
        return escape(labels.word(kind, self.language))

    def field_label(self, field: Field) -> str:
        """What a field holds, in plain text: its title, else its category."""
        own = {n: c.title for n, c in self.policy.document.categories.items()}
        return _plain(field.title, self.language) or labels.category(field.category, self.language, own)

    def column_label(self, reading: Reading, column: Column) -> str:
        """What a column holds, in plain text."""
        if column.field is not None:
            return self.field_label(column.field)
        other = reading.collection.others.get(column.name)
        if other is not None and other.title:
            return _plain(other.title, self.language)
        if column.role == "identifier":
            known = self.policy.identifiers.get(column.detail)
            return _plain(known.title if known else None, self.language) or labels.word(column.detail, self.language)
        if column.role == "event":
            event = self.policy.document.events.get(column.detail)
            return _plain(event.title if event else None, self.language) or labels.word(column.detail, self.language)
        if column.role == "link":
            parent = self.policy.stores[reading.collection.store].collections.get(column.detail)
            title = _plain(parent.title if parent else None, self.language) or column.detail
            return f"{labels.word('link', self.language)}{self.colon}{title}"
        word = labels.word(column.role, self.language)
        if column.role == "refusal" and column.detail in self.policy.purposes:
            return f"{word}{self.colon}{_plain(self.policy.purposes[column.detail].title, self.language)}"
        return word

    def heading(self, reading: Reading, column: Column) -> str:
        """A column's heading: what it holds, its name in the database, where it comes from if not from the person."""
        label = self.column_label(reading, column)
        label = label[:1].upper() + label[1:]
        given = column.field.given if column.field is not None else "given"
        tag = f' <span class="tag">{said(given, self.language)}</span>' if given != "given" else ""
        return f"{escape(label)} <code>{escape(column.name)}</code>{tag}"

    def card_label(self, reading: Reading, column: Column) -> str:
        """The heading as an attribute, for narrow screens."""
        label = self.column_label(reading, column)
        return escape(f"{label[:1].upper()}{label[1:]} · {column.name}")


def humanised(name: str) -> str:
    """A column's name as words, for staff: ``billing.first_name`` and ``billingFirstName`` are *billing first name*."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return " ".join(re.split(r"[\s._\-\[\]*/]+", apart)).strip().lower()


def sign_of(collection: str, field: Field) -> str:
    """What tells a field from another of the same title, in words: the key of its row, the last two steps of the way to
    it within its column, else its column."""
    if field.within is not None:
        return humanised(" ".join([step for step in field.within.path if step != "*"][-2:]) or field.column)
    key = collection.partition("[")[2].rstrip("]")
    return humanised(key or field.name)


def distinct(names: Sequence[str]) -> tuple[str, ...]:
    """The same names; those that would stand there twice are numbered."""
    seen: dict[str, int] = {}
    found = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        found.append(f"{name} ({seen[name]})" if names.count(name) > 1 else name)
    return tuple(found)


def _plain(title: LocalText | Mapping[str, str] | None, language: str) -> str:
    return (title.get(language) or next(iter(title.values()), "")) if title else ""
