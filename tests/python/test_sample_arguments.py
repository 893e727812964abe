"""Arguments made up from a tool's schema, which its own validator takes."""

import dataclasses
import enum
import json
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from ipaddress import IPv4Address, IPv6Network
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple
from uuid import UUID

import atonce
import pytest
from atonce import Context, ToolsError
from atonce._host.sample_arguments import sample
from caller import arguments_of, tool_of
from pydantic import Base64Bytes, BaseModel, Field, Json


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


@dataclasses.dataclass
class Point:
    x: int
    y: float = 0.5


class Span(NamedTuple):
    start: int
    end: int = 9


class Order(BaseModel):
    item: str
    count: Annotated[int, Field(ge=1)] = 2
    points: list[Point]


@dataclasses.dataclass
class Tree:
    value: int
    children: "list[Tree]"
    left: "Tree | None" = None
    names: "dict[str, Tree]" = dataclasses.field(default_factory=dict)


@dataclasses.dataclass
class Endless:
    next: "Endless"


def sample_of(annotation: Any) -> Any:
    """What is made up for one parameter of that type, as JSON."""

    def f(it): ...

    f.__annotations__ = {"it": annotation}
    tool = tool_of(f)
    text = sample(tool)
    arguments_of(tool, text.encode())  # the validator takes it
    assert sample(tool) == text
    return json.loads(text)["it"]


@pytest.mark.parametrize(
    ("annotation", "value"),
    [
        (int, 20),
        (float, 1.5),
        (str, "text"),
        (bool, True),
        (None, None),
        (Any, "text"),
        (int | None, 20),
        (int | str, 20),
        (Literal["b", "a"], "b"),
        (Colour, "red"),
        (bytes, "text"),
        (date, "2025-01-15"),
        (datetime, "2025-01-15T12:30:00Z"),
        (time, "12:30:00"),
        (timedelta, "PT90S"),
        (UUID, "123e4567-e89b-42d3-a456-426614174000"),
        (IPv4Address, "192.0.2.1"),
        (IPv6Network, "2001:db8::/64"),
        (Base64Bytes, "text"),
        (Json[list[int]], "[20,20,20]"),
        (list[int], [20, 20, 20]),
        (set[int], [20, 21, 22]),
        (set[Colour], ["red", "blue"]),
        (Sequence[str], ["text", "text", "text"]),
        (tuple[int, str], [20, "text"]),
        (dict[str, float], {"text": 1.5}),
        (dict[int, bool], {"20": True}),
        (Point, {"x": 20}),
        (Span, [20, 9]),
        (Order, {"item": "text", "points": [{"x": 20}] * 3}),
        (Tree, {"value": 20, "children": []}),
        (Annotated[int, Field(ge=100)], 100),
        (Annotated[int, Field(gt=20, multiple_of=7)], 21),
        (Annotated[int, Field(lt=-3)], -4),
        (Annotated[float, Field(gt=2)], 3),
        (Annotated[float, Field(gt=0.1, lt=0.2)], pytest.approx(0.15, abs=0.05)),
        (Annotated[str, Field(min_length=6)], "textte"),
        (Annotated[str, Field(max_length=2)], "te"),
        (Annotated[str, Field(pattern="^[a-z]{2}$")], "aa"),
        (Annotated[list[int], Field(min_length=5)], [20] * 5),
        (Annotated[list[int], Field(max_length=1)], [20]),
        (Annotated[str, Field(examples=["Berlin", "Rome"])], "Berlin"),
    ],
)
def test_a_value_fits_its_type(annotation: Any, value: Any) -> None:
    assert sample_of(annotation) == value


@pytest.mark.parametrize("annotation", [Decimal, Path])
def test_any_value_that_the_type_takes_will_do(annotation: Any) -> None:
    sample_of(annotation)


def test_defaults_come_first() -> None:
    def f(a: int, b: str = "given", c: Point = Point(3)) -> None: ...

    assert json.loads(sample(tool_of(f))) == {"a": 20, "b": "given", "c": {"x": 3, "y": 0.5}}


def test_a_default_that_json_cannot_say_is_left_out() -> None:
    def f(a: int, limit: Annotated[int, Field(ge=1)] = 0) -> None: ...

    assert json.loads(sample(tool_of(f))) == {"a": 20}


def test_what_is_no_argument_is_not_made_up() -> None:
    def f(context: Context, /, *more: int) -> None: ...

    assert "context" not in json.loads(sample(tool_of(f)))


def test_no_arguments_are_an_empty_object() -> None:
    assert sample(tool_of(lambda: None, "f")) == "{}"


def test_a_schema_of_ones_own_is_followed() -> None:
    schema = {
        "type": "object",
        "properties": {"a": {"enum": [3, 4]}, "b": {"type": "string"}},
        "required": ["a"],
    }

    @atonce.tool(schema=schema)
    def f(a: int, b: str = "") -> None: ...

    assert json.loads(sample(tool_of(f))) == {"a": 3}


def even(value: int) -> int:
    raise ValueError("never good enough")


def test_a_tool_that_takes_nothing_made_up_is_named() -> None:
    from pydantic import AfterValidator

    def f(a: int, b: Annotated[int, AfterValidator(even)]) -> None: ...

    with pytest.raises(ToolsError) as caught:
        sample(tool_of(f))

    assert "`f`" in caught.value.message and "never good enough" in caught.value.message
    assert "--args" in caught.value.hint and '"b"' in caught.value.hint


def test_a_type_without_an_end_is_refused() -> None:
    def f(a: Endless) -> None: ...

    with pytest.raises(ToolsError, match="`f`: a recursive type has no end"):
        sample(tool_of(f))
