"""A scheduler keeps its tasks in a heap that two threads fill and empty."""

import heapq
import threading


class Scheduler:
    def __init__(self) -> None:
        self.heap: list[tuple[int, int, str]] = []
        self.sequence = 0

    def add(self, due: int, task: str) -> None:
        heapq.heappush(self.heap, (due, self.sequence, task))
        self.sequence += 1

    def due(self, now: int) -> str | None:
        if self.heap and self.heap[0][0] <= now:
            return heapq.heappop(self.heap)[2]
        return None


scheduler = Scheduler()


def work(base: int) -> None:
    for number in range(30):
        scheduler.add(base + number % 7, f"task {number}")
        try:
            scheduler.due(base + number)
        except IndexError:
            print("somebody else took it")


threads = [threading.Thread(target=work, args=(base,)) for base in (0, 3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
