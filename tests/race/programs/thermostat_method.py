"""Adding is a method, and holds the lock for the whole step; the property takes it, too."""

import threading


class Thermostat:
    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._target = 20

    @property
    def target(self) -> int:
        with self._lock:
            return self._target

    @target.setter
    def target(self, value: int) -> None:
        with self._lock:
            self._target = min(max(value, 5), 30)

    def turn(self, by: int) -> None:
        with self._lock:
            self.target += by


thermostat = Thermostat()


def turn(steps: int, by: int) -> None:
    for _ in range(steps):
        thermostat.turn(by)


up = threading.Thread(target=turn, args=(5, 1))
down = threading.Thread(target=turn, args=(5, -1))
up.start()
down.start()
up.join()
down.join()
assert thermostat.target == 20
