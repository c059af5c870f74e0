"""Whether a backup is older than what others already hold of the log, and by how much."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from troth.core.errors import LedgerTampered, UsageError
from troth.core.evidence.canonical import JSON
from troth.core.evidence.checkpoint import Checkpoint, parse_checkpoint
from troth.core.evidence.leaf import Event
from troth.core.evidence.note import BadNote, Note, VerifyKey, b64, parse_vkey
from troth.core.evidence.ports import Head


class _Log(Protocol):
    def head(self) -> Head: ...

    def root_at(self, size: int) -> bytes: ...

    def signers(self) -> list[tuple[int, str]]: ...


@dataclass(frozen=True, slots=True)
class Loss:
    """Events that were signed and are not in the backup: the newest checkpoint known, and where the backup ends."""

    size: int
    root: bytes
    kept: int

    @property
    def events(self) -> int:
        """How many are known to be missing; there may be more."""
        return self.size - self.kept

    def event(self, at: datetime) -> Event:
        """What the ledger says of it from then on."""
        body: dict[str, JSON] = {"lost_size": self.size, "lost_root": b64(self.root), "kept": self.kept}
        return Event("ledger.loss", at, body)


def loss(log: _Log, held: Sequence[str]) -> Loss | None:
    """Compare the log in a backup with checkpoints that somebody holds (signed notes).

    Raises UsageError for one that is not of this log or cannot be read, LedgerTampered when the log in the backup is
    not the one that was signed.
    """
    head, signers = log.head(), [parse_vkey(vkey) for _, vkey in log.signers()]
    newest: Checkpoint | None = None
    for text in held:
        known, note = _read(text)
        if not signers or known.origin != signers[0].name:
            raise UsageError(f"the checkpoint over {known.size} events is that of another log")
        if known.size <= head.size:
            _same(log, known, note, signers)
        elif newest is None or known.size > newest.size:
            newest = known
    return Loss(newest.size, newest.root, head.size) if newest else None


def _same(log: _Log, known: Checkpoint, note: Note, signers: Sequence[VerifyKey]) -> None:
    if not any(note.signed_by(key) for key in signers):
        raise UsageError(f"the checkpoint over {known.size} events is not signed by this log’s key")
    if log.root_at(known.size) != known.root:
        raise LedgerTampered(
            f"the ledger in this backup is not the one whose checkpoint over {known.size} events was signed",
            remedy="use another backup; keep this one, and the checkpoint, as evidence",
        )


def _read(text: str) -> tuple[Checkpoint, Note]:
    try:
        return parse_checkpoint(text)
    except BadNote:
        raise UsageError("one of the checkpoints cannot be read", remedy="name a file with a checkpoint") from None
