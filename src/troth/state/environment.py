"""Secrets from the environment: in a variable, or better in a file that a variable names."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from troth.core.errors import UsageError

FILE = "_FILE"
_MOST = 64 * 1024


def secret(name: str, env: Mapping[str, str] | None = None) -> str:
    """The value of ``NAME``, else the content of the file that ``NAME_FILE`` names; empty where neither is set.

    Line ends after the value are not part of it. Raises UsageError naming the variable when the file cannot be read.
    """
    env = os.environ if env is None else env
    if env.get(name):
        return env[name]
    path = env.get(f"{name}{FILE}")
    if not path:
        return ""
    try:
        with Path(path).open(encoding="utf-8") as file:
            return file.read(_MOST).rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        said = error.strerror.lower() if isinstance(error, OSError) and error.strerror else "not a text"
        raise UsageError(
            f"{name}{FILE} names a file that cannot be read ({said})",
            remedy=f"let it name a file with the value of {name}",
        ) from None


class Environment(Mapping[str, str]):
    """The environment of this process; a variable that is not set may have its value in a file (``NAME_FILE``)."""

    def __getitem__(self, name: str) -> str:
        if name in os.environ:
            return os.environ[name]
        if os.environ.get(f"{name}{FILE}"):
            return secret(name)
        raise KeyError(name)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and (name in os.environ or bool(os.environ.get(f"{name}{FILE}")))

    def __iter__(self) -> Iterator[str]:
        return iter(os.environ)

    def __len__(self) -> int:
        return len(os.environ)
