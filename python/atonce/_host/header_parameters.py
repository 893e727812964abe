"""The arguments that MCP's clients repeat in HTTP headers: `x-mcp-header` in the schema."""

from __future__ import annotations

import re
from typing import Any

from atonce import ToolsError
from atonce._host.schemas import Schema, inner

KEYWORD = "x-mcp-header"

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z")  # RFC 9110
_TYPES = ("string", "integer", "boolean")


def read_headers(schema: Schema, tool: str) -> tuple[tuple[str, str, str], ...]:
    """(property, header, type) of each. Raises ToolsError for what clients would refuse."""
    found: list[tuple[str, str, str]] = []
    for name, one in schema.get("properties", {}).items():
        if not isinstance(one, dict):
            continue
        if _is_inside(one):
            raise ToolsError(
                f"a part of the parameter `{name}` of `{tool}` has a header",
                "let the parameter itself have it: `Annotated[str, atonce.Header(...)]` as a whole",
            )
        if KEYWORD in one:
            found.append((name, _checked(one[KEYWORD], name, tool), _type_of(one, name, tool)))
    names = [header.lower() for _, header, _ in found]
    for header in names:
        if names.count(header) > 1:
            raise ToolsError(
                f"two parameters of `{tool}` have the header `{header}`", "give each its own"
            )
    return tuple(found)


def without_headers(schema: Schema) -> Schema:
    """The schema for those who know no headers, and may refuse a keyword that they do not know."""
    properties = schema.get("properties")
    if not isinstance(properties, dict) or not any(map(_has_header, properties.values())):
        return schema
    return schema | {"properties": {name: _without(one) for name, one in properties.items()}}


def _has_header(schema: Any) -> bool:
    return isinstance(schema, dict) and KEYWORD in schema


def _without(schema: Any) -> Any:
    if not _has_header(schema):
        return schema
    return {key: value for key, value in schema.items() if key != KEYWORD}


def _is_inside(schema: Any) -> bool:
    return any(_has_header(one) or _is_inside(one) for one in inner(schema))


def _checked(header: Any, name: str, tool: str) -> str:
    if isinstance(header, str) and _TOKEN.match(header):
        return header
    raise ToolsError(
        f"{header!r}, of the parameter `{name}` of `{tool}`, cannot be a header's name",
        "give letters, digits and `-`, as in `Region`",
    )


def _type_of(schema: Schema, name: str, tool: str) -> str:
    kind = schema.get("type")
    if kind in _TYPES:
        return str(kind)
    raise ToolsError(
        f"the parameter `{name}` of `{tool}` has a header, but is no str, int or bool",
        'give it one of these types; for one that may be missing, a default such as ""',
    )
