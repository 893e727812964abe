"""Words and numbers that mean something to a tool: those that its module keeps its things under.

`withdraw("ada", 5)` comes to what it does with an account; `withdraw("text", 5)` to a KeyError.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, NamedTuple

from atonce._host.shared_state import Reached, shared_state

_MOST_OF_EACH = 3  # of one container
_MOST = 4
_LONGEST = 60  # characters


class Vocabulary(NamedTuple):
    words: list[str]
    numbers: list[int]

    def all(self) -> list[str | int]:
        return [*self.words, *self.numbers]


def vocabulary_of(function: Callable[..., Any]) -> Vocabulary:
    """Never fails: where nothing can be found out there are no words."""
    words: dict[str, None] = {}
    numbers: dict[int, None] = {}
    for one in _kept_by(function):
        if type(one) is str and 0 < len(one) <= _LONGEST:
            words[one] = None
        elif type(one) is int:
            numbers[one] = None
    return Vocabulary(list(words)[:_MOST], list(numbers)[:_MOST])


def _kept_by(function: Callable[..., Any]) -> list[Any]:
    try:
        state = shared_state(Reached(function))
    except Exception:  # of the user's own classes, on the way
        return []
    values = [value for value, _ in state.values()]
    inside = [one for value in values for one in _attributes(value)]
    containers = [one for one in (*values, *inside) if isinstance(one, Mapping | Iterable)]
    # Keys name things; members of lists may, too.
    containers.sort(key=lambda one: not isinstance(one, Mapping))
    return [one for container in containers for one in _members(container)]


def _attributes(value: Any) -> Iterator[Any]:
    if type(value).__module__ not in ("builtins", "collections") and hasattr(value, "__dict__"):
        yield from list(vars(value).values())


def _members(container: Any) -> list[Any]:
    if not isinstance(container, dict | list | tuple | set | frozenset):
        return []
    ordered = sorted(container, key=str) if isinstance(container, set | frozenset) else container
    return list(islice(list(ordered), _MOST_OF_EACH))
