"""One argument of a tool, and the core schema of all of them together."""

from collections.abc import Callable, Iterable
from itertools import repeat
from typing import Any, NamedTuple

from pydantic_core import CoreSchema, core_schema

from atonce._host.signature import EMPTY


class Field(NamedTuple):
    name: str  # as the function knows it
    alias: str  # as callers know it
    annotation: Any
    default: Any = EMPTY  # the very object that the function gets when the argument is missing
    factory: Callable[[], Any] | None = None  # makes the default instead
    is_rest: bool = False  # takes the members that no other argument takes
    shows_default: bool = True

    @property
    def is_required(self) -> bool:
        return self.default is EMPTY and self.factory is None and not self.is_rest


def combine(fields: Iterable[tuple[Field, CoreSchema]]) -> CoreSchema:
    """The schema that turns a JSON object into `((), keywords)` and refuses unknown members."""
    parameters = []
    rest = None
    for field, core in fields:
        if field.is_rest:
            rest = core
            continue
        parameters.append(
            core_schema.arguments_parameter(
                field.name,
                _with_default(field, core),
                mode="keyword_only",
                alias=field.alias if field.alias != field.name else None,
            )
        )
    return core_schema.arguments_schema(
        parameters,
        var_kwargs_schema=rest,
        # Nobody serializes arguments, but pydantic wants to know how.
        serialization=core_schema.simple_ser_schema("any"),
    )


def _with_default(field: Field, core: CoreSchema) -> CoreSchema:
    if field.factory is not None:
        return core_schema.with_default_schema(core, default_factory=field.factory)
    if field.default is EMPTY:
        return core
    if _is_hashable(field.default):
        return core_schema.with_default_schema(core, default=field.default)
    # pydantic would give each call a deep copy; Python gives every call the object itself.
    return core_schema.with_default_schema(core, default_factory=repeat(field.default).__next__)


def _is_hashable(value: object) -> bool:
    try:
        hash(value)
    except Exception:
        return False
    return True
