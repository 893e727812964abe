"""Which locks of the user's code calls wait for, and how long.

Only for processes that measure: threading.Lock and RLock are replaced by classes that look, for
good. What the standard library makes of them (Condition, Semaphore, Queue) is watched with them.
"""

import sys
import sysconfig
import threading
import weakref
from pathlib import Path
from time import perf_counter_ns
from types import FrameType, ModuleType, TracebackType
from typing import Any

from atonce._host.lock_names import names_in

_RealLock: Any = threading.Lock
_RealRLock: Any = threading.RLock
_really_acquire_semaphore: Any = threading.Semaphore.acquire

# Of what follows. A finalizer may run while it is held, and make a lock.
_guard = _RealRLock()
_watched: list["weakref.ref[_Watched]"] = []
_prune_at = 1_000  # how long that list may get before those that are gone are taken out


def watch_locks() -> None:
    """Every lock that is made from now on is watched; to be called before the user's imports."""
    threading.Lock = WatchedLock  # type: ignore[assignment]
    threading.RLock = WatchedRLock  # type: ignore[assignment]
    threading.Semaphore.acquire = _acquire_semaphore  # type: ignore[method-assign]
    threading.Semaphore.__enter__ = _acquire_semaphore  # type: ignore[method-assign]


def take_waits(module: ModuleType) -> list[tuple[str, str, int, int]]:
    """(name, place, nanoseconds, waits) of each lock that was waited for since the last time.

    `name` is how `module` reaches it, such as "LOCK" or "STORE.lock", or empty; `place` where it
    was made, "tools.py:12". Locks that are alike in both are told as one. The longest wait first.
    """
    names: dict[int, str] | None = None
    waits: dict[tuple[str, str], tuple[int, int]] = {}
    for lock in _living():
        waited_ns, count = lock._take()
        if count == 0:
            continue
        if names is None:
            names = names_in(module, _Watched)
        key = names.get(id(lock), ""), lock._place
        before = waits.get(key, (0, 0))
        waits[key] = before[0] + waited_ns, before[1] + count
    told = [(name, place, *figures) for (name, place), figures in waits.items()]
    return sorted(told, key=lambda one: -one[2])


class _Watched:
    """A lock that adds up how long it was waited for.

    The sums are written by who holds the lock; those of waits that ended without it are `unheld`.
    """

    __slots__ = (
        "__weakref__",
        "_lock",
        "_place",
        "_taken",
        "_unheld_ns",
        "_unheld_waits",
        "_waited_ns",
        "_waits",
    )

    def __init__(self, lock: Any) -> None:
        self._lock = lock
        self._place = _place_of(sys._getframe(2))
        self._waited_ns = self._waits = 0
        self._unheld_ns = self._unheld_waits = 0  # guarded by _guard
        self._taken = (0, 0)
        _register(self)

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        if timeout != -1 and not blocking:
            return bool(self._lock.acquire(blocking, timeout))  # which refuses it
        return self._lock.acquire(False) or (bool(blocking) and self._wait(timeout))

    def release(self) -> None:
        self._lock.release()

    def __enter__(self) -> bool:
        return self._lock.acquire(False) or self._wait(-1)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._lock.release()

    def locked(self) -> bool:
        return bool(self._lock.locked())

    def __repr__(self) -> str:
        return repr(self._lock)

    def _at_fork_reinit(self) -> None:
        self._lock._at_fork_reinit()

    def _wait(self, timeout: float) -> bool:
        started = perf_counter_ns()
        is_ours = bool(self._lock.acquire(True, timeout))
        waited = perf_counter_ns() - started
        if is_ours:
            self._waited_ns += waited
            self._waits += 1
        else:
            self._add_unheld(waited)
        return is_ours

    def _add_unheld(self, waited: int) -> None:
        with _guard:
            self._unheld_ns += waited
            self._unheld_waits += 1

    def _take(self) -> tuple[int, int]:
        total = self._waited_ns + self._unheld_ns, self._waits + self._unheld_waits
        before, self._taken = self._taken, total
        return total[0] - before[0], total[1] - before[1]


class WatchedLock(_Watched):
    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(_RealLock())

    # Old names of the same, which the real ones have too.
    acquire_lock = _Watched.acquire
    release_lock = _Watched.release
    locked_lock = _Watched.locked


class WatchedRLock(_Watched):
    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(_RealRLock())

    # Condition asks for these. How long one waits to be let in again is not added up.

    def _release_save(self) -> Any:
        return self._lock._release_save()

    def _acquire_restore(self, state: Any) -> None:
        self._lock._acquire_restore(state)

    def _is_owned(self) -> bool:
        return bool(self._lock._is_owned())

    def _recursion_count(self) -> int:
        return int(self._lock._recursion_count())


def _acquire_semaphore(self: Any, blocking: bool = True, timeout: float | None = None) -> bool:
    if not blocking or (timeout is not None and timeout <= 0):
        return bool(_really_acquire_semaphore(self, blocking, timeout))
    if _really_acquire_semaphore(self, False):
        return True
    # It waits for a place, and its own lock is free meanwhile: that one tells of both.
    started = perf_counter_ns()
    is_ours = bool(_really_acquire_semaphore(self, True, timeout))
    lock = self._cond._lock
    if isinstance(lock, _Watched):  # made after the watch began
        lock._add_unheld(perf_counter_ns() - started)
    return is_ours


def _register(lock: _Watched) -> None:
    global _prune_at
    with _guard:
        _watched.append(weakref.ref(lock))
        if len(_watched) > _prune_at:
            _watched[:] = [one for one in _watched if one() is not None]
            _prune_at = 2 * len(_watched) + 1_000


def _living() -> list[_Watched]:
    with _guard:
        return [lock for lock in (one() for one in _watched) if lock is not None]


_LIBRARY = sysconfig.get_path("stdlib")
_PACKAGES = (sysconfig.get_path("purelib"), sysconfig.get_path("platlib"))
_OURS = str(Path(__file__).parent.parent)


def _place_of(innermost: FrameType) -> str:
    """The line that had the lock made: the first that is not the library's."""
    frame: FrameType | None = innermost
    while frame is not None:
        file = frame.f_code.co_filename
        if not _is_library(file):
            break
        frame = frame.f_back
    frame = frame or innermost
    return f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno}"


def _is_library(file: str) -> bool:
    if file.startswith(("<", f"{_OURS}/")):  # "<string>" is what dataclasses write
        return True
    return file.startswith(f"{_LIBRARY}/") and not file.startswith(_PACKAGES)
