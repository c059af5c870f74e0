"""Rows that somebody of staff has said to be somebody else's, by the identifier that leads to them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from troth.core.evidence.pseudonym import row_kind, row_value
from troth.core.query import Key
from troth.core.records import Known
from troth.state.database import Database, queries
from troth.state.vault import Vault

_SQL = queries("apart")


class Apart:
    """Pairs of a keyed hash of an identifier and the name of a row (``tag``): not the row of whoever has it. They name
    nobody, and stay until a human says otherwise: once the person's own row is gone, nothing else tells."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._db = database
        self._vault = vault

    def tag(self, store: str, collection: str, key: Key) -> str:
        """What a row is called where its key must not stand."""
        return f"row-{self._vault.index(f'tag/{row_kind(store, collection)}', row_value(key)).hex()[:16]}"

    def say(self, identifiers: Iterable[Known], rows: Collection[str]) -> None:
        """None of these rows is of whoever has one of these identifiers. Again changes nothing."""
        hashes = self._vault.indexes(identifiers) if rows else ()
        self._db.run_many(_SQL["add"], [{"identifier": item, "row": row} for item in hashes for row in sorted(rows)])

    def unsay(self, pairs: Iterable[tuple[Known, str]]) -> None:
        """Of these nothing is said any more."""
        said = [{"identifier": self._vault.index(*known), "row": row} for known, row in pairs]
        if said:
            self._db.run_many(_SQL["drop"], said)

    def of(self, known: Known) -> frozenset[str]:
        """The rows that are not of whoever has this identifier."""
        return frozenset(row for (row,) in self._db.all(_SQL["of"], {"identifier": self._vault.index(*known)}))

    def rows(self) -> dict[str, set[bytes]]:
        """Each such row, with the hashes of the identifiers."""
        found: dict[str, set[bytes]] = {}
        for row, item in self._db.all(_SQL["all"], {}):
            found.setdefault(row, set()).add(bytes(item))
        return found

    def certain(
        self, store: str, collection: str, rows: Iterable[tuple[Key, Sequence[Known]]]
    ) -> Iterator[tuple[Key, Sequence[Known]]]:
        """These rows of one collection, each without the identifiers by which it is nobody's."""
        said = self.rows()
        for key, known in rows:
            doubtful = said.get(self.tag(store, collection, key)) if said else None
            yield key, [one for one in known if self._vault.index(*one) not in doubtful] if doubtful else known
