"""JSON Schemas as trees: going through the schemas inside of a schema, and writing one as text."""

from collections.abc import Callable
from typing import Any

from pydantic_core import to_json

Schema = dict[str, Any]

# The keywords that hold schemas; what others hold is data, whatever it looks like.
_ONE = frozenset({"items", "additionalProperties", "contains", "propertyNames", "not"})
_LISTS = frozenset({"anyOf", "oneOf", "allOf", "prefixItems"})
_MAPS = frozenset({"properties", "patternProperties", "$defs"})


def rebuild(schema: Any, change: Callable[[Any], Any]) -> Any:
    """A copy of `schema` with each schema directly inside of it replaced by `change` of it."""
    if not isinstance(schema, dict):
        return schema  # True or False
    copy = {}
    for key, value in schema.items():
        if key in _ONE:
            value = change(value)
        elif key in _LISTS:
            value = [change(one) for one in value]
        elif key in _MAPS:
            value = {name: change(one) for name, one in value.items()}
        copy[key] = value
    return copy


def inner(schema: Any) -> list[Any]:
    """The schemas directly inside of `schema`."""
    found: list[Any] = []
    rebuild(schema, found.append)
    return found


def reference(schema: Any) -> str | None:
    """The name of the definition that `schema` refers to."""
    target = schema.get("$ref") if isinstance(schema, dict) else None
    prefix = "#/$defs/"
    return target[len(prefix) :] if isinstance(target, str) and target.startswith(prefix) else None


def to_text(value: Any) -> str:
    """`value` as JSON text; numbers that are not finite become strings."""
    return to_json(value, inf_nan_mode="strings", bytes_mode="utf8").decode()
