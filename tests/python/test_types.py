"""Every type of the table, both ways: declared, called with JSON, and given back as JSON."""

import dataclasses
import enum
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, Optional, Union
from uuid import UUID

import pytest
from caller import InvalidError, arguments_of, call, property_of, schema_of, tool_of
from pydantic import Base64Bytes, BaseModel, Field

if sys.version_info >= (3, 12):
    from typing import TypedDict
else:
    from typing_extensions import TypedDict  # pydantic asks for it there


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


@dataclasses.dataclass
class Point:
    x: int
    y: float = 0.5


class Guest(TypedDict):
    name: str
    born: date


class Span(NamedTuple):
    start: int
    end: int = 9


class Order(BaseModel):
    item: str
    count: Annotated[int, Field(ge=1)] = 1
    colour: Colour = Colour.RED


@dataclasses.dataclass
class Tree:
    value: int
    children: "list[Tree]" = dataclasses.field(default_factory=list)


STRING = {"type": "string"}
INTEGER = {"type": "integer"}
NUMBER = {"type": "number"}
POINT = {
    "type": "object",
    "properties": {"x": INTEGER, "y": {"type": "number", "default": 0.5}},
    "required": ["x"],
}
UUID_TEXT = "0f0e0d0c-0b0a-0908-0706-050403020100"

# The annotation, its schema, JSON to call with, the Python value of it, and the JSON of that value
# where it differs from what came.
SAME = object()
ROWS: dict[str, tuple[Any, Any, Any, Any, Any]] = {
    "str": (str, STRING, "a", "a", SAME),
    "int": (int, INTEGER, 3, 3, SAME),
    "int from 3.0": (int, INTEGER, 3.0, 3, 3),
    "int from text": (int, INTEGER, "3", 3, 3),
    "long int": (int, INTEGER, 2**80, 2**80, SAME),
    "float": (float, NUMBER, 1.5, 1.5, SAME),
    "float from int": (float, NUMBER, 2, 2.0, 2.0),
    "bool": (bool, {"type": "boolean"}, True, True, SAME),
    "None": (None, {"type": "null"}, None, None, SAME),
    "Any": (Any, {}, {"a": [1, None]}, {"a": [1, None]}, SAME),
    "object": (object, {}, [1], [1], SAME),
    "list": (list, {"type": "array", "items": {}}, [1, "a"], [1, "a"], SAME),
    "dict": (dict, {"type": "object", "additionalProperties": True}, {"a": 1}, {"a": 1}, SAME),
    "list of int": (list[int], {"type": "array", "items": INTEGER}, [1, 2], [1, 2], SAME),
    "dict of float": (
        dict[str, float],
        {"type": "object", "additionalProperties": NUMBER},
        {"a": 1.5},
        {"a": 1.5},
        SAME,
    ),
    "dict with int keys": (
        dict[int, str],
        {"type": "object", "additionalProperties": STRING},
        {"7": "x"},
        {7: "x"},
        SAME,
    ),
    "nested": (
        dict[str, list[int | None]],
        {
            "type": "object",
            "additionalProperties": {
                "type": "array",
                "items": {"anyOf": [INTEGER, {"type": "null"}]},
            },
        },
        {"a": [1, None]},
        {"a": [1, None]},
        SAME,
    ),
    "tuple": (
        tuple[int, str],
        {"type": "array", "prefixItems": [INTEGER, STRING], "minItems": 2, "maxItems": 2},
        [1, "a"],
        (1, "a"),
        SAME,
    ),
    "long tuple": (tuple[int, ...], {"type": "array", "items": INTEGER}, [1, 2], (1, 2), SAME),
    "set": (set[int], {"type": "array", "items": INTEGER, "uniqueItems": True}, [1], {1}, SAME),
    "frozenset": (
        frozenset[str],
        {"type": "array", "items": STRING, "uniqueItems": True},
        ["a", "a"],
        frozenset("a"),
        ["a"],
    ),
    "Sequence": (Sequence[int], {"type": "array", "items": INTEGER}, [1], [1], SAME),
    "Optional": (
        Optional[str],  # noqa: UP045
        {"anyOf": [STRING, {"type": "null"}]},
        None,
        None,
        SAME,
    ),
    "Union": (Union[int, str], {"anyOf": [INTEGER, STRING]}, "7", "7", SAME),  # noqa: UP007
    "int | list": (
        int | list[int],
        {"anyOf": [INTEGER, {"type": "array", "items": INTEGER}]},
        [7],
        [7],
        SAME,
    ),
    "int | bool": (int | bool, {"anyOf": [INTEGER, {"type": "boolean"}]}, True, True, SAME),
    "Literal": (Literal["a", "b"], {"enum": ["a", "b"], "type": "string"}, "b", "b", SAME),
    "Literal of int": (Literal[1, 2], {"enum": [1, 2], "type": "integer"}, 2, 2, SAME),
    "Literal of one": (Literal["a"], {"const": "a", "type": "string"}, "a", "a", SAME),
    "Enum": (Colour, {"enum": ["red", "blue"], "type": "string"}, "blue", Colour.BLUE, SAME),
    "Enum by name": (
        Colour,
        {"enum": ["red", "blue"], "type": "string"},
        "BLUE",
        Colour.BLUE,
        "blue",
    ),
    "IntEnum": (Level, {"enum": [1, 2], "type": "integer"}, 2, Level.HIGH, SAME),
    "IntEnum by name": (Level, {"enum": [1, 2], "type": "integer"}, "HIGH", Level.HIGH, 2),
    "Enum in a list": (
        list[Colour],
        {"type": "array", "items": {"enum": ["red", "blue"], "type": "string"}},
        ["red", "BLUE"],
        [Colour.RED, Colour.BLUE],
        ["red", "blue"],
    ),
    "Enum as key": (
        dict[Colour, int],
        {
            "type": "object",
            "additionalProperties": INTEGER,
            "propertyNames": {"enum": ["red", "blue"], "type": "string"},
        },
        {"red": 1},
        {Colour.RED: 1},
        SAME,
    ),
    "Annotated": (
        Annotated[int, Field(ge=1, le=5, description="Stars.")],
        {"type": "integer", "minimum": 1, "maximum": 5, "description": "Stars."},
        4,
        4,
        SAME,
    ),
    "dataclass": (Point, POINT, {"x": 1}, Point(1), {"x": 1, "y": 0.5}),
    "list of dataclass": (
        list[Point],
        {"type": "array", "items": POINT},
        [{"x": 1, "y": 2.0}],
        [Point(1, 2.0)],
        SAME,
    ),
    "Optional dataclass": (
        Point | None,
        {"anyOf": [POINT, {"type": "null"}]},
        {"x": 1, "y": 1.0},
        Point(1, 1.0),
        SAME,
    ),
    "TypedDict": (
        Guest,
        {
            "type": "object",
            "properties": {"name": STRING, "born": {"type": "string", "format": "date"}},
            "required": ["name", "born"],
        },
        {"name": "Ada", "born": "1815-12-10"},
        {"name": "Ada", "born": date(1815, 12, 10)},
        SAME,
    ),
    "NamedTuple": (
        Span,
        {
            "type": "array",
            "prefixItems": [INTEGER, {"type": "integer", "default": 9}],
            "minItems": 1,
            "maxItems": 2,
        },
        [1],
        Span(1),
        [1, 9],
    ),
    "NamedTuple from an object": (
        Span,
        {
            "type": "array",
            "prefixItems": [INTEGER, {"type": "integer", "default": 9}],
            "minItems": 1,
            "maxItems": 2,
        },
        {"start": 1, "end": 2},
        Span(1, 2),
        [1, 2],
    ),
    "model": (
        Order,
        {
            "type": "object",
            "properties": {
                "item": STRING,
                "count": {"type": "integer", "minimum": 1, "default": 1},
                "colour": {"enum": ["red", "blue"], "type": "string", "default": "red"},
            },
            "required": ["item"],
        },
        {"item": "tea", "colour": "BLUE"},
        Order(item="tea", colour=Colour.BLUE),
        {"item": "tea", "count": 1, "colour": "blue"},
    ),
    "datetime": (
        datetime,
        {"type": "string", "format": "date-time"},
        "2026-11-24T05:30:00Z",
        datetime(2026, 11, 24, 5, 30, tzinfo=UTC),
        SAME,
    ),
    "date": (date, {"type": "string", "format": "date"}, "2026-11-24", date(2026, 11, 24), SAME),
    "time": (time, {"type": "string", "format": "time"}, "05:30:00", time(5, 30), SAME),
    "timedelta": (
        timedelta,
        {"type": "string", "format": "duration"},
        "P1DT30S",
        timedelta(days=1, seconds=30),
        SAME,
    ),
    "timedelta from seconds": (
        timedelta,
        {"type": "string", "format": "duration"},
        90,
        timedelta(seconds=90),
        "PT1M30S",
    ),
    "UUID": (UUID, {"type": "string", "format": "uuid"}, UUID_TEXT, UUID(UUID_TEXT), SAME),
    "Decimal": (Decimal, None, "1.10", Decimal("1.10"), SAME),
    "Decimal from a number": (Decimal, None, 1.10, Decimal("1.1"), "1.1"),
    "Path": (Path, {"type": "string", "format": "path"}, "/tmp/x", Path("/tmp/x"), SAME),
    "bytes": (bytes, {"type": "string", "format": "binary"}, "grüße", "grüße".encode(), SAME),
    "Base64Bytes": (
        Base64Bytes,
        {"type": "string", "format": "base64"},
        "/wD+",
        b"\xff\x00\xfe",
        SAME,
    ),
}


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_a_type_works_both_ways(row: Any) -> None:
    annotation, schema, given, value, expected = row
    seen = []

    def tool(it):  # type: ignore[no-untyped-def]
        seen.append(it)
        return it

    tool.__annotations__ = {"it": annotation, "return": annotation}

    result = call(tool, {"it": given})

    assert seen == [value]
    assert type(seen[0]) is type(value)
    assert result == (given if expected is SAME else expected)
    if schema is not None:
        assert property_of(tool, "it") == schema


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_a_type_works_as_text_too(row: Any) -> None:
    annotation, schema, given, value, _ = row
    seen = []

    def tool(it):  # type: ignore[no-untyped-def]
        seen.append(it)

    tool.__annotations__ = {"it": "The_Type"}
    names = {**globals(), "The_Type": annotation}
    written = type(tool)(tool.__code__, names, "tool", closure=tool.__closure__)
    written.__annotations__ = {"it": "The_Type"}

    call(written, {"it": given})

    assert seen == [value]
    if schema is not None:
        assert property_of(written, "it") == schema


def test_a_recursive_type_keeps_its_definition() -> None:
    def plant(tree: Tree) -> Tree:
        return tree

    given = {"value": 1, "children": [{"value": 2, "children": []}]}

    assert call(plant, {"tree": given}) == given
    assert schema_of(plant) == {
        "type": "object",
        "properties": {"tree": {"$ref": "#/$defs/Tree"}},
        "required": ["tree"],
        "additionalProperties": False,
        "$defs": {
            "Tree": {
                "type": "object",
                "properties": {
                    "value": INTEGER,
                    "children": {"type": "array", "items": {"$ref": "#/$defs/Tree"}},
                },
                "required": ["value"],
            }
        },
    }


def test_numbers_that_are_not_finite_go_both_ways() -> None:
    def echo(x: float) -> list[float]:
        return [x, -x]

    assert call(echo, {"x": "Infinity"}) == ["Infinity", "-Infinity"]


def test_bytes_that_are_no_text_cannot_become_json() -> None:
    def read() -> bytes:
        return b"\xff"

    with pytest.raises(ValueError, match="utf-8"):
        call(read)


# What pydantic's lax mode takes, and what it does not: a user's function gets the type it asks for
# or is not called.
@pytest.mark.parametrize(
    ("annotation", "given", "value"),
    [
        (int, True, 1),  # as in Python, where a bool is an int; but the function gets an int
        (float, True, 1.0),
        (bool, 1, True),
        (bool, 0, False),
        (bool, "true", True),
        (bool, "no", False),
        (int, "3.0", 3),
        (float, "1e3", 1000.0),
    ],
)
def test_a_value_of_a_near_type_is_converted(annotation: Any, given: Any, value: Any) -> None:
    def tool(it): ...  # type: ignore[no-untyped-def]

    tool.__annotations__ = {"it": annotation}

    got = arguments_of(tool_of(tool), {"it": given})["it"]

    assert got == value
    assert type(got) is annotation


@pytest.mark.parametrize(
    ("annotation", "given"),
    [
        (int, 3.5),
        (int, "three"),
        (int, None),
        (int, [1]),
        (str, 5),
        (str, None),
        (bool, 2),
        (bool, "maybe"),
        (float, "high"),
        (list[int], {"a": 1}),
        (dict[str, int], [1]),
        (Literal["a"], "A"),
        (Colour, "green"),
        (Colour, "red "),
        (tuple[int, str], [1]),
        (date, "yesterday"),
        (UUID, "1234"),
    ],
)
def test_a_value_of_a_far_type_is_refused(annotation: Any, given: Any) -> None:
    def tool(it): ...  # type: ignore[no-untyped-def]

    tool.__annotations__ = {"it": annotation}

    with pytest.raises(InvalidError):
        arguments_of(tool_of(tool), {"it": given})
