"""Objects of a second run of a module made those of the first, so that both go together."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from enum import Enum
from types import FunctionType, MethodType, ModuleType
from typing import Any

from atonce._host.stored import stored_attributes

_MOST_OBJECTS = 100_000
_PLAIN = (str, bytes, int, float, type, ModuleType, FunctionType, MethodType, Enum)


def adopt(value: Any, namespace: dict[str, Any]) -> Any:
    """`value` itself; the classes of it and of what it holds are now those of `namespace`.

    Their methods are then those of the first run, with its globals. Objects that cannot change
    their class keep it.
    """
    module = namespace.get("__name__")
    seen: set[int] = set()
    waiting = [value]
    while waiting and len(seen) < _MOST_OBJECTS:
        one = waiting.pop()
        if id(one) in seen or isinstance(one, _PLAIN):
            continue
        seen.add(id(one))
        waiting.extend(_members(one))
        own = type(one)
        original = _look_up(namespace, own.__qualname__) if own.__module__ == module else None
        if isinstance(original, type) and original is not own:
            try:
                object.__setattr__(one, "__class__", original)
            except TypeError:  # of another layout
                continue
    return value


def _look_up(namespace: dict[str, Any], name: str) -> Any:
    first, *rest = name.split(".")
    value = namespace.get(first)
    for part in rest:
        value = getattr(value, "__dict__", {}).get(part)
    return value


def _members(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from value.keys()
        yield from value.values()
    elif isinstance(value, (list, tuple, set, frozenset, deque)):
        yield from value
    for _, one in stored_attributes(value):
        yield one
