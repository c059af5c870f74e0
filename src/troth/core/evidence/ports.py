"""What the rest of Troth may ask of a ledger, wherever it is stored."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from troth.core.evidence.leaf import Event, Opening


@dataclass(frozen=True, slots=True)
class Head:
    """The state of the log: how many leaves, the root of their tree, the vkey in force (`""` for none)."""

    size: int
    root: bytes
    signer: str


Seal = Callable[[Head], str]
"""Signs a head: given what the log is about to be, returns the checkpoint's note."""


class Ledger(Protocol):
    """An append-only log of salted commitments. Positions count from 0.

    Every method raises LedgerTampered when what is stored does not hash to the stored head, and IndexError
    for a position that does not exist.
    """

    @property
    def size(self) -> int:
        """Number of leaves."""

    def head(self) -> Head:
        """Size, root, and the key in force."""

    def append(self, events: Sequence[Event], *, seal: Seal | None = None, signer: str | None = None) -> list[int]:
        """Append all events or none; durable on return. Returns their positions.

        With ``seal``, the new head is signed and stored in the same transaction. ``signer`` is the vkey that
        is in force after these events (for `key.created` and `key.rotated`). Raises LedgerBusy when another
        process is writing and does not finish in time.
        """

    def seal(self, seal: Seal) -> str:
        """The signed checkpoint of the present head: the stored one, or a new one."""

    def leaf(self, position: int) -> bytes:
        """The bytes of a leaf, as they were hashed."""

    def leaves(self, start: int, end: int) -> Iterator[bytes]:
        """The leaves from ``start`` up to ``end``, in order, without loading them all."""

    def body(self, position: int) -> Opening | None:
        """What opens a leaf's commitment; None when it was deleted."""

    def bodies(self, start: int, end: int) -> Iterator[Opening | None]:
        """As ``body``, for the positions from ``start`` up to ``end``."""

    def redact(self, positions: Iterable[int]) -> int:
        """Delete bodies and salts for good; the tree is unchanged. Returns how many there were to delete.

        Raises ValueError for events about keys: without them no checkpoint could be verified any more.
        """

    def find(self, request: str) -> list[int]:
        """Positions of the events whose body names this request."""

    def signers(self) -> list[tuple[int, str]]:
        """Where a key was named, and its vkey, oldest first."""

    def root_at(self, size: int) -> bytes:
        """Root of the first ``size`` leaves."""

    def inclusion(self, position: int, size: int | None = None) -> list[bytes]:
        """Proof that the leaf is in the tree of the first ``size`` leaves (all of them by default)."""

    def consistency(self, old: int, new: int | None = None) -> list[bytes]:
        """Proof that the tree of ``new`` leaves begins with the tree of ``old`` leaves."""

    def checkpoints(self) -> Iterator[str]:
        """All signed checkpoints, smallest first."""

    def last_checkpoint(self) -> str | None:
        """The newest signed checkpoint."""

    def checkpoint_covering(self, position: int) -> str | None:
        """The first signed checkpoint that covers this leaf."""

    def audit(self) -> Head:
        """Hash everything again, leaf by leaf. Returns the head when all of it holds."""
