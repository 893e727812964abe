"""Schemas that a tool's author wrote by hand: what they say holds before the function is called."""

from collections.abc import Callable
from typing import Any

from jsonschema.exceptions import SchemaError, UndefinedTypeCheck
from jsonschema.exceptions import ValidationError as Misfit
from jsonschema.validators import Draft202012Validator, validator_for
from pydantic_core import (
    InitErrorDetails,
    PydanticCustomError,
    ValidationError,
    from_json,
)
from referencing import Registry
from referencing.exceptions import Unresolvable

from atonce._errors import ToolsError
from atonce._host.schemas import Schema


def enforce(validate: Callable[[bytes], Any], schema: Schema, tool: str) -> Callable[[bytes], Any]:
    """`validate`, and then the schema: what is refused by either raises pydantic's ValidationError.

    The types come first, since what they refuse may be mended; the schema is asked about what the
    caller wrote. Raises ToolsError for what is no schema. Nothing is fetched for a `$ref`.
    """
    kind = validator_for(schema, default=Draft202012Validator)
    try:
        kind.check_schema(schema)
    except SchemaError as error:
        where = "/".join(map(str, error.absolute_path))
        raise ToolsError(
            f"the schema that `{tool}` declares is no JSON Schema: {error.message}",
            f"mend it at `{where}`" if where else "",
        ) from None
    checker = kind(schema, registry=Registry())

    def enforced(raw: bytes) -> Any:
        arguments = validate(raw)
        misfits = _misfits(checker, from_json(raw))
        if misfits:
            raise ValidationError.from_exception_data(tool, misfits)
        return arguments

    return enforced


def _misfits(checker: Any, value: Any) -> list[InitErrorDetails]:
    try:
        return [_told(one) for one in checker.iter_errors(value)]
    except (Unresolvable, UndefinedTypeCheck, RecursionError) as error:
        why = f"the tool's own schema cannot be checked: {error}"
        return [InitErrorDetails(type=_error(why), loc=(), input=value)]


def _told(misfit: Misfit) -> InitErrorDetails:
    return InitErrorDetails(
        type=_error(misfit.message), loc=tuple(misfit.absolute_path), input=misfit.instance
    )


def _error(why: str) -> PydanticCustomError:
    return PydanticCustomError("value_error", "{why}", {"why": why})
