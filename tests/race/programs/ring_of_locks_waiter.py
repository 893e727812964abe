"""Three philosophers who ask a waiter first: with one lock around the others no cycle closes."""

import threading

waiter = threading.Lock()
forks = [threading.Lock() for _ in range(3)]
meals = [0, 0, 0]


def dine(seat: int) -> None:
    for _ in range(5):
        with waiter:
            with forks[seat], forks[(seat + 1) % 3]:
                meals[seat] += 1


threads = [threading.Thread(target=dine, args=(seat,)) for seat in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert meals == [5, 5, 5]
