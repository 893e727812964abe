"""What a model is told of arguments that do not fit."""

import random
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Annotated, Any, Literal

import pytest
from atonce._host import bridge, invalid
from caller import InvalidError, arguments_of, tool_of
from pydantic import AfterValidator, BaseModel, Field


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


@dataclass
class Guest:
    name: str
    age: int | None = None


class Bed(BaseModel, extra="forbid"):
    width: float


def even(value: int) -> int:
    if value % 2:
        raise ValueError("must be even")
    return value


def book(
    room: int,
    size: Literal["small", "large"] = "small",
    colour: Colour = Colour.RED,
    guests: list[Guest] = [],  # noqa: B006
    nights: Annotated[int, Field(ge=1)] = 1,
    day: date | None = None,
    beds: dict[str, Bed | int] = {},  # noqa: B006
    number: Annotated[int, AfterValidator(even)] = 2,
) -> None: ...


TOOL = tool_of(book)


def explained(arguments: Any) -> InvalidError:
    with pytest.raises(InvalidError) as caught:
        arguments_of(TOOL, arguments)
    return caught.value


# Arguments, the message after "`book` was not called: ", and the problem.
GOLDEN: list[tuple[Any, str, dict[str, Any]]] = [
    (
        {},
        "`/room` is missing (expected integer)",
        {"path": "/room", "expected": "integer"},
    ),
    (
        {"room": "two"},
        '`/room` must be integer, not "two"',
        {"path": "/room", "expected": "integer", "got": '"two"'},
    ),
    (
        {"room": 1.5},
        "`/room` must be integer, not 1.5",
        {"path": "/room", "expected": "integer", "got": "1.5"},
    ),
    (
        {"room": None},
        "`/room` must be integer, not null",
        {"path": "/room", "expected": "integer", "got": "null"},
    ),
    (
        {"room": 1, "size": "huge"},
        '`/size` must be one of the allowed values: "small", "large", not "huge"',
        {
            "path": "/size",
            "expected": "one of the allowed values",
            "got": '"huge"',
            "allowed": ["small", "large"],
        },
    ),
    (
        {"room": 1, "colour": "green"},
        '`/colour` must be one of the allowed values: "red", "blue", not "green"',
        {
            "path": "/colour",
            "expected": "one of the allowed values",
            "got": '"green"',
            "allowed": ["red", "blue"],
        },
    ),
    (
        {"room": 1, "guests": [{"name": "Ada"}, {"age": 3}]},
        "`/guests/1/name` is missing (expected string)",
        {"path": "/guests/1/name", "expected": "string"},
    ),
    (
        {"room": 1, "guests": [{"name": "Ada", "age": "old"}]},
        '`/guests/0/age` must be integer, not "old"',
        {"path": "/guests/0/age", "expected": "integer", "got": '"old"'},
    ),
    (
        {"room": 1, "guests": 7},
        "`/guests` must be array, not 7",
        {"path": "/guests", "expected": "array", "got": "7"},
    ),
    (
        {"room": 1, "nights": 0},
        "`/nights` must be greater than or equal to 1, not 0",
        {"path": "/nights", "expected": "greater than or equal to 1", "got": "0"},
    ),
    (
        {"room": 1, "number": 3},
        "`/number` is refused: must be even (got 3)",
        {"path": "/number", "expected": "must be even", "got": "3"},
    ),
    (
        {"room": 1, "beds": {"a/b": "wide"}},
        '`/beds/a~1b` must be object or integer, not "wide"',
        {"path": "/beds/a~1b", "expected": "object or integer", "got": '"wide"'},
    ),
    (
        {"room": 1, "szie": "small"},
        "`/szie` is not known; did you mean `size`?",
        {
            "path": "/szie",
            "expected": "a known name",
            "got": '"small"',
            "allowed": ["room", "size", "colour", "guests", "nights", "day", "beds", "number"],
        },
    ),
    (
        {"room": 1, "ROOM": 2},
        "`/ROOM` is not known; did you mean `room`?",
        {
            "path": "/ROOM",
            "expected": "a known name",
            "got": "2",
            "allowed": ["room", "size", "colour", "guests", "nights", "day", "beds", "number"],
        },
    ),
    (
        b'{"room": 1',
        "the arguments are not JSON: EOF while parsing an object at line 1 column 10",
        {"path": "", "expected": "JSON object", "got": '{"room": 1'},
    ),
    (
        b"room=1",
        "the arguments are not JSON: expected value at line 1 column 1",
        {"path": "", "expected": "JSON object", "got": "room=1"},
    ),
    (
        b"\xff{",
        "the arguments are not JSON: expected value at line 1 column 1",
        {"path": "", "expected": "JSON object", "got": "\ufffd{"},
    ),
    (
        [1],
        "the arguments must be a JSON object, not [1]",
        {"path": "", "expected": "object", "got": "[1]"},
    ),
    (
        "text",
        'the arguments must be a JSON object, not "text"',
        {"path": "", "expected": "object", "got": '"text"'},
    ),
]


@pytest.mark.parametrize(("arguments", "message", "problem"), GOLDEN)
def test_the_golden_texts(arguments: Any, message: str, problem: dict[str, Any]) -> None:
    told = explained(arguments)

    assert told.message == f"`book` was not called: {message}"
    assert told.problems == [problem]


def test_all_problems_are_told_at_once() -> None:
    told = explained({"size": "huge", "extra": 1})

    assert told.message == (
        "`book` was not called:\n"
        "- `/room` is missing (expected integer)\n"
        '- `/size` must be one of the allowed values: "small", "large", not "huge"\n'
        "- `/extra` is not known; known are `room`, `size`, `colour`, `guests`, `nights`, `day`, "
        "`beds`, `number`"
    )
    assert [one["path"] for one in told.problems] == ["/room", "/size", "/extra"]


def test_members_of_a_union_are_told_by_their_own_paths() -> None:
    told = explained({"room": 1, "beds": {"a": {"width": "wide", "hard": True}}})

    paths = {one["path"] for one in told.problems}
    assert paths == {"/beds/a/width", "/beds/a/hard", "/beds/a"}


def test_a_tool_without_arguments_says_so() -> None:
    def ping() -> None: ...

    with pytest.raises(InvalidError, match="there are no arguments") as caught:
        arguments_of(tool_of(ping), {"x": 1})

    assert caught.value.problems == [{"path": "/x", "expected": "nothing", "got": "1"}]


def test_the_text_is_bounded() -> None:
    told = explained({"room": "x" * 100_000, **{f"name_{n}": "y" * 1000 for n in range(500)}})

    assert len(told.problems) == invalid.MOST_PROBLEMS
    assert len(told.message) < 5000
    assert "and 493 more" in told.message
    assert len(explained({"room": 1, "x" * 100_000: 1}).message) < 1000


def test_other_exceptions_of_a_types_own_code_are_not_invalid() -> None:
    def broken(value: int) -> int:
        raise KeyError(value)

    def tool(n: Annotated[int, AfterValidator(broken)]) -> None: ...

    with pytest.raises(KeyError):
        arguments_of(tool_of(tool), {"n": 1})


def test_no_arguments_make_the_explanation_itself_fail() -> None:
    """Whatever a model sends is either taken or explained, in few words, without our own names."""
    chance = random.Random(3)
    tools = [TOOL, tool_of(nested)]

    for _ in range(3000):
        tool = chance.choice(tools)
        try:
            arguments_of(tool, any_arguments(chance, tool.arguments.aliases))
        except InvalidError as told:
            assert told.problems
            assert all(one["path"] is not None and one["expected"] for one in told.problems)
            assert "pydantic" not in told.message and "http" not in told.message


def nested(
    tree: "dict[str, list[Guest | Bed | dict[str, Colour]]]",
    pair: tuple[int, str],
    any_: Any = None,
) -> None: ...


def any_arguments(chance: random.Random, names: Any) -> Any:
    known = [*names, "name", "age", "width", "x"]
    if chance.random() < 0.05:
        return any_value(chance, known, 2)
    return {chance.choice(known): any_value(chance, known, 4) for _ in range(chance.randint(0, 4))}


def any_value(chance: random.Random, known: list[str], depth: int) -> Any:
    kind = chance.randint(0, 9 if depth else 6)
    simple = [None, True, 1, -2.5, "red", "small", '{"name": "a"}', "[1]", "BLUE", 10**30]
    if kind <= 6:
        return chance.choice(simple)
    if kind == 7:
        return [any_value(chance, known, depth - 1) for _ in range(chance.randint(0, 3))]
    return {
        chance.choice(known): any_value(chance, known, depth - 1)
        for _ in range(chance.randint(0, 3))
    }


def test_explaining_leaves_what_is_no_validation_error_alone() -> None:
    error = RuntimeError("not about arguments")

    with pytest.raises(RuntimeError) as caught:
        bridge.explain_invalid(TOOL, error, b"{}")

    assert caught.value is error
