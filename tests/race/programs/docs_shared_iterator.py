"""What the documentation of Python says to avoid: one iterator for several threads."""

import threading

numbers = iter(range(200))
seen: list[int] = []


def draw() -> None:
    while (number := next(numbers, None)) is not None:
        seen.append(number)


threads = [threading.Thread(target=draw) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
