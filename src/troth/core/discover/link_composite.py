"""Rows that refer to another by several columns at once, each called after the other's table and its key."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from troth.core.discover.inclusion import Candidate
from troth.core.discover.link_index import TableIndex
from troth.core.discover.link_names import spellings, words_of
from troth.core.discover.model import Reason, Table

_SURE = 0.85


def prefixed_keys(
    children: Iterable[Table], parents: Sequence[Table], index: TableIndex, taken: Mapping[str, set[str]]
) -> Iterator[Candidate]:
    """``member_club`` and ``member_id`` for the members, whose key is ``club`` and ``id``. ``taken``: the columns of
    each table that lead somewhere already."""
    by_first: dict[str, list[tuple[Table, str]]] = defaultdict(list)
    for parent in parents:
        if len(parent.key) > 1:
            for spelling in spellings(index.words(parent)):
                by_first[spelling + _joined(parent.key[0])].append((parent, spelling))
    for child in children if by_first else ():
        names = {_joined(column.name): column.name for column in child.columns}
        for first in names.keys() & by_first.keys():
            for parent, spelling in by_first[first]:
                ours = [names.get(spelling + _joined(key), "") for key in parent.key]
                free = all(ours) and not taken.get(child.qualified, set()).intersection(ours)
                if free and parent.qualified != child.qualified:
                    reason = Reason("link_same_key", {"table": parent.qualified, "columns": ", ".join(parent.key)})
                    pairs = tuple(zip(ours, parent.key, strict=True))
                    yield Candidate(child, parent, pairs, _SURE, (reason,))


def _joined(name: str) -> str:
    return "".join(words_of(name))
