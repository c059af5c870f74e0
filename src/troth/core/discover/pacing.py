"""A source whose time is shared out: each part of a look leaves some of it to what comes after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from troth.core.discover.model import Catalogue, ClockKind, Inclusion, Profile, Source, Table, Trouble


class Paced:
    """The same source with less time. ``spare``: seconds of the source's time that are never used here."""

    def __init__(self, source: Source, spare: float = 0.0) -> None:
        self._source = source
        self._spare = spare
        self._left = 0.0
        self._whole = self.remaining_seconds()

    def leave(self, share: float) -> None:
        """From now on time is up when this share (0 to 1) of what there was at the beginning remains."""
        self._left = share * self._whole

    def remaining_seconds(self) -> float:
        """What is left for the part under way."""
        return self._source.remaining_seconds() - self._spare - self._left

    @property
    def over(self) -> bool:
        """Whether the part under way has had its share."""
        return self.remaining_seconds() <= 0

    def catalogue(self) -> Catalogue:
        """As the source's."""
        return self._source.catalogue()

    def profiles(self, table: Table) -> tuple[Mapping[str, Profile], Sequence[Trouble]]:
        """As the source's."""
        return self._source.profiles(table)

    def keyed_profiles(
        self, table: Table, key: str, value: str, keys: int = 200
    ) -> tuple[Mapping[str, Profile], Sequence[Trouble]]:
        """As the source's."""
        return self._source.keyed_profiles(table, key, value, keys)

    def values_of(self, table: Table, column: str, most: int = 50) -> tuple[Sequence[str], Sequence[Trouble]]:
        """As the source's."""
        return self._source.values_of(table, column, most)

    def inclusion(
        self, table: Table, column: str, parent: Table, parent_column: str, where: tuple[str, str] | None = None
    ) -> tuple[Inclusion, Sequence[Trouble]]:
        """As the source's."""
        return self._source.inclusion(table, column, parent, parent_column, where)

    def template(
        self, table: Table, column: str, parent: Table, parent_column: str
    ) -> tuple[str | None, Inclusion, Sequence[Trouble]]:
        """As the source's."""
        return self._source.template(table, column, parent, parent_column)

    def bounds(
        self, table: Table, column: str, kind: ClockKind | None = None, format: str | None = None
    ) -> tuple[date | None, date | None, Sequence[Trouble]]:
        """As the source's."""
        return self._source.bounds(table, column, kind, format)

    def rows(self, table: Table) -> tuple[int | None, bool, Sequence[Trouble]]:
        """As the source's."""
        return self._source.rows(table)

    def close(self) -> None:
        """Nothing: whoever opened the source closes it."""
