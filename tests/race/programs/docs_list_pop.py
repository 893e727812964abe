"""What the documentation of Python says to avoid: a list is tested, then popped."""

import threading

items = list(range(50))


def take() -> None:
    for _ in range(25):
        if items:
            try:
                items.pop()
            except IndexError:
                pass


threads = [threading.Thread(target=take) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
