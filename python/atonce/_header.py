"""The mark of an argument that callers repeat in an HTTP header."""

from __future__ import annotations

from typing import Any


class Header:
    """`region: Annotated[str, atonce.Header("Region")]`: the argument is in `Mcp-Param-Region` too.

    For what stands between caller and server and routes or limits by it: MCP's clients repeat the
    argument there, and the server refuses a call whose header says something else. It must be a
    str, an int or a bool. pydantic's `Field(json_schema_extra={"x-mcp-header": "Region"})` is the
    same.
    """

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __get_pydantic_json_schema__(self, core: Any, handler: Any) -> Any:
        """For pydantic."""
        return handler(core) | {"x-mcp-header": self.name}

    def __repr__(self) -> str:
        return f"Header({self.name!r})"
