"""How often the cyclic garbage collector ran, and for how long it kept the program waiting.

On a free-threaded Python every collection stops all threads.
"""

import gc
import time

# Only the collection that runs writes these, and one runs at a time. No lock: a collection may
# begin while the same thread takes the figures.
_started = 0
_total = (0, 0)  # collections and nanoseconds since the start, replaced as one
_taken = (0, 0)  # how much of that take_pauses() has told


def watch_collector() -> None:
    """Starts to add up; once is enough."""
    if _on_collection not in gc.callbacks:
        gc.callbacks.append(_on_collection)


def take_pauses() -> tuple[int, int]:
    """The collections since the last time, and their nanoseconds. One thread may ask."""
    global _taken
    total, before = _total, _taken
    _taken = total
    return total[0] - before[0], total[1] - before[1]


def _on_collection(phase: str, _info: dict[str, int]) -> None:
    global _started, _total
    if phase == "start":
        _started = time.perf_counter_ns()
        return
    collections, paused_ns = _total
    _total = (collections + 1, paused_ns + time.perf_counter_ns() - _started)
