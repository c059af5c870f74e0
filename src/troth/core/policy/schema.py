"""The JSON Schema of policy files, for editors; made from the sections themselves."""

from __future__ import annotations

from functools import cache
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from troth.core.policy.document import PolicyDocument

TITLE = "Troth policy"


class _Generator(GenerateJsonSchema):
    """Two differences: names that do not fit their pattern are refused, and titles are left out because they
    only repeat the keys."""

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        keys = self.generate_inner(schema["keys_schema"]) if "keys_schema" in schema else {}
        values = self.generate_inner(schema["values_schema"]) if "values_schema" in schema else {}
        result: JsonSchemaValue = {"type": "object", "additionalProperties": values}
        names = {k: v for k, v in keys.items() if k not in ("type", "title")}
        if names:
            result["propertyNames"] = names
        self.update_with_validations(result, schema, self.ValidationsMapping.object)
        return result

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


@cache
def json_schema() -> dict[str, Any]:
    """The schema as plain data (draft 2020-12). One and the same object every time: do not change it."""
    schema = PolicyDocument.model_json_schema(by_alias=True, schema_generator=_Generator, mode="validation")
    _drop_titles(schema)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": TITLE,
        **schema,
    }


def _drop_titles(schema: dict[str, Any]) -> None:
    for definition in (schema, *schema.get("$defs", {}).values()):
        definition.pop("title", None)
