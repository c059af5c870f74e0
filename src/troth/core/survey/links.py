"""Rows that nobody owns any more, and identifiers that several rows share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from troth.core.discover.model import Draft, TableGuess
from troth.core.survey.measure import Followed
from troth.core.survey.model import Figure, OrphanLine, Place, SharedLine


def orphans(followed: Iterable[Followed]) -> tuple[OrphanLine, ...]:
    """Links with values that lead nowhere, the largest share first."""
    lines = [
        OrphanLine(
            Place(f.table, f.column), f.link.parent, f.inclusion.asked - f.inclusion.found, f.inclusion.asked,
            f.link.declared,
        )
        for f in followed
        if f.inclusion.found < f.inclusion.asked
    ]  # fmt: skip
    return tuple(sorted(lines, key=lambda o: (-o.missing / o.asked, o.place.table, o.place.column)))


def shared(draft: Draft) -> tuple[SharedLine, ...]:
    """Columns that find people by their e-mail address or name of account, where a sample of a table about people
    holds some value twice."""
    lines = [line for guess in draft.tables if guess.role == "person" for line in _repeated(draft, guess)]
    return tuple(sorted(lines, key=lambda s: (-(s.repeated.value or 0), s.place.table, s.place.column)))


def _repeated(draft: Draft, guess: TableGuess) -> Iterator[SharedLine]:
    profiles = draft.profiles.get(guess.table.qualified, {})
    alone = {unique.columns for unique in guess.table.uniques if not unique.opaque} | {guess.table.key}
    for field in guess.fields:
        profile = profiles.get(field.column)
        if field.identifier is None or field.path is not None or profile is None or (field.column,) in alone:
            continue
        twice = profile.filled - profile.distinct
        if profile.distinct > 0 and twice > 0:
            place = Place(guess.table.qualified, field.column)
            yield SharedLine(place, field.identifier, Figure(twice, "sampled", profile.filled))
