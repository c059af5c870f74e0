"""What the site's tests compute again and again from the same input, computed once: policies read, pages typeset.

Both are functions of what they are given, and slow; a site that is tested a thousand times with one policy needs
neither a thousand times. What they do is tested where they are at home, without this.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

ROOM = 60
"""How many different policies are kept, and how many pages."""


@contextmanager
def remembered() -> Iterator[None]:
    """Within, a policy whose files and variables are as they once were is the one that was read then."""
    from troth.core.policy import loader

    with patch.object(loader, "examine", _Examined(loader.examine, _POLICIES)):
        try:
            import typst
        except ImportError:
            yield
            return
        with patch.object(typst, "compile", _Typeset(typst.compile, _PAGES)):
            yield


@dataclass
class _Asked:
    """What one reading asked for, and the answers; it counts again as long as they are the same."""

    made: Any = None
    files: dict[str, bytes] = field(default_factory=dict)
    variables: dict[str, str | None] = field(default_factory=dict)

    def holds(self, read: Callable[[str], bytes], env: Mapping[str, str]) -> bool:
        if any(env.get(name) != value for name, value in self.variables.items()):
            return False
        try:
            return all(read(name) == content for name, content in self.files.items())
        except (OSError, ValueError, KeyError):
            return False


_POLICIES: dict[tuple[bytes, str, str | None], list[_Asked]] = {}
_PAGES: dict[str, Any] = {}


@dataclass
class _Examined:
    """``loader.examine``, which remembers."""

    really: Callable[..., Any]
    kept: dict[tuple[bytes, str, str | None], list[_Asked]]

    def __call__(
        self, source: bytes, *, name: str, read: Callable[[str], bytes], env: Mapping[str, str],
        folder: str | None = None,
    ) -> Any:  # fmt: skip
        known = self.kept.setdefault((source, name, folder), [])
        for one in known:
            if one.holds(read, env):
                return one.made
        asked = _Asked()
        watched = _Watched(read, env, asked)
        asked.made = self.really(source, name=name, read=watched.read, env=watched, folder=folder)
        if watched.plain:
            known.append(asked)
        if len(self.kept) > ROOM:
            del self.kept[next(iter(self.kept))]
        return asked.made


class _Watched(Mapping[str, str]):
    """The environment and the files as they are, and who asked for what."""

    def __init__(self, read: Callable[[str], bytes], env: Mapping[str, str], asked: _Asked) -> None:
        self._read, self._env, self._asked = read, env, asked
        self.plain = True
        """Whether all that was asked for is known: no file was missing, and nobody looked at the whole."""

    def read(self, name: str) -> bytes:
        try:
            found = self._asked.files[name] = self._read(name)
        except BaseException:
            self.plain = False
            raise
        return found

    def __getitem__(self, name: str) -> str:
        self._asked.variables[name] = self._env.get(name)
        return self._env[name]

    def __iter__(self) -> Iterator[str]:
        self.plain = False
        return iter(self._env)

    def __len__(self) -> int:
        self.plain = False
        return len(self._env)


@dataclass
class _Typeset:
    """``typst.compile``, which remembers what it made of what it was given."""

    really: Callable[..., Any]
    kept: dict[str, Any]

    def __call__(self, template: bytes, **given: Any) -> Any:
        key = repr((template, sorted(given.items())))
        if key not in self.kept:
            self.kept[key] = self.really(template, **given)
        if len(self.kept) > ROOM:
            del self.kept[next(iter(self.kept))]
        return self.kept[key]
