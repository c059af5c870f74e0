"""What may stand at a place of a policy file, read off its JSON Schema."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from troth.core.policy.schema import json_schema

JsonSchema = dict[str, Any]


@dataclass(frozen=True)
class Shape:
    """The schemas that may apply at one place; alternatives side by side."""

    root: JsonSchema
    options: tuple[JsonSchema, ...]

    def below(self, step: str | int) -> Shape:
        """What may stand one step further down."""
        found: list[JsonSchema] = []
        for option in self.options:
            found.extend(_child(option, step))
        return Shape(self.root, tuple(leaf for s in found for leaf in _flat(self.root, s)))

    def keys(self) -> list[str]:
        """The fixed keys that may stand here, in their order."""
        return list(dict.fromkeys(k for option in self.options for k in option.get("properties", {})))

    def has_free_keys(self) -> bool:
        """Whether the keys here are names that the author chooses."""
        return any(isinstance(o.get("additionalProperties"), dict) for o in self.options)


def shape_at(path: Sequence[str | int]) -> Shape:
    """The shape at a path of the written-out document; a step that no schema has is passed over."""
    schema = json_schema()
    shape = Shape(schema, tuple(_flat(schema, schema)))
    for step in path:
        below = shape.below(step)
        shape = below if below.options else shape
    return shape


def exact_shape_at(path: Sequence[str | int]) -> Shape:
    """As ``shape_at``, but empty when the path leads nowhere."""
    schema = json_schema()
    shape = Shape(schema, tuple(_flat(schema, schema)))
    for step in path:
        shape = shape.below(step)
    return shape


def _child(option: JsonSchema, step: str | int) -> Iterator[JsonSchema]:
    if isinstance(step, int):
        if isinstance(option.get("items"), dict):
            yield option["items"]
    elif step in option.get("properties", {}):
        yield option["properties"][step]
    elif isinstance(option.get("additionalProperties"), dict):
        yield option["additionalProperties"]


def _flat(root: JsonSchema, schema: JsonSchema) -> Iterator[JsonSchema]:
    if "$ref" in schema:
        yield from _flat(root, root["$defs"][schema["$ref"].rsplit("/", 1)[-1]])
    for option in schema.get("anyOf", ()):
        yield from _flat(root, option)
    if "$ref" not in schema and "anyOf" not in schema:
        yield schema
