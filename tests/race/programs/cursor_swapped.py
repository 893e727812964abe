"""A position is one immutable tuple that is replaced as a whole; readers take it once."""

import threading
from typing import NamedTuple


class Point(NamedTuple):
    x: int
    y: int


class Robot:
    def __init__(self) -> None:
        self.position = Point(0, 0)

    def move(self, x: int, y: int) -> None:
        self.position = Point(x, y)

    def distance(self) -> int:
        x, y = self.position
        assert x == -y
        return abs(x) + abs(y)


robot = Robot()


def drive() -> None:
    for step in range(50):
        robot.move(step, -step)


def watch() -> None:
    for _ in range(50):
        robot.distance()


threads = [threading.Thread(target=drive), threading.Thread(target=watch)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
