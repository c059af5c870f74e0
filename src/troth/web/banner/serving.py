"""The script as bytes, made once for each language and encoding."""

from __future__ import annotations

import gzip
import threading
from dataclasses import dataclass
from hashlib import sha256

import brotli

from troth.web.banner.compiling import script
from troth.web.pages.published import InForce


@dataclass(frozen=True, slots=True)
class Served:
    """A script and its compressed forms; ``mark`` names its content."""

    mark: str
    forms: dict[str, bytes]
    """Bytes by content encoding; ``identity`` is the script itself."""


class Shelf:
    """The scripts of the version in force, one set for each process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._of: tuple[object, object] = (None, None)
        self._made: dict[tuple[str, str, str], Served] = {}

    def get(self, in_force: InForce, language: str, theme: str, scheme: str) -> Served:
        """The script for readers of a language, in a look."""
        key = (language, theme, scheme)
        with self._lock:
            if self._of[0] is not in_force.policy or self._of[1] != in_force.look:
                self._of, self._made = (in_force.policy, in_force.look), {}
            if key not in self._made:
                self._made[key] = _served(script(in_force.policy, in_force.look, *key))
            return self._made[key]


def _served(text: str) -> Served:
    plain = text.encode()
    forms = {
        "br": brotli.compress(plain, mode=brotli.MODE_TEXT, quality=11),
        "gzip": gzip.compress(plain, 9, mtime=0),
        "identity": plain,
    }
    return Served(sha256(plain).hexdigest()[:16], forms)


shelf = Shelf()
