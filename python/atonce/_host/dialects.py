"""A tool's declaration, written for each dialect that the C++ side knows.

jsonschema  {"name", "description", "input_schema"}: the plain form, full JSON Schema 2020-12
gemini      a FunctionDeclaration {"name", "description", "parametersJsonSchema"}; a tool without
            parameters has no schema
openai      an entry of `tools` for chat completions, strict where Declared has a strict schema
mcp         an entry of `tools/list`
"""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from atonce import ToolsError
from atonce._host.header_parameters import without_headers
from atonce._host.schemas import Schema, inner, rebuild, to_text

# What Gemini, OpenAI and MCP all take.
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}\Z")
_MOST_NAME_CHARACTERS = 64
_PARAMETER_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}\Z")


class Declared(NamedTuple):
    name: str
    description: str
    schema: Schema  # of the arguments object, as atonce._host.inline leaves it
    hints: Mapping[str, bool]  # MCP's annotations
    # What OpenAI is to hold a model to, as atonce._host.strict makes it.
    strict: Schema | None = None
    title: str | None = None  # for MCP, as the next
    output: Schema | None = None


def declare(tool: Declared) -> tuple[str, str, str, str]:
    """The JSON texts, in the order of call::Dialect (src/call/tool_spec.h)."""
    openai: Schema = {"name": tool.name, "description": tool.description}
    mcp_text = to_text(_mcp(tool))
    tool = tool._replace(schema=without_headers(tool.schema))
    if tool.strict is None:
        openai["parameters"] = tool.schema
    else:
        openai |= {"parameters": tool.strict, "strict": True}
    texts = (
        {"name": tool.name, "description": tool.description, "input_schema": tool.schema},
        _gemini(tool),
        {"type": "function", "function": openai},
    )
    jsonschema, gemini, openai_text = (to_text(one) for one in texts)
    return jsonschema, gemini, openai_text, mcp_text


def check_name(name: str, place: str) -> None:
    """Raises ToolsError for a name that some provider refuses."""
    if _NAME.match(name):
        return
    safe = re.sub(r"[^A-Za-z0-9_-]+", "_", name).strip("_-") or "tool"
    safe = safe if not safe[0].isdigit() else f"_{safe}"
    raise ToolsError(
        f"`{name}` ({place}) cannot be a tool's name: models take up to {_MOST_NAME_CHARACTERS} "
        "letters, digits, `_` and `-`, and no digit or `-` in front",
        f'rename the function, or write `@atonce.tool(name="{safe[:_MOST_NAME_CHARACTERS]}")`',
    )


def is_parameter_name(name: str) -> bool:
    """Whether every provider takes an argument of this name."""
    return _PARAMETER_NAME.match(name) is not None


def _mcp(tool: Declared) -> Schema:
    declared: Schema = {"name": tool.name}
    if tool.title is not None:
        declared["title"] = tool.title
    declared |= {"description": tool.description, "inputSchema": tool.schema}
    if tool.output is not None:
        declared["outputSchema"] = tool.output
    if tool.hints:
        declared["annotations"] = dict(tool.hints)
    return declared


def _gemini(tool: Declared) -> Schema:
    declared: Schema = {"name": tool.name, "description": tool.description}
    if tool.schema.get("properties") or tool.schema.get("additionalProperties"):
        declared["parametersJsonSchema"] = _for_gemini(tool.schema)
    return declared


def _for_gemini(schema: Schema) -> Schema:
    """The schema within what the API takes, where that is less than JSON Schema."""
    result: Schema = _gemini_node(schema)
    for definition in result.get("$defs", {}).values():
        _loosen(definition)
    return result


def _gemini_node(node: Any) -> Any:
    if not isinstance(node, dict):
        return node
    if "$ref" in node:  # nothing may stand beside it
        return {"$ref": node["$ref"]}
    node = rebuild(node, _gemini_node)
    if node.get("default", 0) is None:
        del node["default"]
    if "const" in node:
        node["enum"] = [node.pop("const")]
    return _gemini_enum(node) if "enum" in node else node


def _gemini_enum(node: Schema) -> Schema:
    """An enum of strings and numbers; null and booleans, which it may not hold, beside it."""
    values = node.pop("enum")
    plain = [one for one in values if one is not None and not isinstance(one, bool)]
    members: list[Schema] = []
    if plain:
        members.append({"enum": plain} | ({"type": node["type"]} if "type" in node else {}))
    if any(isinstance(one, bool) for one in values):
        members.append({"type": "boolean"})
    if any(one is None for one in values):
        members.append({"type": "null"})
    node.pop("type", None)
    return node | (members[0] if len(members) == 1 else {"anyOf": members})


def _loosen(definition: Any) -> None:
    """A definition is here because it holds itself, which only an optional property may do.

    What is left out of `required` here is still required when the call is validated.
    """
    if not isinstance(definition, dict) or "required" not in definition:
        return
    properties = definition.get("properties", {})
    required = [one for one in definition.pop("required") if not _refers(properties.get(one))]
    if required:
        definition["required"] = required


def _refers(node: Any) -> bool:
    return (isinstance(node, dict) and "$ref" in node) or any(_refers(one) for one in inner(node))
