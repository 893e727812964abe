"""An object that is registered by the last line of its constructor."""

import threading

newest: "Sensor | None" = None


class Sensor:
    def __init__(self, number: int) -> None:
        global newest
        self.readings = (number,)
        newest = self


def make() -> None:
    for number in range(300):
        Sensor(number)


def look() -> None:
    for _ in range(300):
        sensor = newest
        if sensor is not None:
            assert len(sensor.readings) == 1


threads = [threading.Thread(target=make), threading.Thread(target=look)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
