"""Two threads draw from one generator, and hold a lock while they draw."""

import threading
from collections.abc import Iterator


def chunks(size: int) -> Iterator[range]:
    start = 0
    while start < 200:
        yield range(start, start + size)
        start += size


class Drawn:
    def __init__(self, source: Iterator[range]) -> None:
        self.source = source
        self.lock = threading.Lock()

    def __iter__(self) -> "Drawn":
        return self

    def __next__(self) -> range:
        with self.lock:
            return next(self.source)


work = Drawn(chunks(10))
done: list[int] = []


def worker() -> None:
    for chunk in work:
        done.append(sum(chunk))


workers = [threading.Thread(target=worker) for _ in range(2)]
for each in workers:
    each.start()
for each in workers:
    each.join()
assert sum(done) == sum(range(200))
