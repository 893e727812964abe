"""From what the person named as TOOLS to the tools.

To find their functions takes no pydantic; only making tools of them does.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

from atonce import ToolsError
from atonce._host.discover import (
    Found,
    find_in_modules,
    find_in_object,
    find_offers_in_modules,
    find_offers_in_object,
)
from atonce._host.gil import watch_gil
from atonce._host.modules import import_file, import_folder, import_module

if TYPE_CHECKING:
    from atonce._host.toolset import Tool


class Loaded(NamedTuple):
    tools: tuple[Tool, ...]  # in the order of their sources
    sources: tuple[int, ...]  # of each tool: which of the TOOLS it is from
    offers: tuple[Tool, ...]  # resources, prompts and completions
    warnings: list[str]
    gil_enablers: list[str]  # the modules that turned the GIL on while the user's code was imported


def load(
    spec: str,
    is_module: bool | int = False,
    is_strict: bool | int = False,
    for_mcp: bool | int = False,
) -> Loaded:
    """load_all() of one."""
    return load_all([spec], is_module, is_strict, for_mcp)


def load_all(
    specs: Sequence[str],
    is_module: bool | int = False,
    is_strict: bool | int = False,
    for_mcp: bool | int = False,
) -> Loaded:
    """Imports `file.py`, `file.py:object`, a folder, or a module, and makes its functions tools.

    Of several, tools and prompts of the same name get the names of their files before their own.
    For strict tools see make_tool(). For MCP it also makes what else is offered, and then there
    need not be any tool.
    Raises ToolsError for all that can be wrong with it.
    """
    from atonce._host.toolset import make_tool

    _refuse_twice(specs)
    with watch_gil() as gil_enablers:
        # A file that only offers may stand beside others everywhere: the processes that run some
        # of a server's tools load what the server has.
        needs_tools = not for_mcp and len(specs) == 1
        found = [_find_all(spec, bool(is_module), needs_tools) for spec in specs]
        warnings: list[str] = []
        if len(specs) > 1:
            found = _set_apart(specs, bool(is_module), found, warnings)
        offers = _make_offers([one for each in found for one in each.offers] if for_mcp else [])
        # Types may import more.
        tools = [
            [make_tool(one, bool(is_strict), bool(for_mcp)) for one in each.tools] for each in found
        ]
    all_tools = tuple(tool for each in tools for tool in each)
    _refuse_duplicates(all_tools)
    warnings += [warning for tool in all_tools for warning in tool.warnings]
    sources = tuple(at for at, each in enumerate(tools) for _ in each)
    return Loaded(all_tools, sources, offers, warnings, gil_enablers)


class _AllFound(NamedTuple):
    tools: list[Found]
    offers: list[Found]


def _find_all(spec: str, is_module: bool, needs_tools: bool) -> _AllFound:
    place, name = _split(spec, is_module)
    modules = _import(place, is_module)
    offers = [] if needs_tools else _find_offers(modules, name)
    return _AllFound(_find(modules, name, spec, may_be_empty=bool(offers)), offers)


def _set_apart(
    specs: Sequence[str], is_module: bool, found: Sequence[_AllFound], warnings: list[str]
) -> list[_AllFound]:
    from atonce._host import prefixes

    own = [prefixes.prefix_of(_short_name(spec, is_module)) for spec in specs]
    tools = prefixes.set_apart([each.tools for each in found], own, prefixes.names_of_tool)
    offers = prefixes.set_apart([each.offers for each in found], own, prefixes.names_of_prompts)
    warnings += prefixes.describe_prefixed(tools, prefixes.names_of_tool)
    warnings += prefixes.describe_prefixed(offers, prefixes.names_of_prompts)
    return [_AllFound(*each) for each in zip(tools, offers, strict=True)]


def _short_name(spec: str, is_module: bool) -> str:
    """Of the object that is named, else of the file, folder or module."""
    place, name = _split(spec, is_module)
    if name or is_module:
        return (name or place).rpartition(".")[2]
    return Path(place).resolve().stem


def find(spec: str, is_module: bool) -> list[Found]:
    """Imports the user's code and finds the functions of its tools. Raises ToolsError."""
    place, name = _split(spec, is_module)
    return _find(_import(place, is_module), name, spec)


def _find_offers(modules: list[ModuleType], name: str) -> list[Found]:
    if not name:
        return find_offers_in_modules(modules)
    if len(modules) == 1:
        return find_offers_in_object(_look_up(modules[0], name), name.rpartition(".")[2])
    return []  # which _find() refuses


def _make_offers(found: list[Found]) -> tuple[Tool, ...]:
    if not found:
        return ()
    from atonce._host.offers import make_offers

    return make_offers(found)


def _split(spec: str, is_module: bool) -> tuple[str, str]:
    """The file, folder or module, and the object in it; a file's own name may hold a colon."""
    place, colon, name = spec.rpartition(":")
    if not colon or not place or (not is_module and Path(spec).exists()):
        return spec, ""
    return place, name


def _import(place: str, is_module: bool) -> list[ModuleType]:
    if is_module:
        return [import_module(place)]
    path = Path(place)
    if path.is_dir():
        return import_folder(path)
    if not path.exists():
        raise ToolsError(f"there is no file `{place}`", _hint_for_missing(path))
    return [import_file(path)]


def _find(
    modules: list[ModuleType], name: str, spec: str, may_be_empty: bool = False
) -> list[Found]:
    if not name:
        found = find_in_modules(modules)
    elif len(modules) != 1:
        raise ToolsError(f"`{spec}` names an object of a folder", "name the file it is in")
    else:
        found = find_in_object(_look_up(modules[0], name), name.rpartition(".")[2], spec)
    if found or may_be_empty:
        return found
    what = "tools" if not name else "functions or methods"
    raise ToolsError(
        f"`{spec}` has no {what}",
        "what counts are functions marked with `@atonce.tool`, else those that `__all__` names, "
        "else the functions that the file itself defines under names without a leading `_`; "
        "for the methods of an object, name it: `file.py:object`",
    )


def _look_up(module: ModuleType, name: str) -> Any:
    value: Any = module
    for part in name.split("."):
        try:
            value = getattr(value, part)
        except AttributeError:
            near = _near(part, dir(value))
            raise ToolsError(
                f"`{module.__name__}` has no `{name}`",
                f"did you mean `{near[0]}`?" if near else "name something that the file defines",
            ) from None
    return value


def _hint_for_missing(path: Path) -> str:
    folder = path.parent
    names = [one.name for one in folder.iterdir()] if folder.is_dir() else []
    if near := _near(path.name, names):
        return f"did you mean `{folder / near[0]}`?"
    return "name a file, `file.py:object`, a folder, or `-m module`"


def _near(word: str, known: list[str]) -> list[str]:
    from difflib import get_close_matches  # for mistakes only

    return get_close_matches(word, known, n=1, cutoff=0.7)


def _refuse_twice(specs: Sequence[str]) -> None:
    for at, spec in enumerate(specs):
        if spec in specs[:at]:
            raise ToolsError(f"`{spec}` is named twice", "name it once")


def _refuse_duplicates(tools: tuple[Tool, ...]) -> None:
    first: dict[str, Tool] = {}
    for tool in tools:
        other = first.setdefault(tool.name, tool)
        if other is not tool:
            raise ToolsError(
                f"two tools are called `{tool.name}`: {other.place} and {tool.place}",
                'rename one, or give it another name with `@atonce.tool(name="...")`',
            )
