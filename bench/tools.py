"""What the benchmarks call: the smallest function, one that waits, and one that computes."""

import time


def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


def sleep(seconds: float) -> float:
    """Wait, as a call to another server does."""
    time.sleep(seconds)
    return seconds


def burn(seconds: float) -> int:
    """Compute for so many seconds of this thread's processor time; gives the rounds that took."""
    rounds = 0
    until = time.thread_time() + seconds
    while time.thread_time() < until:
        rounds += sum(range(500))
    return rounds
