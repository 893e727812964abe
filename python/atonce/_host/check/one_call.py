"""One call of a tool as the host makes it (src/python/invoke.cpp), in the calling thread."""

from __future__ import annotations

import asyncio
import contextvars
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from atonce._host import bridge
from atonce._host.generators import settle
from atonce._host.tracebacks import message_of

if TYPE_CHECKING:
    from atonce._host.toolset import Tool

_TO_JSON: dict[str, Any] = dict(
    zip(
        bridge.TO_JSON_NAMES,
        (bridge.INF_NAN_MODE, bridge.BYTES_MODE, bridge.FALLBACK),
        strict=True,
    )
)
_MOST_CHARACTERS = 300
_DEADLINE = 60.0  # seconds, what a call has by default


def prepare(tool: Tool, arguments: str) -> Callable[[], Any]:
    """The call with its own arguments, to be made once. Raises what the validator does."""
    raw = arguments.encode()
    try:
        args, names = tool.validate(raw)
    except Exception:
        args, names = bridge.revalidate(tool, raw)
    if tool.context_parameter is not None:
        deadline = time.monotonic() + _DEADLINE
        names[tool.context_parameter] = bridge.make_context(deadline, lambda: False)
    context = contextvars.Context()
    return lambda: context.run(_call, tool, args, names)


def describe(error: BaseException) -> str:
    """One line."""
    text = f"{type(error).__name__}: {message_of(error)}".strip(": ")
    line = " ".join(text.split())
    return line if len(line) <= _MOST_CHARACTERS else line[: _MOST_CHARACTERS - 3] + "..."


def _call(tool: Tool, args: tuple[Any, ...], names: dict[str, Any]) -> None:
    result = tool.function(*args, **names)
    if tool.kind == "generator":
        result = bridge.drain(result)
    elif tool.kind != "function":
        result = asyncio.run(settle(result))
    if tool.serialize is not None:
        tool.serialize(result)
    else:
        bridge.to_json(result, **_TO_JSON)
