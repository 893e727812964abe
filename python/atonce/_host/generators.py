"""Generators as tools: what they yield is progress, what they return is the result.

One that returns nothing has the list of what it yielded as its result. For that the first
MOST_YIELDS values are kept until the end; a generator that yields more must return something.
Progress is told as `tell("progress", count, None, text)`, where somebody listens.
"""

import inspect
from collections.abc import AsyncGenerator, Callable, Generator
from typing import Any

MOST_YIELDS = 100_000
_MOST_CHARACTERS = 1000  # of what is told of one value

Tell = Callable[..., Any]


def drain(generator: Generator[Any, None, Any], tell: Tell | None = None) -> Any:
    """Runs the generator to its end and gives its result."""
    values = _Yields(tell)
    try:
        while True:
            values.add(next(generator))
    except StopIteration as end:
        return values.result() if end.value is None else end.value


async def settle(result: Any, tell: Tell | None = None) -> Any:
    """Waits for what an async function gave: a coroutine, another awaitable, an async generator."""
    if inspect.isasyncgen(result):
        return await _drain_async(result, tell)
    return await result if inspect.isawaitable(result) else result


async def _drain_async(generator: AsyncGenerator[Any, None], tell: Tell | None) -> list[Any]:
    values = _Yields(tell)
    async for value in generator:
        values.add(value)
    return values.result()  # an async generator cannot return a value


class _Yields:
    def __init__(self, tell: Tell | None) -> None:
        self._tell = tell
        self._kept: list[Any] = []
        self._count = 0

    def add(self, value: Any) -> None:
        self._count += 1
        if self._count <= MOST_YIELDS:
            self._kept.append(value)
        if self._tell is not None:
            self._tell("progress", self._count, None, _text_of(value))

    def result(self) -> list[Any]:
        if self._count > MOST_YIELDS:
            raise OverflowError(
                f"the generator yielded {self._count} values and returned nothing; "
                f"up to {MOST_YIELDS} can be the result"
            )
        return self._kept


def _text_of(value: Any) -> str:
    text = value if isinstance(value, str) else _written(value)
    return text if len(text) <= _MOST_CHARACTERS else text[: _MOST_CHARACTERS - 3] + "..."


def _written(value: Any) -> str:
    from atonce._host.results import json_text
    from atonce._media import Media

    if isinstance(value, Media):
        return repr(value)  # its data says nothing to a person
    try:
        return json_text(value)
    except Exception:  # it need not be JSON
        return str(value)
