"""What several rules ask of a policy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache

from troth.core.check.rule import Case
from troth.core.policy.document import PolicyDocument
from troth.core.policy.sections.publishing import Clause
from troth.core.policy.sections.purposes import Purpose
from troth.core.policy.sections.site import Cookie, FormField, Service
from troth.core.policy.sections.stores import Collection, FieldEntry, InnerField
from troth.core.policy.tree import Path
from troth.core.policy.values import Duration, add, parse_duration
from troth.core.vocabulary import falls_under, personal_data_terms

# --- periods ------------------------------------------------------------------------------------------

_DAYS_OF_MONTH = 365.2425 / 12
_UNEVEN = 2
"""Days by which months and days may differ before one is called longer than the other."""


@lru_cache(maxsize=1024)
def length(text: str) -> Duration:
    """A period of the policy."""
    return parse_duration(text)


def longer(one: Duration, other: Duration) -> bool:
    """Whether one period is longer than the other. Days are weighed against months with two days' leeway, since a
    month has no fixed length."""
    if (one.months == 0) == (other.months == 0) and one.days == other.days and one.minutes == other.minutes:
        return one.months > other.months
    if one.months == other.months:
        return _days(one) > _days(other)
    return _days(one) > _days(other) + _UNEVEN


def _days(duration: Duration) -> float:
    return duration.months * _DAYS_OF_MONTH + duration.days + duration.minutes / 1440


def longest(durations: Iterable[Duration]) -> Duration | None:
    """The longest of several periods, or None."""
    return max(durations, key=_days, default=None)


def later(day: date, period: str) -> date:
    """A day and a period after it; the last day of the calendar when that lies beyond."""
    try:
        return add(day, length(period))
    except (ValueError, OverflowError):
        return date.max


# --- purposes and people ------------------------------------------------------------------------------


def with_basis(document: PolicyDocument, *bases: str) -> dict[str, Purpose]:
    """The purposes on one of these lawful bases, by name."""
    return {name: purpose for name, purpose in document.purposes.items() if purpose.basis in bases}


def customers(document: PolicyDocument) -> set[str]:
    """The groups of people with whom there is a contract: those of the purposes on that basis."""
    return {group for purpose in with_basis(document, "contract").values() for group in purpose.people}


# --- what the site embeds -----------------------------------------------------------------------------


def services(case: Case) -> Iterator[tuple[str, Service]]:
    """The services in use."""
    return ((name, service) for name, service in case.document.services.items() if service.active)


def cookies(case: Case) -> Iterator[tuple[Path, str, Cookie, Service | None]]:
    """Every cookie of the site and of the services in use: its path, its name, itself, and its service."""
    for name, cookie in case.document.cookies.items():
        yield ("cookies", name), name, cookie, None
    for owner, service in services(case):
        for name, cookie in service.cookies.items():
            yield ("services", owner, "cookies", name), name, cookie, service


def asks_consent(case: Case) -> bool:
    """Whether anything on the site must wait for the visitor's consent."""
    waits = any(not service.exempt for _, service in services(case))
    return waits or any(not cookie.exempt for cookie in case.document.cookies.values())


# --- categories ---------------------------------------------------------------------------------------


def is_kind(document: PolicyDocument, category: str, *wider: str) -> bool:
    """Whether a category is one of these or narrower, also one that the policy declares itself."""
    own = document.categories.get(category)
    names = (category, own.broader) if own is not None else (category,)
    return any(falls_under(name, kind) for name in names if name for kind in wider)


def is_special(document: PolicyDocument, category: str) -> bool:
    """Whether GDPR Article 9 protects a category: W3C DPV marks it or one it falls under, or the policy says so."""
    own = document.categories.get(category)
    if own is not None and own.special:
        return True
    special = [term.name for term in personal_data_terms().values() if term.special]
    return is_kind(document, category, *special)


def fields(document: PolicyDocument) -> Iterator[tuple[Path, str, tuple[str, ...], FieldEntry | InnerField]]:
    """Every field of every collection, inner ones too: its path, its category, its purposes, itself."""
    for store, held in document.stores.items():
        for name, collection in held.collections.items():
            yield from _fields_of(("stores", store, "collections", name), collection)


def _fields_of(
    path: Path, collection: Collection
) -> Iterator[tuple[Path, str, tuple[str, ...], FieldEntry | InnerField]]:
    rows = collection.rows.fields if collection.rows is not None else {}
    for where, entries in ((("fields",), collection.fields), (("rows", "fields"), rows)):
        for column, entry in entries.items():
            place = (*path, *where, column)
            if entry.is_ is not None:
                yield place, entry.is_, entry.for_ or collection.for_, entry
            for kind, inner in (("json", entry.json_), ("php", entry.php)):
                for within, value in (inner or {}).items():
                    yield (*place, kind, within), value.is_, value.for_ or collection.for_, value


def forms(document: PolicyDocument) -> Iterator[tuple[str, str, dict[str, FormField]]]:
    """The forms of the site: the section's name, its purpose, its fields."""
    for name, section in (
        ("contact", document.contact), ("newsletter", document.newsletter), ("accounts", document.accounts),
    ):  # fmt: skip
        if section is not None:
            yield name, section.purpose, section.fields


def everywhere(document: PolicyDocument) -> Iterator[tuple[Path, str]]:
    """Every place where a category of data is said to be processed."""
    for name, purpose in document.purposes.items():
        for index, category in enumerate(purpose.categories):
            yield ("purposes", name, "categories", index), category
    for path, category, _, _ in fields(document):
        yield path, category
    for form, _, asked in forms(document):
        for name, field in asked.items():
            yield (form, "fields", name), field.is_
    for name, log in document.logs.items():
        for index, category in enumerate(log.contains):
            yield ("logs", name, "contains", index), category


# --- texts --------------------------------------------------------------------------------------------


def is_history(clause: Clause) -> bool:
    """Whether a clause is published only as what was said once."""
    return clause.history or clause.kind == "history"


def live_clauses(document: PolicyDocument) -> Iterator[tuple[str, Clause]]:
    """The clauses that are held today."""
    return ((name, clause) for name, clause in document.clauses.items() if not is_history(clause))
