"""The log that the vectors are made of, and ways to change its lines."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from troth.core.evidence.bundle import Choice, write_bundle
from troth.core.evidence.canonical import JSON, canonical
from troth.core.evidence.checkpoint import Checkpoint, sign_checkpoint
from troth.core.evidence.keychain import CREATED, ROTATED, created_body, rotated_body
from troth.core.evidence.leaf import Event
from troth.core.evidence.note import SigningKey
from troth.core.evidence.ports import Head
from troth.state.memory import MemoryLedger

ORIGIN = "example.org/troth"
START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
Lines = list[dict[str, JSON]]


def key(name: str, origin: str = ORIGIN) -> SigningKey:
    """A key anybody can make again: never one to trust."""
    return SigningKey(origin, sha256(f"test vector key {name}".encode()).digest())


FIRST, SECOND, THIEF = key("first"), key("second"), key("thief")


@dataclass
class Log:
    """A publisher's log with a clock of its own."""

    signer: SigningKey = FIRST
    now: datetime = START
    salts: int = 0
    same_salt: bool = False
    checkpoints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ledger = MemoryLedger(salts=self._salts)
        self.ledger.append(
            [Event(CREATED, self.now, created_body(self.signer.vkey))],
            seal=self.seal,
            signer=str(self.signer.vkey),
        )

    def _salts(self, count: int) -> bytes:
        salts = b""
        while len(salts) < count:
            self.salts += 0 if self.same_salt else 1
            salts += sha256(f"test vector salt {self.salts}".encode()).digest()
        return salts[:count]

    def seal(self, head: Head) -> str:
        note = sign_checkpoint(Checkpoint(self.signer.vkey.name, head.size, head.root), self.signer)
        self.checkpoints.append(note)
        return note

    def record(self, kind: str, request: str = "R-1", step: str = "erase customer") -> Log:
        self.now += timedelta(minutes=1)
        body: dict[str, JSON] = {"request": request, "store": "shop", "step": step}
        self.ledger.append([Event(kind, self.now, body)], seal=self.seal)
        return self

    def erase(self, request: str = "R-1") -> Log:
        return self.record("erasure.intended", request).record("erasure.done", request)

    def rotate(self, new: SigningKey, voucher: SigningKey | None = None, *, use: bool = True) -> Log:
        self.now += timedelta(minutes=1)
        body = rotated_body(voucher or self.signer, new.vkey)
        self.ledger.append([Event(ROTATED, self.now, body)], seal=self.seal, signer=str(new.vkey))
        if use:
            self.signer = new
        return self

    def lines(self, choice: Choice = Choice()) -> Lines:  # noqa: B008 - immutable
        return [json.loads(line) for line in write_bundle(self.ledger, choice)]


def usual() -> Log:
    """Two erasures."""
    return Log().erase("R-1").erase("R-2")


def write(lines: Iterable[dict[str, JSON]]) -> bytes:
    return b"".join(canonical(line) + b"\n" for line in lines)


def leaves(lines: Lines) -> Lines:
    return [line for line in lines if "leaf" in line]


def notes(lines: Lines) -> Lines:
    return [line for line in lines if "checkpoint" in line]


def recount(lines: Lines) -> Lines:
    """With a last line that counts right, so that only the flaw meant is there."""
    lines[-1] = {"checkpoints": len(notes(lines)), "end": True, "leaves": len(leaves(lines))}
    return lines
