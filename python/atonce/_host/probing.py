"""What src/python/probe.cpp asks about the function of a tool, as the user wrote it.

A tool's own `function` may be a form of it that keywords alone can call (calling.adapt), whose
module is ours.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from atonce._host.signature import namespace_of

if TYPE_CHECKING:
    from atonce._host.toolset import Tool


def take_lock_waits(tool: Tool) -> list[tuple[str, str, int, int]]:
    """The waits for locks since the last time: (name, place, nanoseconds, how often)."""
    from atonce._host.lock_watch import take_waits

    return take_waits(sys.modules[_module_of(user_function(tool))])


def shared_candidates(tool: Tool) -> list[str]:
    """The names of what the tool's calls share and might contend for."""
    from atonce._host.private_copies import shared_candidates as candidates

    return candidates(user_function(tool))


def user_function(tool: Tool) -> Callable[..., Any]:
    """The function that a tool was made of."""
    function = tool.function
    while getattr(function, "__module__", None) == "atonce._host.calling":
        inner = inspect.getclosurevars(function).nonlocals["function"]
        function = inner
    return function


def _module_of(function: Callable[..., Any]) -> str:
    name = namespace_of(function).get("__name__", "")  # a partial's own module is functools
    return name if name in sys.modules else "__main__"
