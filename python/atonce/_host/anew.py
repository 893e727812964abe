"""The user's modules run once more, beside those that are there, and what is where in them."""

from __future__ import annotations

import importlib.util
import sys
import sysconfig
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MethodType, ModuleType
from typing import Any, NamedTuple

from atonce import ToolsError

_LIBRARY = sysconfig.get_path("stdlib")
_MOST_OBJECTS = 20_000
_MOST_STEPS = 3


@contextmanager
def run_again(modules: Sequence[ModuleType]) -> Iterator[dict[str, ModuleType]]:
    """Gives the copies, by name. As long as it lasts they are in sys.modules, then no more.

    What they import from beside them is run again too: the modules in their folder, or of their
    package. All else that they import is not. Raises ToolsError for what cannot be run twice.
    """
    path = list(sys.path)
    originals = _take_out(modules)
    try:
        yield {module.__name__: _copy(module) for module in modules}
    finally:
        _take_out(modules)
        sys.modules.update(originals)
        sys.path[:] = path


def _take_out(modules: Sequence[ModuleType]) -> dict[str, ModuleType]:
    taken = {
        name: one
        for name, one in list(sys.modules.items())
        if any(one is module or _is_beside(one, module) for module in modules)
    }
    for name in taken:
        del sys.modules[name]
    return taken


def is_library(module: ModuleType) -> bool:
    """Whether it was installed or came with Python, and so is not what the user works on."""
    path = Path(getattr(module, "__file__", None) or "")
    is_installed = not {"site-packages", "dist-packages"}.isdisjoint(path.parts)
    return is_installed or path.is_relative_to(_LIBRARY)


def _is_beside(one: Any, module: ModuleType) -> bool:
    files = [getattr(each, "__file__", None) for each in (one, module)]
    if not (isinstance(files[0], str) and isinstance(files[1], str)):
        return False
    if not files[0].endswith(".py"):
        return False  # compiled modules do not like it
    package = module.__name__.partition(".")[0]
    if "." in module.__name__ and f"{one.__name__}.".startswith(f"{package}."):
        return True
    return Path(files[0]).parent == Path(files[1]).parent


def _copy(module: ModuleType) -> ModuleType:
    name = module.__name__
    if name in sys.modules:  # another copy has imported it
        return sys.modules[name]
    spec = getattr(module, "__spec__", None)
    if spec is None or spec.loader is None:
        raise _cannot(name, "it was not imported from a file")
    copy = importlib.util.module_from_spec(spec)
    sys.modules[name] = copy
    try:
        spec.loader.exec_module(copy)
    except BaseException as error:  # SystemExit too: it is the user's code
        raise _cannot(name, f"{type(error).__name__}: {error}") from None
    return copy


def _cannot(name: str, reason: str) -> ToolsError:
    return ToolsError(
        f"`{name}` cannot be run a second time: {reason}",
        "without that it is not known whether its threads are slow because of what they share",
    )


class Place(NamedTuple):
    """How to get from a module to one of its objects."""

    steps: tuple[Callable[[Any], Any], ...]

    def look_up(self, module: ModuleType) -> Any:
        """The object that is there. Raises LookupError or AttributeError when there is none."""
        value: Any = module
        for step in self.steps:
            value = step(value)
        return value


def place_of(module: ModuleType, wanted: Any) -> Place | None:
    """The shortest way there; None when no name of the module leads to it."""
    if isinstance(wanted, MethodType):
        owner = place_of(module, wanted.__self__)
        return owner and Place((*owner.steps, _attribute(wanted.__name__)))
    seen: set[int] = set()
    waiting: deque[tuple[tuple[Callable[[Any], Any], ...], Any]] = deque([((), module)])
    while waiting and len(seen) < _MOST_OBJECTS:
        steps, value = waiting.popleft()
        for step, inner in _members(value):
            if inner is wanted:
                return Place((*steps, step))
            if id(inner) not in seen and len(steps) < _MOST_STEPS:
                seen.add(id(inner))
                if not isinstance(inner, (ModuleType, str, int, float)):
                    waiting.append(((*steps, step), inner))
    return None


def _members(value: Any) -> Iterator[tuple[Callable[[Any], Any], Any]]:
    if isinstance(value, dict):
        yield from ((_item(key), one) for key, one in list(value.items()))
    elif isinstance(value, (list, tuple)):
        yield from ((_item(at), one) for at, one in enumerate(list(value)))
    else:
        try:
            stored = dict(object.__getattribute__(value, "__dict__"))
        except (AttributeError, TypeError):
            return
        yield from ((_attribute(name), one) for name, one in stored.items())


def _attribute(name: str) -> Callable[[Any], Any]:
    return lambda value: getattr(value, name)


def _item(key: Any) -> Callable[[Any], Any]:
    return lambda value: value[key]
