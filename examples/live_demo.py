"""The talk's live demo: what gains from threads without the GIL, and what does not.

    atonce compare examples/live_demo.py::count_primes

Each function is of one kind: it computes, it waits, it lets go of the GIL in C code, or it shares
something with all the others.
"""

import hashlib
import threading
import time


def count_primes(limit: int = 3_000) -> int:
    """Computes in pure Python: nothing but the GIL keeps two of these from running at once."""
    primes: list[int] = []
    for candidate in range(2, limit):
        for prime in primes:
            if prime * prime > candidate:
                primes.append(candidate)
                break
            if candidate % prime == 0:
                break
        else:
            primes.append(candidate)
    return len(primes)


def wait(seconds: float = 0.01) -> float:
    """Waits, as a call to another server does: threads always overlapped here."""
    time.sleep(seconds)
    return seconds


def hash_blocks(blocks: int = 8) -> str:
    """Computes in C code that lets go of the GIL: threads gained from it before, too."""
    block = bytes(1_000_000)
    digest = hashlib.sha256()
    for _ in range(blocks):
        digest.update(block)
    return digest.hexdigest()


class Visits:
    count = 0


VISITS = Visits()
VISITS.count = 0
DOOR = threading.Lock()


def count_visits(times: int = 10_000) -> int:
    """Counts in one place for all threads: each waits for the other's hand on the same object.

    It also loses counts, which `check` is for; `count_visits_safely` does not.
    """
    for _ in range(times):
        VISITS.count += 1
    return times


def count_visits_safely(times: int = 500) -> int:
    """The same behind a lock: right, and one at a time."""
    for _ in range(times):
        with DOOR:
            for step in range(20):
                VISITS.count += step
    return times


def count_visits_apart(times: int = 10_000) -> int:
    """Counts for itself and adds up once, at the end."""
    own = Visits()
    for _ in range(times):
        own.count += 1
    with DOOR:
        VISITS.count += own.count
    return times
