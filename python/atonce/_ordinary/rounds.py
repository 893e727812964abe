"""Rounds of calls, one by one and by threads, and what came of them."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from queue import SimpleQueue
from time import monotonic_ns  # of all processes alike
from typing import Any, Protocol

from atonce._host.tracebacks import message_of
from atonce._ordinary.arguments import Arguments
from atonce._ordinary.life import end_fork
from atonce._ordinary.loading import Call

MOST_SPANS = 2_000
_EMPTY_CALLS = 1_000


class Tally:
    """What one worker saw of a round; only it may write here."""

    __slots__ = ("busy_ns", "failed", "failure", "first_failed", "lane", "spans")

    def __init__(self, lane: int, spans: list[Any]) -> None:
        self.lane = lane
        self.spans = spans  # of the round; each call has a place of its own
        self.busy_ns = 0
        self.failed = 0
        self.first_failed = -1
        self.failure = ""

    def add(self, number: int, started: int, ended: int) -> None:
        self.busy_ns += ended - started
        if number < MOST_SPANS:
            self.spans[number] = (started, ended, self.lane)

    def fail(self, number: int, failure: str) -> None:
        self.failed += 1
        if self.first_failed < 0 or number < self.first_failed:
            self.first_failed, self.failure = number, failure


class Round:
    """A round that runs now: its clock and its workers' tallies."""

    def __init__(self, calls: int, workers: int) -> None:
        self.calls = calls
        self.copied_bytes = 0
        self._spans: list[Any] = [None] * min(calls, MOST_SPANS)
        self.tallies = [Tally(lane, self._spans) for lane in range(workers)]
        self.started = self.ended = monotonic_ns()

    def report(self) -> dict[str, Any]:
        """What docs/formats/lane.md has of a round, without what concerns the whole process."""
        failed = [one for one in self.tallies if one.failed]
        first = min(failed, key=lambda one: one.first_failed, default=None)
        return {
            "elapsed_ns": self.ended - self.started,
            "spans": [
                [started - self.started, ended - self.started, lane]
                for started, ended, lane in filter(None, self._spans)
            ],
            "busy_ns": sum(one.busy_ns for one in self.tallies),
            "failed": sum(one.failed for one in self.tallies),
            "failure": first.failure if first else "",
            "copied_bytes": self.copied_bytes,
        }


class Crew(Protocol):
    """Runs rounds with its workers, which are there from the start."""

    startup_ns: int
    dispatch_ns: int

    def run(self, calls: int, arguments: Arguments) -> Round: ...
    def take_pauses(self) -> tuple[int, int]: ...
    def copy(self, sizes: list[int]) -> list[tuple[int, int]]: ...
    def end(self) -> None: ...


class SerialCrew:
    startup_ns = 0
    dispatch_ns = 0

    def __init__(self, call: Call) -> None:
        self._call = call

    def run(self, calls: int, arguments: Arguments) -> Round:
        one = Round(calls, 1)
        work(self._call, arguments.keywords, range(calls), one.tallies[0])
        one.ended = monotonic_ns()
        return one

    def take_pauses(self) -> tuple[int, int]:
        return 0, 0

    def copy(self, _sizes: list[int]) -> list[tuple[int, int]]:
        return []

    def end(self) -> None: ...


class ThreadCrew(SerialCrew):
    """Threads that take the next call from one queue, as those of a ThreadPoolExecutor do."""

    def __init__(self, call: Call, workers: int) -> None:
        super().__init__(call)
        self._done: SimpleQueue[None] = SimpleQueue()
        self._jobs: list[SimpleQueue[Callable[[], None]]] = [SimpleQueue() for _ in range(workers)]
        started = monotonic_ns()
        for jobs in self._jobs:
            threading.Thread(target=_obey, args=(jobs, self._done), daemon=True).start()
        self._give([lambda: None] * workers)
        self.startup_ns = monotonic_ns() - started
        empty = self._run(_EMPTY_CALLS, lambda _: None, lambda _: {})
        self.dispatch_ns = (empty.ended - empty.started) // _EMPTY_CALLS

    def run(self, calls: int, arguments: Arguments) -> Round:
        return self._run(calls, self._call, arguments.keywords)

    def _run(self, calls: int, call: Call, keywords: Callable[[int], dict[str, Any]]) -> Round:
        numbers = deque(range(calls))
        one = Round(calls, len(self._jobs))

        def job_of(tally: Tally) -> Callable[[], None]:
            return lambda: work(call, keywords, _taken(numbers), tally)

        self._give([job_of(tally) for tally in one.tallies])
        one.ended = monotonic_ns()
        return one

    def _give(self, jobs: list[Callable[[], None]]) -> None:
        """Hands one job to each thread and waits for all."""
        for queue, job in zip(self._jobs, jobs):  # noqa: B905  # `strict` is of Python 3.10
            queue.put(job)
        for _ in jobs:
            self._done.get()


def work(
    call: Call, keywords: Callable[[int], dict[str, Any]], numbers: Iterable[int], tally: Tally
) -> None:
    """Makes the calls of these numbers, whatever they raise."""
    for number in numbers:
        started = monotonic_ns()
        try:
            call(keywords(number))
            end_fork()
        except BaseException as error:  # SystemExit too: it ends the call, not the worker
            end_fork(error)
            tally.fail(number, describe(error))
        tally.add(number, started, monotonic_ns())


def describe(error: BaseException) -> str:
    """The type and the message, such as `ValueError: no such rate`; always valid Unicode."""
    message = message_of(error)
    text = f"{type(error).__name__}: {message}" if message else type(error).__name__
    return text.encode("utf-8", "replace").decode()  # JSON has no place for half a surrogate pair


def _taken(numbers: deque[int]) -> Iterator[int]:
    while True:
        try:
            number = numbers.popleft()
        except IndexError:  # another thread had the last one
            return
        yield number


def _obey(jobs: SimpleQueue[Callable[[], None]], done: SimpleQueue[None]) -> None:
    while True:
        jobs.get()()
        done.put(None)
