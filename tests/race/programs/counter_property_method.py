"""A property that is only read, and a method that adds under the lock."""

import threading


class Odometer:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kilometres = 0

    @property
    def kilometres(self) -> int:
        with self._lock:
            return self._kilometres

    def drive(self, kilometres: int) -> None:
        with self._lock:
            self._kilometres += kilometres


odometer = Odometer()


def drive() -> None:
    for _ in range(200):
        odometer.drive(1)


threads = [threading.Thread(target=drive) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert odometer.kilometres == 400
