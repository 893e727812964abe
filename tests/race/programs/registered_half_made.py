"""An object that registers itself before it has all that it needs."""

import threading

newest: "Sensor | None" = None


class Sensor:
    def __init__(self, number: int) -> None:
        global newest
        newest = self
        self.readings = [number]


def make() -> None:
    for number in range(300):
        Sensor(number)


def look() -> None:
    for _ in range(300):
        sensor = newest
        if sensor is not None:
            try:
                sensor.readings[0] += 1
            except AttributeError:
                print("a sensor without readings")


threads = [threading.Thread(target=make), threading.Thread(target=look)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
