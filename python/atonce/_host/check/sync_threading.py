"""The order that the classes of `threading` promise, and no more of it.

Their inner locks order more than that: a thread that sets an event would come after all that set it
before. So those are ignored, and what is promised is said with tokens. The lock of a Condition is
the user's own and stays visible: whoever notifies holds it, and whoever was woken takes it next, so
nothing else is needed. Instances that were made before the hooks keep their locks visible.
"""

from __future__ import annotations

import _thread
import threading
from collections.abc import Callable
from typing import Any

from atonce._host.check.patches import Patches
from atonce._host.check.sync_orders import KEY, Gathered, Native, Permits, order_of

_BEGINS = "_atonce_begins"  # of an event: its thread sets it as the first thing


def hook(patches: Patches, native: Native) -> None:
    _hook_waiters(patches, native)
    for one in (threading.Event, threading.Semaphore, threading.Barrier):
        _ignore_lock_of(one, patches, native)
    _hook_event(patches, native)
    _hook_start(patches)
    _hook_semaphores(patches, native)
    _hook_barrier(patches, native)


def hook_threading_local(patches: Patches, native: Native) -> Callable[[Any], None]:
    """The one in Python: its lock would order all threads that use the same object."""

    def hook(module: Any) -> None:
        def make_lock() -> Any:
            lock = threading.RLock()
            native.ignore(lock)
            return lock

        patches.set(module, "RLock", make_lock)

    return hook


def _hook_waiters(patches: Patches, native: Native) -> None:
    """A thread that waits for a condition takes a lock which another gives back: it is a signal."""
    module: Any = threading

    def make_waiter() -> Any:
        waiter = _thread.allocate_lock()
        native.ignore(waiter)
        return waiter

    def make(original: Any) -> Any:
        def __init__(self: Any) -> None:  # noqa: N807
            original(self)
            self._block = _thread.allocate_lock()  # no waiter: the lock itself

        return __init__

    patches.set(module, "_allocate_lock", make_waiter)
    patches.replace(module._RLock, "__init__", make)


def _ignore_lock_of(owner: Any, patches: Patches, native: Native) -> None:
    def make(original: Any) -> Any:
        def __init__(self: Any, *args: Any, **names: Any) -> None:  # noqa: N807
            original(self, *args, **names)
            native.ignore(self._cond._lock)

        return __init__

    patches.replace(owner, "__init__", make)


def _hook_start(patches: Patches) -> None:
    """start() waits for an event that the new thread sets: only then can the parent go on."""

    def make(original: Any) -> Any:
        def start(self: Any) -> None:
            event = getattr(self, "_started", None)
            if isinstance(event, threading.Event):
                event.__dict__[_BEGINS] = True
            original(self)

        return start

    patches.replace(threading.Thread, "start", make)


def _hook_event(patches: Patches, native: Native) -> None:
    """set() comes before wait() and is_set() that see it: every set() since the last clear().

    Between a wait's end and its return others may clear the event, even set it again, so a waiter
    looks at those that could wake it: clear() leaves them what they have, and begins anew.
    """

    def gathered(event: Any) -> Gathered:
        return order_of(event, lambda: Gathered(native))

    def set(self: Any) -> None:  # noqa: A001
        with self._cond:
            gathered(self).give()
            self._flag = True
            self._cond.notify_all()
        if self.__dict__.pop(_BEGINS, False):
            native.let_parent_go_on()

    def clear(self: Any) -> None:
        with self._cond:
            self.__dict__[KEY] = Gathered(native)
            self._flag = False

    def wait(self: Any, timeout: float | None = None) -> Any:
        with self._cond:
            known = gathered(self)
            signaled = self._flag
            if not signaled:
                signaled = self._cond.wait(timeout)
        if signaled:
            known.take()
        return signaled

    def is_set(self: Any) -> Any:
        known: Gathered | None = self.__dict__.get(KEY)
        flag = self._flag
        if flag:
            if known is not None:
                known.take()
            if gathered(self) is not known:
                gathered(self).take()
        return flag

    for function in (set, clear, wait, is_set):
        patches.replace(threading.Event, function.__name__, lambda _, new=function: new)  # type: ignore[misc]


def _hook_semaphores(patches: Patches, native: Native) -> None:
    def permits(semaphore: Any) -> Permits | None:
        return order_of(semaphore, lambda: Permits(native, semaphore._value))

    def make_init(original: Any) -> Any:
        def __init__(self: Any, value: int = 1) -> None:  # noqa: N807
            original(self, value)
            order_of(self, lambda: Permits(native, value))

        return __init__

    def make_acquire(original: Any) -> Any:
        def acquire(self: Any, blocking: bool = True, timeout: float | None = None) -> Any:
            order = permits(self)
            is_taken = original(self, blocking, timeout)
            if is_taken and order is not None:
                order.take()
            return is_taken

        return acquire

    def make_release(original: Any) -> Any:
        def release(self: Any, n: int = 1) -> None:
            order = permits(self)
            if order is None or not isinstance(n, int) or n < 1:
                original(self, n)
                return
            order.give(n)
            try:
                original(self, n)
            except BaseException:  # more than a bounded one may have
                order.take_back(n)
                raise

        return release

    patches.replace(threading.Semaphore, "__init__", make_init)
    for name in ("acquire", "__enter__"):
        patches.replace(threading.Semaphore, name, make_acquire)
    patches.replace(threading.Semaphore, "release", make_release)
    patches.replace(threading.BoundedSemaphore, "release", make_release)


def without_order(semaphore: Any) -> None:
    """For one that only counts."""
    semaphore.__dict__[KEY] = None


class _Meeting:
    """All who arrive come before the action, and that before all who leave."""

    __slots__ = ("_native", "arrived", "broken", "left")

    def __init__(self, native: Native) -> None:
        self._native = native
        self.arrived = Gathered(native)
        self.left = Gathered(native)
        self.broken = Gathered(native)

    def begin_anew(self) -> None:
        self.arrived = Gathered(self._native)
        self.left = Gathered(self._native)


def _hook_barrier(patches: Patches, native: Native) -> None:
    """All but wait() and reset() run while the barrier's own lock is held."""

    def meeting(barrier: Any) -> _Meeting:
        return order_of(barrier, lambda: _Meeting(native))

    def make_enter(original: Any) -> Any:
        def _enter(self: Any) -> None:
            original(self)
            meeting(self).arrived.give()

        return _enter

    def make_release(original: Any) -> Any:
        def _release(self: Any) -> None:
            meeting(self).arrived.take()
            original(self)
            meeting(self).left.give()

        return _release

    def make_exit(original: Any) -> Any:
        def _exit(self: Any) -> None:
            if self._state == 1:
                meeting(self).left.take()
            if self._count == 0:
                meeting(self).begin_anew()
            original(self)

        return _exit

    def make_breaking(original: Any) -> Any:
        def breaks(self: Any) -> None:
            meeting(self).broken.give()
            original(self)

        return breaks

    def make_wait(original: Any) -> Any:
        def wait(self: Any, timeout: float | None = None) -> Any:
            try:
                return original(self, timeout)
            except threading.BrokenBarrierError:
                meeting(self).broken.take()
                raise

        return wait

    changed = {
        "_enter": make_enter,
        "_release": make_release,
        "_exit": make_exit,
        "_break": make_breaking,
        "reset": make_breaking,
        "wait": make_wait,
    }
    for name, make in changed.items():
        patches.replace(threading.Barrier, name, make)
