"""A semaphore limits how many are inside; it does not keep them apart."""

import threading


class Gateway:
    def __init__(self) -> None:
        self.permits = threading.Semaphore(3)
        self.active = 0
        self.peak = 0

    def call(self) -> None:
        with self.permits:
            self.active += 1
            if self.active > self.peak:
                self.peak = self.active
            self.active -= 1


gateway = Gateway()
gate = threading.Barrier(3)


def client() -> None:
    gate.wait()
    for _ in range(30):
        gateway.call()


clients = [threading.Thread(target=client) for _ in range(3)]
for each in clients:
    each.start()
for each in clients:
    each.join()
