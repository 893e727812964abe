"""The strict form of a declaration, and the nulls that answers to it hold."""

import enum
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import atonce
import pytest
from atonce._host.discover import Found
from atonce._host.load import load
from atonce._host.toolset import Tool, make_tool

if sys.version_info >= (3, 12):
    from typing import TypedDict
else:
    from typing_extensions import TypedDict  # pydantic asks for it there
from caller import InvalidError, arguments_of, tool_of, unchanged_imports, write
from pydantic import BaseModel, Field


def strict_tool(function: Any) -> Tool:
    return make_tool(Found(function.__name__, function), is_strict=True)


def declared(function: Any) -> Any:
    """The `function` of the tool's declaration for OpenAI."""
    _, _, openai, _ = strict_tool(function).declarations
    return json.loads(openai)["function"]


def properties(function: Any) -> Any:
    return declared(function)["parameters"]["properties"]


@dataclass
class Place:
    name: str
    size: int = 3
    note: str | None = None


class Color(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Node(BaseModel):
    name: str
    children: list["Node"] = []


def search(
    text: str,
    limit: int = 10,
    kind: Literal["talk", "speaker"] = "talk",
    day: str | None = None,
    color: Color = Color.RED,
    near: Place | None = None,
    tags: tuple[str, ...] = (),
) -> list[str]:
    """Search.

    Args:
        limit: How many.
    """
    return []


def closed(schema: Any) -> bool:
    """Whether every object in there is closed and requires all that it has."""
    if isinstance(schema, list):
        return all(map(closed, schema))
    if not isinstance(schema, dict):
        return True
    if isinstance(schema.get("properties"), dict) and (
        schema.get("additionalProperties") is not False
        or list(schema["properties"]) != schema.get("required")
    ):
        return False
    return all(map(closed, schema.values()))


def test_every_object_is_closed_and_requires_all_of_its_properties() -> None:
    function = declared(search)

    assert function["strict"] is True
    assert closed(function["parameters"])
    assert list(function["parameters"]["properties"]) == list(function["parameters"]["required"])
    assert strict_tool(search).warnings == ()


def test_what_is_optional_may_be_null_and_says_what_null_means() -> None:
    assert properties(search)["text"] == {"type": "string"}
    assert properties(search)["limit"] == {
        "type": ["integer", "null"],
        "description": "How many. Null means the default: 10",
    }
    assert properties(search)["kind"] == {
        "anyOf": [{"type": "string", "enum": ["talk", "speaker"]}, {"type": "null"}],
        "description": 'Null means the default: "talk"',
    }
    assert properties(search)["day"] == {"anyOf": [{"type": "string"}, {"type": "null"}]}
    place, nothing = properties(search)["near"]["anyOf"]
    assert place["properties"]["size"]["type"] == ["integer", "null"]
    assert nothing == {"type": "null"}


def test_no_default_and_nothing_else_that_is_refused_is_left() -> None:
    def send(
        to: Annotated[str, Field(min_length=3, pattern="@")],
        data: bytes,
        ids: set[int],
        pair: tuple[int, str],
        file: Path,
    ) -> None: ...

    text = json.dumps(declared(send))

    for word in ("default", "minLength", "uniqueItems", "prefixItems", "binary", '"path"'):
        assert word not in text
    assert properties(send)["to"] == {"type": "string", "pattern": "@"}
    assert properties(send)["pair"]["items"] == {"anyOf": [{"type": "integer"}, {"type": "string"}]}
    assert strict_tool(send).warnings == (
        "`send` is declared strict without `minLength` of its parameter `to`, which is checked "
        "when it is called",
        "`send` is declared strict without `format binary` of its parameter `data`, which is "
        "checked when it is called",
        "`send` is declared strict without `uniqueItems` of its parameter `ids`, which is checked "
        "when it is called",
        "`send` is declared strict without `prefixItems` of its parameter `pair`, which is checked "
        "when it is called",
        "`send` is declared strict without `format path` of its parameter `file`, which is checked "
        "when it is called",
    )


def test_recursion_stays_a_reference() -> None:
    def draw(tree: Node, other: Node | None = None) -> None: ...

    function = declared(draw)

    assert function["strict"] is True
    assert closed(function["parameters"])
    assert function["parameters"]["properties"]["tree"] == {"$ref": "#/$defs/Node"}


class Loose(BaseModel):
    more: dict[str, int]


class Tagged(TypedDict):
    first: Any


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (Any, "takes any value"),
        (dict[str, int], "takes members of any name"),
        (dict, "takes members of any name"),
        (list, "takes any value"),
        (list[dict[str, str]], "takes members of any name"),
        (Loose, "takes members of any name"),
        (Tagged, "takes any value"),
        (int | Loose | None, "takes members of any name"),
    ],
)
def test_what_has_no_strict_form_is_left_as_it_is_and_said(kind: Any, reason: str) -> None:
    def keep(key: str, value: kind) -> None: ...  # type: ignore[valid-type]

    tool = strict_tool(keep)

    assert tool.warnings == (f"`keep` is not declared strict: its parameter `value` {reason}",)
    assert tool.declarations == tool_of(keep).declarations


def test_arguments_of_any_name_have_no_strict_form() -> None:
    def keep(**more: int) -> None: ...

    assert strict_tool(keep).warnings == (
        "`keep` is not declared strict: it takes arguments of any name",
    )


def test_a_null_that_only_the_strict_form_allows_is_an_absent_argument() -> None:
    given = arguments_of(
        strict_tool(search),
        {
            "text": "gil",
            "limit": None,
            "kind": None,
            "day": None,
            "color": None,
            "near": {"name": "Hall", "size": None, "note": None},
            "tags": None,
        },
    )

    assert given == {
        "text": "gil",
        "limit": 10,
        "kind": "talk",
        "day": None,
        "color": Color.RED,
        "near": Place("Hall", 3, None),
        "tags": (),
    }


def test_other_nulls_are_refused_or_kept() -> None:
    def take(needed: int, maybe: int | None, text: str = "") -> None: ...

    tool = strict_tool(take)

    assert arguments_of(tool, {"needed": 1, "maybe": None})["maybe"] is None
    with pytest.raises(InvalidError, match="needed"):
        arguments_of(tool, {"needed": None, "maybe": None})
    with pytest.raises(InvalidError, match="unknown"):
        arguments_of(tool, {"needed": 1, "maybe": 1, "unknown": None})
    with pytest.raises(InvalidError, match="text"):
        arguments_of(tool_of(take), {"needed": 1, "maybe": 1, "text": None})  # not strict


def test_nulls_in_lists_and_unions_are_found() -> None:
    def visit(places: list[Place], choice: int | Place = 1) -> None: ...

    given = arguments_of(
        strict_tool(visit),
        {"places": [{"name": "A", "size": None}], "choice": {"name": "B", "size": None}},
    )

    assert given == {"places": [Place("A")], "choice": Place("B")}


def test_arguments_without_added_nulls_reach_the_validator_as_they_came() -> None:
    def take(value: int, text: str = "") -> None: ...

    tool = strict_tool(take)

    assert arguments_of(tool, b'{"value": 123456789012345678901234567890, "text": "null"}') == {
        "value": 123456789012345678901234567890,
        "text": "null",
    }
    with pytest.raises(InvalidError, match="JSON"):
        arguments_of(tool, b'{"value": null')


def test_a_tool_that_is_not_declared_strict_takes_no_null_either() -> None:
    def take(options: dict[str, int], text: str = "") -> None: ...

    with pytest.raises(InvalidError, match="text"):
        arguments_of(strict_tool(take), {"options": {}, "text": None})


def test_a_schema_of_the_authors_own_has_a_strict_form_too() -> None:
    own = {
        "type": "object",
        "properties": {"x": {"oneOf": [{"type": "integer"}, {"type": "string", "maxLength": 3}]}},
    }

    @atonce.tool(schema=own)
    def take(x: Any = 1) -> None: ...

    tool = strict_tool(take)

    assert properties(take)["x"] == {
        "anyOf": [{"type": "integer"}, {"type": "string"}, {"type": "null"}]
    }
    assert arguments_of(tool, {"x": None}) == {"x": 1}
    assert "`maxLength`" in tool.warnings[0]


@pytest.mark.parametrize("is_strict", [False, True])
def test_a_file_is_loaded_strict_or_not(tmp_path: Path, is_strict: bool) -> None:
    write(tmp_path, {"my_tools.py": "def f(x: int = 1) -> int:\n    return x\n"})

    with unchanged_imports():
        (tool,) = load(str(tmp_path / "my_tools.py"), False, is_strict).tools

    assert ('"strict":true' in tool.declarations[2]) == is_strict
