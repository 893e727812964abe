"""A descriptor whose `+=` is made under a lock."""

import threading
from typing import Any


class Gauge:
    def __set_name__(self, owner: type, name: str) -> None:
        self.name = f"_{name}"

    def __get__(self, tank: Any, owner: type) -> int:
        level: int = tank.__dict__.get(self.name, 0)
        return level

    def __set__(self, tank: Any, level: int) -> None:
        tank.__dict__[self.name] = level


class Tank:
    litres = Gauge()


tank = Tank()
lock = threading.Lock()


def fill() -> None:
    for _ in range(200):
        with lock:
            tank.litres += 1


threads = [threading.Thread(target=fill) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(tank.litres)
