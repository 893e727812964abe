"""Three philosophers, each of whom takes the fork with the lower number first."""

import threading


class Fork:
    def __init__(self, number: int) -> None:
        self.number = number
        self.lock = threading.Lock()
        self.used = 0


forks = [Fork(number) for number in range(3)]


def dine(seat: int) -> None:
    low, high = sorted((forks[seat], forks[(seat + 1) % 3]), key=lambda fork: fork.number)
    with low.lock:
        with high.lock:
            low.used += 1
            high.used += 1


evenings = [threading.Timer(0.04 * seat, dine, args=(seat,)) for seat in range(3)]
for evening in evenings:
    evening.start()
for evening in evenings:
    evening.join()
assert [fork.used for fork in forks] == [2, 2, 2]
