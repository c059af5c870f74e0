"""``csp.json``, from a file or an address, read again when it has changed."""

from __future__ import annotations

import logging
import threading
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from troth.core.consent.rules import LARGEST, Rules, from_json
from troth.core.errors import TrothError, UsageError

FILE_SECONDS, ADDRESS_SECONDS = 2.0, 300.0
"""How often the source is looked at."""
_PATIENCE = 5.0
_log = logging.getLogger("troth.enforce")


class Source:
    """The rules in force. What cannot be read later on leaves those that were there; the log says so."""

    def __init__(self, place: str | Path, clock: Callable[[], float] = time.monotonic) -> None:
        """``place``: a file, or an address with http:// or https://. Raises UsageError when it cannot be read now."""
        self._place, self._clock = str(place), clock
        self._remote = self._place.startswith(("http://", "https://"))
        self._every = ADDRESS_SECONDS if self._remote else FILE_SECONDS
        self._turn = threading.Lock()
        self._stamp: object = None
        self._rules = self._read()
        self._looked = clock()

    def get(self) -> Rules:
        """The rules. Never waits for the network: an address is asked again beside the answers."""
        if self._clock() - self._looked >= self._every and self._turn.acquire(blocking=False):
            self._looked = self._clock()
            if self._remote:
                threading.Thread(target=self._renew, daemon=True).start()
            else:
                self._renew()
        return self._rules

    def _renew(self) -> None:
        try:
            self._rules = self._read()
        except TrothError as error:
            _log.warning("%s; what was read before stays in force", error.message)
        finally:
            self._turn.release()

    def _read(self) -> Rules:
        if self._remote:
            return from_json(_fetched(self._place))
        try:
            file = Path(self._place)
            stat = file.stat()
            stamp = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
            if stamp == self._stamp:
                return self._rules
            rules = from_json(file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            raise UsageError(
                f"{self._place} cannot be read", remedy="write it: troth banner export -o csp.json"
            ) from None
        self._stamp = stamp
        return rules


def _fetched(address: str) -> str:
    if urlsplit(address).username is not None:
        raise UsageError("the address of csp.json must not hold a password")
    try:
        with urllib.request.urlopen(address, timeout=_PATIENCE) as answer:  # noqa: S310 (http and https only: Source)
            content: bytes = answer.read(LARGEST + 1)
            return content.decode("utf-8")
    except (OSError, ValueError):
        raise UsageError(
            "csp.json did not come from its address", remedy="look whether Troth answers at /consent/csp.json"
        ) from None
