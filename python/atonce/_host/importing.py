"""Whether a thread is inside an import: an exception raised there from outside does lasting harm.

The locks of `importlib` are not safe against that: one that is left locked keeps every later import
of its module waiting for ever. There is no public way to ask; where these names are missing, the
answer is no.
"""

import importlib._bootstrap as bootstrap
from typing import Any

_LOCKS: dict[str, Any] = getattr(bootstrap, "_module_locks", {})
_BLOCKING_ON: Any = getattr(bootstrap, "_blocking_on", {})


def is_importing(thread: int) -> bool:
    """Whether the thread (threading.get_ident()) imports a module, or waits to."""
    if _BLOCKING_ON.get(thread):
        return True
    locks = (reference() for reference in list(_LOCKS.values()))
    return any(getattr(lock, "owner", None) == thread for lock in locks)
