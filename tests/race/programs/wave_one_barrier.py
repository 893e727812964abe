"""A wave in steps; a barrier keeps the steps apart, but not reading from writing."""

import threading


class Site:
    def __init__(self, height: float) -> None:
        self.height = height


sites = [Site(float(number % 3)) for number in range(6)]
step = threading.Barrier(2)


def half(first: int) -> None:
    for _ in range(8):
        step.wait()
        for at in range(first, first + 3):
            left = sites[at - 1].height
            right = sites[(at + 1) % 6].height
            sites[at].height = (left + right) / 2


threads = [threading.Thread(target=half, args=(first,)) for first in (0, 3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
