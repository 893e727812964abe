"""Vector clocks in plain Python: who comes after whom, with the locks and threads hooked as the
native module hooks them. For tests of the hooks; one thread's part at a time may be traced.

Within `with model:` the names `Lock`, `RLock`, `allocate_lock` of `threading` and `_thread` make
locks that say what they order, threads that start and end do, and queue.SimpleQueue is the one that
is written in Python.
"""

import _thread
import queue
import threading
from collections.abc import Callable
from typing import Any

Clock = dict[object, int]


class _State(threading.local):
    def __init__(self) -> None:
        self.key = object()
        self.clock: Clock = {self.key: 1}
        self.hidden = 0


class ClockModel:
    """The part of `_atonce_race` that the hooks use, and marks to ask about."""

    def __init__(self) -> None:
        self._state = _State()
        self._marks: dict[str, tuple[object, int, Clock]] = {}
        self._ignored: set[int] = set()
        self._kept: list[object] = []  # ignored locks live on, so that no other gets their number
        self._undo: list[Callable[[], None]] = []
        self.begun: list[int] = []  # threads, by their numbers

    # As the native module has them.

    def snapshot(self) -> Clock:
        clock = dict(self._state.clock)
        self._state.clock[self._state.key] += 1
        return clock

    def join(self, token: Clock) -> None:
        own = self._state.clock
        for key, count in token.items():
            own[key] = max(own.get(key, 0), count)

    def hide(self) -> None:
        self._state.hidden += 1

    def show(self) -> None:
        assert self._state.hidden > 0
        self._state.hidden -= 1

    def perturbs(self) -> bool:
        return False

    def ignore(self, lock: Any) -> None:
        self._kept.append(lock)
        self._ignored.add(id(lock))

    def let_parent_go_on(self) -> None:
        self.begun.append(threading.get_ident())

    def know_queue(self, kind: type) -> None:
        """It is about what is in them, and this model is about order alone."""

    # For tests.

    def mark(self, name: str) -> None:
        """Something happens here, in this thread."""
        state = self._state
        assert state.hidden == 0, "hidden locks while other code than the library's runs"
        self._marks[name] = (state.key, state.clock[state.key], dict(state.clock))
        state.clock[state.key] += 1

    def follows(self, later: str, earlier: str) -> bool:
        key, count, _ = self._marks[earlier]
        return self._marks[later][2].get(key, 0) >= count

    def orders(self, lock: Any) -> bool:
        return self._state.hidden == 0 and id(lock) not in self._ignored

    def __enter__(self) -> "ClockModel":
        model = self

        def make_lock() -> Any:
            return ModelLock(model, _real_lock())

        def make_reentrant() -> Any:
            return ModelRLock(model, _real_reentrant())

        self._set(threading, "Lock", make_lock)
        self._set(threading, "RLock", make_reentrant)
        self._set(threading, "_allocate_lock", make_lock)
        self._set(_thread, "allocate_lock", make_lock)
        self._set(threading, "_active_limbo_lock", _real_reentrant())
        self._set(queue, "SimpleQueue", queue._PySimpleQueue)
        self._set(threading.Thread, "start", _starting(self))
        self._set(threading.Thread, "join", _joining())
        return self

    def __exit__(self, *_: object) -> None:
        for undo in reversed(self._undo):
            undo()

    def _set(self, owner: Any, name: str, value: Any) -> None:
        original = getattr(owner, name)
        self._undo.append(lambda: setattr(owner, name, original))
        setattr(owner, name, value)


_real_lock = _thread.allocate_lock
_real_reentrant = threading.RLock
_real_start = threading.Thread.start
_real_join = threading.Thread.join


class ModelLock:
    def __init__(self, model: ClockModel, inner: Any) -> None:
        self._model = model
        self._inner = inner
        self._clock: Clock = {}

    def acquire(self, *args: Any, **names: Any) -> bool:
        is_taken = bool(self._inner.acquire(*args, **names))
        if is_taken and self._model.orders(self):
            self._model.join(self._clock)
        return is_taken

    def release(self) -> None:
        if self._model.orders(self):
            self._clock = {**self._clock, **self._model.snapshot()}
        self._inner.release()

    def locked(self) -> bool:
        return bool(self._inner.locked())

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()


class ModelRLock(ModelLock):
    def _release_save(self) -> Any:
        if self._model.orders(self):
            self._clock = {**self._clock, **self._model.snapshot()}
        return self._inner._release_save()

    def _acquire_restore(self, saved: Any) -> None:
        self._inner._acquire_restore(saved)
        if self._model.orders(self):
            self._model.join(self._clock)

    def _is_owned(self) -> bool:
        return bool(self._inner._is_owned())


def _starting(model: ClockModel) -> Any:
    def start(self: Any) -> None:
        token = model.snapshot()
        run = self.run

        def run_after() -> None:
            model.join(token)
            run()
            self._model_end = (model, model.snapshot())

        self.run = run_after
        _real_start(self)

    return start


def _joining() -> Any:
    def join(self: Any, timeout: float | None = None) -> None:
        _real_join(self, timeout)
        end = getattr(self, "_model_end", None)
        if end is not None and not self.is_alive():
            model, token = end
            model.join(token)

    return join
