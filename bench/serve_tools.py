"""The three tools that every server of the benchmark has: one that does nothing, one that computes
and one that blocks.
"""

import time


def add(a: int, b: int) -> int:
    """Adds two whole numbers."""
    return a + b


def fib(n: int) -> int:
    """The n-th Fibonacci number, the slow way."""
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def sleep_ms(ms: int) -> int:
    """Sleeps, blocking its thread, and gives back the number of milliseconds."""
    time.sleep(ms / 1000)
    return ms
