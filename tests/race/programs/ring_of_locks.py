"""Three philosophers, each of whom takes the fork to the left first."""

import threading


class Fork:
    def __init__(self, number: int) -> None:
        self.number = number
        self.lock = threading.Lock()
        self.used = 0


forks = [Fork(number) for number in range(3)]


def dine(seat: int) -> None:
    left, right = forks[seat], forks[(seat + 1) % 3]
    with left.lock:
        with right.lock:
            left.used += 1
            right.used += 1


evenings = [threading.Timer(0.04 * seat, dine, args=(seat,)) for seat in range(3)]
for evening in evenings:
    evening.start()
for evening in evenings:
    evening.join()
