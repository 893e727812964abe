"""What MCP is told of a tool's result: the schema of its structured content."""

from __future__ import annotations

import types
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Callable, Generator
from typing import Any, NamedTuple, Union, get_args, get_origin

from pydantic_core import CoreSchema, SchemaValidator, ValidationError, to_json

from atonce import EmbeddedResource, ResourceLink, Text, ToolResult
from atonce._host import plain
from atonce._host.inline import inline
from atonce._host.results import BYTES_MODE, INF_NAN_MODE, fallback, field_types
from atonce._host.schemas import Schema, reference
from atonce._host.signature import EMPTY
from atonce._media import Media

# What is no object is the only member of one: `{"result": x}`.
RESULT = "result"

_CONTENT = (Media, Text, ResourceLink, EmbeddedResource, ToolResult)
_WORDS = (str, bytes, bytearray, type(None), Any, object, EMPTY)  # nothing but text to a caller
_UNIONS = (Union, types.UnionType)


class Output(NamedTuple):
    schema: Schema  # of an object
    is_wrapped: bool
    core: CoreSchema | None = None  # of the result itself, where the type is plain


def make_output(annotation: Any, kind: str) -> Output | None:
    """Of a tool of this kind (calling.kind_of) with this return type; None when it is not told.

    That is so for text, nothing, Any, media and other content, and types without a schema.
    """
    returned = _returned(annotation, kind)
    if _is_words(returned) or _holds_content(returned, set()):
        return None
    found = plain.translate(returned)
    core = found and found.core
    try:
        schema = found.schema if found is not None else _schema_of(returned)
    except Exception:  # the type is the user's; values of it may do all the same
        return None
    if not schema:
        return None
    if _is_object(schema):
        return Output({"type": "object"} | schema, is_wrapped=False, core=core)
    whole: Schema = {"type": "object"}
    definitions = schema.pop("$defs", None)
    whole |= {"properties": {RESULT: schema}, "required": [RESULT]}
    if definitions is not None:
        whole["$defs"] = definitions
    return Output(whole, is_wrapped=True, core=core)


def make_checked(core: CoreSchema) -> Callable[[Any], bytes]:
    """Writes results as to_json does, and raises TypeError for one that its schema does not allow.

    MCP's clients hold structured content to the schema, and give the model nothing at all of what
    does not fit. Of types that are not plain, the values themselves know what they are.
    """
    validate = SchemaValidator(core).validate_json

    def write(result: Any) -> bytes:
        text = to_json(result, inf_nan_mode=INF_NAN_MODE, bytes_mode=BYTES_MODE, fallback=fallback)
        try:
            validate(text, strict=True)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = "".join(f"/{one}" for one in first["loc"])
            raise TypeError(
                f"the function's return type does not allow it: {where + ': ' if where else ''}"
                f"{first['msg']}"
            ) from None
        return text

    return write


def _returned(annotation: Any, kind: str) -> Any:
    """What the result is: a generator that returns nothing has the list of its yields."""
    if kind in ("function", "async"):
        return annotation
    origin, arguments = get_origin(annotation), get_args(annotation)
    if kind == "async_generator" and origin in (AsyncIterator, AsyncIterable, AsyncGenerator):
        return types.GenericAlias(list, arguments[0])
    if origin is Generator and len(arguments) == 3:
        is_list = arguments[2] in (None, types.NoneType)
        return types.GenericAlias(list, arguments[0]) if is_list else arguments[2]
    return EMPTY  # an Iterator may return something all the same


def _is_words(annotation: Any) -> bool:
    if get_origin(annotation) in _UNIONS:
        return all(_is_words(one) for one in get_args(annotation))
    return any(annotation is one for one in (*_WORDS, None))


def _holds_content(annotation: Any, seen: set[int]) -> bool:
    if id(annotation) in seen:
        return False
    seen.add(id(annotation))
    if isinstance(annotation, type) and not get_origin(annotation):
        if issubclass(annotation, _CONTENT):
            return True
        fields = getattr(annotation, "__pydantic_fields__", {})
        inside = [one.annotation for one in fields.values()] or field_types(annotation)
        return any(_holds_content(one, seen) for one in inside)
    return any(_holds_content(one, seen) for one in get_args(annotation))


def _schema_of(annotation: Any) -> Schema:
    from pydantic import TypeAdapter

    from atonce._host.pydantic_types import SchemaWriter

    schema = TypeAdapter(annotation).json_schema(
        mode="serialization", schema_generator=SchemaWriter
    )
    return _with_root(inline(schema))


def _with_root(schema: Schema) -> Schema:
    """The definition itself in the place of a reference that is all: revisions want an object."""
    name = reference(schema)
    if name is None or set(schema) - {"$ref", "$defs"}:
        return schema
    return {**schema["$defs"][name], "$defs": schema["$defs"]}


def _is_object(schema: Schema) -> bool:
    if schema.get("type") == "object":
        return True
    members = schema.get("anyOf") or schema.get("oneOf") or []
    definitions = schema.get("$defs", {})
    targets = [definitions.get(reference(one), one) for one in members]
    return members != [] and all(one.get("type") == "object" for one in targets)
