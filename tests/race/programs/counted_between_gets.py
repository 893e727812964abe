"""Two workers share a queue and a counter; that the queue has a lock inside guards no counter."""

import queue
import threading


class Totals:
    def __init__(self) -> None:
        self.seen = 0


jobs: queue.Queue[int | None] = queue.Queue()
totals = Totals()


def worker() -> None:
    while jobs.get() is not None:
        totals.seen += 1
        jobs.task_done()


workers = [threading.Thread(target=worker) for _ in range(2)]
for each in workers:
    each.start()
for number in range(40):
    jobs.put(number)
for _ in workers:
    jobs.put(None)
for each in workers:
    each.join()
