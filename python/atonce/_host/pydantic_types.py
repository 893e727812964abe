"""The schemas of arguments whose types need pydantic."""

import types
from collections.abc import Callable, Sequence
from copy import copy
from typing import Annotated, Any, cast, get_origin

from pydantic import GetCoreSchemaHandler, PydanticUserError, TypeAdapter
from pydantic.errors import PydanticInvalidForJsonSchema
from pydantic.fields import FieldInfo
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaWarningKind
from pydantic_core import CoreSchema, PydanticUndefined, SchemaError

from atonce import ToolsError
from atonce._host.fields import Field, combine
from atonce._host.signature import EMPTY


class SchemaWriter(GenerateJsonSchema):
    def get_title_from_name(self, _name: str) -> str:
        return ""  # "Currency From" tells a model nothing that `currency_from` does not

    def is_subclass_schema(self, schema: Any) -> dict[str, Any]:
        # pydantic writes {}, but no JSON is a class.
        return self.handle_invalid_for_json_schema(schema, "a class")

    def render_warning_message(self, _kind: JsonSchemaWarningKind, _detail: str) -> None:
        return None  # a default that JSON cannot show is just not shown


class _ArgumentsOf:
    """Stands in an annotation for "the arguments of this tool", so that pydantic collects them."""

    def __init__(self, fields: Sequence[Field], tool: str) -> None:
        self._fields = fields
        self._tool = tool

    def __get_pydantic_core_schema__(
        self, _source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return combine([(field, self._core_of(field, handler)) for field in self._fields])

    def _core_of(self, field: Field, handler: GetCoreSchemaHandler) -> CoreSchema:
        try:
            return handler.generate_schema(field.annotation)
        except ToolsError:
            raise
        except Exception as error:  # types bring code of their own
            raise _unusable(field, self._tool, error) from None


def with_metadata(field: Field) -> Field:
    """The field with what pydantic's `Field(...)`, as default or in Annotated, says about it."""
    annotation = field.annotation
    if isinstance(field.default, FieldInfo):
        annotation = Annotated[annotation, field.default]
        field = field._replace(default=EMPTY)
    if get_origin(annotation) is not Annotated:
        return field
    kept = []
    for info in annotation.__metadata__:
        if isinstance(info, FieldInfo):
            field = _with_info(field, info)
            info = _about_type(info)
        kept.append(info)
    return field._replace(annotation=Annotated[annotation.__origin__, *kept])


def make_schemas(fields: Sequence[Field], tool: str) -> tuple[CoreSchema, dict[str, Any]]:
    """The core schema and the JSON Schema. Raises ToolsError, which names the parameter."""
    try:
        adapter: TypeAdapter[Any] = TypeAdapter(Annotated[Any, _ArgumentsOf(fields, tool)])
        return adapter.core_schema, adapter.json_schema(schema_generator=SchemaWriter)
    except (PydanticUserError, PydanticInvalidForJsonSchema, SchemaError) as error:
        if len(fields) > 1:
            for field in fields:
                make_schemas([field], tool)  # raises for the one at fault
        raise _unusable(fields[0], tool, error) from None


def _with_info(field: Field, info: FieldInfo) -> Field:
    alias = info.validation_alias or info.alias
    if isinstance(alias, str):
        field = field._replace(alias=alias)
    if not field.is_required or info.is_required():
        return field
    if info.default_factory is not None:
        # Factories that look at other fields are for models.
        return field._replace(factory=cast("Callable[[], Any]", info.default_factory))
    return field._replace(default=info.default)


def _about_type(info: FieldInfo) -> FieldInfo:
    """Without what says something about the parameter rather than its type."""
    info = copy(info)
    info.alias = info.validation_alias = info.serialization_alias = None
    info.default, info.default_factory = PydanticUndefined, None
    return info


def _unusable(field: Field, tool: str, error: Exception) -> ToolsError:
    reason = str(error).partition("\n")[0].rstrip(".")
    if isinstance(error, PydanticInvalidForJsonSchema):
        reason = "JSON has nothing that can stand for it"
    elif "arbitrary_types_allowed" in str(error):
        reason = "it is an ordinary class"
    return ToolsError(
        f"the parameter `{field.name}` of `{tool}` has the type {type_name(field.annotation)}, "
        f"which no JSON can be turned into: {reason}",
        "use a dataclass, a pydantic model or a built-in type; or leave the parameter out and make "
        "the object inside the function",
    )


def type_name(annotation: Any) -> str:
    """How a person would write the type: `Path`, `list[int]`."""
    if isinstance(annotation, type) and not isinstance(annotation, types.GenericAlias):
        return f"`{annotation.__qualname__}`"
    return f"`{str(annotation).replace('typing.', '').replace('collections.abc.', '')}`"
