"""What objects have stored, without running code of the user's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def stored_attributes(value: Any) -> Iterator[tuple[str, Any]]:
    """The names and values in its `__dict__` and in its slots; of a class, those of its own."""
    try:
        stored = object.__getattribute__(value, "__dict__")
    except AttributeError:
        stored = {}
    yield from list(stored.items())
    if isinstance(value, type):
        return
    for base in type(value).__mro__:
        slots = base.__dict__.get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            try:
                yield name, object.__getattribute__(value, name)
            except AttributeError:
                continue
