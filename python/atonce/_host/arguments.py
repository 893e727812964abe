"""From a function's parameters to what validates its arguments and to their JSON Schema.

Every parameter is given by keyword, whatever its kind, because arguments come as a JSON object:
`*names` is an array under its own name, `**names` are the further members of the object.
"""

import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from pydantic_core import (
    CoreSchema,
    PydanticSerializationError,
    SchemaValidator,
    to_jsonable_python,
)

from atonce._host import plain
from atonce._host.fields import Field, combine
from atonce._host.signature import EMPTY, VAR_KEYWORD, VAR_POSITIONAL, Parameter


class Arguments(NamedTuple):
    validate: Callable[[bytes], Any]  # JSON -> ((), keywords); raises ValidationError
    core: CoreSchema
    schema: dict[str, Any]  # JSON Schema of the arguments object; may hold $defs
    aliases: dict[str, str]  # what callers call a parameter, by its name in the function


def make_arguments(parameters: Sequence[Parameter], tool: str) -> Arguments:
    """Raises ToolsError, which names the parameter, for a type that no JSON can stand for."""
    fields = [_to_field(one) for one in parameters]
    plains = [None if _has_metadata(one) else plain.translate(one.annotation) for one in fields]
    found = [one for one in plains if one is not None]
    if len(found) == len(fields):
        core = combine((field, one.core) for field, one in zip(fields, found, strict=True))
        schema = _object_schema(fields, [one.schema for one in found])
    else:
        from atonce._host.pydantic_types import make_schemas, with_metadata

        fields = [with_metadata(field) for field in fields]
        core, schema = make_schemas(fields, tool)
    _show_defaults(schema, fields)
    aliases = {field.name: field.alias for field in fields if not field.is_rest}
    return Arguments(SchemaValidator(core).validate_json, core, schema, aliases)


def _to_field(one: Parameter) -> Field:
    if one.kind is VAR_POSITIONAL:
        many = list[one.annotation]  # type: ignore[name-defined]  # a type made at run time
        return Field(one.name, one.name, many, (), shows_default=False)
    return Field(one.name, one.name, one.annotation, one.default, is_rest=one.kind is VAR_KEYWORD)


def _has_metadata(field: Field) -> bool:
    """Whether the default is pydantic's `Field(...)`; nobody has one before pydantic is there."""
    module = sys.modules.get("pydantic.fields")
    return module is not None and isinstance(field.default, module.FieldInfo)


def _object_schema(fields: Sequence[Field], schemas: Sequence[dict[str, Any]]) -> dict[str, Any]:
    pairs = list(zip(fields, schemas, strict=True))
    properties = {field.alias: schema for field, schema in pairs if not field.is_rest}
    whole: dict[str, Any] = {"type": "object", "properties": properties}
    if required := [field.alias for field in fields if field.is_required]:
        whole["required"] = required
    rest = [schema for field, schema in pairs if field.is_rest]
    if not rest:
        whole["additionalProperties"] = False
    elif rest[0]:
        whole["additionalProperties"] = rest[0]
    return whole


def _show_defaults(schema: dict[str, Any], fields: Sequence[Field]) -> None:
    for field in fields:
        if field.default is EMPTY or not field.shows_default:
            continue
        shown = schema["properties"][field.alias]
        shown.pop("default", None)
        # An object that only Python knows is not shown: the argument is just optional.
        with suppress(PydanticSerializationError, ValueError, RecursionError):
            shown["default"] = to_jsonable_python(field.default, bytes_mode="utf8")
