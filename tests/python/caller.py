"""Loads and calls tools the way the C++ side does (src/python/toolset.cpp, invoke.cpp)."""

import contextlib
import importlib
import json
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from atonce import Context
from atonce._host import bridge
from atonce._host.discover import Found
from atonce._host.load import Loaded, load
from atonce._host.toolset import Tool, make_tool


class InvalidError(Exception):
    """The call's outcome would be `invalid`."""

    def __init__(self, message: str, problems: str) -> None:
        super().__init__(message)
        self.message = message
        self.problems = json.loads(problems)


def tool_of(function: Callable[..., Any], name: str | None = None) -> Tool:
    return make_tool(Found(name or function.__name__, function))


def schema_of(function: Callable[..., Any]) -> Any:
    return json.loads(tool_of(function).input_schema)


def property_of(function: Callable[..., Any], name: str) -> Any:
    return schema_of(function)["properties"][name]


def arguments_of(tool: Tool, arguments: Any) -> dict[str, Any]:
    """What the function would get, by keyword. Raises InvalidError, or a type's own exception."""
    raw = arguments if isinstance(arguments, bytes) else json.dumps(arguments).encode()
    try:
        try:
            args, kwargs = tool.validate(raw)
        except Exception:
            args, kwargs = bridge.revalidate(tool, raw)
    except Exception as error:
        raise InvalidError(*bridge.explain_invalid(tool, error, raw)) from None
    assert args == ()
    return dict(kwargs)


def call(tool: Tool | Callable[..., Any], arguments: Any = None, context: Any = None) -> Any:
    """The result's JSON, parsed. The tool's own exceptions come through."""
    if not isinstance(tool, Tool):
        tool = tool_of(tool)
    keywords = arguments_of(tool, arguments or {})
    if tool.context_parameter is not None:
        keywords[tool.context_parameter] = context or Context()
    result = tool.function(**keywords)
    if tool.kind == "generator":
        result = bridge.drain(result)
    return json.loads(to_json(tool, result))


def to_json(tool: Tool, result: Any) -> bytes:
    if tool.serialize is not None:
        return tool.serialize(result)
    values = (bridge.INF_NAN_MODE, bridge.BYTES_MODE, bridge.FALLBACK)
    return bridge.to_json(result, **dict(zip(bridge.TO_JSON_NAMES, values, strict=True)))


@contextlib.contextmanager
def unchanged_imports() -> Iterator[None]:
    """Takes back what a load adds to sys.path and sys.modules."""
    path, modules = list(sys.path), dict(sys.modules)
    importlib.invalidate_caches()
    try:
        yield
    finally:
        sys.path[:] = path
        for name in set(sys.modules) - set(modules):
            # Only the tests' own: numpy and such do not like to be imported twice.
            file = getattr(sys.modules[name], "__file__", None) or ""
            if "pytest" in file:
                del sys.modules[name]


def write(folder: Path, files: dict[str, str]) -> None:
    for name, source in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(source).lstrip("\n"), encoding="utf-8")


def load_source(folder: Path, source: str, suffix: str = "") -> Loaded:
    """Loads `source` as my_tools.py; `suffix` is ":object" or nothing."""
    write(folder, {"my_tools.py": source})
    with unchanged_imports():
        return load(f"{folder / 'my_tools.py'}{suffix}")


def names(loaded: Loaded) -> list[str]:
    return [tool.name for tool in loaded.tools]
