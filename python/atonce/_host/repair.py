"""The second try at arguments that did not fit: mends what models often get wrong.

- JSON in a string where the type takes no string: "[1, 2]" for list[int], "null" for int | None;
- the name of an Enum's member instead of its value.
"""

from collections.abc import Iterator
from enum import Enum
from typing import Any

from pydantic_core import (
    CoreSchema,
    SchemaValidator,
    ValidationError,
    core_schema,
    from_json,
    to_json,
)

from atonce._host.arguments import Arguments
from atonce._host.problems import Problem, collect

# JSON may hold JSON that holds JSON; more than this is no accident.
_MOST_ROUNDS = 3
_NOTHING = object()

# Errors which say that no string could have stood here, whatever its text.
_NOT_A_STRING = frozenset(
    {
        "arguments_type",
        "bool_parsing",
        "dataclass_type",
        "dict_type",
        "float_parsing",
        "frozen_set_type",
        "int_from_float",
        "int_parsing",
        "iterable_type",
        "list_type",
        "model_attributes_type",
        "model_type",
        "none_required",
        "set_type",
        "tuple_type",
    }
)
_CHOICES = frozenset({"enum", "literal_error"})


def revalidate(arguments: Arguments, raw: bytes) -> Any:
    """Validates again after mending; raises the first try's ValidationError if that is no help."""
    first: ValidationError | None = None
    text = raw
    for _ in range(_MOST_ROUNDS):
        try:
            return arguments.validate(text)
        except ValidationError as error:
            first = first or error
            mended = _mend(arguments.core, error, text)
            if mended is None:
                break
            text = mended
    assert first is not None
    raise first


def _mend(core: CoreSchema, error: ValidationError, text: bytes) -> bytes | None:
    """The arguments with all that can be mended; None when that is nothing."""
    try:
        value = from_json(text)
    except ValueError:
        return None
    holder = [value]
    is_changed = False
    for problem in collect(error, value):
        better = _better(core, problem)
        if better is not _NOTHING:
            _put(holder, (0, *problem.path), better)
            is_changed = True
    return to_json(holder[0]) if is_changed else None


def _put(value: Any, path: tuple[str | int, ...], new: Any) -> None:
    for step in path[:-1]:
        value = value[step]
    value[path[-1]] = new


def _better(core: CoreSchema, problem: Problem) -> Any:
    if not isinstance(problem.value, str):
        return _NOTHING
    for error in problem.errors:
        if error["type"] == "enum":
            value = _value_of_member(core, problem.value, error["ctx"]["expected"])
            if value is not _NOTHING:
                return value
    if all(_refuses_strings(error) for error in problem.errors):
        return _from_string(problem.value)
    return _NOTHING


def _refuses_strings(error: Any) -> bool:
    if error["type"] in _CHOICES:
        return "'" not in error["ctx"]["expected"]  # none of the choices is a string
    return error["type"] in _NOT_A_STRING


def _from_string(text: str) -> Any:
    try:
        value = from_json(text)
    except ValueError:
        return _NOTHING
    return _NOTHING if isinstance(value, str) else value


def _value_of_member(core: CoreSchema, name: str, expected: str) -> Any:
    """The value of the member `name` of the Enum whose choices pydantic described as `expected`."""
    for schema in _enums(core):
        kind: type[Enum] = schema["cls"]
        member = kind.__members__.get(name)
        if member is not None and _describe_choices(schema, name) == expected:
            return member.value
    return _NOTHING


def _describe_choices(schema: Any, refused: str) -> str | None:
    plain = core_schema.enum_schema(
        schema["cls"], schema["members"], sub_type=schema.get("sub_type")
    )
    try:
        SchemaValidator(plain).validate_python(refused)
    except ValidationError as error:
        context = error.errors(include_url=False)[0].get("ctx", {})
        return context.get("expected")
    return None


def _enums(schema: Any) -> Iterator[Any]:
    """The schemas of all Enums inside of a core schema."""
    if isinstance(schema, dict):
        if schema.get("type") == "enum":
            yield schema
        for key, value in schema.items():
            if key not in ("default", "metadata", "serialization"):
                yield from _enums(value)
    elif isinstance(schema, list | tuple):
        for value in schema:
            yield from _enums(value)
