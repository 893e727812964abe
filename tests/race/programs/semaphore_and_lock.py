"""A semaphore limits how many are inside, a lock keeps those apart who count."""

import threading


class Gateway:
    def __init__(self) -> None:
        self.permits = threading.BoundedSemaphore(3)
        self.lock = threading.Lock()
        self.active = 0
        self.peak = 0

    def call(self) -> None:
        with self.permits:
            with self.lock:
                self.active += 1
                self.peak = max(self.peak, self.active)
            with self.lock:
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
assert gateway.active == 0
assert 1 <= gateway.peak <= 3
