"""A property looks like a field and is added to like one."""

import threading


class Thermostat:
    def __init__(self) -> None:
        self._target = 20

    @property
    def target(self) -> int:
        return self._target

    @target.setter
    def target(self, value: int) -> None:
        self._target = min(max(value, 5), 30)


thermostat = Thermostat()


def turn(steps: int, by: int) -> None:
    for _ in range(steps):
        thermostat.target += by


up = threading.Thread(target=turn, args=(30, 1))
down = threading.Thread(target=turn, args=(30, -1))
up.start()
down.start()
up.join()
down.join()
print(thermostat.target)
