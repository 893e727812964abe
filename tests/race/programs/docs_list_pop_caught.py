"""A list is popped, and the exception tells that it was empty."""

import threading

items = list(range(50))
taken: list[int] = []


def take() -> None:
    while True:
        try:
            item = items.pop()
        except IndexError:
            break
        taken.append(item)


threads = [threading.Thread(target=take) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert sorted(taken) == list(range(50))
