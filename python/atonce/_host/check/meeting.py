"""Threads that come to the same place at the same time, without that ordering them.

Nothing here uses a lock that the detector sees: a thread that met another at a real barrier would
come after all that the other did before.
"""

from __future__ import annotations

import time

_SPIN = 200e-6  # seconds until the other may have the core
_PAUSE = 50e-6
_LONGEST_SPIN = 2e-3  # of those who have all come


class Meeting:
    """Places that threads pass one after the other, each with the others as far as they are."""

    def __init__(self, threads: int, patience: float) -> None:
        """Who waits at a place for longer than `patience` (seconds) goes on alone: the others may
        be in calls that wait for what it does next.
        """
        self._come = [0] * threads  # each thread writes its own
        self._awake = [0] * threads
        self._patience = patience

    def come_to(self, place: int, thread: int) -> None:
        """Waits for all others that have not left; places are numbered upwards from 1."""
        self._come[thread] = place
        begin = time.perf_counter()
        while min(self._come) < place:
            waited = time.perf_counter() - begin
            if waited > self._patience:
                break
            if waited > _SPIN:
                time.sleep(_PAUSE)
        # Some have slept and are late by more than a short call takes; nobody sleeps now.
        self._awake[thread] = place
        end = time.perf_counter() + _LONGEST_SPIN
        while min(self._awake) < place and time.perf_counter() < end:
            pass

    def leave(self, thread: int) -> None:
        """Nobody waits for the thread any more."""
        self._come[thread] = self._awake[thread] = 1 << 62


def count_meetings(threads: list[list[tuple[float, float]]]) -> int:
    """How often a (begin, end) of one thread and one of another have time in common; those of a
    thread come one after the other.
    """
    return sum(
        _meetings(one, other) for at, one in enumerate(threads) for other in threads[at + 1 :]
    )


def _meetings(one: list[tuple[float, float]], other: list[tuple[float, float]]) -> int:
    met = first = second = 0
    while first < len(one) and second < len(other):
        begin, end = one[first]
        other_begin, other_end = other[second]
        met += begin < other_end and other_begin < end
        if end < other_end:
            first += 1
        else:
            second += 1
    return met
