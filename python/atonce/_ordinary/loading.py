"""The one tool that is measured, as something that takes keyword arguments and gives a result."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, NamedTuple

from atonce import Context, ToolsError
from atonce._host.calling import adapt, kind_of
from atonce._host.discover import Found
from atonce._host.generators import drain, settle
from atonce._host.load import find
from atonce._host.signature import read_order
from atonce._tool import options_of

Call = Callable[[dict[str, Any]], Any]


class Wanted(NamedTuple):
    package: str  # the folder that holds `atonce`
    spec: str
    is_module: bool
    tool: str


class Tool(NamedTuple):
    call: Call  # may be used by any number of threads at once
    module: str  # the name of the module that has it


def load(wanted: Wanted) -> Tool:
    """Imports the user's code. Raises ToolsError for all that can be wrong with it."""
    # `import atonce` must work, but nothing else is to be found there before the user's packages.
    sys.path[:] = [one for one in sys.path if one != wanted.package]
    sys.path.append(wanted.package)
    named = {_name_of(one): one for one in reversed(find(wanted.spec, wanted.is_module))}
    if wanted.tool not in named:
        raise ToolsError(
            f"`{wanted.spec}` has no tool `{wanted.tool}` in this Python",
            f"it has {', '.join(f'`{name}`' for name in sorted(named))}",
        )
    function = named[wanted.tool].function
    return Tool(_callable(function, wanted.tool), getattr(function, "__module__", None) or "")


def _name_of(found: Found) -> str:
    options = options_of(found.function)
    return (options and options.name) or found.name


def _callable(function: Any, name: str) -> Call:
    order = read_order(function, name)
    adapted, kind, context = adapt(function, order), kind_of(function), order.context
    if kind == "function" and context is None:
        return lambda keywords: adapted(**keywords)

    def call(keywords: dict[str, Any]) -> Any:
        if context is not None:
            keywords = {**keywords, context: Context()}
        result = adapted(**keywords)
        if kind == "generator":
            return drain(result)
        return result if kind == "function" else _wait_for(result)

    return call


def _wait_for(result: Any) -> Any:
    import asyncio  # few tools need it

    return asyncio.run(settle(result))
