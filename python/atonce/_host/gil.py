"""Which module turned the GIL on.

CPython turns it on for good when it loads a compiled module that does not say that it can do
without. It warns then, but only where nobody asked for silence; so each loading is looked at.
"""

import sys
import warnings
from _thread import get_ident
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.machinery import ExtensionFileLoader, ModuleSpec
from types import ModuleType
from typing import Any, cast


@contextmanager
def watch_gil() -> Iterator[list[str]]:
    """Gives a list that gets the name of the module that turns the GIL on meanwhile.

    CPython's own warning about it is not shown, since the list says the same.
    """
    enablers: list[str] = []
    if _is_gil_on():
        yield enablers
        return
    create = ExtensionFileLoader.create_module
    before = list(warnings.filters)
    _look_at_each_loading(enablers)
    ours = warnings.filters[0]
    try:
        yield enablers
    finally:
        ExtensionFileLoader.create_module = create  # type: ignore[method-assign]
        if ours not in before:  # keep_watching_gil() has the same
            with suppress(ValueError):
                cast("list[Any]", warnings.filters).remove(ours)


def keep_watching_gil() -> list[str]:
    """Gives a list as watch_gil() does, which gets the module whenever it comes.

    There is no end to it: for processes that do nothing but measure calls, which may import.
    """
    enablers: list[str] = []
    if not _is_gil_on():
        _look_at_each_loading(enablers)
    return enablers


def _look_at_each_loading(enablers: list[str]) -> None:
    """Replaces what loads compiled modules, and silences CPython's warning."""
    create = ExtensionFileLoader.create_module
    loading: set[int] = set()  # threads

    def create_and_look(self: ExtensionFileLoader, spec: ModuleSpec) -> ModuleType:
        # CPython holds the GIL while a module is created, so that one which that one imports
        # meanwhile would always find it on.
        thread = get_ident()
        if thread in loading:
            return create(self, spec)
        loading.add(thread)
        try:
            module = create(self, spec)
        finally:
            loading.discard(thread)
        if not enablers and _is_gil_on():
            enablers.append(spec.name)
        return module

    # Not catch_warnings, which would undo what the user's code sets meanwhile.
    warnings.filterwarnings("ignore", "The global interpreter lock", RuntimeWarning)
    ExtensionFileLoader.create_module = create_and_look  # type: ignore[method-assign]


def _is_gil_on() -> bool:
    ask = getattr(sys, "_is_gil_enabled", None)
    return ask is None or bool(ask())
