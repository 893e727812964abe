"""Nothing outlives the process that asked for it, not even one that is killed."""

from __future__ import annotations

import os
import select
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress

_PR_SET_PDEATHSIG = 1

_is_fork = False


def watch_forks() -> None:
    """Has os.fork() leave a mark in the child, for end_fork()."""
    os.register_at_fork(after_in_child=_mark)


def end_fork(error: BaseException | None = None) -> None:
    """In a child that a tool has forked, ends it as Python would when the call ends.

    It must not go on with the calls that are its parent's. Elsewhere does nothing.
    """
    if not _is_fork:
        return
    code = 0 if error is None else 1
    if isinstance(error, SystemExit):
        code = error.code if isinstance(error.code, int) else int(error.code is not None)
    os._exit(code & 0xFF)


def _mark() -> None:
    global _is_fork
    _is_fork = True


def flush_printed() -> None:
    """Has what the tools printed be counted now, unless they closed their output."""
    with suppress(Exception):
        sys.stdout.flush()


def end_with_parent(parent: int) -> None:
    """Has the kernel end this process when its parent, of that number, ends.

    Where there is no Linux, a process notices at its next read that the other side is closed.
    """
    try:
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    except (ImportError, OSError, AttributeError):
        return
    if os.getppid() != parent:  # it was gone before
        os._exit(1)


def end_with_socket(descriptor: int, before: Callable[[], None]) -> None:
    """Ends this process, after `before()`, once the other side is closed, whatever runs then."""
    poll = select.poll()
    poll.register(descriptor, getattr(select, "POLLRDHUP", 0))  # and what is always told: POLLHUP

    def wait() -> None:
        poll.poll()
        before()
        os._exit(0)

    threading.Thread(target=wait, daemon=True).start()
