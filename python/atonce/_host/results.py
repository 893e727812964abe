"""How results become JSON.

pydantic_core.to_json looks at the value, not at the declared type, and is right for nearly all;
`fallback` is what it asks for the rest. Only a return type that says in its own way how it is
written (Base64Bytes, PlainSerializer) needs a serializer of its own.
"""

import dataclasses
from collections.abc import Callable, ItemsView, KeysView, Mapping, Sequence, Set, ValuesView
from functools import partial
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

from pydantic_core import to_json
from pydantic_core.core_schema import CoreConfig

from atonce import EmbeddedResource, ResourceLink, Text, ToolResult
from atonce._host.signature import EMPTY
from atonce._media import Media

INF_NAN_MODE: Literal["strings"] = "strings"
BYTES_MODE: Literal["utf8"] = "utf8"


_CONTENT = (Media, Text, ResourceLink, EmbeddedResource, ToolResult)
_CONFIG = CoreConfig(ser_json_inf_nan=INF_NAN_MODE, ser_json_bytes=BYTES_MODE)


def fallback(value: Any) -> Any:
    """What to write for a value that pydantic_core does not know; raises TypeError when unknown."""
    if isinstance(value, _CONTENT):
        return value._to_json()
    if isinstance(value, memoryview):
        return bytes(value)
    if hasattr(value, "tolist"):
        return value.tolist()  # numpy's numbers and arrays
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (Sequence, Set, KeysView, ValuesView, ItemsView)):
        return list(value)  # deque, range, the views of a dict
    raise TypeError(f"JSON has nothing for the type `{type(value).__qualname__}`")


def json_text(value: Any) -> str:
    """`value` as a result of it is written; raises what a result's writing does."""
    return to_json(
        value, inf_nan_mode=INF_NAN_MODE, bytes_mode=BYTES_MODE, fallback=fallback
    ).decode()


def make_serializer(annotation: Any) -> Callable[[Any], bytes] | None:
    """A serializer for results of the type `annotation`; None where to_json does right."""
    if annotation is EMPTY or not _has_own_form(annotation, set()):
        return None
    from pydantic import TypeAdapter
    from pydantic_core import SchemaSerializer

    try:
        schema = TypeAdapter(annotation).core_schema
    except Exception:  # the type is the user's; values of it may do all the same
        return None
    serializer = SchemaSerializer(_configured(schema), _CONFIG)
    return partial(serializer.to_json, warnings=False, fallback=fallback)


def _configured(schema: Any) -> Any:
    """The core schema with _CONFIG also in its parts, since a class's fields go by its own."""
    if isinstance(schema, list | tuple):
        return [_configured(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    copy = {key: _configured(value) for key, value in schema.items() if key != "metadata"}
    if copy.get("type") in ("dataclass", "typed-dict"):
        copy["config"] = _CONFIG | copy.get("config", {})
    return copy


def _has_own_form(annotation: Any, seen: set[int]) -> bool:
    """Whether some part of the type says how it is written, and its values do not."""
    if id(annotation) in seen:
        return False
    seen.add(id(annotation))
    if get_origin(annotation) is Annotated and any(map(_is_custom, annotation.__metadata__)):
        return True
    if isinstance(annotation, type) and not get_origin(annotation):
        return _class_has_own_form(annotation, seen)
    return any(_has_own_form(one, seen) for one in get_args(annotation))


def _class_has_own_form(kind: type, seen: set[int]) -> bool:
    if hasattr(kind, "__pydantic_serializer__") or issubclass(kind, Media):
        return False  # its values know it
    if _is_custom(kind):
        return True
    return any(_has_own_form(one, seen) for one in field_types(kind))


def field_types(kind: type) -> list[Any]:
    if not _has_fields(kind):
        return []
    try:
        return list(get_type_hints(kind, include_extras=True).values())
    except Exception:  # a name that is not known at run time
        return []


def _has_fields(kind: type) -> bool:
    return (
        dataclasses.is_dataclass(kind)
        or hasattr(kind, "__total__")  # a TypedDict
        or (issubclass(kind, tuple) and hasattr(kind, "_fields"))
    )


def _is_custom(value: Any) -> bool:
    return hasattr(value, "__get_pydantic_core_schema__")
