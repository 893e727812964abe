"""Futures' callbacks run in the worker threads, and count there."""

from concurrent.futures import Future, ThreadPoolExecutor
from threading import Barrier


class Progress:
    def __init__(self) -> None:
        self.finished = 0

    def advance(self, future: "Future[int]") -> None:
        self.finished += 1


progress = Progress()
gate = Barrier(2)


def task(number: int) -> int:
    gate.wait(timeout=5)
    return number * number


with ThreadPoolExecutor(max_workers=2) as pool:
    for number in range(10):
        pool.submit(task, number).add_done_callback(progress.advance)
print(progress.finished)
