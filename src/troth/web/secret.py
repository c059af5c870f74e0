"""The key that signs what the site hands out and takes back. It is made once and kept beside the state."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

FILE = "site.key"


def secret_key(state: Path) -> str:
    """The key; made at the first start, readable by its owner only."""
    path = state / FILE
    try:
        return path.read_text(encoding="ascii")
    except FileNotFoundError:
        pass
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = secrets.token_urlsafe(48)
    fresh = path.with_name(f"{FILE}.{os.getpid()}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(made)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(fresh, path)  # the first of several processes wins
    except FileExistsError:
        made = path.read_text(encoding="ascii")
    fresh.unlink()
    return made
