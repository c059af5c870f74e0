"""What every ledger does alike, above the few primitives in which storages differ.

A leaf is stored together with the hashes of the perfect subtrees it completes. That is one row a leaf, and
any node of the tree is one look-up by position: no table of nodes, and proofs in O(log n).
"""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from troth.core.errors import LedgerTampered
from troth.core.evidence import merkle
from troth.core.evidence.keychain import KEY_KINDS
from troth.core.evidence.leaf import SALT_BYTES, Event, Opening, decode, opens
from troth.core.evidence.leaf import seal as seal_event
from troth.core.evidence.merkle import Node
from troth.core.evidence.ports import Head, Seal

HASH = 32
_SPAN = 2000
Salts = Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class StoredHead:
    """The head as it is kept, with the time no later leaf may precede."""

    size: int
    root: bytes
    last_at: str
    signer: str

    @property
    def head(self) -> Head:
        return Head(self.size, self.root, self.signer)


@dataclass(frozen=True, slots=True)
class NewLeaf:
    """A leaf about to be stored."""

    position: int
    data: bytes
    hashes: bytes
    opening: Opening
    request: str | None


class TreeLog(ABC):
    """The Ledger of ``core.evidence.ports``. ``salts`` gives that many random bytes."""

    def __init__(self, salts: Salts = os.urandom) -> None:
        self._salts = salts
        self._known: tuple[int, bytes, list[bytes]] = (0, b"", [])
        """Size, root and peaks of the tree as it was seen, or grown here, last: a root has only one set of them."""

    # What a storage provides ------------------------------------------------------------------------
    @abstractmethod
    def _writing(self) -> AbstractContextManager[None]: ...

    @abstractmethod
    def _head(self) -> StoredHead: ...

    @abstractmethod
    def _store(self, old: StoredHead, new: StoredHead, leaves: Sequence[NewLeaf], note: str | None) -> None:
        """Add the leaves, move the head, if it still is ``old``, and keep the checkpoint of the new one, if there is
        one. Raises LedgerBusy if it is not."""

    @abstractmethod
    def _row(self, position: int) -> tuple[bytes, bytes] | None:
        """Data and hashes of a leaf."""

    @abstractmethod
    def _hashes(self, positions: Collection[int]) -> Mapping[int, bytes]:
        """The stored hashes of these leaves, in as few look-ups as the storage allows."""

    @abstractmethod
    def _rows(self, start: int, end: int) -> list[tuple[int, bytes, bytes]]: ...

    @abstractmethod
    def _beyond(self, size: int) -> int:
        """How many leaves lie at or after this position."""

    @abstractmethod
    def _openings(self, start: int, end: int) -> list[tuple[int, bytes, bytes]]: ...

    @abstractmethod
    def _delete_bodies(self, positions: Sequence[int]) -> int: ...

    @abstractmethod
    def _add_signer(self, position: int, vkey: str) -> None: ...

    @abstractmethod
    def _add_checkpoint(self, size: int, note: str) -> None: ...

    @abstractmethod
    def _checkpoint(self, size: int) -> str | None: ...

    @abstractmethod
    def find(self, request: str) -> list[int]: ...

    @abstractmethod
    def signers(self) -> list[tuple[int, str]]: ...

    @abstractmethod
    def checkpoints(self) -> Iterator[str]: ...

    @abstractmethod
    def checkpoint_covering(self, position: int) -> str | None: ...

    @abstractmethod
    def last_checkpoint(self) -> str | None: ...

    # Writing ----------------------------------------------------------------------------------------
    def append(self, events: Sequence[Event], *, seal: Seal | None = None, signer: str | None = None) -> list[int]:
        with self._writing():
            old = self._head()
            peaks = self._known_peaks(old)
            leaves, last_at = self._grow(old, peaks, events)
            new = StoredHead(old.size + len(leaves), merkle.fold(peaks), last_at, signer or old.signer)
            # Signed before anything is stored: a signature that fails leaves the ledger as it was.
            note = seal(Head(new.size, new.root, old.signer or new.signer)) if seal else None
            self._store(old, new, leaves, note)
            self._known = (new.size, new.root, peaks)
            if signer:
                # The first key is named by leaf 0, a later one by the last event of its group.
                self._add_signer(new.size - 1 if old.signer else 0, signer)
        return [leaf.position for leaf in leaves]

    def seal(self, seal: Seal) -> str:
        head = self._head()
        self._known_peaks(head)
        known = self._checkpoint(head.size)  # most often: then nobody has to wait for anybody
        return self._sealed(seal) if known is None else known

    def _sealed(self, seal: Seal) -> str:
        with self._writing():
            head = self._head()
            self._peaks(head)
            known = self._checkpoint(head.size)
            if known is not None:
                return known
            note = seal(head.head)
            self._add_checkpoint(head.size, note)
            return note

    def redact(self, positions: Iterable[int]) -> int:
        chosen = sorted(set(positions))
        for position in chosen:
            if decode(self.leaf(position)).kind in KEY_KINDS:
                raise ValueError(f"leaf {position} names a signing key: it is needed to verify checkpoints")
        return self._delete_bodies(chosen)

    def _grow(self, old: StoredHead, peaks: list[bytes], events: Sequence[Event]) -> tuple[list[NewLeaf], str]:
        salts = self._salts(SALT_BYTES * len(events))
        last_at, leaves = old.last_at, []
        for number, event in enumerate(events):
            salt = salts[number * SALT_BYTES : (number + 1) * SALT_BYTES]
            leaf, opening = seal_event(event, salt, last_at)
            data, last_at, position = leaf.encode(), leaf.at, old.size + number
            hashes = b"".join(merkle.grow(position, peaks, merkle.leaf_hash(data)))
            request = event.body.get("request")
            leaves.append(NewLeaf(position, data, hashes, opening, request if isinstance(request, str) else None))
        return leaves, last_at

    # Reading ----------------------------------------------------------------------------------------
    @property
    def size(self) -> int:
        return self._head().size

    def head(self) -> Head:
        return self._head().head

    def leaf(self, position: int) -> bytes:
        self._check(position)
        row = self._row(position)
        if row is None or merkle.leaf_hash(row[0]) != row[1][:HASH]:
            raise tampered(f"leaf {position} is missing or was changed")
        return row[0]

    def leaves(self, start: int, end: int) -> Iterator[bytes]:
        for position, data, hashes in self._all_rows(start, end):
            if merkle.leaf_hash(data) != hashes[:HASH]:
                raise tampered(f"leaf {position} was changed")
            yield data

    def body(self, position: int) -> Opening | None:
        return next(self.bodies(position, position + 1))

    def bodies(self, start: int, end: int) -> Iterator[Opening | None]:
        self._check(max(start, end - 1))
        for here in range(start, end, _SPAN):
            there = min(here + _SPAN, end)
            found = {position: Opening(salt, body) for position, salt, body in self._openings(here, there)}
            for position, data in zip(range(here, there), self.leaves(here, there), strict=True):
                opening = found.get(position)
                if opening and not opens(decode(data), opening):
                    raise tampered(f"the body of leaf {position} was changed")
                yield opening

    def root_at(self, size: int) -> bytes:
        if not 0 <= size <= self.size:
            raise IndexError(f"the ledger has no state of {size} leaves")
        return merkle.fold(self._nodes(merkle.cover(0, size)))

    def inclusion(self, position: int, size: int | None = None) -> list[bytes]:
        """The proof is verified before it is handed out."""
        head = self._head()
        size = head.size if size is None else size
        if not 0 <= position < size <= head.size:
            raise IndexError(f"no leaf {position} among the first {size} of {head.size}")
        proof = merkle.inclusion_proof(position, size, self._nodes)
        top = head.root if size == head.size else self.root_at(size)
        if not merkle.verify_inclusion(position, size, merkle.leaf_hash(self.leaf(position)), proof, top):
            raise tampered(f"leaf {position} does not lead to the root of {size} leaves")
        return proof

    def consistency(self, old: int, new: int | None = None) -> list[bytes]:
        """The proof is verified before it is handed out."""
        head = self._head()
        new = head.size if new is None else new
        if not 0 <= old <= new <= head.size:
            raise IndexError(f"no states of {old} and {new} leaves in a ledger of {head.size}")
        proof = merkle.consistency_proof(old, new, self._nodes)
        new_root = head.root if new == head.size else self.root_at(new)
        if not merkle.verify_consistency(old, new, self.root_at(old), new_root, proof):
            raise tampered(f"the first {old} leaves are not those of the first {new}")
        return proof

    # Distrust ---------------------------------------------------------------------------------------
    def check_head(self) -> Head:
        """O(log n): does the stored tree have the stored head? Raises LedgerTampered."""
        stored = self._head()
        self._peaks(stored)
        if extra := self._beyond(stored.size):
            if self._head() != stored:  # somebody appended meanwhile
                return self.check_head()
            raise tampered(f"{extra} leaves lie beyond the {stored.size} that the head counts")
        return stored.head

    def audit(self) -> Head:
        stored = self._head()
        peaks: list[bytes] = []
        for position, data, hashes in self._all_rows(0, stored.size):
            if b"".join(merkle.grow(position, peaks, merkle.leaf_hash(data))) != hashes:
                raise tampered(f"leaf {position} does not hash to what is stored beside it")
        if merkle.fold(peaks) != stored.root:
            raise tampered("the leaves do not hash to the stored root")
        return self.check_head()

    def _peaks(self, stored: StoredHead) -> list[bytes]:
        """The compact range of the stored tree, after checking it against the stored root."""
        peaks = self._nodes(merkle.cover(0, stored.size))
        if merkle.fold(peaks) != stored.root:
            raise tampered(f"the {stored.size} stored leaves do not hash to the stored root")
        return peaks

    def _known_peaks(self, stored: StoredHead) -> list[bytes]:
        """The same for a head that was written here, or checked here, a moment ago, without looking again."""
        size, root, peaks = self._known
        if (size, root) != (stored.size, stored.root):
            peaks = self._peaks(stored)
            self._known = (stored.size, stored.root, peaks)
        return [*peaks]

    def _nodes(self, nodes: Sequence[Node]) -> list[bytes]:
        held = self._hashes({merkle.completed_at(node) for node in nodes})
        return [_slice(held, merkle.completed_at(node), node.level) for node in nodes]

    def _all_rows(self, start: int, end: int) -> Iterator[tuple[int, bytes, bytes]]:
        if start < end:
            self._check(end - 1)
        for here in range(start, end, _SPAN):
            there = min(here + _SPAN, end)
            rows = self._rows(here, there)
            if [row[0] for row in rows] != list(range(here, there)):
                raise tampered(f"leaves are missing between {here} and {there - 1}")
            yield from rows

    def _check(self, position: int) -> None:
        if not 0 <= position < self.size:
            raise IndexError(f"the ledger has no leaf {position}")


def _slice(held: Mapping[int, bytes], position: int, level: int) -> bytes:
    value = held.get(position, b"")[level * HASH : (level + 1) * HASH]
    if len(value) != HASH:
        raise tampered(f"leaf {position} is missing or was changed")
    return value


def tampered(what: str) -> LedgerTampered:
    """What is wrong, and what to do."""
    return LedgerTampered(
        f"the ledger is damaged or was changed by hand: {what}",
        remedy="stop, keep a copy of the state as it is, and restore the whole of it from its last backup",
    )
