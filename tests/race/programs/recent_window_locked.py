"""The last values in a deque; a read-write lock made of a condition lets readers in together."""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager


class ReadWriteLock:
    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.readers = 0

    @contextmanager
    def reading(self) -> Iterator[None]:
        with self.changed:
            self.readers += 1
        try:
            yield
        finally:
            with self.changed:
                self.readers -= 1
                self.changed.notify_all()

    @contextmanager
    def writing(self) -> Iterator[None]:
        with self.changed:
            self.changed.wait_for(lambda: self.readers == 0)
            yield


lock = ReadWriteLock()
values: deque[float] = deque([0.0], maxlen=20)


def measure() -> None:
    for number in range(60):
        with lock.writing():
            values.append(number / 2)


def show() -> None:
    for _ in range(20):
        with lock.reading():
            assert sum(values) / 20 < 30


threads = [threading.Thread(target=each) for each in (measure, show, show)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
