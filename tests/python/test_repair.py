"""The second try: what models get wrong and is beyond doubt is put right."""

import json
from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import Any, Literal

import pytest
from atonce._host import bridge
from caller import InvalidError, arguments_of, tool_of
from pydantic import BaseModel


class Colour(Enum):
    RED = "r"
    BLUE = "b"


class Level(IntEnum):
    LOW = 1
    HIGH = 2


class Swapped(Enum):
    A = "B"
    B = "A"


@dataclass
class Point:
    x: int
    y: int = 0


class Box(BaseModel):
    colour: Colour
    corner: Point


def got(annotation: Any, given: Any) -> Any:
    def tool(it): ...  # type: ignore[no-untyped-def]

    tool.__annotations__ = {"it": annotation}
    return arguments_of(tool_of(tool), {"it": given})["it"]


@pytest.mark.parametrize(
    ("annotation", "given", "value"),
    [
        (list[int], "[1, 2]", [1, 2]),
        (dict[str, int], '{"a": 1}', {"a": 1}),
        (tuple[int, int], "[1, 2]", (1, 2)),
        (set[int], "[1]", {1}),
        (Point, '{"x": 1}', Point(1)),
        (
            Box,
            '{"colour": "RED", "corner": "{\\"x\\": 1}"}',
            Box(colour=Colour.RED, corner=Point(1)),
        ),
        (list[Point], ['{"x": 1}', {"x": 2}], [Point(1), Point(2)]),
        (list[int] | None, "[1]", [1]),
        (list[int] | None, "null", None),
        (int | None, "null", None),
        (int | list[int], "[1]", [1]),
        (Literal[1, 2], "2", 2),
        (Level, "2", Level.HIGH),
        (Level, "HIGH", Level.HIGH),
        (Colour, "RED", Colour.RED),
        (Colour, "r", Colour.RED),
        (dict[str, Colour], {"a": "BLUE", "b": "r"}, {"a": Colour.BLUE, "b": Colour.RED}),
        (Swapped, "A", Swapped.B),  # a value always wins over a name
        (Colour | Level, "HIGH", Level.HIGH),
    ],
)
def test_it_is_mended(annotation: Any, given: Any, value: Any) -> None:
    assert got(annotation, given) == value


@pytest.mark.parametrize(
    ("annotation", "given"),
    [
        (str, "[1, 2]"),
        (str | list[int], "[1, 2]"),
        (str | None, "null"),
        (Any, '{"a": 1}'),
        (Literal["[1]"] | list[int], "[1]"),
    ],
)
def test_a_string_is_left_alone_where_it_may_be_meant(annotation: Any, given: str) -> None:
    assert got(annotation, given) == given


@pytest.mark.parametrize(
    ("annotation", "given"),
    [
        (list[int], "1, 2"),
        (list[int], '["a"]'),
        (Literal["a"] | list[int], "[1]"),
        (Colour, "red"),
        (Colour, "GREEN"),
        (Point, "x=1"),
        (int, '"5"'),
        (list[int], '"[1]"'),
    ],
)
def test_what_is_in_doubt_is_refused(annotation: Any, given: str) -> None:
    with pytest.raises(InvalidError) as caught:
        got(annotation, given)

    assert caught.value.problems[0]["got"] == json.dumps(given)


def test_arguments_that_are_json_inside_of_json_are_opened() -> None:
    def tool(a: int) -> None: ...

    assert arguments_of(tool_of(tool), json.dumps('{"a": 1}').encode()) == {"a": 1}


def test_what_mending_does_not_help_gives_the_first_error() -> None:
    def tool(a: list[int], b: int) -> None: ...

    made = tool_of(tool)

    with pytest.raises(ValueError) as caught:
        bridge.revalidate(made, b'{"a": "[1]", "b": "x"}')

    assert len(caught.value.errors()) == 2  # type: ignore[attr-defined]
