"""Runs async tools on one asyncio loop, fed from C++ (src/python/event_loop.h).

asyncio is imported by the first async call: most files have none, and it takes as long as Python
itself takes to start.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from contextvars import Context
from typing import TYPE_CHECKING, Any

from atonce._host.generators import settle

if TYPE_CHECKING:
    import asyncio

OnReady = Callable[["asyncio.AbstractEventLoop"], object]
Done = Callable[[Any, BaseException | None], object]

# How long tasks that the tools left behind get to end after they are cancelled.
GRACE_SECONDS = 1.0


def run_loop(fd: int, on_ready: OnReady) -> None:
    """Runs a loop that calls `on_ready(loop)` whenever `fd` can be read, until `loop.leave()`."""
    loop = _make_loop()
    loop.add_reader(fd, on_ready, loop)
    try:
        while not loop.is_leaving:
            # asyncio lets these two out of the loop when a task of the user's own raises them.
            with suppress(SystemExit, KeyboardInterrupt):
                loop.run_forever()
    finally:
        loop.remove_reader(fd)
        _close(loop)


def start_call(
    loop: asyncio.AbstractEventLoop,
    function: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any] | None,
    done: Done,
    tell: Callable[..., Any] | None = None,
) -> asyncio.Task[Any]:
    """Starts a call on the running loop; calls `done(result, exception)` once, later, on the loop.

    `tell` hears what it yields. The call has a contextvars context of its own. Cancelling the task
    makes its exception CancelledError, unless the function catches that and goes on.
    """

    def finish(task: asyncio.Task[Any]) -> None:
        if task.cancelled():
            done(None, _cancelled())
            return
        result, exception = task.result()
        done(result, exception)

    task = loop.create_task(_run(function, args, kwargs or {}, tell), context=Context())
    task.add_done_callback(finish)
    return task


async def _run(
    function: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    tell: Callable[..., Any] | None,
) -> tuple[Any, BaseException | None]:
    """The result, or the exception as a value: a task that raises SystemExit ends the loop."""
    try:
        return await settle(function(*args, **kwargs), tell), None
    except BaseException as error:
        return None, error


def _cancelled() -> BaseException:
    import asyncio

    return asyncio.CancelledError("the call was cancelled")


def _make_loop() -> Any:
    import asyncio

    class Loop(asyncio.SelectorEventLoop):
        # A tool may stop() the loop it finds itself on, which is everybody's; and run_forever()
        # forgets a stop() when an exception leaves it in the same round.
        is_leaving = False

        def leave(self) -> None:
            self.is_leaving = True
            self.stop()

    return Loop()


def _close(loop: asyncio.AbstractEventLoop) -> None:
    """Ends what the tools left on the loop, but does not wait for what will not end."""
    import asyncio

    left = asyncio.all_tasks(loop)
    for task in left:
        task.cancel()
    with suppress(SystemExit, KeyboardInterrupt):
        if left:
            loop.run_until_complete(asyncio.wait(left, timeout=GRACE_SECONDS))
        loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()
