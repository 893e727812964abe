"""A loop over a slice of a list, which is a copy; another thread changes the list."""

import threading

items = list(range(20))


def walk() -> int:
    total = 0
    for item in items[:]:
        total += item
    return total


def insert() -> None:
    for number in range(20):
        items.insert(0, number)


threads = [threading.Thread(target=walk), threading.Thread(target=insert)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert len(items) == 40
