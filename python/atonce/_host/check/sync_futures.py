"""concurrent.futures: a result comes after all that its maker did, a task after its submit.

The locks of futures and executors are ignored: they would order each submit after the last one, and
a task after those that happened to end before. A task comes after its submit by the work queue,
whose hooks are native, and shutdown(wait=True) after the threads that it joins.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from atonce._host.check.patches import Patches
from atonce._host.check.sync_orders import Native, order_of
from atonce._host.check.sync_threading import without_order

_Tokens = list[object]


def hook_base(patches: Patches, native: Native) -> Callable[[Any], None]:
    """For the module `concurrent.futures._base`."""

    def hook(module: Any) -> None:
        _hook_locks(module, patches, native)
        _hook_ends(module, patches, native)
        _hook_looks(module.Future, patches, native)
        _hook_callbacks(module.Future, patches, native)
        patches.replace(module, "wait", lambda original: _waits(original, native))
        patches.replace(module, "as_completed", lambda original: _yields(original, native))

    return hook


def hook_package(patches: Patches) -> Callable[[Any], None]:
    """For `concurrent.futures`, which may have the two functions as they were before."""

    def hook(module: Any) -> None:
        for name in ("wait", "as_completed"):
            patches.set(module, name, getattr(module._base, name))

    return hook


class _NeverIdle:
    """In place of an executor's count of idle workers: each task has one started for it.

    Otherwise the first worker may be done with a short task before the second one comes, and take
    that, too: nothing ever runs beside anything.
    """

    def acquire(self, *_: Any, **__: Any) -> bool:
        return False

    def release(self, *_: Any) -> None:
        pass


_REST = 0.002  # seconds: longer than a worker takes to begin
_RESTS = 3


class _Rests(threading.local):
    """A worker that has done a task leaves the next one to another, the first few times."""

    left = _RESTS

    def __call__(self) -> None:
        if self.left > 0:
            self.left -= 1
            time.sleep(_REST)


def hook_executor(patches: Patches, native: Native) -> Callable[[Any], None]:
    """For the module `concurrent.futures.thread`."""

    def make(original: Any) -> Any:
        def __init__(self: Any, *args: Any, **names: Any) -> None:  # noqa: N807
            original(self, *args, **names)
            native.ignore(self._shutdown_lock)
            if native.perturbs():
                self._idle_semaphore = _NeverIdle()
            else:
                without_order(self._idle_semaphore)

        return __init__

    rests = _Rests()

    def make_run(original: Any) -> Any:
        def run(self: Any) -> None:
            original(self)
            if native.perturbs():
                rests()

        return run

    def hook(module: Any) -> None:
        native.ignore(module._global_shutdown_lock)
        patches.replace(module._WorkItem, "run", make_run)
        patches.replace(module.ThreadPoolExecutor, "__init__", make)

    return hook


def _hook_locks(module: Any, patches: Patches, native: Native) -> None:
    def ignoring(name: str) -> Callable[[Any], Any]:
        def make(original: Any) -> Any:
            def __init__(self: Any, *args: Any, **names: Any) -> None:  # noqa: N807
                original(self, *args, **names)
                lock = getattr(self, name)
                native.ignore(getattr(lock, "_lock", lock))  # a condition's, or the lock itself

            return __init__

        return make

    patches.replace(module.Future, "__init__", ignoring("_condition"))
    patches.replace(module._AsCompletedWaiter, "__init__", ignoring("lock"))
    patches.replace(module._AllCompletedWaiter, "__init__", ignoring("lock"))


def _hook_ends(module: Any, patches: Patches, native: Native) -> None:
    """What can end a future: its token is there before anybody can see that end."""

    def make(original: Any) -> Any:
        def end(self: Any, *args: Any, **names: Any) -> Any:
            tokens = order_of(self, _Tokens)
            token = native.snapshot()
            tokens.append(token)
            try:
                result = original(self, *args, **names)
            except module.InvalidStateError:  # another was faster
                tokens.remove(token)
                raise
            if result is False:  # too late to cancel
                tokens.remove(token)
            return result

        return end

    for name in ("set_result", "set_exception", "cancel"):
        patches.replace(module.Future, name, make)


def _join(future: Any, native: Native) -> None:
    for token in tuple(order_of(future, _Tokens)):
        native.join(token)


def _hook_looks(kind: Any, patches: Patches, native: Native) -> None:
    def make_asking(original: Any) -> Any:
        def ask(self: Any) -> Any:
            answer = original(self)
            if answer:
                _join(self, native)
            return answer

        return ask

    def make_waiting(original: Any) -> Any:
        def wait(self: Any, timeout: float | None = None) -> Any:
            try:
                return original(self, timeout)
            finally:
                if self._state not in ("PENDING", "RUNNING"):  # else it took too long
                    _join(self, native)

        return wait

    patches.replace(kind, "done", make_asking)
    patches.replace(kind, "cancelled", make_asking)
    patches.replace(kind, "result", make_waiting)
    patches.replace(kind, "exception", make_waiting)


def _hook_callbacks(kind: Any, patches: Patches, native: Native) -> None:
    """A callback comes after it was added and after the future's end, in whatever thread."""

    def make(original: Any) -> Any:
        def add_done_callback(self: Any, fn: Any) -> Any:
            return original(self, _Callback(native, fn))

        return add_done_callback

    patches.replace(kind, "add_done_callback", make)


class _Callback:
    __slots__ = ("_native", "_token", "function")

    def __init__(self, native: Native, function: Any) -> None:
        self._native = native
        self._token = native.snapshot()
        self.function = function

    def __call__(self, future: Any) -> Any:
        self._native.join(self._token)
        _join(future, self._native)
        return self.function(future)

    def __repr__(self) -> str:
        return repr(self.function)


def _waits(original: Any, native: Native) -> Any:
    def wait(fs: Any, timeout: float | None = None, return_when: str = "ALL_COMPLETED") -> Any:
        result = original(fs, timeout, return_when)
        for future in result.done:
            _join(future, native)
        return result

    return wait


def _yields(original: Any, native: Native) -> Any:
    def as_completed(fs: Any, timeout: float | None = None) -> Iterator[Any]:
        rest = original(fs, timeout)
        del fs
        while (future := next(rest, None)) is not None:
            _join(future, native)
            one = [future]
            del future  # only the caller may keep it
            yield one.pop()

    return as_completed
