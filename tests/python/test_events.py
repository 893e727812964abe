"""Async tools: a loop on its own thread, fed through a file descriptor as C++ feeds it."""

import asyncio
import contextvars
import functools
import os
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from atonce._host.bridge import run_loop, start_call
from caller import call, tool_of

LIMIT_SECONDS = 20  # for what must happen; a test that works never waits for it


class Feeder:
    """Hands orders to the loop's thread, as src/python/event_loop.cpp does."""

    def __init__(self) -> None:
        self._readable, self._writable = os.pipe()
        os.set_blocking(self._readable, False)
        self._orders: list[Callable[[Any], Any]] = []
        self.thread = threading.Thread(target=run_loop, args=(self._readable, self._on_ready))
        self.thread.start()

    def post(self, order: Callable[[Any], Any]) -> None:
        self._orders.append(order)
        os.write(self._writable, b"1")

    def _on_ready(self, loop: Any) -> None:
        os.read(self._readable, 1000)
        while self._orders:
            self._orders.pop(0)(loop)

    def start(self, function: Callable[..., Any], **kwargs: Any) -> "Call":
        started = Call()
        self.post(lambda loop: started.begin(loop, function, kwargs))
        return started

    def close(self) -> None:
        if self.thread.is_alive():
            self.post(lambda loop: loop.leave())
        self.thread.join(LIMIT_SECONDS)
        assert not self.thread.is_alive()
        os.close(self._readable)
        os.close(self._writable)


class Call:
    def __init__(self) -> None:
        self.begun = threading.Event()
        self._ended = threading.Event()
        self.answers: list[tuple[Any, BaseException | None]] = []

    def begin(self, loop: Any, function: Callable[..., Any], kwargs: dict[str, Any]) -> None:
        self.task = start_call(loop, function, (), kwargs, self._done)
        assert not self.answers  # never before start_call is back
        self.begun.set()

    def _done(self, result: Any, exception: BaseException | None) -> None:
        self.answers.append((result, exception))
        self._ended.set()

    def answer(self) -> tuple[Any, BaseException | None]:
        assert self._ended.wait(LIMIT_SECONDS)
        assert len(self.answers) == 1
        return self.answers[0]


@pytest.fixture
def feeder() -> Iterator[Feeder]:
    it = Feeder()
    yield it
    it.close()


async def add(a: int, b: int) -> int:
    await asyncio.sleep(0)
    return a + b


def test_a_call_is_answered_with_its_result(feeder: Feeder) -> None:
    assert feeder.start(add, a=1, b=2).answer() == (3, None)


def test_calls_run_at_the_same_time(feeder: Feeder) -> None:
    """Each waits until all of them are there."""
    here: list[int] = []
    everybody = asyncio.Event()

    async def meet(n: int) -> int:
        here.append(n)
        if len(here) == 50:
            everybody.set()
        await everybody.wait()
        return n

    calls = [feeder.start(meet, n=n) for n in range(50)]

    assert [each.answer()[0] for each in calls] == list(range(50))


def test_an_async_generator_is_drained(feeder: Feeder) -> None:
    async def count(n: int) -> Any:
        for one in range(n):
            yield one

    assert feeder.start(count, n=3).answer() == ([0, 1, 2], None)


def test_what_gives_no_coroutine_is_the_result(feeder: Feeder) -> None:
    assert feeder.start(lambda: 7).answer() == (7, None)


@pytest.mark.parametrize(
    "kind", [ValueError, SystemExit, KeyboardInterrupt, GeneratorExit, BaseException]
)
@pytest.mark.parametrize("when", ["at once", "later"])
def test_any_exception_is_the_calls_own(
    feeder: Feeder, kind: type[BaseException], when: str
) -> None:
    async def fail() -> None:
        if when == "later":
            await asyncio.sleep(0)
        raise kind("mine")

    result, exception = feeder.start(fail).answer()

    assert result is None
    assert type(exception) is kind
    assert feeder.start(add, a=1, b=2).answer() == (3, None)  # the loop lives


def test_a_function_that_fails_before_it_is_async_is_answered_too(feeder: Feeder) -> None:
    _, exception = feeder.start(add, a=1).answer()

    assert isinstance(exception, TypeError)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize("kind", [SystemExit, KeyboardInterrupt])
def test_a_task_of_the_users_own_does_not_end_the_loop(
    feeder: Feeder, kind: type[BaseException]
) -> None:
    async def spoil() -> str:
        async def exit_now() -> None:
            raise kind

        task = asyncio.create_task(exit_now())
        await asyncio.wait([task])
        assert isinstance(task.exception(), kind)
        return "survived"

    assert feeder.start(spoil).answer() == ("survived", None)


def test_a_stop_in_the_round_of_such_a_task_is_not_forgotten() -> None:
    feeder = Feeder()

    def spoil_and_stop(loop: Any) -> None:
        async def exit_now() -> None:
            raise SystemExit

        # The exception leaves run_forever() in the round in which it should have stopped.
        tasks.append(loop.create_task(exit_now()))
        loop.call_soon(loop.leave)

    tasks: list[Any] = []
    feeder.post(spoil_and_stop)

    feeder.thread.join(LIMIT_SECONDS)
    assert not feeder.thread.is_alive()
    assert isinstance(tasks[0].exception(), SystemExit)
    feeder.close()


def test_cancelling_answers_with_cancelled_error(feeder: Feeder) -> None:
    cleaned = threading.Event()

    async def wait() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cleaned.set()

    started = feeder.start(wait)
    assert started.begun.wait(LIMIT_SECONDS)
    feeder.post(lambda _: started.task.cancel())

    _, exception = started.answer()
    assert isinstance(exception, asyncio.CancelledError)
    assert cleaned.is_set()


def test_cancelling_before_the_first_step_answers_too(feeder: Feeder) -> None:
    started = Call()

    def begin_and_cancel(loop: Any) -> None:
        started.begin(loop, add, {"a": 1, "b": 2})
        started.task.cancel()

    feeder.post(begin_and_cancel)

    _, exception = started.answer()
    assert isinstance(exception, asyncio.CancelledError)


def test_a_call_that_swallows_its_cancel_goes_on(feeder: Feeder) -> None:
    async def stubborn() -> str:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            return "still here"
        return "never"

    started = feeder.start(stubborn)
    assert started.begun.wait(LIMIT_SECONDS)
    feeder.post(lambda loop: loop.call_soon(started.task.cancel))

    assert started.answer() == ("still here", None)


def test_each_call_has_a_context_of_its_own(feeder: Feeder) -> None:
    variable: contextvars.ContextVar[int] = contextvars.ContextVar("variable", default=0)

    async def count() -> int:
        variable.set(variable.get() + 1)
        await asyncio.sleep(0)
        return variable.get()

    calls = [feeder.start(count) for _ in range(3)]

    assert [each.answer()[0] for each in calls] == [1, 1, 1]


def test_tasks_left_behind_are_cancelled_when_the_loop_ends() -> None:
    feeder = Feeder()
    ended = threading.Event()
    kept: list[Any] = []

    async def leave() -> None:
        async def stay() -> None:
            try:
                await asyncio.Event().wait()
            finally:
                ended.set()

        kept.append(asyncio.create_task(stay()))
        await asyncio.sleep(0)

    feeder.start(leave).answer()
    feeder.close()

    assert ended.is_set()


# A plain function around an async one runs on a worker, not on the loop.


def through(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    return wrapper


def test_a_wrapper_that_passes_a_coroutine_on_is_waited_for() -> None:
    assert tool_of(through(add)).kind == "function"
    assert call(through(add), {"a": 1, "b": 2}) == 3


def test_a_wrapper_that_waits_itself_is_left_alone() -> None:
    @functools.wraps(add)
    def wait(**kwargs: Any) -> int:
        return asyncio.run(add(**kwargs))

    assert call(wait, {"a": 1, "b": 2}) == 3


@pytest.mark.parametrize(
    ("function", "kind"),
    [
        (add, "async"),
        (functools.partial(add, 1), "async"),
        (lambda: 1, "function"),
    ],
)
def test_the_kind_is_seen_through_partials(function: Any, kind: str) -> None:
    assert tool_of(function, "it").kind == kind


def test_the_kind_of_a_callable_object_is_that_of_its_call() -> None:
    class Fetch:
        async def __call__(self, n: int) -> int:
            return n

    assert tool_of(Fetch(), "fetch").kind == "async"


async def stop_everybodys_loop() -> str:
    asyncio.get_running_loop().stop()
    await asyncio.sleep(0.01)
    return "still here"


def test_a_tool_that_stops_the_loop_stops_nobody(feeder: Feeder) -> None:
    assert feeder.start(stop_everybodys_loop).answer() == ("still here", None)
    assert feeder.start(add, a=1, b=2).answer() == (3, None)
