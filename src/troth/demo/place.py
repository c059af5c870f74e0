"""Where something of the demo answers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """A site on this machine."""

    what: str
    host: str
    port: int
    wished: int
    """The port that it would have had if nobody had been there."""

    @property
    def address(self) -> str:
        """For a browser."""
        return f"http://{self.host}:{self.port}"
