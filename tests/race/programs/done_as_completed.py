"""Futures are counted by the thread that waits for them."""

from concurrent.futures import ThreadPoolExecutor, as_completed


class Progress:
    def __init__(self) -> None:
        self.finished = 0
        self.total = 0

    def advance(self, result: int) -> None:
        self.finished += 1
        self.total += result


progress = Progress()


def task(number: int) -> int:
    return number * number


with ThreadPoolExecutor(max_workers=2) as pool:
    for future in as_completed([pool.submit(task, number) for number in range(10)]):
        progress.advance(future.result())
assert (progress.finished, progress.total) == (10, 285)
