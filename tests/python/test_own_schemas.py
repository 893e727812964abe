"""A hand-written `schema=` holds before the function is called."""

import json
from typing import Any

import atonce
import pytest
from atonce._errors import ToolsError
from atonce._host import bridge
from atonce._host.discover import Found
from atonce._host.toolset import Tool, make_tool
from pydantic_core import ValidationError

OPEN = {
    "type": "object",
    "properties": {"n": {"type": "integer", "minimum": 5}, "kind": {"enum": ["a", "b"]}},
    "required": ["n"],
    "if": {"properties": {"kind": {"const": "a"}}, "required": ["kind"]},
    "then": {"properties": {"n": {"maximum": 9}}},
}


def tool_with(schema: dict[str, Any]) -> Tool:
    @atonce.tool(schema=schema)
    def take(**arguments: Any) -> str:
        """Takes anything."""
        return json.dumps(arguments)

    return make_tool(Found("take", take))


def refusal(tool: Tool, arguments: Any) -> str:
    """What the model is told; fails where the arguments are taken."""
    raw = json.dumps(arguments).encode()
    with pytest.raises(ValidationError) as caught:
        bridge.revalidate(tool, raw)
    message, _ = bridge.explain_invalid(tool, caught.value, raw)
    return message


def test_arguments_that_fit_are_taken() -> None:
    tool = tool_with(OPEN)

    assert tool.validate(b'{"n": 6, "kind": "a"}') == ((), {"n": 6, "kind": "a"})


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"n": 1}, "`/n` is refused: 1 is less than the minimum of 5"),
        ({"n": "6"}, "`/n` is refused: '6' is not of type 'integer'"),
        ({"n": 6, "kind": "c"}, "`/kind` is refused: 'c' is not one of"),
        ({"n": 17, "kind": "a"}, "`/n` is refused: 17 is greater than the maximum of 9"),
        ({}, "'n' is a required property"),
    ],
)
def test_arguments_that_do_not_fit_are_refused_with_the_reason(arguments: Any, told: str) -> None:
    assert told in refusal(tool_with(OPEN), arguments)


def test_braces_in_a_value_are_only_text() -> None:
    assert "{why}" in refusal(tool_with(OPEN), {"n": "{why}"})


def test_what_is_no_schema_is_refused_when_the_tool_is_made() -> None:
    with pytest.raises(ToolsError, match="no JSON Schema"):
        tool_with({"type": "object", "properties": {"n": {"minimum": "five"}}})


def test_a_reference_is_never_fetched() -> None:
    away = {"type": "object", "properties": {"n": {"$ref": "http://127.0.0.1:9/none.json"}}}

    assert "cannot be checked" in refusal(tool_with(away), {"n": 1})
