"""One schema, written for each dialect; and the names that they take."""

import json
from dataclasses import dataclass, field
from enum import Enum
from typing import Annotated, Any, Literal, Union

import atonce
import pytest
from atonce._host import inline as inline_module
from atonce._host.inline import inline
from caller import InvalidError, call, schema_of, tool_of
from pydantic import BaseModel, Field

DIALECTS = ("jsonschema", "gemini", "openai", "mcp")


def declared(function: Any) -> dict[str, str]:
    return dict(zip(DIALECTS, tool_of(function).declarations, strict=True))


def gemini(function: Any) -> Any:
    return json.loads(declared(function)["gemini"]).get("parametersJsonSchema")


@atonce.tool(read_only=True, destructive=False)
def get_rate(source: str, target: Literal["SEK"] = "SEK", day: str | None = None) -> float:
    """Get the rate.

    Args:
        source: Currency to convert from.
    """
    return 1.0


SCHEMA = (
    '{"type":"object","properties":{"source":{"type":"string",'
    '"description":"Currency to convert from."},"target":{"const":"SEK","type":"string",'
    '"default":"SEK"},"day":{"anyOf":[{"type":"string"},{"type":"null"}],"default":null}},'
    '"required":["source"],"additionalProperties":false}'
)
GEMINI_SCHEMA = (
    '{"type":"object","properties":{"source":{"type":"string",'
    '"description":"Currency to convert from."},"target":{"default":"SEK","enum":["SEK"],'
    '"type":"string"},"day":{"anyOf":[{"type":"string"},{"type":"null"}]}},'
    '"required":["source"],"additionalProperties":false}'
)
HEAD = '"name":"get_rate","description":"Get the rate."'


def test_the_golden_texts() -> None:
    tool = tool_of(get_rate)

    assert tool.input_schema == SCHEMA
    assert declared(get_rate) == {
        "jsonschema": f'{{{HEAD},"input_schema":{SCHEMA}}}',
        "gemini": f'{{{HEAD},"parametersJsonSchema":{GEMINI_SCHEMA}}}',
        "openai": f'{{"type":"function","function":{{{HEAD},"parameters":{SCHEMA}}}}}',
        "mcp": f'{{{HEAD},"inputSchema":{SCHEMA},'
        '"annotations":{"readOnlyHint":true,"destructiveHint":false}}',
    }


def test_a_tool_without_parameters() -> None:
    def ping() -> None:
        """Ping."""

    empty = '{"type":"object","properties":{},"additionalProperties":false}'
    head = '"name":"ping","description":"Ping."'
    assert declared(ping) == {
        "jsonschema": f'{{{head},"input_schema":{empty}}}',
        "gemini": f"{{{head}}}",
        "openai": f'{{"type":"function","function":{{{head},"parameters":{empty}}}}}',
        "mcp": f'{{{head},"inputSchema":{empty}}}',
    }


def test_titles_that_pydantic_makes_up_are_left_out_and_the_authors_kept() -> None:
    class Order(BaseModel):
        item: Annotated[str, Field(title="What to order")]

    def buy(order: Order, title: str) -> None: ...

    properties = schema_of(buy)["properties"]
    assert properties["title"] == {"type": "string"}
    assert "title" not in properties["order"]
    assert properties["order"]["properties"]["item"]["title"] == "What to order"


class Cat(BaseModel):
    kind: Literal["cat"]


class Dog(BaseModel):
    kind: Literal["dog"]


def test_a_tagged_union_has_no_references_left() -> None:
    def adopt(pet: Annotated[Union[Cat, Dog], Field(discriminator="kind")]) -> str:  # noqa: UP007
        return type(pet).__name__

    text = tool_of(adopt).input_schema

    assert "$defs" not in text and "$ref" not in text and "discriminator" not in text
    assert call(adopt, {"pet": {"kind": "dog"}}) == "Dog"


def test_a_property_may_be_called_like_a_keyword() -> None:
    class Odd(BaseModel):
        properties: dict[str, int]
        default: str
        enum: list[str] = []
        ref: str = Field(alias="$ref")

    def tool(odd: Odd) -> None: ...

    odd = schema_of(tool)["properties"]["odd"]
    assert list(odd["properties"]) == ["properties", "default", "enum", "$ref"]


def test_a_description_beside_a_reference_wins_over_the_class() -> None:
    class Point(BaseModel):
        """A point."""

        x: int

    def move(a: Point, b: Point) -> None:
        """Move.

        Args:
            a: Where from.
        """

    properties = schema_of(move)["properties"]
    assert properties["a"]["description"] == "Where from."
    assert properties["b"]["description"] == "A point."


# Gemini takes less than JSON Schema.


class Answer(Enum):
    YES = True
    NO = False
    MAYBE = None
    OFTEN = "often"


def test_gemini_gets_no_const_and_enums_of_strings_and_numbers_only() -> None:
    def tool(a: Literal[True], b: Literal["x", None], c: Answer, d: Literal[1]) -> None: ...

    properties = gemini(tool)["properties"]
    assert properties == {
        "a": {"type": "boolean"},
        "b": {"anyOf": [{"enum": ["x"]}, {"type": "null"}]},
        "c": {"anyOf": [{"enum": ["often"]}, {"type": "boolean"}, {"type": "null"}]},
        "d": {"enum": [1], "type": "integer"},
    }


@dataclass
class Link:
    value: int
    next: "Link"
    others: "list[Link]" = field(default_factory=list)


def test_gemini_gets_recursion_in_optional_properties_only() -> None:
    """The API refuses a schema whose objects could never end."""

    def follow(link: Link) -> None:
        """Follow."""

    assert gemini(follow) == {
        "type": "object",
        "properties": {"link": {"$ref": "#/$defs/Link"}},
        "required": ["link"],
        "additionalProperties": False,
        "$defs": {
            "Link": {
                "properties": {
                    "value": {"type": "integer"},
                    "next": {"$ref": "#/$defs/Link"},
                    "others": {"items": {"$ref": "#/$defs/Link"}, "type": "array"},
                },
                "type": "object",
                "required": ["value"],
            }
        },
    }
    assert schema_of(follow)["$defs"]["Link"]["required"] == ["value", "next"]


# References.


def doubling(depth: int) -> dict[str, Any]:
    """Definitions that each use the next one twice."""
    definitions: dict[str, Any] = {
        f"D{n}": {"anyOf": [{"$ref": f"#/$defs/D{n + 1}"}, {"$ref": f"#/$defs/D{n + 1}"}]}
        for n in range(depth)
    }
    definitions[f"D{depth}"] = {"type": "string"}
    return {"type": "object", "properties": {"x": {"$ref": "#/$defs/D0"}}, "$defs": definitions}


def test_definitions_are_put_where_they_are_used() -> None:
    leaf = {"type": "string"}
    middle = {"anyOf": [leaf, leaf]}

    assert inline(doubling(2))["properties"]["x"] == {"anyOf": [middle, middle]}


def test_definitions_that_would_multiply_stay_definitions() -> None:
    schema = doubling(40)

    result = inline(schema)

    assert result["properties"] == schema["properties"]
    assert len(result["$defs"]) == 41
    assert inline_module.MOST_NODES < 2**40


def test_types_that_hold_each_other_stay_definitions() -> None:
    schema = {
        "type": "object",
        "properties": {"a": {"$ref": "#/$defs/A"}},
        "$defs": {
            "A": {"properties": {"b": {"$ref": "#/$defs/B"}, "c": {"$ref": "#/$defs/C"}}},
            "B": {"properties": {"a": {"$ref": "#/$defs/A"}}},
            "C": {"type": "string"},
        },
    }

    definitions = inline(schema)["$defs"]

    assert set(definitions) == {"A", "B"}
    assert definitions["A"]["properties"]["c"] == {"type": "string"}


# Names and raw schemas.


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("größe", "gr_e"),
        ("get rate", "get_rate"),
        ("a.b", "a_b"),
        ("2nd", "_2nd"),
        ("x" * 65, "x" * 64),
        ("名前", "tool"),
        ("-x", "x"),
    ],
)
def test_a_name_that_a_provider_refuses_is_refused_with_a_safe_one(name: str, safe: str) -> None:
    with pytest.raises(atonce.ToolsError) as caught:
        tool_of(lambda: None, name)

    assert f"`{name}`" in caught.value.message
    assert f'name="{safe}"' in caught.value.hint


@pytest.mark.parametrize("name", ["a", "_a", "get-rate", "x" * 64])
def test_a_name_that_all_providers_take_is_taken(name: str) -> None:
    assert tool_of(lambda: None, name).name == name


def test_a_parameters_name_that_some_provider_refuses_is_warned_of() -> None:
    def tool(größe: int, plain: int, other: Annotated[int, Field(alias="a-b")] = 1) -> int:
        return größe + other

    made = tool_of(tool)

    assert ["`größe`" in made.warnings[0], "`a-b`" in made.warnings[1]] == [True, True]
    assert len(made.warnings) == 2
    assert call(made, {"größe": 1, "plain": 0, "a-b": 2}) == 3


def test_a_schema_of_the_authors_own_is_declared_and_holds_beside_the_types() -> None:
    own = {"type": "object", "properties": {"n": {"const": 3}}}

    @atonce.tool(schema=own)
    def tool(n: int) -> int:
        return n

    assert json.loads(tool_of(tool).input_schema) == own
    assert gemini(tool) == {"type": "object", "properties": {"n": {"enum": [3]}}}
    assert call(tool, {"n": 3}) == 3
    for wrong in (4, "three"):  # for the schema, for the type
        with pytest.raises(InvalidError, match="/n"):
            call(tool, {"n": wrong})


def test_a_schema_of_the_authors_own_must_be_of_an_object() -> None:
    @atonce.tool(schema={"type": "string"})
    def tool(n: int) -> None: ...

    with pytest.raises(atonce.ToolsError, match="type object"):
        tool_of(tool)


def test_policy_and_kind_are_as_the_author_wrote_them() -> None:
    @atonce.tool(
        name="renamed",
        serial="printer",
        max_concurrency=3,
        timeout=1.5,
        retries=2,
        approve=True,
        destructive=True,
        isolation="process",
        max_memory=100,
        max_cpu=5,
    )
    async def tool() -> None: ...

    made = tool_of(tool)

    assert made.name == "renamed"
    assert made.kind == "async"
    assert made.policy == ("printer", 3, 1.5, 2, "process", 100, 5, True, True)
    assert made.warnings == ()


def test_serial_alone_lets_one_call_through() -> None:
    @atonce.tool(serial=True, max_concurrency=5)
    def tool() -> None: ...

    policy = tool_of(tool).policy

    assert (policy.serial_group, policy.max_concurrency) == ("", 1)
