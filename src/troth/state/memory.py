"""A ledger that lives as long as its process: for tests, demonstrations and dry runs."""

from __future__ import annotations

import os
from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from threading import RLock
from typing import cast

from troth.core.evidence.leaf import Opening
from troth.core.evidence.merkle import EMPTY_ROOT
from troth.state.treelog import NewLeaf, Salts, StoredHead, TreeLog


class MemoryLedger(TreeLog):
    """The same tree in lists."""

    def __init__(self, *, salts: Salts = os.urandom) -> None:
        super().__init__(salts)
        self._lock = RLock()
        self._stored = StoredHead(0, EMPTY_ROOT, "", "")
        self._leaves: list[tuple[bytes, bytes]] = []
        self._bodies: dict[int, Opening] = {}
        self._requests: dict[str, list[int]] = {}
        self._signers: list[tuple[int, str]] = []
        self._notes: dict[int, str] = {}

    def close(self) -> None:
        """Nothing to close."""

    def _writing(self) -> AbstractContextManager[None]:
        return cast(AbstractContextManager[None], self._lock)

    def _head(self) -> StoredHead:
        return self._stored

    def _store(self, old: StoredHead, new: StoredHead, leaves: Sequence[NewLeaf], note: str | None) -> None:
        for leaf in leaves:
            self._leaves.append((leaf.data, leaf.hashes))
            self._bodies[leaf.position] = leaf.opening
            if leaf.request is not None:
                self._requests.setdefault(leaf.request, []).append(leaf.position)
        self._stored = new
        if note is not None:
            self._add_checkpoint(new.size, note)

    def _row(self, position: int) -> tuple[bytes, bytes] | None:
        return self._leaves[position] if 0 <= position < len(self._leaves) else None

    def _hashes(self, positions: Collection[int]) -> Mapping[int, bytes]:
        return {i: self._leaves[i][1] for i in positions if i < len(self._leaves)}

    def _rows(self, start: int, end: int) -> list[tuple[int, bytes, bytes]]:
        return [(start + offset, *row) for offset, row in enumerate(self._leaves[start:end])]

    def _beyond(self, size: int) -> int:
        return len(self._leaves) - size

    def _openings(self, start: int, end: int) -> list[tuple[int, bytes, bytes]]:
        held = self._bodies
        return [(i, held[i].salt, held[i].body) for i in range(start, end) if i in held]

    def _delete_bodies(self, positions: Sequence[int]) -> int:
        return sum(self._bodies.pop(position, None) is not None for position in positions)

    def _add_signer(self, position: int, vkey: str) -> None:
        self._signers.append((position, vkey))

    def _add_checkpoint(self, size: int, note: str) -> None:
        self._notes.setdefault(size, note)

    def _checkpoint(self, size: int) -> str | None:
        return self._notes.get(size)

    def find(self, request: str) -> list[int]:
        return [position for position in self._requests.get(request, []) if position in self._bodies]

    def signers(self) -> list[tuple[int, str]]:
        return list(self._signers)

    def checkpoints(self) -> Iterator[str]:
        for size in sorted(self._notes):
            yield self._notes[size]

    def checkpoint_covering(self, position: int) -> str | None:
        sizes = sorted(self._notes)
        index = bisect_right(sizes, position)
        return self._notes[sizes[index]] if index < len(sizes) else None

    def last_checkpoint(self) -> str | None:
        return self._notes[max(self._notes)] if self._notes else None
