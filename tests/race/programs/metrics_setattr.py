"""The name of the field comes as a string."""

import threading


class Metrics:
    def __init__(self) -> None:
        self.hits = 0
        self.misses = 0


metrics = Metrics()


def add(name: str, count: int = 1) -> None:
    setattr(metrics, name, getattr(metrics, name) + count)


def lookups() -> None:
    for number in range(40):
        add("hits" if number % 4 else "misses")


threads = [threading.Thread(target=lookups) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(metrics.hits, metrics.misses)
