"""A position is two fields that are written and read under one lock."""

import threading


class Robot:
    def __init__(self) -> None:
        self._lock = threading.RLock()
        self.x = 0
        self.y = 0

    def move(self, x: int, y: int) -> None:
        with self._lock:
            self.x = x
            self.y = y

    def position(self) -> tuple[int, int]:
        with self._lock:
            return self.x, self.y

    def distance(self) -> int:
        with self._lock:
            x, y = self.position()
            return abs(x) + abs(y)


robot = Robot()


def drive() -> None:
    for step in range(50):
        robot.move(step, -step)


def watch() -> None:
    for _ in range(50):
        x, y = robot.position()
        assert x == -y
        assert robot.distance() % 2 == 0


threads = [threading.Thread(target=drive), threading.Thread(target=watch)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
