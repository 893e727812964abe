"""Generators: yields are progress, the return value is the result."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from atonce._host import generators
from atonce._host.bridge import drain
from atonce._host.generators import settle
from caller import call, tool_of


def returning(n: int) -> Iterator[int]:
    yield from range(n)
    return "done"  # type: ignore[return-value]


def yielding(n: int) -> Iterator[int]:
    yield from range(n)


async def yielding_later(n: int) -> AsyncIterator[int]:
    for one in range(n):
        await asyncio.sleep(0)
        yield one


def test_what_is_returned_is_the_result() -> None:
    assert tool_of(returning).kind == "generator"
    assert call(returning, {"n": 3}) == "done"


def test_what_is_yielded_is_the_result_when_nothing_is_returned() -> None:
    assert call(yielding, {"n": 3}) == [0, 1, 2]
    assert call(yielding, {"n": 0}) == []


def test_a_false_value_is_a_result() -> None:
    def nothing() -> Any:
        yield 1
        return 0

    assert call(nothing) == 0


def test_an_exception_comes_through() -> None:
    def broken() -> Any:
        yield 1
        raise LookupError("here")

    with pytest.raises(LookupError, match="here"):
        call(broken)


def test_an_async_generator_gives_its_list() -> None:
    assert tool_of(yielding_later).kind == "async_generator"
    assert asyncio.run(settle(yielding_later(3))) == [0, 1, 2]


def test_too_many_yields_are_kept_only_as_long_as_they_can_be_a_result(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(generators, "MOST_YIELDS", 10)

    assert drain(returning(11)) == "done"  # type: ignore[arg-type]
    assert len(drain(yielding(10))) == 10  # type: ignore[arg-type]
    with pytest.raises(OverflowError, match="11 values"):
        drain(yielding(11))  # type: ignore[arg-type]
