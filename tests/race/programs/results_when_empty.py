"""An empty queue is taken to mean that the work is done."""

import queue
import threading
import time


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
        sums.add(value)


worker = threading.Thread(target=work)
worker.start()
for value in range(50):
    values.put(value)
while not values.empty():
    time.sleep(0.001)
print(sums.total / max(sums.items, 1))
values.put(-1)
worker.join()
