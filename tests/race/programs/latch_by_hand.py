"""A latch counts down without a lock; the last one is to open it."""

import threading


class Latch:
    def __init__(self, count: int) -> None:
        self.left = count
        self.opened = threading.Event()

    def count_down(self) -> None:
        self.left -= 1
        if self.left == 0:
            self.opened.set()


latch = Latch(20)


def work() -> None:
    for _ in range(10):
        latch.count_down()


threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
latch.opened.wait(timeout=0.1)
for thread in threads:
    thread.join()
