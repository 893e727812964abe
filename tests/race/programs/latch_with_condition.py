"""A latch counts down under its condition; what was done before it is seen by who waited for it."""

import threading


class Latch:
    def __init__(self, count: int) -> None:
        self.left = count
        self.changed = threading.Condition()

    def count_down(self) -> None:
        with self.changed:
            self.left -= 1
            if self.left == 0:
                self.changed.notify_all()

    def wait(self) -> None:
        with self.changed:
            while self.left > 0:
                self.changed.wait()


class Worker(threading.Thread):
    def __init__(self, latch: Latch) -> None:
        super().__init__()
        self.latch = latch
        self.total = 0

    def run(self) -> None:
        for number in range(10):
            self.total += number
            self.latch.count_down()


latch = Latch(20)
workers = [Worker(latch) for _ in range(2)]
for worker in workers:
    worker.start()
latch.wait()
assert [worker.total for worker in workers] == [45, 45]
for worker in workers:
    worker.join()
