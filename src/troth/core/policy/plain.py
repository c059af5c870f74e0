"""The tree as plain data: variables put in, secrets in clear refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from troth.core.policy.environment import VariableUnset, expand
from troth.core.policy.model import Position
from troth.core.policy.problems import Problem, problem
from troth.core.policy.secrets import is_secret_key, is_variable, secrets_in_text
from troth.core.policy.shape import exact_shape_at
from troth.core.policy.tree import ListNode, MapNode, Node, Path, ScalarNode, Value


@dataclass
class Plain:
    """What a tree becomes. ``secrets`` must never be shown; ``judged`` are the places already complained of."""

    env: Mapping[str, str]
    problems: list[Problem] = field(default_factory=list)
    secrets: set[str] = field(default_factory=set)
    judged: set[Position] = field(default_factory=set)

    def data(self, node: Node, path: Path = ()) -> Any:
        """The data at a node. Values of stores' addresses and of secret keys keep their ``${NAME}``: they are
        put in when they are used, so that no copy of the policy holds them."""
        if isinstance(node, MapNode):
            return {key: self.data(child, (*path, key)) for key, (_, child) in node.entries.items()}
        if isinstance(node, ListNode):
            return [self.data(child, (*path, i)) for i, child in enumerate(node.items)]
        return self._scalar(node, path)

    def _scalar(self, node: ScalarNode, path: Path) -> Value:
        if node.broken:
            self.judged.add(node.at)
        secret_key = self._under_secret_key(path)
        if secret_key and node.value is not None and not is_variable(str(node.value)):
            self._refuse(node, [str(node.value)])
            return node.value
        if not isinstance(node.value, str):
            return node.value
        found = secrets_in_text(node.value)
        if found:
            self._refuse(node, found)
            return node.value
        if secret_key or _kept_for_later(path) or "${" not in node.value:
            return node.value
        return self._expanded(node.value, node, path)

    def _expanded(self, text: str, node: ScalarNode, path: Path) -> str:
        try:
            return expand(text, self.env)
        except VariableUnset as error:
            if not exact_shape_at(path).options:
                return text  # under an unknown key, which is told anyway
            code = "variable_unset" if error.name else "variable_malformed"
            self._complain(code, node, name=error.name)
            return text

    def _refuse(self, node: ScalarNode, found: list[str]) -> None:
        self.secrets.update(found)
        self._complain("secret_in_clear", node)

    def _complain(self, code: str, node: ScalarNode, **params: str) -> None:
        self.problems.append(problem(code, node.at, **params))
        self.judged.add(node.at)

    def _under_secret_key(self, path: Path) -> bool:
        """The key is one of the format's (or an unknown one), not a name that the author chose: a column may
        be called ``password``."""
        depth = next((i for i in range(len(path), 0, -1) if isinstance(path[i - 1], str)), 0)
        if not depth or not is_secret_key(str(path[depth - 1])):
            return False
        return not exact_shape_at(path[: depth - 1]).has_free_keys() and "collections" not in path


def _kept_for_later(path: Path) -> bool:
    return path[-1:] == ("url",) and (path[:1] == ("mail",) or (path[:1] == ("stores",) and len(path) == 3))
