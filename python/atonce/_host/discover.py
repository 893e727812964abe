"""Which objects are tools: those of modules, and those of one object that was named."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from types import ModuleType
from typing import Any, NamedTuple

from atonce import ToolsError
from atonce._host.signature import plain_function
from atonce._offers import offers_of
from atonce._tool import options_of


class Found(NamedTuple):
    name: str  # where the decorator gives none
    function: Callable[..., Any]
    prefix: str = ""  # before the name, whoever gave it

    @property
    def tool_name(self) -> str:
        """Of the tool that it becomes: the one that the decorator gives, else the function's."""
        options = options_of(self.function)
        return self.prefix + ((options and options.name) or self.name)

    @property
    def place(self) -> str:
        """Where the function is written, for people: "rates.py:12"."""
        code = getattr(plain_function(self.function), "__code__", None)
        return f"{code.co_filename}:{code.co_firstlineno}" if code else repr(self.function)


def find_in_modules(modules: Sequence[ModuleType]) -> list[Found]:
    """The marked functions; if there are none, those of `__all__`; else the public ones.

    Marks anywhere count for all modules, so that helpers beside marked functions stay private. An
    `__all__` counts for its own module.
    """
    for find in (_marked, _exported_or_public):
        found = [one for module in modules for one in find(module)]
        if found:
            return _unique(found)
    return []


def find_offers_in_modules(modules: Sequence[ModuleType]) -> list[Found]:
    """The functions that are marked as resources, prompts or completions."""
    return _unique([one for module in modules for one in _found_in(module, _is_offer)])


def find_offers_in_object(value: Any, name: str) -> list[Found]:
    """The same of a named object: those it holds, its methods, or itself."""
    if isinstance(value, ModuleType):
        return find_offers_in_modules([value])
    if isinstance(value, Mapping):
        return [Found(str(key), one) for key, one in value.items() if _is_offer(one)]
    if isinstance(value, (list, tuple, set, frozenset)):
        return _unique([Found(_name_of(one), one) for one in value if _is_offer(one)])
    if _is_function(value) or isinstance(value, type):
        return [Found(name, value)] if _is_offer(value) else []
    return list(_methods(value, _is_offer))


def find_in_object(value: Any, name: str, label: str) -> list[Found]:
    """The tools that a named object stands for; `label` is how the person named it.

    A function, a partial or a callable object is one tool; a list or tuple holds tools, a dict
    names them; a module has its own; of any other object the methods are tools, the marked ones
    or else the public ones. Raises ToolsError for what is none of these.
    """
    if isinstance(value, ModuleType):
        return find_in_modules([value])
    if isinstance(value, Mapping):
        items = [(str(key), one) for key, one in value.items() if not _is_only_offer(one)]
        return [_member(one, key, label) for key, one in items]
    if isinstance(value, (list, tuple, set, frozenset)):
        members = [one for one in value if not _is_only_offer(one)]
        return _unique([_member(one, _name_of(one), label) for one in members])
    if isinstance(value, type):
        raise ToolsError(
            f"`{label}` is a class, and its methods need an object",
            f"make one in the file, such as `{value.__name__.lower()} = {value.__name__}()`, "
            "and name that",
        )
    marked = [] if _is_function(value) else list(_methods(value, _is_marked))
    if marked:
        return marked
    if callable(value):
        return [] if _is_only_offer(value) else [Found(name, value)]
    return list(_methods(value, lambda method: not _is_offer(method)))


def _marked(module: ModuleType) -> Iterator[Found]:
    return _found_in(module, _is_marked)


def _found_in(module: ModuleType, wanted: Callable[[Any], bool]) -> Iterator[Found]:
    for name, value in list(vars(module).items()):
        if callable(value) and wanted(value):
            yield Found(_bound_name(module, name, value), value)


def _exported_or_public(module: ModuleType) -> Iterator[Found]:
    exported = getattr(module, "__all__", None)
    if exported is not None:
        for name in exported:
            value = _exported(module, name)
            if callable(value) and not isinstance(value, type) and not _is_offer(value):
                yield Found(name, value)
        return
    for name, value in list(vars(module).items()):
        if name.startswith("_") or _is_offer(value):
            continue
        if _is_defined_in(module, value):
            yield Found(_bound_name(module, name, value), value)


def _exported(module: ModuleType, name: str) -> Any:
    try:
        return getattr(module, name)
    except AttributeError:
        raise ToolsError(
            f"`__all__` of `{module.__name__}` names `{name}`, which is not there",
            "define it, or take it out of `__all__`",
        ) from None


def _is_defined_in(module: ModuleType, value: Any) -> bool:
    # Wrappers such as lru_cache's are no functions, but say what they wrap.
    is_function = inspect.isfunction(value) or (
        callable(value)
        and not isinstance(value, type)
        and "__wrapped__" in getattr(value, "__dict__", {})
    )
    return is_function and getattr(value, "__module__", None) == module.__name__


def _bound_name(module: ModuleType, name: str, value: Any) -> str:
    """The function's own name if the module has it under that name, else where it was found."""
    own = getattr(value, "__name__", None)
    return own if isinstance(own, str) and vars(module).get(own) is value else name


def _methods(value: Any, wanted: Callable[[Any], bool]) -> Iterator[Found]:
    for name in dir(type(value)):
        # Properties are not asked for: they run code.
        if name.startswith("_") or isinstance(inspect.getattr_static(value, name), property):
            continue
        method: Any = getattr(value, name, None)
        is_python = inspect.ismethod(method) or inspect.isfunction(method)
        if is_python and wanted(method):
            yield Found(name, method)


def _member(value: Any, name: str, label: str) -> Found:
    if not callable(value) or isinstance(value, type):
        raise ToolsError(
            f"`{label}` holds {value!r}, which is no function", "let it hold functions only"
        )
    return Found(name, value)


def _name_of(value: Any) -> str:
    """A name for what no variable names."""
    plain = value
    while isinstance(plain, partial):
        plain = plain.func
    return str(getattr(plain, "__name__", type(plain).__name__))


def _is_function(value: Any) -> bool:
    return inspect.isroutine(value) or isinstance(value, partial)


def _is_marked(value: Any) -> bool:
    try:
        return options_of(value) is not None
    except Exception:  # objects that stand for others may refuse to be looked at
        return False


def _is_offer(value: Any) -> bool:
    try:
        return callable(value) and offers_of(value) != ()
    except Exception:  # as above
        return False


def _is_only_offer(value: Any) -> bool:
    return _is_offer(value) and not _is_marked(value)


def _unique(found: list[Found]) -> list[Found]:
    """Each function once, though several names or modules have it."""
    first: dict[int, Found] = {}
    for one in found:
        first.setdefault(id(one.function), one)
    return list(first.values())
