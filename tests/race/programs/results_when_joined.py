"""The queue says when every item has been seen to, and orders what was done with them."""

import queue
import threading


class Sums:
    def __init__(self) -> None:
        self.total = 0
        self.items = 0

    def add(self, value: int) -> None:
        self.total += value
        self.items += 1


values: queue.Queue[int] = queue.Queue()
sums = Sums()


def work() -> None:
    while (value := values.get()) >= 0:
        try:
            sums.add(value)
        finally:
            values.task_done()


worker = threading.Thread(target=work)
worker.start()
for value in range(50):
    values.put(value)
values.join()
assert sums.total / sums.items == 24.5
values.put(-1)
worker.join()
