"""The name of the field comes as a string; the lock is the same for every name."""

import threading


class Metrics:
    def __init__(self) -> None:
        self.hits = 0
        self.misses = 0


metrics = Metrics()
lock = threading.Lock()


def add(name: str, count: int = 1) -> None:
    with lock:
        setattr(metrics, name, getattr(metrics, name) + count)


def lookups() -> None:
    for number in range(40):
        add("hits" if number % 4 else "misses")


threads = [threading.Thread(target=lookups) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert (metrics.hits, metrics.misses) == (60, 20)
