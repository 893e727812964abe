"""A property that locks each of its halves: `+=` needs them as one."""

import threading


class Odometer:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kilometres = 0

    @property
    def kilometres(self) -> int:
        with self._lock:
            return self._kilometres

    @kilometres.setter
    def kilometres(self, value: int) -> None:
        with self._lock:
            self._kilometres = value


odometer = Odometer()


def drive() -> None:
    for _ in range(200):
        odometer.kilometres += 1


threads = [threading.Thread(target=drive) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(odometer.kilometres)
