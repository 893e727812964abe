"""A position is two fields, and a reader may come between them."""

import threading


class Robot:
    def __init__(self) -> None:
        self.x = 0
        self.y = 0

    def move(self, x: int, y: int) -> None:
        self.x = x
        self.y = y

    def position(self) -> tuple[int, int]:
        return self.x, self.y


robot = Robot()


def drive() -> None:
    for step in range(50):
        robot.move(step, -step)


def watch() -> None:
    for _ in range(50):
        robot.position()


threads = [threading.Thread(target=drive), threading.Thread(target=watch)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
