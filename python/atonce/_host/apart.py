"""The tools in an interpreter of their own beside the main one (src/python/subinterpreter.cpp).

pydantic cannot be loaded there, so this needs the standard library alone: arguments come validated
and pickled from the main interpreter, and a result that `json` does not know goes back pickled.
"""

import contextvars
import json
import pickle
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

from atonce import Context
from atonce._host.calling import adapt, kind_of
from atonce._host.generators import drain, settle
from atonce._host.load import find
from atonce._host.signature import read_signature
from atonce._host.tracebacks import describe_raised


class ToolApart(NamedTuple):
    function: Callable[..., Any]
    kind: str  # as Tool.kind
    context_parameter: str | None


def load(spec: str, is_module: bool | int, search_path: list[str]) -> dict[str, ToolApart]:
    """Imports the tools as load.load() does, and finds modules where the main interpreter does.

    Raises ToolsError.
    """
    sys.path[:] = search_path
    tools = {}
    for found in find(spec, bool(is_module)):
        name = found.tool_name
        signature = read_signature(found.function, name)
        function = adapt(found.function, signature)
        tools[name] = ToolApart(function, kind_of(found.function), signature.context)
    return tools


def call(
    tool: ToolApart,
    arguments: bytes,
    is_pickled: bool | int,
    deadline: float,
    is_stopped: Callable[[], bool],
) -> tuple[str, bytes] | tuple[str, str, str, str]:
    """What became of a call on the pickled (args, kwargs), whatever the function does.

    ("json", text), ("pickle", bytes) where that was asked for or json cannot write the result as
    pydantic would, or ("raised", type, message, traceback).
    """
    try:
        args, kwargs = pickle.loads(arguments)
        if tool.context_parameter:
            kwargs[tool.context_parameter] = Context(is_cancelled=is_stopped, deadline=deadline)
        result = contextvars.Context().run(_run, tool, args, kwargs)
        return _written(result, bool(is_pickled))
    except BaseException as error:  # SystemExit too: it ends the call, not the lane
        return ("raised", *describe_raised(error))


def _run(tool: ToolApart, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    result = tool.function(*args, **kwargs)
    if tool.kind == "function":
        return result
    if tool.kind == "generator":
        return drain(result)
    import asyncio  # few tools need it, and each interpreter would load it again

    return asyncio.run(settle(result))


def _written(result: Any, is_pickled: bool) -> tuple[str, bytes]:
    # Subclasses and other types may have a form of their own, which pydantic knows.
    if not is_pickled and type(result) in (str, int, float, bool, type(None), dict, list, tuple):
        try:
            text = json.dumps(result, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
            return "json", text.encode()
        except (TypeError, ValueError):  # a type that it does not know, NaN, half a surrogate pair
            pass
    try:
        return "pickle", pickle.dumps(result, pickle.HIGHEST_PROTOCOL)
    except Exception as error:
        raise TypeError(
            f"a result of type {type(result).__name__} cannot leave its interpreter: {error}"
        ) from None
