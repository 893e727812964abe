"""A loop over the items of a copy; another thread changes the dictionary."""

import threading

table = {number: number * number for number in range(20)}


def walk() -> None:
    for key, value in table.copy().items():
        assert value == key * key
    for key in list(table):
        assert key < 20


def shrink() -> None:
    for number in range(10):
        table.pop(number, None)


threads = [threading.Thread(target=walk), threading.Thread(target=shrink)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert len(table) == 10
