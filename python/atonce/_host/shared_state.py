"""What the calls of a function share: the objects of its module that its code gets to.

The code is read, not run, and only that of the function's own module: what an object of another
module keeps inside is part of that object.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import partial
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any

from atonce._host.code_names import CLASS_OF_FIRST, FIRST, CodeNames, names_of
from atonce._host.signature import namespace_of, plain_function

_DESCRIPTORS = (property, staticmethod, classmethod)
_FUNCTIONS = (FunctionType, BuiltinFunctionType, MethodType, type(str.join), type(object.__init__))
_VALUES = (int, float, complex, str, bytes, tuple, frozenset, range)
_IMMORTAL = 1 << 30  # no object has so many references


def shared_candidates(function: Callable[..., Any]) -> list[str]:
    """The names of what the function's calls share and might contend for, the likeliest first.

    "NAME" is a global of its module, "Class.attribute" and "function.attribute" are what they say,
    "closure:name" and "default:name" belong to the function itself, "self" is what it is bound to.
    Left out is what costs nothing to share: modules, functions, classes, and objects that are never
    freed and so are not counted, such as None, small numbers and the names in a program.
    """
    reached = Reached(function)
    ranked: dict[str, int] = {}
    for name, (value, is_written) in shared_state(reached).items():
        if is_written:
            ranked[name] = 0
        elif _is_contended(value):
            ranked[name] = 2 if isinstance(value, _VALUES) else 1
    return sorted(ranked, key=lambda name: ranked[name])


def shared_state(reached: Reached) -> dict[str, tuple[Any, bool]]:
    """All that is shared, contended or not: the value, and whether the code gives another one."""
    state: dict[str, tuple[Any, bool]] = {}
    for name, value, is_written in _state_of(reached):
        state[name] = value, is_written or state.get(name, (None, False))[1]
    return state


class Reached:
    """The functions of one module that a function calls, as far as their names tell, itself
    among them, and the names that their code uses.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.namespace = namespace_of(function)
        self.functions: dict[int, tuple[FunctionType, CodeNames]] = {}
        self.classes: dict[type, None] = {}  # of the module, that are used or whose objects are
        self.names = CodeNames()  # of all the functions
        self.class_methods: set[int] = set()  # the id() of those that get a class first
        self._waiting: list[Any] = [function]
        while self._waiting:
            self._visit(self._waiting.pop())
            if not self._waiting:
                self._waiting.extend(self._methods())

    def _visit(self, value: Any) -> None:
        if isinstance(value, partial):
            self._waiting.append(value.func)
        elif isinstance(value, MethodType):
            self._visit_class(value.__self__)
            if isinstance(value.__self__, type):
                self.class_methods.add(id(value.__func__))
            self._waiting.append(value.__func__)
        elif isinstance(value, FunctionType):
            self._visit_function(value)
        else:
            self._visit_class(value)
            if wrapped := _wrapped(value):
                self._waiting.append(wrapped)

    def _visit_function(self, function: FunctionType) -> None:
        if id(function) in self.functions:
            return
        for cell in function.__closure__ or ():
            content = _content(cell)
            if isinstance(content, FunctionType) or _wrapped(content):
                self._waiting.append(content)
        if function.__globals__ is not self.namespace:
            return
        names = names_of(function.__code__)
        self.functions[id(function)] = function, names
        for every, own in zip(vars(self.names).values(), vars(names).values(), strict=True):
            every.update(own)
        self._waiting.extend(self.namespace[name] for name in names.reads & self.namespace.keys())

    def _visit_class(self, value: Any) -> None:
        own = value if isinstance(value, type) else type(value)
        for one in own.__mro__:
            if one.__module__ == self.namespace.get("__name__"):
                self.classes[one] = None

    def _methods(self) -> list[Any]:
        """Those that have not been visited: of names that occur, and those that Python calls."""
        found = []
        for one in self.classes:
            for name, value in list(vars(one).items()):
                if name in self.names.attributes or name.startswith("__"):
                    if isinstance(value, property):
                        found += [each for each in (value.fget, value.fset, value.fdel) if each]
                    else:
                        found.append(getattr(value, "__func__", value))
                    if isinstance(value, classmethod):
                        self.class_methods.add(id(value.__func__))
        return [one for one in found if self._is_new(one)]

    def _is_new(self, function: Any) -> bool:
        return (
            isinstance(function, FunctionType)
            and function.__globals__ is self.namespace
            and id(function) not in self.functions
        )


def _state_of(reached: Reached) -> Iterator[tuple[str, Any, bool]]:
    yield from _bound(reached.function)
    names, namespace = reached.names, reached.namespace
    for name in sorted(names.writes):
        yield name, namespace.get(name), True
    for name in sorted(names.reads & namespace.keys()):
        yield name, namespace[name], False
    if _wrapped(reached.function):  # a cache around the function: it is no part of its code
        own = (name for name, value in list(namespace.items()) if value is reached.function)
        yield from ((name, reached.function, False) for name in own)
    yield from _attributes(reached)
    for function, own_names in list(reached.functions.values()):
        for name, cell in zip(
            function.__code__.co_freevars, function.__closure__ or (), strict=True
        ):
            yield f"closure:{name}", _content(cell), name in own_names.cell_writes
    for name, value in _defaults(reached.function):
        yield f"default:{name}", value, False


def _bound(function: Any) -> Iterator[tuple[str, Any, bool]]:
    while isinstance(function, partial):
        function = function.func
    if isinstance(function, MethodType):
        if not isinstance(function.__self__, type):
            yield "self", function.__self__, False
    elif not isinstance(function, FunctionType) and not _wrapped(function):
        yield "self", function, False  # an object that is called


def _attributes(reached: Reached) -> Iterator[tuple[str, Any, bool]]:
    """Of classes and of functions."""
    written = reached.names.attribute_writes
    for owner, attribute in sorted(reached.names.owned):
        if attribute.startswith("__"):
            continue
        value = reached.namespace.get(owner)
        is_own = isinstance(value, FunctionType) and id(value) in reached.functions
        if value in reached.classes if isinstance(value, type) else is_own:
            current = vars(value).get(attribute)
            is_state = not isinstance(current, _DESCRIPTORS)
            yield f"{owner}.{attribute}", current, is_state and attribute in written
    for function, names in reached.functions.values():
        is_class_method = id(function) in reached.class_methods
        for owner, attribute in sorted(names.owned):
            if owner is not FIRST and owner is not CLASS_OF_FIRST:
                continue
            # Written through an object, it becomes the object's own.
            is_written = attribute in written and (owner is CLASS_OF_FIRST or is_class_method)
            for one in reached.classes:
                current = vars(one).get(attribute)
                if attribute in vars(one) and not isinstance(current, _DESCRIPTORS):
                    yield f"{one.__qualname__}.{attribute}", current, is_written


def _defaults(function: Any) -> Iterator[tuple[str, Any]]:
    while isinstance(function, partial):
        yield from function.keywords.items()
        function = function.func
    function = plain_function(function)
    if not isinstance(function, FunctionType):
        return
    positional = function.__code__.co_varnames[: function.__code__.co_argcount]
    defaults = function.__defaults__ or ()
    yield from zip(positional[len(positional) - len(defaults) :], defaults, strict=True)
    yield from (function.__kwdefaults__ or {}).items()


def _is_contended(value: Any) -> bool:
    if value is None or isinstance(value, (bool, type, ModuleType, *_FUNCTIONS, *_DESCRIPTORS)):
        return False
    if isinstance(value, int) and -5 <= value <= 256:
        return False
    if isinstance(value, str) and value.isidentifier():  # Python keeps these for good
        return False
    return sys.getrefcount(value) < _IMMORTAL


def _wrapped(value: Any) -> Any:
    """What an object such as lru_cache's wraps, if it is no function itself."""
    if isinstance(value, (FunctionType, type, ModuleType)):
        return None
    try:
        return vars(value).get("__wrapped__")
    except TypeError:
        return None


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # nothing in it yet
        return None
