"""The short way for plain types gives exactly what pydantic gives."""

import itertools
from typing import Any, Literal, Optional, Union

import pytest
from atonce._host import plain
from atonce._host.fields import Field
from atonce._host.inline import inline
from atonce._host.pydantic_types import make_schemas
from pydantic_core import SchemaValidator, ValidationError

SCALARS: list[Any] = [
    str,
    int,
    float,
    bool,
    None,
    Any,
    Literal["a"],
    Literal["a", "b"],
    Literal[1, 2],
]


def grow(types: list[Any]) -> list[Any]:
    """Types made of the given ones."""
    pairs = [pair for pair in itertools.combinations(types, 2) if Any not in pair]
    return [
        *(list[one] for one in types),
        *(dict[str, one] for one in types),
        *(Optional[one] for one in types if one is not Any),  # noqa: UP045
        *(Union[pair] for pair in pairs),  # noqa: UP007
    ]


DEEPER = grow(SCALARS)
TYPES = [list, dict, *SCALARS, *DEEPER, *grow(DEEPER[::5]), Union[int, str, None, list[int]]]  # noqa: UP007
VALUES = ["null", "true", "1", "2.0", "2.5", '"a"', '"1"', "[]", '["a", 1]', "{}", '{"a": 1}']


def translated() -> list[Any]:
    return [one for one in TYPES if plain.translate(one) is not None]


def test_most_of_these_types_are_plain() -> None:
    assert len(translated()) > 0.8 * len(TYPES)


@pytest.mark.parametrize("annotation", translated(), ids=str)
def test_a_plain_type_has_pydantics_schemas(annotation: Any) -> None:
    ours = plain.translate(annotation)
    assert ours is not None

    core, schema = make_schemas([Field("it", "it", annotation)], "tool")

    assert ours.schema == inline(schema)["properties"]["it"]
    assert behaviour(ours.core) == behaviour(core["arguments_schema"][0]["schema"])  # type: ignore[typeddict-item]


def behaviour(core: Any) -> list[Any]:
    """What a schema makes of values, errors included."""
    validator = SchemaValidator(core)
    found: list[Any] = []
    for value in VALUES:
        try:
            result = validator.validate_json(value)
            found.append((type(result), result))
        except ValidationError as error:
            found.append(error.errors(include_url=False))
    return found
