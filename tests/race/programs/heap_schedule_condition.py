"""A scheduler thread sleeps on a condition until a task is due; others add tasks."""

import heapq
import itertools
import threading
import time


class Scheduler:
    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.heap: list[tuple[float, int, str]] = []
        self.sequence = itertools.count()
        self.is_closed = False
        self.ran: list[str] = []
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def add(self, delay: float, task: str) -> None:
        with self.changed:
            heapq.heappush(self.heap, (time.monotonic() + delay, next(self.sequence), task))
            self.changed.notify()

    def close(self) -> None:
        with self.changed:
            self.is_closed = True
            self.changed.notify()
        self.thread.join()

    def _run(self) -> None:
        while True:
            with self.changed:
                while not self.heap and not self.is_closed:
                    self.changed.wait()
                if not self.heap:
                    return
                wait = self.heap[0][0] - time.monotonic()
                if wait > 0:
                    self.changed.wait(wait)
                    continue
                task = heapq.heappop(self.heap)[2]
            self.ran.append(task)


scheduler = Scheduler()
for number in range(20):
    scheduler.add(0.001 * (number % 3), f"task {number}")
scheduler.close()
assert len(scheduler.ran) == 20
