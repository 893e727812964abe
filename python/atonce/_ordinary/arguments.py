"""The arguments of a round's calls."""

from __future__ import annotations

import io
import json
import pickle
import sys
from base64 import b64decode
from pathlib import Path
from typing import Any

# Of these, calls may have the same objects: nobody can change them.
_CONSTANT = (type(None), bool, int, float, complex, str, bytes)


class Arguments:
    """Keyword arguments by the number of a call; calls change nothing of each other's."""

    def __init__(self, order: dict[str, Any], module: str) -> None:
        """Raises what unpickling raises; `module` is the name here of the one with the tool."""
        if order.get("pickles"):
            pickles = [b64decode(one) for one in order["pickles"]]
            made = [_Unpickler(one, module).load() for one in pickles]
        else:
            made = [json.loads(one) for one in order["arguments"]]
        self._made: list[dict[str, Any]] = made or [{}]
        self._is_constant = [all(map(_is_constant, one.values())) for one in self._made]
        # Again, because a class may have another module's name here.
        self._pickles = [pickle.dumps(one, pickle.HIGHEST_PROTOCOL) for one in self._made]

    def keywords(self, number: int) -> dict[str, Any]:
        at = number % len(self._made)
        if self._is_constant[at]:
            return self._made[at]
        made: dict[str, Any] = pickle.loads(self._pickles[at])
        return made

    def pickled(self, number: int) -> bytes:
        """As a pool of processes does for each call, though the arguments may be the same."""
        return pickle.dumps(self._made[number % len(self._made)], pickle.HIGHEST_PROTOCOL)


class _Unpickler(pickle.Unpickler):
    """Knows the module of the tools by the names that modules.import_file may give it.

    Which it is depends on what else a Python has imported.
    """

    def __init__(self, data: bytes, module: str) -> None:
        super().__init__(io.BytesIO(data))
        self._module = module
        self._names = _names_of(module)

    def find_class(self, module: str, name: str) -> Any:
        if module in self._names:
            found: Any = sys.modules[self._module]
            for part in name.split("."):
                found = getattr(found, part)
            return found
        return super().find_class(module, name)


def _names_of(module: str) -> tuple[str, ...]:
    """The names that its file may go by; none of a neighbour's, nor of a package's file."""
    file = getattr(sys.modules.get(module), "__file__", None)
    stem = Path(file).stem.replace(".", "_") if file else ""
    names = (stem, f"{stem}_tools")
    return names if module and module in names else ()


def _is_constant(value: Any) -> bool:
    if type(value) in (tuple, frozenset):
        return all(map(_is_constant, value))
    return type(value) in _CONSTANT
