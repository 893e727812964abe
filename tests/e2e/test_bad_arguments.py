"""Arguments that do not fit: an `invalid` outcome that a model can repair its call from."""

import json

import pytest
from conftest import Program, WriteTools

BOOK = """
from enum import Enum
from typing import Literal, TypedDict

class Colour(Enum):
    RED = "red"
    BLUE = "blue"

class Guest(TypedDict):
    name: str
    age: int

def book(room: int, size: Literal["small", "large"] = "small", colour: Colour = Colour.RED,
         guests: list[Guest] = []) -> str:
    return f"{room} {size} {colour.value} {len(guests)}"
"""


@pytest.mark.parametrize(
    ("arguments", "path", "words"),
    [
        ("{}", "/room", ["room", "missing"]),
        ('{"room": "two"}', "/room", ["room", "integer", "two"]),
        ('{"room": 1, "szie": "small"}', "/szie", ["szie", "size"]),
        ('{"room": 1, "size": "huge"}', "/size", ["small", "large", "huge"]),
        ('{"room": 1, "colour": "green"}', "/colour", ["red", "blue", "green"]),
        (
            '{"room": 1, "guests": [{"name": "Ada", "age": 36}, {"name": "Bo"}]}',
            "/guests/1/age",
            ["age"],
        ),
        ('{"room": 1.5}', "/room", ["integer", "1.5"]),
        ('{"room": null}', "/room", ["integer", "null"]),
    ],
    ids=["missing", "wrong type", "misspelled", "literal", "enum", "nested", "fraction", "null"],
)
def test_the_problem_is_named_by_path_with_what_was_expected(
    atonce: Program, tools: WriteTools, arguments: str, path: str, words: list[str]
) -> None:
    done = atonce.run("call", tools(BOOK), "book", arguments)

    assert done.code == 1
    assert done.json["outcome"] == "invalid"
    error = done.json["error"]
    assert error["type"] == "invalid_arguments"
    assert [problem["path"] for problem in error["problems"]] == [path]
    for word in words:
        assert word in error["message"]
    assert "pydantic" not in error["message"] and "http" not in error["message"]


def test_allowed_values_are_listed_for_a_machine_too(atonce: Program, tools: WriteTools) -> None:
    done = atonce.call(tools(BOOK), "book", {"room": 1, "size": "huge"})

    (problem,) = done.json["error"]["problems"]
    assert problem["allowed"] == ["small", "large"]
    assert problem["got"] == '"huge"'


def test_every_problem_is_told_at_once(atonce: Program, tools: WriteTools) -> None:
    done = atonce.call(tools(BOOK), "book", {"room": "x", "size": "huge", "extra": 1})

    paths = {problem["path"] for problem in done.json["error"]["problems"]}
    assert paths == {"/room", "/size", "/extra"}


@pytest.mark.parametrize(
    "arguments", ["{room: 1}", "", "[1]", '{"room": 1', '"text"', '{"room": 1}}']
)
def test_arguments_that_are_no_json_object(
    atonce: Program, tools: WriteTools, arguments: str
) -> None:
    done = atonce.run("call", tools(BOOK), "book", arguments)

    assert done.code == 1
    assert done.json["outcome"] == "invalid"
    assert done.json["error"]["type"] == "invalid_arguments"


def test_arguments_too_deep_or_too_large_never_reach_python(
    atonce: Program, tools: WriteTools
) -> None:
    file = tools("from typing import Any\n\ndef f(x: Any) -> int:\n    return 1\n")
    deep = json.loads("[" * 110 + "]" * 110)

    too_deep, too_large, fine = atonce.turn(
        file, [("f", {"x": deep}), ("f", {"x": "y" * 5_000_000}), ("f", {"x": 1})]
    )

    assert "levels deep" in too_deep["error"]["message"]
    assert "bytes" in too_large["error"]["message"]
    assert fine["result"] == 1


def test_a_tools_own_type_error_is_raised_not_invalid(atonce: Program, tools: WriteTools) -> None:
    file = tools(
        """
        from pydantic import BaseModel

        class Model(BaseModel):
            x: int

        def type_error(n: int) -> int:
            return len(n)

        def validation_error(n: int) -> None:
            Model(x="not a number")
        """
    )

    outcomes = atonce.turn(file, [("type_error", {"n": 1}), ("validation_error", {"n": 1})])

    assert [(each["outcome"], each["error"]["type"]) for each in outcomes] == [
        ("raised", "TypeError"),
        ("raised", "ValidationError"),
    ]


def test_a_json_string_is_parsed_only_where_a_string_cannot_be_meant(
    atonce: Program, tools: WriteTools
) -> None:
    file = tools(
        """
        def numbers(values: list[int]) -> int:
            return sum(values)

        def text(value: str | list[int]) -> str:
            return repr(value)
        """
    )

    numbers, text = atonce.turn(
        file, [("numbers", {"values": "[1, 2]"}), ("text", {"value": "[1, 2]"})]
    )

    assert numbers["result"] == 3
    assert text["result"] == "'[1, 2]'"


@pytest.mark.parametrize(
    ("turn", "words"),
    [
        ("nonsense", ["not JSON"]),
        ('[{"id": "1"}]', ["call 1", "no name"]),
        ('[{"name": "f", "args": [1]}]', ["call 1", "args"]),
        ('[{"name": "f"}, 7]', ["call 2"]),
        ('[{"name": "f", "arguments": {}}]', ["arguments"]),
        ("12", ["neither"]),
    ],
)
def test_a_turn_that_cannot_be_read_is_refused_whole(
    atonce: Program, tools: WriteTools, turn: str, words: list[str]
) -> None:
    done = atonce.run("call", tools("def f(): ...\n"), "--turn", "-", stdin=turn)

    assert done.code == 2
    assert done.out == ""
    for word in words:
        assert word in done.err
