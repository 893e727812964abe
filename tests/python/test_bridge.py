"""What C++ looks up, and how an exception is told."""

import time
from typing import Any

import atonce
import pytest
from atonce._host import bridge
from atonce._host.tracebacks import format_traceback

# src/python/toolset.cpp, Toolset::look_up_host.
LOOKED_UP = {
    "to_json",
    "TO_JSON_NAMES",
    "INF_NAN_MODE",
    "BYTES_MODE",
    "FALLBACK",
    "revalidate",
    "explain_invalid",
    "is_importing",
    "describe_raised",
    "make_context",
    "drain",
    "run_loop",
    "start_call",
    "CallTimedOut",
    "CallCancelled",
}


def test_all_that_is_looked_up_is_there() -> None:
    assert set(bridge.__all__) == LOOKED_UP
    assert all(hasattr(bridge, name) for name in LOOKED_UP)
    assert len(bridge.TO_JSON_NAMES) == 3


def test_a_context_has_its_deadline() -> None:
    context = bridge.make_context(time.monotonic() + 100, lambda: True)

    assert isinstance(context, atonce.Context)
    assert context.cancelled
    remaining = context.remaining
    assert remaining is not None and 50 < remaining <= 100


def raised_by(function: Any, *arguments: Any) -> BaseException:
    try:
        function(*arguments)
    except BaseException as error:
        return error
    raise AssertionError("nothing was raised")


def inner() -> None:
    raise LookupError("it is not here")


def outer() -> Any:
    yield 1
    inner()


def test_a_traceback_has_the_users_frames_alone() -> None:
    error = raised_by(bridge.drain, outer())

    kind, message, told = bridge.describe_raised(error)

    assert (kind, message) == ("LookupError", "it is not here")
    assert "in outer" in told and "in inner" in told
    assert told.endswith("LookupError: it is not here")
    assert "_host" not in told


def test_causes_are_told() -> None:
    def fail() -> None:
        try:
            inner()
        except LookupError as error:
            raise ValueError("so there") from error

    told = format_traceback(raised_by(fail))

    assert "direct cause" in told and "LookupError: it is not here" in told


def test_groups_are_told() -> None:
    def fail() -> None:
        raise ExceptionGroup("many", [ValueError("a"), TypeError("b")])

    told = format_traceback(raised_by(fail))

    assert "ValueError: a" in told and "TypeError: b" in told


def test_endless_recursion_is_told_in_a_few_frames() -> None:
    def recurse(n: int) -> int:
        return recurse(n + 1) + 1

    kind, _, told = bridge.describe_raised(raised_by(recurse, 0))

    assert kind == "RecursionError"
    assert len(told) < 10_000


class MuteError(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no words")


@pytest.mark.parametrize("error", [MuteError(), SystemExit(3), KeyboardInterrupt()])
def test_any_exception_can_be_told(error: BaseException) -> None:
    kind, message, told = bridge.describe_raised(error)

    assert kind == type(error).__name__
    assert isinstance(message, str) and isinstance(told, str)
