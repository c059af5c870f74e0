"""Makes the bundles beside this file, each named after its flaw.

    python tests/vectors/make.py

Keys, salts and times are fixed, so the same bytes come out every time; test_vectors.py checks that. The
bundles are evidence formats others may verify against: a change here is a change of the format.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from vector_log import FIRST, SECOND, START, THIEF, Log, leaves, notes, recount, usual, write

from troth.core.evidence.bundle import Choice
from troth.core.evidence.checkpoint import parse_checkpoint, sign_checkpoint
from troth.core.evidence.leaf import Event
from troth.core.evidence.note import b64
from troth.state.memory import MemoryLedger

HERE = Path(__file__).parent
VECTORS: dict[str, Callable[[], bytes]] = {}


def vector(make: Callable[[], bytes]) -> Callable[[], bytes]:
    VECTORS[make.__name__] = make
    return make


# Sound ones -----------------------------------------------------------------------------------------


@vector
def good() -> bytes:
    return write(usual().lines())


@vector
def good_part() -> bytes:
    return write(usual().lines(Choice(request="R-1")))


@vector
def good_redacted() -> bytes:
    return write(usual().lines(Choice(redacted=True)))


@vector
def good_body_deleted() -> bytes:
    log = usual()
    log.ledger.redact([1])
    return write(log.lines())


@vector
def good_rotated() -> bytes:
    return write(Log().erase("R-1").rotate(SECOND).erase("R-2").lines())


@vector
def good_small() -> bytes:
    return write(Log().record("note.added").lines())


@vector
def good_small_part() -> bytes:
    return write(Log().record("note.added", "R-9").record("note.added").lines(Choice(request="R-1")))


@vector
def good_small_redacted() -> bytes:
    return write(Log().record("note.added").lines(Choice(redacted=True)))


# Format ---------------------------------------------------------------------------------------------


@vector
def truncated() -> bytes:
    return write(usual().lines()[:-3])


@vector
def cut_in_a_line() -> bytes:
    return good()[:-60]


@vector
def trailing_line() -> bytes:
    return good() + b"{}\n"


@vector
def spaced_json() -> bytes:
    return b"".join(json.dumps(line, sort_keys=True).encode() + b"\n" for line in usual().lines())


@vector
def repeated_key() -> bytes:
    return good().replace(b'"position":1,', b'"position":1,"position":1,', 1)


@vector
def unknown_field() -> bytes:
    lines = usual().lines()
    leaves(lines)[1]["comment"] = "unsigned"
    return write(lines)


@vector
def unknown_version() -> bytes:
    return good().replace(b'{"bundle":1,', b'{"bundle":2,', 1)


@vector
def wrong_count() -> bytes:
    lines = usual().lines()
    lines[-1] = {"checkpoints": 5, "end": True, "leaves": 6}
    return write(lines)


@vector
def missing_leaf() -> bytes:
    lines = usual().lines()
    lines.remove(leaves(lines)[2])
    return write(recount(lines))


@vector
def missing_last_checkpoint() -> bytes:
    lines = usual().lines()
    lines.remove(notes(lines)[-1])
    return write(recount(lines))


@vector
def not_redacted() -> bytes:
    lines = usual().lines()
    lines[0]["redacted"] = True
    return write(lines)


@vector
def two_ends() -> bytes:
    lines = usual().lines()
    return write([*lines, lines[-1]])


@vector
def idle_proof() -> bytes:
    """A whole log with a proof that nobody would look at."""
    lines = usual().lines()
    leaves(lines)[1]["proof"] = []
    return write(lines)


@vector
def idle_consistency() -> bytes:
    lines = usual().lines()
    notes(lines)[1]["consistency"] = []
    return write(lines)


@vector
def repeated_checkpoint() -> bytes:
    lines = usual().lines()
    lines.insert(-1, notes(lines)[-1])
    return write(recount(lines))


@vector
def lying_size() -> bytes:
    """The key's holder signs the right root for a wrong number of leaves."""
    lines = usual().lines()
    newest = notes(lines)[-1]
    checkpoint, _ = parse_checkpoint(newest["checkpoint"])
    newest["checkpoint"] = sign_checkpoint(replace(checkpoint, size=6), FIRST)
    return write(lines)


@vector
def late_leaf() -> bytes:
    """A leaf shown after the checkpoint that covers it first, with a proof to the next one."""
    log = usual()
    lines = log.lines(Choice(request="R-1"))
    late = leaves(lines)[2]
    lines.remove(late)
    late["proof"] = [b64(value) for value in log.ledger.inclusion(late["position"], 5)]
    lines.insert(lines.index(notes(lines)[-1]), late)
    return write(lines)


@vector
def early_checkpoint() -> bytes:
    """A checkpoint after a leaf that it does not cover."""
    lines = usual().lines(Choice(request="R-1"))
    leaf = leaves(lines)[1]
    at = lines.index(leaf)
    lines[at], lines[at - 1] = lines[at - 1], leaf
    return write(lines)


# Tree -----------------------------------------------------------------------------------------------


@vector
def edited_leaf() -> bytes:
    lines = usual().lines()
    leaves(lines)[2]["leaf"]["kind"] = "erasure.failed"
    return write(lines)


@vector
def edited_time() -> bytes:
    lines = usual().lines()
    leaves(lines)[2]["leaf"]["at"] = "2026-01-05T09:02:30.000000Z"
    return write(lines)


@vector
def reordered() -> bytes:
    lines = usual().lines()
    one, other = leaves(lines)[1], leaves(lines)[3]
    one["position"], other["position"] = other["position"], one["position"]
    at_one, at_other = lines.index(one), lines.index(other)
    lines[at_one], lines[at_other] = other, one
    return write(lines)


@vector
def added_leaf() -> bytes:
    """A leaf that was never signed, slipped in before the last checkpoint."""
    lines = usual().lines()
    extra = leaves(Log().erase("R-9").record("note.added", "R-9").lines())[-1]
    lines.insert(-2, {**extra, "position": 5})
    newest = notes(lines)[-1]
    checkpoint, _ = parse_checkpoint(newest["checkpoint"])
    newest["checkpoint"] = sign_checkpoint(replace(checkpoint, size=6), FIRST)
    return write(recount(lines))


# Inclusion and consistency, in a part ---------------------------------------------------------------


@vector
def wrong_proof() -> bytes:
    lines = usual().lines(Choice(request="R-1"))
    leaves(lines)[1]["proof"][0] = b64(bytes(32))
    return write(lines)


@vector
def moved_leaf() -> bytes:
    lines = usual().lines(Choice(request="R-2"))
    leaves(lines)[1]["position"] = 2
    return write(lines)


@vector
def edited_leaf_in_part() -> bytes:
    lines = usual().lines(Choice(request="R-1"))
    leaves(lines)[2]["leaf"]["kind"] = "erasure.failed"
    return write(lines)


@vector
def rewritten_between_checkpoints() -> bytes:
    """The key's holder signs a second history; the part shows one checkpoint of each."""
    lines = usual().lines(Choice(request="R-1"))
    other = Log().erase("R-1").erase("R-3")
    notes(lines)[-1]["checkpoint"] = other.checkpoints[-1]
    return write(lines)


# Signatures -----------------------------------------------------------------------------------------


@vector
def forged_checkpoint() -> bytes:
    lines = usual().lines()
    newest = notes(lines)[-1]
    checkpoint, _ = parse_checkpoint(newest["checkpoint"])
    newest["checkpoint"] = sign_checkpoint(checkpoint, THIEF)
    return write(lines)


@vector
def borrowed_signature() -> bytes:
    """The signature of an earlier checkpoint under the text of the last."""
    lines = usual().lines()
    text = notes(lines)[-1]["checkpoint"].partition("\n\n")[0]
    signature = notes(lines)[-2]["checkpoint"].partition("\n\n")[2]
    notes(lines)[-1]["checkpoint"] = f"{text}\n\n{signature}"
    return write(lines)


@vector
def second_signature() -> bytes:
    lines = usual().lines()
    newest = notes(lines)[-1]
    checkpoint, _ = parse_checkpoint(newest["checkpoint"])
    newest["checkpoint"] += sign_checkpoint(checkpoint, THIEF).partition("\n\n")[2]
    return write(lines)


@vector
def other_origin() -> bytes:
    lines = usual().lines()
    lines[0]["origin"] = "example.org/elsewhere"
    return write(lines)


@vector
def rotated_out_key() -> bytes:
    """A stolen first key signs after it was rotated out."""
    return write(Log().erase("R-1").rotate(SECOND, use=False).erase("R-2").lines())


# Commitments ----------------------------------------------------------------------------------------


@vector
def edited_body() -> bytes:
    lines = usual().lines()
    leaves(lines)[2]["body"]["store"] = "crm"
    return write(lines)


@vector
def edited_salt() -> bytes:
    lines = usual().lines()
    leaves(lines)[2]["salt"] = b64(bytes(32))
    return write(lines)


@vector
def duplicate_leaf() -> bytes:
    """A copied event: the same commitment twice, in a tree that is properly signed."""
    log = Log(same_salt=True).record("note.added", "R-1").record("note.added", "R-1")
    return write(log.lines())


# Keys -----------------------------------------------------------------------------------------------


@vector
def unvouched_key() -> bytes:
    return write(Log().erase("R-1").rotate(SECOND, voucher=THIEF).erase("R-2").lines())


@vector
def hidden_key() -> bytes:
    lines = Log().erase("R-1").rotate(SECOND).erase("R-2").lines()
    lines[0]["keys"] = lines[0]["keys"][:1]
    return write(lines)


@vector
def nameless_log() -> bytes:
    """A log whose first event is not its key."""
    log = Log()
    log.ledger = MemoryLedger(salts=log._salts)
    log.ledger.append([Event("note.added", START, {})], seal=log.seal, signer=str(FIRST.vkey))
    return write(log.lines())


@vector
def borrowed_key() -> bytes:
    """Somebody else's log that ends by naming the publisher's key. Verified with that key."""
    return write(Log(THIEF).erase("R-1").rotate(FIRST).lines())


@vector
def wrong_key() -> bytes:
    """A sound log of somebody else. Verified with the publisher's key."""
    return write(Log(THIEF).erase("R-1").lines())


# Time, outcomes -------------------------------------------------------------------------------------


@vector
def clock_back() -> bytes:
    log = Log().record("note.added")
    log.ledger._stored = replace(log.ledger._stored, last_at="")  # a writer without Troth's own guard
    log.now -= timedelta(days=1)
    return write(log.record("note.added").lines())


@vector
def missing_outcome() -> bytes:
    return write(Log().erase("R-1").record("erasure.intended", "R-2").lines())


@vector
def outcome_without_intention() -> bytes:
    return write(Log().record("erasure.done", "R-1").lines())


# Against a checkpoint held by somebody: held.checkpoint, over the five events of `usual` --------------


@vector
def replayed() -> bytes:
    """Yesterday's bundle, sound in itself, shown as today's."""
    return write(Log().erase("R-1").lines())


@vector
def forked_log() -> bytes:
    """The key's holder wrote all of it anew, leaving something out."""
    return write(Log().erase("R-1").erase("R-3").lines())


@vector
def part_without_held() -> bytes:
    """A part of the later log that cannot be compared with the held checkpoint."""
    return write(usual().erase("R-3").erase("R-4").lines(Choice(request="R-1")))


@vector
def part_with_held() -> bytes:
    """The same, made with --checkpoint: it can."""
    return write(usual().erase("R-3").erase("R-4").lines(Choice(request="R-1", sizes=(5,))))


def made() -> dict[str, bytes]:
    """Every file of this folder that is made."""
    files = {f"{name}.jsonl": make() for name, make in VECTORS.items()}
    files["held.checkpoint"] = usual().checkpoints[-1].encode()
    files["publisher.vkey"] = f"{FIRST.vkey}\n".encode()
    return files


if __name__ == "__main__":
    for name, content in made().items():
        (HERE / name).write_bytes(content)
