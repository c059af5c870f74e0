"""``${NAME}`` in a policy file stands for an environment variable; ``$${`` for the two characters themselves."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping

from troth.core.errors import UsageError
from troth.core.policy.model import Store

_PLACE = re.compile(r"\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)\}|\$\{")
_SQLITE = re.compile(r"^(sqlite(?:\+\w+)?:///)([^/].*)$", re.DOTALL)


class VariableUnset(Exception):
    """A variable is not set (``name``), or is not named rightly (empty ``name``)."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def expand(text: str, env: Mapping[str, str]) -> str:
    """The text with its variables put in. Raises VariableUnset."""

    def value(match: re.Match[str]) -> str:
        if match[0] == "$${":
            return "${"
        name = match[1]
        if name is None or name not in env:
            raise VariableUnset(name or "")
        return env[name]

    return _PLACE.sub(value, text)


def expand_url(store: Store, env: Mapping[str, str]) -> str:
    """A store's ``url`` with its variables put in, at the moment of connecting.

    Raises UsageError that names the variable and the place, never a value.
    """
    where = f"{store.at}: " if store.at else ""
    try:
        return expand(store.url, env)
    except VariableUnset as error:
        if not error.name:
            raise UsageError(f"{where}the url of store {store.name} has '${{' without a name and '}}'") from None
        raise UsageError(
            f"{where}the environment variable {error.name} is not set",
            remedy=f"set {error.name} to the address of the store {store.name}",
        ) from None


def beside(url: str, folder: str) -> str:
    """A relative SQLite address counted from ``folder``; any other address unchanged."""
    match = _SQLITE.match(url)
    if match is None or match[2].startswith((":memory:", "${", "file:", "?")) or not folder:
        return url
    return match[1] + posixpath.join(folder, match[2])
