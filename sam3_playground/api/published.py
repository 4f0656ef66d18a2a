"""The form that the published API's schema has, for all bodies."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict


def _as_published(schema: dict[str, Any]) -> None:
    """Optional fields without null, as the published schema has them."""
    for name, field in schema.get("properties", {}).items():
        choices = [choice for choice in field.get("anyOf", []) if choice != {"type": "null"}]
        if len(choices) == 1:
            del field["anyOf"]
            schema["properties"][name] = choices[0] | field
        elif choices:
            field["anyOf"] = choices
        if field.get("default", "") is None:
            del schema["properties"][name]["default"]


class Wire(BaseModel):
    """What all bodies have in common."""

    model_config = ConfigDict(
        allow_inf_nan=False, protected_namespaces=(), json_schema_extra=_as_published
    )
