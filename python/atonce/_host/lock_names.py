"""By which names a module reaches objects of a kind: "LOCK", "STORE.lock", "Store.lock"."""

from collections import deque
from collections.abc import Iterator
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from atonce._host.stored import stored_attributes

_MOST_OBJECTS = 20_000  # a module may reach much
_MOST_STEPS = 4

# A lock inside of these is theirs: "JOBS", not "JOBS.mutex".
_WHOLE = frozenset({"threading", "queue", "_queue"})
_PLAIN = (str, bytes, int, float, complex, type(None), FunctionType)


def names_in(module: ModuleType, kind: type) -> dict[int, str]:
    """The shortest name of each such object, by its id()."""
    found: dict[int, str] = {}
    seen = {id(module)}
    waiting: deque[tuple[str, Any, int]] = deque([("", module, 0)])
    while waiting and len(seen) < _MOST_OBJECTS:
        name, value, steps = waiting.popleft()
        for inner_name, inner in _members(name, value, module):
            if isinstance(inner, _PLAIN) or id(inner) in seen:
                continue
            seen.add(id(inner))
            if isinstance(inner, kind):
                found[id(inner)] = inner_name
            elif steps < _MOST_STEPS:
                waiting.append((inner_name, inner, steps + 1))
    return found


def _members(name: str, value: Any, module: ModuleType) -> Iterator[tuple[str, Any]]:
    if isinstance(value, ModuleType):
        if value is not module and not _is_beside(value, module):
            return
        for key, one in list(vars(value).items()):
            if not key.startswith("__"):
                yield (f"{name}.{key}" if name else key), one
    elif isinstance(value, dict):
        for key, one in list(value.items()):
            yield f"{name}[{key!r}]", one
    elif isinstance(value, (list, tuple)):
        for at, one in enumerate(list(value)):
            yield f"{name}[{at}]", one
    else:
        is_whole = not isinstance(value, type) and type(value).__module__ in _WHOLE
        for key, one in stored_attributes(value):
            yield (name if is_whole else f"{name}.{key}"), one


def _is_beside(other: ModuleType, module: ModuleType) -> bool:
    """Whether its file is in the same folder: the user's own, and no package."""
    files = [getattr(one, "__file__", None) for one in (other, module)]
    return None not in files and Path(files[0] or "").parent == Path(files[1] or "").parent
