"""Replaces functions of the standard library, in modules that are loaded and in those to come."""

from __future__ import annotations

import functools
import sys
from _thread import get_ident
from collections.abc import Callable, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

Function = Callable[..., Any]
Patch = Callable[[ModuleType], None]


class Patches:
    """What was replaced, so that it can be put back. Not thread safe."""

    def __init__(self) -> None:
        self._originals: list[tuple[Any, str, Any]] = []
        self._waiting: dict[str, Patch] = {}
        self._finder: _Finder | None = None

    def replace(self, owner: Any, name: str, make: Callable[[Function], Function]) -> None:
        """`make` gets the function and gives the new one, which will look like it."""
        original = vars(owner)[name]
        self.set(owner, name, functools.wraps(original)(make(original)))

    def set(self, owner: Any, name: str, value: Any) -> None:
        self._originals.append((owner, name, vars(owner)[name]))
        setattr(owner, name, value)

    def when_loaded(self, name: str, patch: Patch) -> None:
        """Calls `patch` with the module of that name: now, or as soon as somebody imports it."""
        module = sys.modules.get(name)
        if module is not None:
            patch(module)
            return
        self._waiting[name] = patch
        if self._finder is None:
            self._finder = _Finder(self._waiting)
            sys.meta_path.insert(0, self._finder)

    def remove(self) -> None:
        """Puts back everything, the last first."""
        self._waiting.clear()
        if self._finder in sys.meta_path:
            sys.meta_path.remove(self._finder)
        for owner, name, original in reversed(self._originals):
            setattr(owner, name, original)
        self._originals.clear()


class _Finder(MetaPathFinder):
    def __init__(self, waiting: dict[str, Patch]) -> None:
        self._waiting = waiting
        self._asking: set[int] = set()  # threads

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        thread = get_ident()
        if fullname not in self._waiting or thread in self._asking:  # another asks all, too
            return None
        self._asking.add(thread)
        try:
            spec = self._ask_others(fullname, path, target)
        finally:
            self._asking.discard(thread)
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader, self._waiting)
        return spec

    def _ask_others(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None
    ) -> ModuleSpec | None:
        for finder in list(sys.meta_path):
            find = getattr(finder, "find_spec", None)
            if finder is self or find is None:
                continue
            spec: ModuleSpec | None = find(fullname, path, target)
            if spec is not None:
                return spec
        return None


class _Loader(Loader):
    """The module's own loader, and then the patch."""

    def __init__(self, inner: Any, waiting: dict[str, Patch]) -> None:
        self._inner = inner
        self._waiting = waiting

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        created: ModuleType | None = self._inner.create_module(spec)
        return created

    def exec_module(self, module: ModuleType) -> None:
        module.__loader__ = self._inner
        if module.__spec__ is not None:
            module.__spec__.loader = self._inner
        self._inner.exec_module(module)
        patch = self._waiting.pop(module.__name__, None)
        if patch is not None:
            patch(module)
