"""Which module turned the GIL on.

CPython turns it on for good when it loads a compiled module that does not say that it can do
without. It warns then, but only where nobody asked for silence; so each loading is looked at.
"""

import sys
import warnings
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

    def create_and_look(self: ExtensionFileLoader, spec: ModuleSpec) -> ModuleType:
        module = create(self, spec)
        if not enablers and _is_gil_on():
            enablers.append(spec.name)
        return module

    # Not catch_warnings, which would undo what the user's code sets meanwhile.
    warnings.filterwarnings("ignore", "The global interpreter lock", RuntimeWarning)
    ours = warnings.filters[0]
    ExtensionFileLoader.create_module = create_and_look  # type: ignore[method-assign]
    try:
        yield enablers
    finally:
        ExtensionFileLoader.create_module = create  # type: ignore[method-assign]
        with suppress(ValueError):
            cast("list[Any]", warnings.filters).remove(ours)


def _is_gil_on() -> bool:
    ask = getattr(sys, "_is_gil_enabled", None)
    return ask is None or bool(ask())
