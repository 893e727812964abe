"""A function made again so that it finds new values under some names, and shares all others."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from types import CellType, CodeType, FunctionType, MethodType
from typing import Any

from atonce import ToolsError
from atonce._host.adopting import adopt
from atonce._host.shared_state import Reached, shared_state
from atonce._host.signature import namespace_of, plain_function

_CACHE = type(lru_cache(len))
_ATTRIBUTES = (
    "__doc__",
    "__kwdefaults__",
    "__module__",
    "__qualname__",
    "__annotate__" if sys.version_info >= (3, 14) else "__annotations__",
)
_numbers = itertools.count(1)


class PartCopy:
    """For one tool. `twin` is its function in a second run of the module; the values are its."""

    def __init__(self, function: Callable[..., Any], twin: Any, names: Sequence[str]) -> None:
        self._function = function
        self._twin = twin
        self._reached = Reached(function)
        self.names = frozenset(names) & shared_state(self._reached).keys()  # those it shares
        self._shared = self._reached.namespace
        self._anew = namespace_of(twin)
        self._globals = self._shared  # of the functions that are made
        self._keys: dict[str, str] = {}  # under which a global's private value is there
        self._made: dict[int, FunctionType] = {}
        self._derived: dict[type, type] = {}

    def make(self, tool: str) -> Any:
        """The private function. Raises ToolsError when a name cannot be private alone."""
        names = self._global_names()
        owners = {name.rpartition(".")[0] for name in self.names if "." in name}
        functions = {
            name
            for name in self._reached.names.reads & self._shared.keys()
            if isinstance(self._shared[name], (FunctionType, _CACHE))
        }
        self._choose_keys(names | owners | functions)
        values = {name: self._value(name) for name in names if name in self._shared}
        values |= {owner: self._owner(owner) for owner in owners}
        for name in functions - values.keys():
            values[name] = self._make(self._shared[name], self._anew.get(name))
        private = self._make(self._function, self._twin)
        for name, value in values.items():
            self._globals[self._keys.get(name, name)] = value
        self._refuse_what_is_out_of_reach(tool, names | owners)
        return private

    def _global_names(self) -> set[str]:
        named = {name for name in self.names if name in self._reached.names.globals}
        written = self._reached.names.writes
        return named | written if named & written else named  # see _choose_keys()

    def _choose_keys(self, names: set[str]) -> None:
        """Gives the functions globals of their own, unless they must write to the shared ones.

        Then the private values are there too, under names that only the changed code knows.
        """
        written = self._reached.names.writes
        if not written or written & names:
            self._globals = dict(self._shared)
            return
        number = next(_numbers)
        self._keys = {name: f"{name}@{number}" for name in names}
        for _, used in self._reached.functions.values():
            for name in names & (used.attributes | used.attribute_writes) & used.reads:
                raise ToolsError(
                    f"`{name}` is a global and an attribute in one function, "
                    "so no copy of the global alone can be given to it"
                )

    def _value(self, name: str) -> Any:
        value = self._shared[name]
        if isinstance(value, (FunctionType, _CACHE)):
            return self._make(value, self._anew.get(name))
        return self._adopted(self._anew[name]) if name in self._anew else value

    def _owner(self, owner: str) -> Any:
        """A class or function whose named attributes are its own."""
        original, twin = self._shared.get(owner), self._anew.get(owner)
        attributes = {
            name: self._adopted(vars(twin)[name])
            for name in (
                one.rpartition(".")[2] for one in self.names if one.startswith(f"{owner}.")
            )
            if name in getattr(twin, "__dict__", {})
        }
        if isinstance(original, FunctionType):
            made = self._make(original, twin)
            made.__dict__ = {**vars(original), **attributes}
            return made
        is_used = owner in self._reached.names.globals
        if not isinstance(original, type) or not (
            is_used or _is_bound_to(self._function, original)
        ):
            raise ToolsError(
                f"the calls do not get to `{owner}` by its name, "
                "so its attributes cannot be private to them"
            )
        own = {"__module__": original.__module__, "__qualname__": original.__qualname__}
        try:
            derived = type(original)(original.__name__, (original,), {**own, **attributes})
        except Exception as error:  # metaclasses are the user's code
            raise ToolsError(f"no class can be derived from `{owner}`: {error}") from None
        self._derived[original] = derived
        return derived

    def _make(self, value: Any, twin: Any) -> Any:
        """The private form of a function, or of what calls one."""
        if isinstance(value, FunctionType):
            return self._make_function(value, twin)
        if isinstance(value, MethodType):
            owner = value.__self__
            if isinstance(owner, type):
                owner = self._derived.get(owner, owner)
            elif "self" in self.names:
                owner = self._adopted(twin.__self__)
            return MethodType(self._make(value.__func__, getattr(twin, "__func__", None)), owner)
        if isinstance(value, partial):
            own = self._private_defaults(value.keywords, getattr(twin, "keywords", {}))
            function = self._make(value.func, getattr(twin, "func", None))
            return partial(function, *value.args, **own)
        if isinstance(value, _CACHE):
            if not any(self._shared.get(name) is value for name in self.names):
                return value  # it is shared, and so is the function in it
            wrapped = self._make(value.__wrapped__, getattr(twin, "__wrapped__", None))
            return lru_cache(**value.cache_parameters())(wrapped)
        is_private = "self" in self.names and value is self._function
        return self._adopted(twin) if is_private else value

    def _make_function(self, function: FunctionType, twin: Any) -> FunctionType:
        if id(function) in self._made:
            return self._made[id(function)]
        is_own = function.__globals__ is self._shared
        if not is_own and not self._leads_here(function, set()):
            return function
        old = function.__closure__ or ()
        cells = {
            name: CellType() if self._is_cell_private(name, cell) else cell
            for name, cell in zip(function.__code__.co_freevars, old, strict=True)
        }
        made = FunctionType(
            _renamed(function.__code__, self._keys) if is_own else function.__code__,
            self._globals if is_own else function.__globals__,
            function.__name__,
            function.__defaults__,
            tuple(cells.values()) or None,
        )
        for attribute in _ATTRIBUTES:
            setattr(made, attribute, getattr(function, attribute))
        made.__dict__ = function.__dict__  # the same one: attributes are shared
        self._made[id(function)] = made  # before the cells, which may hold the function
        self._fill(cells, dict(zip(cells, old, strict=True)), twin)
        if function is plain_function(self._function):
            self._give_defaults(made, twin)
        return made

    def _leads_here(self, function: FunctionType, seen: set[int]) -> bool:
        """Whether a function of another module, such as a decorator's, calls one of this."""
        seen.add(id(function))
        contents = [one for one in map(_content, function.__closure__ or ()) if id(one) not in seen]
        functions = [one for one in contents if isinstance(one, FunctionType)]
        return any(
            one.__globals__ is self._shared or self._leads_here(one, seen) for one in functions
        )

    def _is_cell_private(self, name: str, cell: CellType) -> bool:
        return f"closure:{name}" in self.names or isinstance(
            _content(cell), (FunctionType, MethodType, _CACHE)
        )

    def _fill(self, cells: dict[str, CellType], old: dict[str, CellType], twin: Any) -> None:
        """Gives the new ones among the cells of a closure what they hold."""
        twins = dict(
            zip(
                getattr(getattr(twin, "__code__", None), "co_freevars", ()),
                getattr(twin, "__closure__", None) or (),
                strict=True,
            )
        )
        for name, cell in cells.items():
            if cell is old[name]:
                continue
            theirs = _content(twins[name]) if name in twins else None
            is_named = f"closure:{name}" in self.names
            cell.cell_contents = (
                self._adopted(theirs) if is_named else self._make(_content(old[name]), theirs)
            )

    def _give_defaults(self, made: FunctionType, twin: Any) -> None:
        twin = plain_function(twin)
        code = made.__code__
        positional = code.co_varnames[: code.co_argcount]
        values = dict(zip(positional[::-1], (made.__defaults__ or ())[::-1], strict=False))
        theirs = dict(zip(positional[::-1], (twin.__defaults__ or ())[::-1], strict=False))
        own = self._private_defaults(values, theirs)
        made.__defaults__ = tuple(own.values())[::-1] or None
        made.__kwdefaults__ = self._private_defaults(
            made.__kwdefaults__ or {}, twin.__kwdefaults__ or {}
        )

    def _private_defaults(self, values: dict[str, Any], theirs: dict[str, Any]) -> dict[str, Any]:
        return {
            name: self._adopted(theirs[name]) if f"default:{name}" in self.names else value
            for name, value in values.items()
        }

    def _adopted(self, value: Any) -> Any:
        return adopt(value, self._shared)

    def _refuse_what_is_out_of_reach(self, tool: str, names: set[str]) -> None:
        for function, used in self._reached.functions.values():
            if id(function) not in self._made and (missed := names & used.globals):
                raise ToolsError(
                    f"`{function.__qualname__}`, which `{tool}` calls, uses `{min(missed)}` too, "
                    "and it cannot be given a copy of it alone",
                    "it is a method, or inside of an object such as a cache",
                )


def _is_bound_to(function: Any, owner: type) -> bool:
    return isinstance(function, MethodType) and function.__self__ is owner


def _renamed(code: CodeType, names: dict[str, str]) -> CodeType:
    """The code with other names for globals; that of functions inside of it too."""
    if not names:
        return code
    constants = [
        _renamed(one, names) if isinstance(one, CodeType) else one for one in code.co_consts
    ]
    return code.replace(
        co_names=tuple(names.get(name, name) for name in code.co_names),
        co_consts=tuple(constants),
    )


def _content(cell: CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # nothing in it yet
        return None
