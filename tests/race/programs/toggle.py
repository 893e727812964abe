"""A switch that turns what is on off, and what is off on."""

import threading


class Lamp:
    def __init__(self) -> None:
        self.is_on = False

    def toggle(self) -> None:
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
print(lamp.is_on)
