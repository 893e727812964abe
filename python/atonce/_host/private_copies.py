"""Tools that share nothing with other lanes, or all but what is named: an experiment.

If threads are slow together, and fast once each has a copy of its own, sharing is what makes them
slow; and if a copy of one object alone does it, it is that object.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from types import ModuleType
from typing import Any

from atonce import ToolsError
from atonce._host.anew import is_library, place_of, run_again
from atonce._host.arguments import make_arguments
from atonce._host.calling import adapt
from atonce._host.discover import Found
from atonce._host.partly_private import PartCopy
from atonce._host.probing import user_function
from atonce._host.shared_state import shared_candidates
from atonce._host.signature import namespace_of, read_signature
from atonce._host.toolset import Tool, make_tool

__all__ = ["private_tools", "shared_candidates"]


def private_tools(tools: Iterable[Tool], names: Sequence[str] | None) -> tuple[Tool, ...]:
    """The same tools over private state: all of their modules' if `names` is None, else of those.

    All: their modules, and those beside them that they import, are run again. What a function
    imports when it is called, and what comes from elsewhere, stays shared.

    Names, as shared_candidates() gives them: the functions are made again over the same code, and
    find a new value, from a second run of the module, under each name. Their arguments, and the
    classes of all objects, stay the same. There are limits:
    - globals that functions assign to are in one dictionary, and become private together;
    - code that runs in methods of a class, or inside of a cache or a decorator's object, cannot be
      given another global; ToolsError says so;
    - `Class.attribute` is that of a new class derived from it: objects that were there before are
      still of the old one.

    To be called while no tool runs, since sys.modules changes for the time being. Tools whose code
    is not Python, or is an installed package's, are given as they are. Raises ToolsError when it
    cannot be done.
    """
    tools = tuple(tools)
    found_modules = [one for one in map(_module_of, tools) if one is not None]
    modules = {one.__name__: one for one in found_modules}
    if not modules:
        raise ToolsError(
            "none of the tools can be copied: their code is installed, or it is not Python",
            "copies are made of modules that are not installed",
        )
    with run_again(list(modules.values())) as copies:
        if names is None:
            return tuple(_anew(tool, modules, copies) for tool in tools)
        found: set[str] = set()
        private = tuple(_in_part(tool, modules, copies, names, found) for tool in tools)
    if missing := [name for name in names if name not in found]:
        raise ToolsError(
            f"the calls share nothing that is called `{missing[0]}`",
            "name what their code uses, as it writes it",
        )
    return private


def _anew(tool: Tool, modules: dict[str, ModuleType], copies: dict[str, ModuleType]) -> Tool:
    name = _module_name(tool)
    if name not in modules:
        return tool
    function = _counterpart(tool, modules[name], copies[name])
    return make_tool(Found(tool.name, function))._replace(declarations=tool.declarations)


def _in_part(
    tool: Tool,
    modules: dict[str, ModuleType],
    copies: dict[str, ModuleType],
    names: Sequence[str],
    found: set[str],
) -> Tool:
    name = _module_name(tool)
    if name not in modules:
        return tool
    function = user_function(tool)
    copy = PartCopy(function, _counterpart(tool, modules[name], copies[name]), names)
    if not copy.names:
        return tool
    found.update(copy.names)
    private = copy.make(tool.name)
    if any(name.startswith("default:") for name in copy.names):
        # It is not the function that fills in its defaults, but what validates its arguments.
        arguments = make_arguments(read_signature(private, tool.name).parameters, tool.name)
        tool = tool._replace(arguments=arguments, validate=arguments.validate)
    return tool._replace(function=adapt(private, read_signature(function, tool.name)))


def _counterpart(tool: Tool, module: ModuleType, copy: ModuleType) -> Any:
    """The tool's function in the copy of its module."""
    place = place_of(module, user_function(tool))
    try:
        if place is not None:
            return place.look_up(copy)
    except (LookupError, AttributeError):
        pass
    raise ToolsError(
        f"the function of `{tool.name}` is not found in a second run of `{module.__name__}`",
        "let a name of the module lead to it",
    )


def _module_of(tool: Tool) -> ModuleType | None:
    """The module that the tool's code belongs to, if it is the user's own."""
    namespace = namespace_of(user_function(tool))
    name = namespace.get("__name__", "")
    module = sys.modules.get(name)
    if not namespace or (module is not None and is_library(module)):
        return None
    if module is None or vars(module) is not namespace:
        raise ToolsError(f"`{name}`, the module of `{tool.name}`, is not the one in sys.modules")
    return module


def _module_name(tool: Tool) -> str:
    return str(namespace_of(user_function(tool)).get("__name__", ""))
