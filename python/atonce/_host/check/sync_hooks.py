"""Makes what orders threads in Python's own libraries visible to the race detector.

Locks, threads and queue.SimpleQueue are hooked natively. What is built of them in Python orders
more than it promises, by its inner locks, so its methods are replaced here by ones that say the
promised order alone. They are replaced in the classes: whatever held a bound method of an instance
before install() goes on with the old one, which orders too much and never too little.

`threading.local` orders nothing; a ThreadPool of multiprocessing orders by its queues and events.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from atonce._host.check import sync_futures, sync_processes, sync_queues, sync_threading
from atonce._host.check.patches import Patches
from atonce._host.check.sync_orders import Native

_installed: Patches | None = None


def install(native: Native) -> None:
    """Before the user's code is imported; again does nothing. Modules that are not loaded yet are
    changed when they are.
    """
    global _installed
    if _installed is not None:
        return
    patches = _installed = Patches()
    sync_threading.hook(patches, native)
    late: dict[str, Callable[[Any], None]] = {
        "queue": lambda _: sync_queues.hook(patches, native),
        "concurrent.futures._base": sync_futures.hook_base(patches, native),
        "concurrent.futures": sync_futures.hook_package(patches),
        "concurrent.futures.thread": sync_futures.hook_executor(patches, native),
        "asyncio.base_events": _hook_loops(patches, native),
        "asyncio.events": _ignoring(native, "_lock"),
        "asyncio.mixins": _ignoring(native, "_global_lock"),
        "_threading_local": sync_threading.hook_threading_local(patches, native),
        "multiprocessing.synchronize": sync_processes.hook_locks(patches, native),
        "logging": _hook_logging(patches, native),
        "tracemalloc": _hook_tracemalloc(patches, native),
    }
    for name, hook in late.items():
        patches.when_loaded(name, hook)


def remove() -> None:
    """The standard library as it was."""
    global _installed
    if _installed is not None:
        _installed.remove()
        _installed = None


def _ignoring(native: Native, name: str) -> Callable[[Any], None]:
    def hook(module: Any) -> None:
        lock = getattr(module, name, None)
        if lock is not None:
            native.ignore(lock)

    return hook


def _hook_loops(patches: Patches, native: Native) -> Callable[[Any], None]:
    """call_soon_threadsafe() comes before the callback, and so do all that are made of it:
    run_coroutine_threadsafe, run_in_executor, to_thread, wrap_future.
    """

    def run_after(token: object, callback: Any, *args: Any) -> Any:
        native.join(token)
        return callback(*args)

    def make(original: Any) -> Any:
        def call_soon_threadsafe(self: Any, callback: Any, *args: Any, context: Any = None) -> Any:
            # The loop's own checks of what is called must see that itself.
            if not self.get_debug():
                callback = functools.partial(run_after, native.snapshot(), callback)
            elif callable(callback):
                self._check_callback(callback, "call_soon_threadsafe")
                callback = functools.partial(run_after, native.snapshot(), callback)
            return original(self, callback, *args, context=context)

        return call_soon_threadsafe

    return lambda module: patches.replace(module.BaseEventLoop, "call_soon_threadsafe", make)


def _hook_tracemalloc(patches: Patches, native: Native) -> Callable[[Any], None]:
    """It takes the one place from which is seen that an object ends, and whose memory is another's
    from then on; and it leaves that place empty.
    """

    def make(original: Any) -> Any:
        def then_watch(*args: Any, **names: Any) -> Any:
            try:
                return original(*args, **names)
            finally:
                native.watch_objects()

        return then_watch

    def hook(module: Any) -> None:
        for name in ("start", "stop"):
            patches.replace(module, name, make)

    return hook


def _hook_logging(patches: Patches, native: Native) -> Callable[[Any], None]:
    """Whoever logs a line takes a lock, and nobody means to order anything by that.

    It stays visible where code of the user's may run under it: an `emit` or a stream of their own.
    """

    def ignore_lock_of(handler: Any) -> None:
        is_standard = type(handler).__module__ in ("logging", "logging.handlers")
        stream = getattr(handler, "stream", None)
        if is_standard and type(stream).__module__ in ("_io", "builtins") and handler.lock:
            native.ignore(handler.lock)

    def make(original: Any) -> Any:
        def __init__(self: Any, *args: Any, **names: Any) -> None:  # noqa: N807
            original(self, *args, **names)
            ignore_lock_of(self)

        return __init__

    def hook(module: Any) -> None:
        native.ignore(module._lock)
        for reference in list(module._handlerList):
            handler = reference()
            if isinstance(handler, module.StreamHandler):
                ignore_lock_of(handler)
        patches.replace(module.StreamHandler, "__init__", make)

    return hook
