"""Checkpoints: the signed head of the log (https://c2sp.org/tlog-checkpoint).

Three lines (origin, number of leaves, root hash) in a signed note. Whoever holds one can later demand proof
that the log still begins with exactly these leaves.
"""

from __future__ import annotations

from dataclasses import dataclass

from troth.core.evidence.note import BadNote, Note, Signer, b64, from_b64, parse_note, sign_note


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The log ``origin`` had ``size`` leaves, and this was the root of their tree."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        return f"{self.origin}\n{self.size}\n{b64(self.root)}\n"


def sign_checkpoint(checkpoint: Checkpoint, signer: Signer) -> str:
    """The checkpoint as a signed note. The signer's name has to be the log's origin."""
    if signer.vkey.name != checkpoint.origin:
        raise BadNote(f"a key named {signer.vkey.name!r} cannot sign for the log {checkpoint.origin!r}")
    return sign_note(checkpoint.text, signer)


def parse_checkpoint(note: str) -> tuple[Checkpoint, Note]:
    """The checkpoint and the note around it, signatures not verified. Raises BadNote.

    Extension lines are refused: nobody could audit them.
    """
    parsed = parse_note(note)
    lines = parsed.text[:-1].split("\n")
    if len(lines) != 3 or not lines[0]:
        raise BadNote("a checkpoint has three lines: origin, size, root hash")
    origin, size, root = lines
    if not (size.isascii() and size.isdigit()) or str(int(size[:20])) != size:
        raise BadNote("a checkpoint's second line is the number of leaves, without leading zeroes")
    checkpoint = Checkpoint(origin, int(size), from_b64(root))
    if len(checkpoint.root) != 32:
        raise BadNote("a checkpoint's third line is a SHA-256 hash in base64")
    return checkpoint, parsed
