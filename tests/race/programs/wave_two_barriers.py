"""A wave in steps: all read, wait for each other, all write, wait for each other."""

import threading


class Site:
    def __init__(self, height: float) -> None:
        self.height = height


sites = [Site(float(number % 3)) for number in range(6)]
turns: list[int] = []
step = threading.Barrier(2, action=lambda: turns.append(len(turns)))


def half(first: int) -> None:
    for _ in range(8):
        fresh = [
            (sites[at - 1].height + sites[(at + 1) % 6].height) / 2
            for at in range(first, first + 3)
        ]
        step.wait()
        for at, height in enumerate(fresh, first):
            sites[at].height = height
        step.wait()


threads = [threading.Thread(target=half, args=(first,)) for first in (0, 3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert turns == list(range(16))
