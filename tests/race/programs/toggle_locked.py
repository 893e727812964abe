"""A switch that turns what is on off, under a semaphore with one permit."""

import threading


class Lamp:
    def __init__(self) -> None:
        self.permit = threading.Semaphore()
        self.is_on = False

    def toggle(self) -> None:
        with self.permit:
            self.is_on = not self.is_on


lamp = Lamp()


def press(times: int) -> None:
    for _ in range(times):
        lamp.toggle()


threads = [threading.Thread(target=press, args=(40,)) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert lamp.is_on is False
