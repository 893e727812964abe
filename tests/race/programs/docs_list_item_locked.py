"""An item of a list is read and written back under a lock."""

import threading

totals = [0, 0, 0]
lock = threading.Lock()


def add() -> None:
    for number in range(60):
        slot = number % 3
        with lock:
            totals[slot] = totals[slot] + 1


threads = [threading.Thread(target=add) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert totals == [40, 40, 40]
