"""What changes the keys, each time with its trace in the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from troth.core.errors import UsageError
from troth.core.evidence.canonical import JSON
from troth.core.evidence.checkpoint import parse_checkpoint
from troth.core.evidence.keychain import ROTATED, rotated_body
from troth.core.evidence.leaf import Event
from troth.core.evidence.note import VerifyKey, b64
from troth.core.evidence.pseudonym import Epoch
from troth.state.keyring import HASHES_KEPT
from troth.state.state import Recorded, State


@dataclass(frozen=True, slots=True)
class Rotated:
    """The keys after a rotation. ``ended`` is the epoch before, with the day after which to destroy it."""

    old: VerifyKey
    new: VerifyKey
    epoch: Epoch
    ended: Epoch | None


def rotate(state: State, at: datetime, *, keep_days: int = HASHES_KEPT) -> Rotated:
    """A new signing key, vouched for by the old one in the ledger, and a new epoch.

    The checkpoint that first covers the rotation is the old key's last; then its private half is destroyed.
    """
    with state.transaction():
        old = state.keys.signer(str(state.verify_key))
        _destroy_unused(state)
        new = state.keys.new_signing_key(state.origin).vkey
        before = state.keys.epochs.epochs
        epoch = state.keys.new_epoch(at.date(), keep_days=keep_days)
        created = Event("epoch.created", at, {"epoch": epoch.id, "created": epoch.created.isoformat()})
        named = Event(ROTATED, at, rotated_body(old, new))
        state.ledger.append([created, named], seal=state.sign, signer=str(new))
    # The first event under the new key: whoever holds only that one has a checkpoint it signed.
    state.record(Event("key.confirmed", at, {"key": str(new)}))
    state.keys.destroy_signing_key(old.vkey)
    ended = next((e for e in state.keys.epochs.epochs if before and e.id == before[-1].id), None)
    return Rotated(old.vkey, new, epoch, ended)


def destroy_epoch(state: State, epoch: str, at: datetime, *, early: bool = False) -> int:
    """Destroy an epoch's key and the hashes made with it; returns how many hashes there were.

    Afterwards a restored backup can no longer be cleaned of the people erased during that epoch. Raises
    UsageError before its day unless ``early``, for the newest epoch, and for one that never existed.
    May be repeated after a crash.
    """
    live = {e.id: e for e in state.keys.epochs.epochs}
    if epoch in live:
        _refuse_early(live[epoch], live, at.date(), early)
        # Only announced while the key exists: a repetition after a crash finds the announcement made.
        state.record(Event("epoch.destroy.intended", at, {"epoch": epoch, "step": epoch}))
    elif epoch not in state.keys.destroyed_epochs():
        raise UsageError(f"there is no epoch {epoch!r}", remedy=f"epochs with a key: {', '.join(live)}")
    else:
        live = {}
    if live:
        state.keys.destroy_epoch(epoch)
    with state.transaction():
        forgotten = state.erasures.forget_epoch(epoch)
        state.record(Event("epoch.destroy.done", at, {"epoch": epoch, "step": epoch, "hashes": forgotten}))
    return forgotten


def accept_loss(state: State, at: datetime) -> Recorded:
    """Go on with a ledger whose newer events are lost for good, saying so in the ledger itself.

    ``state`` was opened with ``check_last=False``. Whoever holds a checkpoint of the lost part will see that
    it is missing, and find here that the publisher said so. Raises UsageError when nothing is lost.
    """
    note = state.keys.last_checkpoint
    last = parse_checkpoint(note)[0] if note else None
    head = state.ledger.head()
    if last is None or (last.size <= head.size and state.ledger.root_at(last.size) == last.root):
        raise UsageError("nothing is lost: the ledger agrees with the last checkpoint signed here")
    lost: dict[str, JSON] = {"lost_size": last.size, "lost_root": b64(last.root), "kept": head.size}
    return state.record(Event("ledger.loss", at, lost))


def overdue(state: State, today: date) -> list[Epoch]:
    """The epochs that should have been destroyed by now."""
    return [epoch for epoch in state.keys.epochs.epochs if epoch.destroy_after < today]


def _refuse_early(epoch: Epoch, live: dict[str, Epoch], today: date, early: bool) -> None:
    if epoch.id == list(live)[-1]:
        raise UsageError(f"{epoch.id} is the epoch in use", remedy="make a new one first: troth keys rotate")
    if epoch.destroy_after >= today and not early:
        raise UsageError(
            f"{epoch.id} is needed until {epoch.destroy_after}: until then a backup may bring back people "
            "whose erasure only this key can recognise",
            remedy="wait, or add --early if no backup of that time exists any more",
        )


def _destroy_unused(state: State) -> None:
    """Keys of a rotation that a crash cut short: the ledger never named them."""
    named = {vkey for _, vkey in state.ledger.signers()}
    for key in state.keys.signing_keys():
        if str(key) not in named:
            state.keys.destroy_signing_key(key)
