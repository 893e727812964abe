"""The locks of multiprocessing, where threads of one process use them.

They are one kind of object in C, which the native hooks do not know. All but the recursive and the
plain lock promise less than is said here: who takes one comes after all who have given it back.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from atonce._host.check.patches import Patches
from atonce._host.check.sync_orders import Gathered, Native


def hook_locks(patches: Patches, native: Native) -> Callable[[Any], None]:
    """For the module `multiprocessing.synchronize`."""

    def make_methods(original: Any) -> Any:
        def _make_methods(self: Any) -> None:
            original(self)
            acquire_it, release_it = self.acquire, self.release
            order = Gathered(native)

            def acquire(block: bool = True, timeout: float | None = None) -> Any:
                is_taken = acquire_it(block, timeout)
                if is_taken:
                    order.take()
                return is_taken

            def release() -> None:
                order.give()
                release_it()

            self.acquire, self.release = acquire, release

        return _make_methods

    def make_enter(_: Any) -> Any:
        return lambda self: self.acquire()

    def make_exit(_: Any) -> Any:
        return lambda self, *_: self.release()

    def hook(module: Any) -> None:
        patches.replace(module.SemLock, "_make_methods", make_methods)
        patches.replace(module.SemLock, "__enter__", make_enter)
        patches.replace(module.SemLock, "__exit__", make_exit)

    return hook
