"""Generators as tools: what they yield is progress, what they return is the result.

One that returns nothing has the list of what it yielded as its result. For that the first
MOST_YIELDS values are kept until the end; a generator that yields more must return something.
Nobody is told of progress yet.
"""

import inspect
from collections.abc import AsyncGenerator, Generator
from typing import Any

MOST_YIELDS = 100_000


def drain(generator: Generator[Any, None, Any]) -> Any:
    """Runs the generator to its end and gives its result."""
    values = _Yields()
    try:
        while True:
            values.add(next(generator))
    except StopIteration as end:
        return values.result() if end.value is None else end.value


async def settle(result: Any) -> Any:
    """Waits for what an async function gave: a coroutine, another awaitable, an async generator."""
    if inspect.isasyncgen(result):
        return await _drain_async(result)
    return await result if inspect.isawaitable(result) else result


async def _drain_async(generator: AsyncGenerator[Any, None]) -> list[Any]:
    values = _Yields()
    async for value in generator:
        values.add(value)
    return values.result()  # an async generator cannot return a value


class _Yields:
    def __init__(self) -> None:
        self._kept: list[Any] = []
        self._count = 0

    def add(self, value: Any) -> None:
        self._count += 1
        if self._count <= MOST_YIELDS:
            self._kept.append(value)

    def result(self) -> list[Any]:
        if self._count > MOST_YIELDS:
            raise OverflowError(
                f"the generator yielded {self._count} values and returned nothing; "
                f"up to {MOST_YIELDS} can be the result"
            )
        return self._kept
