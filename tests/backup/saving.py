"""Short words for making a backup and putting it back, and for dying in between."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crash.houses import url_of
from desk.house_of import Front
from servers import PostgresServer
from troth.core.evidence.bundle import write_bundle
from troth.core.evidence.note import from_b64
from troth.core.evidence.verify import verify_bundle
from troth.state import Place, State, open_state
from troth.state.backup import locks
from troth.state.backup.check import Contents, Verified, contents, verify
from troth.state.backup.locks import Opener
from troth.state.backup.make import Made, make
from troth.state.backup.restore import Restored, Wanted, restore
from troth.web.tables import known, site

PUBLIC, _private = locks.new_pair()
OWNER = Opener(from_b64(_private.split()[1]))
"""A key, not a phrase: stretching one takes a fifth of a second each time."""


@dataclass
class Saving:
    """A house, and backups of it."""

    front: Front
    server: PostgresServer | None = None
    template: str = ""
    copies: list[str] = field(default_factory=list)

    @property
    def place(self) -> Place:
        return Place.find(self.front.folder / "troth-state")

    def save(self, name: str = "a.backup") -> Made:
        place = self.place
        with open_state(place.directory) as state:
            lock = locks.for_recipient(PUBLIC)
            return make(
                state, place, self.front.folder / name, lock, site(place.directory, place.url), datetime.now(UTC)
            )

    def verify(self, name: str = "a.backup") -> Verified:
        return verify(self.front.folder / name, OWNER)

    def elsewhere(self, name: str = "new", *, last_checkpoint: bool = False) -> Place:
        """An empty place with a copy of the keys, as `troth keys escrow --restore` makes it."""
        folder = self.front.folder / name
        shutil.copytree(self.place.keys, folder / "keys")
        if not last_checkpoint:
            (folder / "keys" / "last-checkpoint").unlink()
        url = ""
        if self.server is not None:
            self.copies.append(self.server.clone_database(self.template, "copy"))
            url = url_of(self.server, self.copies[-1])
        return Place(folder, folder / "keys", url)

    def put(self, place: Place, name: str = "a.backup", opener: Opener = OWNER, **wanted: Any) -> Restored:
        wish = Wanted(known=wanted.pop("known", known()), **wanted)
        return restore(self.front.folder / name, place, opener, wish, datetime.now(UTC))


@contextmanager
def opened_at(place: Place, patch: pytest.MonkeyPatch) -> Iterator[State]:
    """The state at a place, whose server is another one than the environment names."""
    with patch.context() as there:
        there.setenv("TROTH_STATE_URL", place.url)
        with open_state(place.directory) as state:
            yield state


def events(state: State) -> list[str]:
    from troth.core.evidence.leaf import decode

    return [decode(leaf).kind for leaf in state.ledger.leaves(0, state.ledger.size)]


def accepted(state: State) -> bool:
    """What `troth verify` says of the whole log."""
    state.checkpoint()
    return verify_bundle(write_bundle(state.ledger), key=state.checkpoint_key).passed


def inside(path: Path) -> dict[str, bytes]:
    """What is in a backup."""
    with contents(path, OWNER) as found:
        assert isinstance(found, Contents)
        return {name: b"".join(content) for name, content in found}


def died(act: Callable[[], object], moment: int, patch: Callable[[Callable[[], None]], None]) -> bool:
    """Whether it died, in a process of its own, at the n-th of the moments that ``patch`` lets it pass."""
    child = os.fork()
    if child == 0:
        left = moment

        def passing() -> None:
            nonlocal left
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

        try:
            patch(passing)
            act()
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)
