"""The types that need no more than pydantic_core: str, int, list[str], Literal["a", "b"] and such.

Importing pydantic itself and making its first TypeAdapter takes longer than starting Python, and
most tools do without. What this gives is exactly what pydantic gives (a test holds it to that);
everything that is not certain to be plain is left to pydantic.
"""

import types
from typing import Any, Literal, NamedTuple, Union, get_args, get_origin

from pydantic_core import CoreSchema, core_schema


class Plain(NamedTuple):
    core: CoreSchema
    schema: dict[str, Any]  # JSON Schema


def translate(annotation: Any) -> Plain | None:
    """Both schemas of a plain type; None for any other."""
    if annotation is None:
        annotation = types.NoneType
    if isinstance(annotation, type) and annotation in _SCALARS:
        make, schema = _SCALARS[annotation]
        return Plain(make(), dict(schema))
    if annotation is Any:
        return Plain(core_schema.any_schema(), {})
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in (Union, types.UnionType):
        return _union(arguments)
    if origin is Literal:
        return _literal(arguments)
    if origin is list or annotation is list:
        return _list(arguments)
    if origin is dict or annotation is dict:
        return _dict(arguments)
    return None


_SCALARS: dict[type, tuple[Any, dict[str, Any]]] = {
    str: (core_schema.str_schema, {"type": "string"}),
    int: (core_schema.int_schema, {"type": "integer"}),
    float: (core_schema.float_schema, {"type": "number"}),
    bool: (core_schema.bool_schema, {"type": "boolean"}),
    types.NoneType: (core_schema.none_schema, {"type": "null"}),
}


def _list(arguments: tuple[Any, ...]) -> Plain | None:
    items = translate(arguments[0] if arguments else Any)
    if items is None:
        return None
    core = core_schema.list_schema(items.core)
    return Plain(core, {"type": "array", "items": items.schema})


def _dict(arguments: tuple[Any, ...]) -> Plain | None:
    key, value = arguments or (Any, Any)
    values = translate(value)
    if values is None or key not in (str, Any) or (key is Any and arguments):
        return None
    keys = core_schema.str_schema() if key is str else core_schema.any_schema()
    core = core_schema.dict_schema(keys, values.core)
    return Plain(core, {"type": "object", "additionalProperties": values.schema or True})


def _union(arguments: tuple[Any, ...]) -> Plain | None:
    members = [translate(one) for one in arguments if one is not types.NoneType]
    found = [one for one in members if one is not None]
    # pydantic merges members with equal schemas; rare enough to leave to it.
    if len(found) != len(members) or any(found.count(one) > 1 or not one.schema for one in found):
        return None
    cores = [one.core for one in found]
    schemas = [one.schema for one in found]
    if any("anyOf" in schema for schema in schemas):
        return None
    core = cores[0] if len(cores) == 1 else core_schema.union_schema(list(cores))
    if types.NoneType in arguments:
        core = core_schema.nullable_schema(core)
        schemas.append({"type": "null"})
    return Plain(core, {"anyOf": schemas})


def _literal(values: tuple[Any, ...]) -> Plain | None:
    for kind, name in ((str, "string"), (int, "integer")):
        if all(type(value) is kind for value in values):
            core = core_schema.literal_schema(list(values))
            if len(values) == 1:
                return Plain(core, {"const": values[0], "type": name})
            return Plain(core, {"enum": list(values), "type": name})
    return None
