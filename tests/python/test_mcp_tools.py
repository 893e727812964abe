"""What MCP is told of a tool: title, hints, schema of the result, headers; and content results."""

import json
from collections.abc import AsyncIterator, Generator, Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal, NotRequired, Optional, TypedDict

import atonce
import pytest
from atonce._host.discover import Found
from atonce._host.outputs import make_output
from atonce._host.signature import EMPTY
from atonce._host.toolset import Tool, make_tool
from caller import call, tool_of
from pydantic import BaseModel, Field


def for_mcp(function: Any) -> Tool:
    return make_tool(Found(function.__name__, function), for_mcp=True)


def declared(function: Any) -> Any:
    return json.loads(for_mcp(function).declarations[3])


class Point(BaseModel):
    x: float
    label: str = "p"


@dataclass
class Node:
    value: int
    children: "list[Node]"


class Drawing(TypedDict):
    name: str
    picture: NotRequired[atonce.Image]


# The entry of tools/list.


def test_title_and_hints_are_declared() -> None:
    @atonce.tool(title="Add", read_only=True, destructive=False, idempotent=True, open_world=False)
    def add(a: int) -> str: ...

    @atonce.tool(open_world=True)
    def reach() -> str: ...

    entry = declared(add)
    assert list(entry) == ["name", "title", "description", "inputSchema", "annotations"]
    assert entry["title"] == "Add"
    assert entry["annotations"] == {
        "readOnlyHint": True,
        "destructiveHint": False,
        "idempotentHint": True,
        "openWorldHint": False,
    }
    assert declared(reach)["annotations"] == {"openWorldHint": True}


def test_a_schema_of_ones_own_stays_as_it_is() -> None:
    own = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$defs": {"address": {"$anchor": "addressDef", "type": "object"}},
        "type": "object",
        "properties": {"address": {"$ref": "#/$defs/address"}},
        "allOf": [{"anyOf": [{"required": ["address"]}]}],
        "if": {"required": ["address"]},
    }

    @atonce.tool(schema=own)
    def keep(address: Any = None) -> str: ...

    assert declared(keep)["inputSchema"] == own


@pytest.mark.parametrize("options", [{"title": ""}, {"open_world": 1}, {"structured": "all"}])
def test_options_that_cannot_be(options: dict[str, Any]) -> None:
    with pytest.raises(atonce.ToolsError, match=next(iter(options))):
        atonce.tool(**options)


# What the result is.


@pytest.mark.parametrize(
    ("annotation", "schema"),
    [
        (int, {"type": "integer"}),
        (list[str], {"type": "array", "items": {"type": "string"}}),
        (Literal["a", "b"], {"type": "string", "enum": ["a", "b"]}),
        (Optional[int], {"anyOf": [{"type": "integer"}, {"type": "null"}]}),  # noqa: UP045
        (tuple[int, str], None),
        (list[Point], None),
    ],
)
def test_what_is_no_object_is_wrapped(annotation: Any, schema: Any) -> None:
    output = make_output(annotation, "function")

    assert output is not None and output.is_wrapped
    assert output.schema["type"] == "object" and output.schema["required"] == ["result"]
    if schema is not None:
        assert output.schema["properties"] == {"result": schema}


@pytest.mark.parametrize("annotation", [dict[str, int], dict, Point, Point | Node, Node])
def test_an_object_is_what_it_is(annotation: Any) -> None:
    output = make_output(annotation, "function")

    assert output is not None and not output.is_wrapped
    assert output.schema["type"] == "object"


def test_fields_are_told_also_of_what_holds_itself() -> None:
    point = make_output(Point, "function")
    node = make_output(Node, "function")
    nodes = make_output(list[Node], "function")

    assert point is not None and node is not None and nodes is not None
    assert point.schema["properties"]["x"] == {"type": "number"}
    assert set(node.schema["properties"]) == {"value", "children"}
    assert set(node.schema["$defs"]) == set(nodes.schema["$defs"]) == {"Node"}
    assert "$defs" not in nodes.schema["properties"]["result"]


@pytest.mark.parametrize(
    "annotation",
    [
        EMPTY,
        None,
        type(None),
        str,
        bytes,
        Any,
        object,
        str | None,
        atonce.Image,
        list[str | atonce.Audio],
        Drawing,
        atonce.ToolResult,
        list[atonce.ResourceLink],
        type("Odd", (), {}),
    ],
)
def test_words_and_content_have_no_schema(annotation: Any) -> None:
    assert make_output(annotation, "function") is None


def test_what_a_generator_gives() -> None:
    def array_of(annotation: Any, kind: str) -> Any:
        output = make_output(annotation, kind)
        return output and output.schema["properties"]["result"]

    integers = {"type": "array", "items": {"type": "integer"}}
    assert array_of(Generator[int, None, None], "generator") == integers
    assert array_of(Generator[int, None, bool], "generator") == {"type": "boolean"}
    assert array_of(AsyncIterator[int], "async_generator") == integers
    assert array_of(Iterator[int], "generator") is None


def test_a_tool_says_whether_and_how_it_is_structured() -> None:
    def add(a: int) -> int: ...

    @atonce.tool(structured="only")
    def move(a: int) -> Point: ...

    @atonce.tool(structured="text")
    def tell(a: int) -> Point: ...

    def parts(tool: Tool) -> Any:
        return tool.has_output, tool.is_wrapped, tool.structured

    assert parts(for_mcp(add)) == (True, True, "both")
    assert parts(for_mcp(move)) == (True, False, "only")
    assert parts(for_mcp(tell)) == (False, False, "text")
    assert "outputSchema" not in declared(tell)
    assert list(declared(add)) == ["name", "description", "inputSchema", "outputSchema"]
    assert parts(tool_of(add)) == (False, False, "both")  # costs pydantic, so for MCP alone


@pytest.mark.parametrize(
    ("annotation", "right", "wrong"),
    [
        (int, 3, "3"),
        (int, 2**100, True),
        (float, 3, float("nan")),
        (list[int], (1, 2), [1, None]),
        (dict[str, int], {"a": 1}, {"a": "1"}),
        (Literal["a", "b"], "a", "c"),
        (int | None, None, 1.5),
    ],
)
def test_a_result_is_held_to_a_plain_return_type(annotation: Any, right: Any, wrong: Any) -> None:
    def give(is_right: bool) -> Any:
        return right if is_right else wrong

    give.__annotations__["return"] = annotation
    tool = for_mcp(give)

    assert call(tool, {"is_right": True}) == json.loads(json.dumps(right))
    with pytest.raises(TypeError, match="return type does not allow it"):
        call(tool, {"is_right": False})
    call(give, {"is_right": False})  # for others than MCP it is as good as any


# Headers.


def test_arguments_in_headers_are_told_to_mcp_alone() -> None:
    def route(
        region: Annotated[str, atonce.Header("Region")],
        shard: Annotated[int, Field(json_schema_extra={"x-mcp-header": "Shard-Id"})] = 1,
        dry: Annotated[bool, atonce.Header("Dry")] = False,
        other: str = "",
    ) -> str: ...

    tool = for_mcp(route)

    assert tool.headers == (
        ("region", "Region", "string"),
        ("shard", "Shard-Id", "integer"),
        ("dry", "Dry", "boolean"),
    )
    region = declared(route)["inputSchema"]["properties"]["region"]
    assert region == {"type": "string", "x-mcp-header": "Region"}
    assert all("x-mcp-header" not in text for text in tool.declarations[:3])
    strict = make_tool(Found("route", route), is_strict=True)
    assert (
        "x-mcp-header" not in strict.declarations[2] and '"strict":true' in strict.declarations[2]
    )


def test_a_schema_of_ones_own_may_name_headers() -> None:
    properties = {"a": {"type": "string", "x-mcp-header": "A"}}

    @atonce.tool(schema={"type": "object", "properties": properties})
    def route(a: str = "") -> str: ...

    assert for_mcp(route).headers == (("a", "A", "string"),)


class Inner(BaseModel):
    region: Annotated[str, atonce.Header("Region")]


@pytest.mark.parametrize(
    "annotation",
    [
        Annotated[str, atonce.Header("two words")],
        Annotated[str, atonce.Header("")],
        Annotated[float, atonce.Header("Ok")],
        Annotated[str | None, atonce.Header("Ok")],
        Inner,
        list[Annotated[str, atonce.Header("Ok")]],
    ],
)
def test_headers_that_clients_would_refuse(annotation: Any) -> None:
    def route(region: Any) -> str: ...

    route.__annotations__["region"] = annotation

    with pytest.raises(atonce.ToolsError, match="region"):
        tool_of(route)


def test_a_header_is_of_one_argument() -> None:
    def route(
        a: Annotated[str, atonce.Header("Region")], b: Annotated[str, atonce.Header("region")]
    ) -> str: ...

    with pytest.raises(atonce.ToolsError, match="two parameters"):
        tool_of(route)


# Content.

WAV = {"media_type": "audio/wav", "data": "d2F2"}


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (atonce.Audio(b"wav", "audio/wav"), WAV),
        (atonce.Text("a"), "a"),
        (
            atonce.Text("a", {"priority": 1}, {"k": 2}),
            {"atonce:text": {"text": "a", "annotations": {"priority": 1}, "_meta": {"k": 2}}},
        ),
        (
            atonce.ResourceLink("test://x", "x", size=3, annotations={"audience": ["user"]}),
            {
                "atonce:resource_link": {
                    "uri": "test://x",
                    "name": "x",
                    "size": 3,
                    "annotations": {"audience": ["user"]},
                }
            },
        ),
        (
            atonce.EmbeddedResource("test://x", "a"),
            {"atonce:resource": {"uri": "test://x", "mimeType": "text/plain", "text": "a"}},
        ),
        (
            atonce.EmbeddedResource("test://x", b"wav", "audio/wav", meta={"k": 1}),
            {"atonce:resource": {"uri": "test://x", "blob": WAV, "_meta": {"k": 1}}},
        ),
        (atonce.ToolResult("a"), {"atonce:result": {"content": ["a"]}}),
        (
            atonce.ToolResult(
                ["a", atonce.Audio(b"wav", "audio/wav"), {1}], {"b": (2,)}, True, {"k": 3}
            ),
            {
                "atonce:result": {
                    "content": ["a", WAV, [1]],
                    "structured": {"b": [2]},
                    "is_error": True,
                    "meta": {"k": 3},
                }
            },
        ),
    ],
)
def test_content_has_a_form_in_json(value: Any, written: Any) -> None:
    def give() -> Any:
        return value

    def give_many() -> Any:
        return ["words", value]

    assert call(give) == written
    assert call(give_many) == ["words", written]


def test_content_that_cannot_be() -> None:
    with pytest.raises(ValueError, match="not a sound"):
        atonce.Audio(b"", "image/png")
    with pytest.raises(TypeError, match="str or bytes"):
        atonce.EmbeddedResource("test://x", 3)  # type: ignore[arg-type]


def test_audio_is_an_argument_as_images_are() -> None:
    def hear(sound: atonce.Audio) -> str:
        return f"{sound.media_type} {sound.data!r}"

    assert call(hear, {"sound": WAV}) == "audio/wav b'wav'"
