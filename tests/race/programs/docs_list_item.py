"""What the documentation of Python says to avoid: an item of a list read and written back."""

import threading

totals = [0, 0, 0]


def add() -> None:
    for number in range(60):
        slot = number % 3
        totals[slot] = totals[slot] + 1


threads = [threading.Thread(target=add) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
